import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '#platform';
import * as openid from 'openid-client';

import { askProvider, mayBeAsked } from './reachable-issuer.js';

/** Seconds that a provider gets for each answer. */
const TIMEOUT = 5;

/** How long what a provider says of itself is taken for true, in milliseconds. */
const KNOWN_FOR = 5 * 60_000;

/** How this server is known to a provider. */
export interface Registration {
  readonly id: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What one sign-in was begun with, and must end with. */
export interface Begun {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE (RFC 7636). */
  readonly verifier: string;
}

/** What a provider says of the person. */
export interface Claims {
  readonly subject: string;
  /** Only where the provider has verified it. */
  readonly verifiedEmail: string | undefined;
  /** Whether the provider has asked for more than one factor. */
  readonly multiFactor: boolean;
}

/** Authentication method references (RFC 8176) and context classes that tell of several factors. */
const MULTI_FACTOR_METHOD = 'mfa';
const MULTI_FACTOR_CLASSES: readonly unknown[] = [
  'http://schemas.openid.net/pape/policies/2007/06/multi-factor',
  'https://refeds.org/profile/mfa',
];

/** Speaks OpenID Connect with providers: the authorization code flow, with PKCE, state and nonce. */
@Injectable()
export class OpenidClients {
  private readonly known = new Map<
    string,
    { readonly until: number; readonly client: Promise<openid.Configuration> }
  >();

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Where the browser goes, and what is kept until it comes back. */
  async begin(provider: Registration, redirectUri: string): Promise<{ readonly url: URL; readonly begun: Begun }> {
    const client = await this.clientOf(provider);
    const begun = {
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      verifier: openid.randomPKCECodeVerifier(),
    };
    const url = openid.buildAuthorizationUrl(client, {
      redirect_uri: redirectUri,
      scope: 'openid email',
      state: begun.state,
      nonce: begun.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
    });
    return { url, begun };
  }

  /**
   * What the provider says of who came back.
   * @param returned the address that the browser came back to, with what the provider added to it
   * @throws Error for whatever is wrong with it, and when the provider can't be reached
   */
  async end(provider: Registration, returned: URL, { state, nonce, verifier }: Begun): Promise<Claims> {
    const client = await this.clientOf(provider);
    const tokens = await openid.authorizationCodeGrant(client, returned, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims) throw new Error('The provider gave no ID token.');
    // Many providers tell the address at their userinfo endpoint alone.
    const { email, email_verified: isVerified } =
      claims['email'] === undefined && client.serverMetadata().userinfo_endpoint !== undefined
        ? await openid.fetchUserInfo(client, tokens.access_token, claims.sub)
        : claims;
    return {
      subject: claims.sub,
      verifiedEmail: isVerified === true && typeof email === 'string' ? email : undefined,
      multiFactor:
        (Array.isArray(claims['amr']) && claims['amr'].includes(MULTI_FACTOR_METHOD)) ||
        MULTI_FACTOR_CLASSES.includes(claims['acr']),
    };
  }

  private clientOf(provider: Registration): Promise<openid.Configuration> {
    const before = this.known.get(provider.id);
    if (before && before.until > Date.now()) return before.client;
    const client = this.discover(provider);
    this.known.set(provider.id, { until: Date.now() + KNOWN_FOR, client });
    client.catch(() => this.known.delete(provider.id)); // the next one asks again
    return client;
  }

  private async discover({ issuer, clientId, clientSecret }: Registration): Promise<openid.Configuration> {
    const { production } = this.config;
    const url = new URL(issuer);
    if (!mayBeAsked(url, production)) throw new Error('This issuer is not asked.');
    return openid.discovery(url, clientId, undefined, authenticateWith(clientSecret), {
      timeout: TIMEOUT,
      [openid.customFetch]: (address, options) => askProvider(address, options, production),
      execute: [
        openid.enableNonRepudiationChecks,
        // Where it may be asked by http at all, it is on this machine.
        ...(url.protocol === 'http:' ? [openid.allowInsecureRequests] : []),
      ],
    });
  }
}

/** By the header, as every provider must know unless it says otherwise; else in the body. */
function authenticateWith(secret: string): openid.ClientAuth {
  const byHeader = openid.ClientSecretBasic(secret);
  const inBody = openid.ClientSecretPost(secret);
  return (server, ...rest) => {
    const known = server.token_endpoint_auth_methods_supported;
    return known === undefined || known.includes('client_secret_basic')
      ? byHeader(server, ...rest)
      : inBody(server, ...rest);
  };
}
