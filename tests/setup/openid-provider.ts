import { jest } from '@jest/globals';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import Provider from 'oidc-provider';

/** Who is at the provider's page, and what it tells of them. */
export interface AtProvider {
  readonly subject: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly amr?: readonly string[];
  readonly acr?: string;
}

/** A real OpenID Connect provider on this machine, whose page signs in whoever is set to stand before it. */
export interface OpenidProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who signs in next, and from then on. */
  who: AtProvider;
  /** Lets another address be come back to. */
  allow(redirectUri: string): void;
  /** Answers nobody any more, or again. */
  down: boolean;
  stop(): Promise<void>;
}

export async function startOpenidProvider(): Promise<OpenidProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const redirectUris: string[] = ['http://127.0.0.1:1/unused'];
  const state: { who: AtProvider; down: boolean } = { who: { subject: 'nobody' }, down: false };
  const client = { clientId: 'muster', clientSecret: randomBytes(32).toString('base64url') };
  let provider = make();

  function make(): Provider {
    // It says on the console that it is set up for development, which it is.
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return new Provider(issuer, {
      clients: [
        {
          client_id: client.clientId,
          client_secret: client.clientSecret,
          redirect_uris: redirectUris,
          grant_types: ['authorization_code'],
        },
      ],
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'test' }] },
      cookies: { keys: [randomBytes(16).toString('hex')] },
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      claims: { openid: ['sub', 'amr', 'acr'], email: ['email', 'email_verified'] },
      acrValues: ['https://refeds.org/profile/mfa'],
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      findAccount: (_, accountId) => ({
        accountId,
        claims: () => ({ sub: accountId, email: state.who.email, email_verified: state.who.emailVerified }),
      }),
      ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    });
  }

  async function page(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { params } = await provider.interactionDetails(request, response);
    const { amr, acr, subject: accountId } = state.who;
    const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
    grant.addOIDCScope('openid email');
    const login = { accountId, ...(amr ? { amr: [...amr] } : {}), ...(acr ? { acr } : {}) };
    await provider.interactionFinished(request, response, { login, consent: { grantId: await grant.save() } });
  }

  server.on('request', (request, response) => {
    if (state.down) request.socket.destroy();
    else if (request.url?.startsWith('/interaction/')) {
      page(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    } else void provider.callback()(request, response);
  });

  return {
    issuer,
    ...client,
    get who() {
      return state.who;
    },
    set who(who) {
      state.who = who;
    },
    get down() {
      return state.down;
    },
    set down(down) {
      state.down = down;
    },
    allow(redirectUri) {
      redirectUris.push(redirectUri);
      provider = make();
    },
    stop: () => ended(server),
  };
}

function ended(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** A browser as far as redirects and cookies go. */
export class Browser {
  private readonly cookies = new Map<string, Map<string, string>>();
  private readonly behind: Readonly<Record<string, string>>;
  /** What was set, as it was set. */
  readonly seen: string[] = [];

  /** @param behind where an origin is reached by this machine, in place of a server with TLS before it */
  constructor(behind: Readonly<Record<string, string>> = {}) {
    this.behind = behind;
  }

  /** Opens an address; gives where it leads on to, if it does. */
  async open(
    address: string,
  ): Promise<{ readonly status: number; readonly location: string | undefined; readonly headers: Headers }> {
    const { origin } = new URL(address);
    const jar = this.cookies.get(origin) ?? new Map<string, string>();
    this.cookies.set(origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const reached = address.replace(origin, this.behind[origin] ?? origin);
    const response = await fetch(reached, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } });
    await response.text();
    for (const set of response.headers.getSetCookie()) {
      this.seen.push(set);
      const [pair = ''] = set.split(';');
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(set)) jar.delete(name);
      else jar.set(name, value);
    }
    const location = response.headers.get('location');
    const { status, headers } = response;
    return { status, location: location === null ? undefined : new URL(location, address).href, headers };
  }

  /** Opens an address and goes on wherever it leads to, until it leads to one that begins like this; gives that. */
  async travel(from: string, until: string): Promise<string> {
    let address = from;
    for (let steps = 0; steps < 12; steps++) {
      const { status, location } = await this.open(address);
      if (location === undefined) throw new Error(`${address} leads nowhere: ${status}`);
      if (location.startsWith(until)) return location;
      address = location;
    }
    throw new Error(`${from} leads in circles.`);
  }
}
