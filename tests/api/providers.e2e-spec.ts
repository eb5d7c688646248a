import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { graphql, type Muster, startMuster } from '../setup/index.js';
import { Browser, type OpenidProvider, startOpenidProvider } from '../setup/openid-provider.js';
import { codeOf, Scene } from '../setup/scene.js';
import type { Person, Refusal } from '../setup/scene.js';

const REFUSED = {
  code: 'UNAUTHENTICATED',
  message: 'This sign-in is not valid (any more), or nobody here is known by it.',
};
/** Where browsers reach Muster behind a server with TLS. */
const PUBLIC = 'https://muster.example';
const REGISTER = `mutation ($input: RegisterProviderInput!) {
  registerIdentityProvider(input: $input) { id name issuer clientId emailDomains redirectUri agency { id } } }`;
const INVITE = `mutation ($input: InviteUserInput!) { inviteUser(input: $input) { token user { id } } }`;
const ME = '{ me { user { id email } grants { role } secondFactor { proved required } } }';

let url: string;
let muster: Muster;
let scene: Scene;
let openid: OpenidProvider;
let administrator: Person;
let agencyId: string;
let providerId: string;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  muster = await startMuster({ worker: false, env: { PORT: String(port), PUBLIC_URL: url, LOG_LEVEL: 'error' } });
  scene = await Scene.open(muster);
  openid = await startOpenidProvider();
  administrator = await scene.person(null, { role: 'ADMINISTRATOR' });
  agencyId = await scene.agency('KE');
  providerId = await register(agencyId);
  // Before anybody asks it: a provider that lets one more in has other keys.
  openid.allow(`${PUBLIC}/auth/${providerId}/callback`);
}, 60_000);

afterEach(async () => {
  openid.down = false;
  await scene.sql('TRUNCATE sign_in_failures');
});

afterAll(async () => {
  await openid.stop();
  await scene.close();
  await muster.stop();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const input = (change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  name: 'Customs of Kenya',
  issuer: openid.issuer,
  clientId: openid.clientId,
  clientSecret: openid.clientSecret,
  agencyId,
  emailDomains: ['customs.example'],
  ...change,
});

async function register(agency: string): Promise<string> {
  const { id, redirectUri } = await administrator.do<{ id: string; redirectUri: string }>(REGISTER, {
    input: input({ agencyId: agency }),
  });
  openid.allow(redirectUri);
  return id;
}

interface Invited {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

async function invited(agency = agencyId, domain = 'customs.example'): Promise<Invited> {
  const email = `${randomUUID()}@${domain}`;
  const { token, user } = await administrator.do<{ token: string; user: { id: string } }>(INVITE, {
    input: { email, name: 'Invited', agencyId: agency },
  });
  return { id: user.id, email, token };
}

interface Journey {
  readonly browser: Browser;
  readonly verifier: string;
  /** Where the browser leaves this server for. */
  readonly authorization: string;
}

const startOf = (verifier: string, provider = providerId): string =>
  `${url}/auth/${provider}/start?challenge=${createHash('sha256').update(verifier).digest('base64url')}`;

async function leave(provider = providerId): Promise<Journey> {
  const browser = new Browser();
  const verifier = randomBytes(32).toString('base64url');
  const { location } = await browser.open(startOf(verifier, provider));
  return { browser, verifier, authorization: location ?? '' };
}

/** Goes through the provider's page; gives the address that it leads back to. */
const callbackOf = ({ browser, authorization }: Journey): Promise<string> =>
  browser.travel(authorization, `${url}/auth/`);

/** What stands behind the # at the end. */
async function arrive({ browser }: Journey, callback: string): Promise<URLSearchParams> {
  const { location = '' } = await browser.open(callback);
  expect(location.startsWith(`${url}/sign-in#`)).toBe(true);
  return new URLSearchParams(new URL(location).hash.slice(1));
}

/** The whole way: the one-time code, or the error. */
async function travel(): Promise<{
  readonly code: string | null;
  readonly error: string | null;
  readonly verifier: string;
}> {
  const journey = await leave();
  const fragment = await arrive(journey, await callbackOf(journey));
  return { code: fragment.get('code'), error: fragment.get('error'), verifier: journey.verifier };
}

async function exchange(code: string | null, verifier: string, otp?: string): Promise<Person | Refusal> {
  const { data, errors } = await graphql<{
    signInByProvider: { accessToken: string; user: { id: string; email: string } };
  }>(
    muster.graphqlUrl,
    `
      mutation ($code: String!, $verifier: String!, $otp: String) {
        signInByProvider(code: $code, verifier: $verifier, otp: $otp) {
          accessToken
          user {
            id
            email
          }
        }
      }
    `,
    { code, verifier, otp },
  );
  const [error] = errors;
  if (error) return { message: error.message, ...error.extensions } as unknown as Refusal;
  const { accessToken, user } = data.signInByProvider;
  return scene.speaker(user.id, user.email, accessToken);
}

function signedIn(answer: Person | Refusal): Person {
  if ('code' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

describe('signing in by the provider of an agency', () => {
  test('links an invited person by the verified address, once, and knows them by the subject from then on', async () => {
    const person = await invited();
    openid.who = { subject: `s-${person.id}`, email: person.email.toUpperCase(), emailVerified: true };
    const first = await travel();
    expect(first.error).toBeNull();
    const session = signedIn(await exchange(first.code, first.verifier));
    expect(await session.do(ME)).toEqual({
      user: { id: person.id, email: person.email },
      grants: [],
      secondFactor: { proved: false, required: false },
    });
    expect(await session.do('{ sessions { method } }')).toEqual([{ method: 'PROVIDER' }]);

    openid.who = { subject: `s-${person.id}`, email: 'married@customs.example', emailVerified: false };
    const second = await travel();
    expect(signedIn(await exchange(second.code, second.verifier)).id).toBe(person.id);
    const rows = await scene.sql<{ action: string }>(
      `SELECT action FROM audit_entries WHERE actor_id = $1 AND action LIKE 'provider.%'`,
      [person.id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['provider.linked']);
  });

  test('ends the invitation: who still holds its token opens nothing', async () => {
    const person = await invited();
    openid.who = { subject: `s-${person.id}`, email: person.email, emailVerified: true };
    await travel();
    const { errors } = await graphql(
      muster.graphqlUrl,
      `
        mutation ($token: String!) {
          acceptInvitation(token: $token, password: "a password for tests") {
            accessToken
          }
        }
      `,
      { token: person.token },
    );
    expect(errors[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    expect(
      await scene.sql('SELECT FROM user_invitations WHERE user_id = $1 AND expires_at > now()', [person.id]),
    ).toEqual([]);
    expect(
      await administrator.refused(INVITE, { input: { email: person.email, name: 'Again', agencyId } }),
    ).toMatchObject({ code: 'CONFLICT' });
  });

  test('asks the provider with code, PKCE, state and nonce, and keeps nothing where scripts or others see it', async () => {
    const { browser, authorization } = await leave();
    const asked = new URL(authorization).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid email',
      redirect_uri: `${url}/auth/${providerId}/callback`,
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
    expect(browser.seen).toEqual([
      expect.stringMatching(
        new RegExp(`^muster_sign_in=mst_[\\w-]{43}; Path=/auth/${providerId}; Max-Age=600; HttpOnly; SameSite=Lax$`),
      ),
    ]);
  });

  test('asks for the second factor of the account unless the provider has asked for one', async () => {
    const person = await invited();
    openid.who = { subject: `s-${person.id}`, email: person.email, emailVerified: true };
    const first = await travel();
    const session = signedIn(await exchange(first.code, first.verifier));
    await scene.sql(`INSERT INTO grants (id, user_id, role, granted_at) VALUES ($1, $2, 'HUB', now())`, [
      randomUUID(),
      person.id,
    ]);
    expect(await session.refused('{ operations { id } }')).toMatchObject({ reason: 'SECOND_FACTOR_REQUIRED' });
    // With no password and no factor, having just come from the provider is all that there is to prove.
    const age = 'UPDATE sessions SET created_at = now() - $2::interval WHERE user_id = $1';
    await scene.sql(age, [person.id, '11 minutes']);
    expect(await session.refused('mutation { beginTotp { secret } }')).toMatchObject({
      fields: [{ path: 'password', rule: 'sign-in' }],
    });
    await scene.sql(age, [person.id, '9 minutes']);
    expect(await session.do('mutation { beginTotp { secret } }')).toMatchObject({
      secret: expect.any(String) as unknown,
    });

    for (const proof of [{ amr: ['pwd', 'mfa'] }, { acr: 'https://refeds.org/profile/mfa' }]) {
      openid.who = { subject: `s-${person.id}`, ...proof };
      const strong = await travel();
      const whole = signedIn(await exchange(strong.code, strong.verifier));
      expect(await whole.do(ME)).toMatchObject({ secondFactor: { proved: true, required: true } });
    }

    for (const acr of ['phr', 'phrh']) {
      openid.who = { subject: `s-${person.id}`, acr };
      const weak = await travel();
      expect(await signedIn(await exchange(weak.code, weak.verifier)).do(ME)).toMatchObject({
        secondFactor: { proved: false },
      });
    }

    openid.who = { subject: `s-${person.id}`, amr: ['mfa'] };
    const enrolling = await travel();
    const whole = signedIn(await exchange(enrolling.code, enrolling.verifier));
    const { secret } = await whole.do<{ secret: string }>('mutation { beginTotp { secret } }');
    await whole.do('mutation ($code: String!) { confirmTotp(code: $code) }', { code: codeOf(secret) });
    openid.who = { subject: `s-${person.id}`, amr: ['pwd'] };
    const weak = await travel();
    expect(await exchange(weak.code, weak.verifier)).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'OTP_REQUIRED' });
    expect(await exchange(weak.code, weak.verifier, 'ABCDEF')).toMatchObject({ code: 'UNAUTHENTICATED' });
    const proved = signedIn(await exchange(weak.code, weak.verifier, codeOf(secret, 1)));
    expect(await proved.do(ME)).toMatchObject({ secondFactor: { proved: true } });

    // Passwords that somebody guesses hold up no sign-in that has none.
    await scene.sql('UPDATE sign_in_failures SET points = 10');
    openid.who = { subject: `s-${person.id}`, amr: ['mfa'] };
    const unhindered = await travel();
    expect(await signedIn(await exchange(unhindered.code, unhindered.verifier)).do(ME)).toMatchObject({
      secondFactor: { proved: true },
    });
  });
});

describe('behind a server with TLS', () => {
  const ATTRIBUTES = 'Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure';
  let secure: Muster;

  beforeAll(async () => {
    const env = { PUBLIC_URL: PUBLIC, LOG_LEVEL: 'error' };
    secure = await startMuster({ databaseUrl: muster.databaseUrl, worker: false, env });
  });
  afterAll(() => secure.stop());

  test('the cookie has the prefix __Host- and all that it asks for, no domain, and signs in', async () => {
    const person = await invited();
    openid.who = { subject: `s-${person.id}`, email: person.email, emailVerified: true };
    const browser = new Browser({ [PUBLIC]: secure.url });
    const verifier = randomBytes(32).toString('base64url');
    const { location: authorization = '' } = await browser.open(startOf(verifier).replace(url, PUBLIC));
    const set = (value: string, attributes: string): unknown =>
      expect.stringMatching(new RegExp(`^__Host-muster_sign_in=${value}; ${attributes}$`));
    expect(browser.seen).toEqual([set('mst_[\\w-]{43}', ATTRIBUTES)]);
    const [ticket = ''] = /mst_[\w-]{43}/.exec(browser.seen[0] ?? '') ?? [];

    const callback = await browser.travel(authorization, `${PUBLIC}/auth/`);
    // Another host of the domain could set one without the prefix: that is none.
    const headers = { cookie: `muster_sign_in=${ticket}` };
    const slipped = await fetch(callback.replace(PUBLIC, secure.url), { redirect: 'manual', headers });
    expect(slipped.headers.get('location')).toBe(`${PUBLIC}/sign-in#error=UNAUTHENTICATED`);

    const { location = '' } = await browser.open(callback);
    expect(browser.seen.at(-1)).toEqual(set('', ATTRIBUTES.replace('600', '0')));
    const code = new URLSearchParams(new URL(location).hash.slice(1)).get('code');
    expect(location).toBe(`${PUBLIC}/sign-in#code=${code}`);
    const session = signedIn(await exchange(code, verifier));
    expect(await session.do(ME)).toMatchObject({ user: { id: person.id } });
  });
});

describe('nobody is let in', () => {
  const refusedFor = async (who: OpenidProvider['who']): Promise<void> => {
    openid.who = who;
    const [{ before } = { before: 0 }] = await scene.sql<{ before: number }>(
      'SELECT count(*)::int AS before FROM users',
    );
    expect(await travel()).toMatchObject({ code: null, error: 'UNAUTHENTICATED' });
    expect(await scene.sql('SELECT count(*)::int AS before FROM users')).toEqual([{ before }]);
    expect(await scene.sql('SELECT FROM provider_links WHERE subject = $1', [who.subject])).toEqual([]);
  };

  test('whose address the provider has not verified, or does not tell', async () => {
    const { email } = await invited();
    await refusedFor({ subject: randomUUID(), email, emailVerified: false });
    await refusedFor({ subject: randomUUID(), email });
    await refusedFor({ subject: randomUUID() });
  });

  test('who was not invited: no account is made', async () => {
    await refusedFor({ subject: randomUUID(), email: 'stranger@customs.example', emailVerified: true });
  });

  test('who is of another agency, or of none', async () => {
    const { email } = await invited(await scene.agency('TZ'));
    await refusedFor({ subject: randomUUID(), email, emailVerified: true });
    await refusedFor({ subject: randomUUID(), email: administrator.email, emailVerified: true });
  });

  test('whose address is of a domain that the provider does not answer for', async () => {
    for (const domain of ['police.example', 'sub.customs.example', 'notcustoms.example']) {
      const { email } = await invited(agencyId, domain);
      await refusedFor({ subject: randomUUID(), email, emailVerified: true });
    }
  });

  test('who comes with the address of somebody that is linked to another subject', async () => {
    const person = await invited();
    openid.who = { subject: `s-${person.id}`, email: person.email, emailVerified: true };
    expect((await travel()).error).toBeNull();
    await refusedFor({ subject: randomUUID(), email: person.email, emailVerified: true });
  });

  test('who has left the agency since', async () => {
    const person = await invited();
    openid.who = { subject: `s-${person.id}`, email: person.email, emailVerified: true };
    const { code, verifier } = await travel();
    await scene.sql('UPDATE users SET agency_id = $2 WHERE id = $1', [person.id, await scene.agency('TZ')]);
    expect(await exchange(code, verifier)).toEqual(REFUSED);
    expect((await travel()).error).toBe('UNAUTHENTICATED');
  });
});

describe('what comes back', () => {
  beforeEach(async () => {
    const person = await invited();
    openid.who = { subject: `s-${person.id}`, email: person.email, emailVerified: true };
  });

  const errorOf = async (journey: Journey, callback: string): Promise<string | null> =>
    (await arrive(journey, callback)).get('error');

  function changed(address: string, name: string, value: string): string {
    const to = new URL(address);
    to.searchParams.set(name, value);
    return to.href;
  }

  test('with another state is refused', async () => {
    const journey = await leave();
    expect(await errorOf(journey, changed(await callbackOf(journey), 'state', 'another'))).toBe('UNAUTHENTICATED');
  });

  test('is taken once', async () => {
    const journey = await leave();
    const callback = await callbackOf(journey);
    const [one, other] = await Promise.all([callback, callback].map((each) => arrive({ ...journey }, each)));
    expect([one?.get('error'), other?.get('error')].sort()).toEqual(['UNAUTHENTICATED', null].sort());
    expect(await errorOf(journey, callback)).toBe('UNAUTHENTICATED');
  });

  test("with another browser's code is refused: PKCE binds it to the one that left", async () => {
    const victim = await leave();
    const attacker = await leave();
    const code = new URL(await callbackOf(victim)).searchParams.get('code') ?? '';
    expect(await errorOf(attacker, changed(await callbackOf(attacker), 'code', code))).toBe('UNAUTHENTICATED');
  });

  test('to a browser that never left is refused', async () => {
    const journey = await leave();
    const callback = await callbackOf(journey);
    expect(await errorOf({ ...journey, browser: new Browser() }, callback)).toBe('UNAUTHENTICATED');
  });

  test('for another nonce is refused', async () => {
    const journey = await leave();
    const authorization = changed(journey.authorization, 'nonce', randomBytes(32).toString('base64url'));
    expect(await errorOf(journey, await callbackOf({ ...journey, authorization }))).toBe('UNAUTHENTICATED');
  });

  test('for a sign-in by another provider is refused', async () => {
    const { id, redirectUri } = await administrator.do<{ id: string; redirectUri: string }>(REGISTER, {
      input: input({ name: 'Another', clientId: 'another' }),
    });
    const journey = await leave();
    const callback = (await callbackOf(journey)).replace(`${url}/auth/${providerId}/callback`, redirectUri);
    expect(await errorOf(journey, callback)).toBe('UNAUTHENTICATED');
    await administrator.do('mutation ($id: UUID!) { removeIdentityProvider(id: $id) }', { id });
  });

  test('as a refusal of the provider is a refusal here', async () => {
    const journey = await leave();
    const state = new URL(journey.authorization).searchParams.get('state') ?? '';
    const callback = `${url}/auth/${providerId}/callback?error=access_denied&state=${state}&iss=${encodeURIComponent(openid.issuer)}`;
    expect(await errorOf(journey, callback)).toBe('UNAUTHENTICATED');
  });

  test('more than ten minutes later is refused', async () => {
    const journey = await leave();
    const callback = await callbackOf(journey);
    await scene.sql(`UPDATE sign_in_steps SET expires_at = now() - interval '1 second'`);
    expect(await errorOf(journey, callback)).toBe('UNAUTHENTICATED');
  });

  test('gives a code that works once, with its own verifier alone, for five minutes', async () => {
    const { code, verifier } = await travel();
    expect(code).toMatch(/^msc_[\w-]{43}$/);
    expect(await exchange(code, randomBytes(32).toString('base64url'))).toEqual(REFUSED);
    expect(await exchange('msc_made-up', verifier)).toEqual(REFUSED);
    const answers = await Promise.all(Array.from({ length: 5 }, () => exchange(code, verifier)));
    expect(answers.filter((answer) => !('code' in answer))).toHaveLength(1);
    expect(await exchange(code, verifier)).toEqual(REFUSED);
    const late = await travel();
    await scene.sql(`UPDATE sign_in_steps SET expires_at = now() - interval '1 second'`);
    expect(await exchange(late.code, late.verifier)).toEqual(REFUSED);
  });
});

test('six hundred sign-ins that an address begins are enough: nothing more is kept, and no provider is asked', async () => {
  await leave();
  await scene.sql(`UPDATE sign_in_failures SET points = 599 WHERE key = 'begun:127.0.0.1'`);
  expect((await leave()).authorization).toContain(openid.issuer);
  const kept = (): Promise<unknown[]> => scene.sql('SELECT hash FROM sign_in_steps ORDER BY hash');
  const before = await kept();
  const { browser, authorization } = await leave();
  expect(authorization).toBe(`${url}/sign-in#error=RATE_LIMITED`);
  expect(browser.seen).toEqual([]);
  expect(await kept()).toEqual(before);
});

describe('a provider that is down', () => {
  test('is said to be so at the start, and on the way back', async () => {
    const person = await invited();
    openid.who = { subject: `s-${person.id}`, email: person.email, emailVerified: true };
    const journey = await leave();
    const callback = await callbackOf(journey);
    openid.down = true;
    expect((await arrive(journey, callback)).get('error')).toBe('UNAVAILABLE');

    // One that was never asked before: what a provider says of itself is kept for minutes.
    const { id } = await administrator.do<{ id: string }>(REGISTER, { input: input({ clientId: randomUUID() }) });
    const { authorization } = await leave(id);
    expect(authorization).toBe(`${url}/sign-in#error=UNAVAILABLE`);
    openid.down = false;
    expect((await leave(id)).authorization).toContain(openid.issuer);
    await administrator.do('mutation ($id: UUID!) { removeIdentityProvider(id: $id) }', { id });
  });

  test('one that is none, and a challenge that is none, are said to be so', async () => {
    const browser = new Browser();
    const errorAt = async (address: string): Promise<string | undefined> => (await browser.open(address)).location;
    expect(await errorAt(startOf('x', randomUUID()))).toBe(`${url}/sign-in#error=NOT_FOUND`);
    expect(await errorAt(startOf('x', 'no-uuid'))).toBe(`${url}/sign-in#error=NOT_FOUND`);
    expect(await errorAt(`${url}/auth/${providerId}/start`)).toBe(`${url}/sign-in#error=BAD_USER_INPUT`);
    expect(await errorAt(`${url}/auth/${providerId}/start?challenge=short`)).toBe(
      `${url}/sign-in#error=BAD_USER_INPUT`,
    );
    expect(await errorAt(`${url}/auth/no-uuid/callback?code=x`)).toBe(`${url}/sign-in#error=UNAUTHENTICATED`);
  });
});

describe('registering a provider', () => {
  test('is for administrators, and its secret is told to nobody and kept encrypted', async () => {
    const hub = await scene.person(null, { role: 'HUB' });
    expect(await hub.refused(REGISTER, { input: input() })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await hub.refused('{ identityProviders { id } }')).toMatchObject({ code: 'FORBIDDEN' });
    expect(await administrator.do('{ identityProviders { id clientId agency { id } } }')).toEqual([
      { id: providerId, clientId: openid.clientId, agency: { id: agencyId } },
    ]);
    const rows = await scene.sql<{ row: string }>(
      `SELECT p::text AS row FROM identity_providers p UNION ALL SELECT a::text FROM audit_entries a`,
    );
    const kept = rows.map(({ row }) => row).join('\n');
    expect(kept).not.toContain(openid.clientSecret);
    expect(kept).not.toContain(Buffer.from(openid.clientSecret).toString('hex'));
    expect(kept).toContain('provider.registered');
  });

  test('asks for all that is needed, in one answer', async () => {
    expect(
      await administrator.refused(REGISTER, {
        input: {
          name: ' ',
          issuer: 'ftp://customs.example',
          clientId: '',
          clientSecret: '',
          agencyId: randomUUID(),
          emailDomains: ['customs.example', 'not a domain', '@x', 'com'],
        },
      }),
    ).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [
        { path: 'input.name' },
        { path: 'input.clientId' },
        { path: 'input.clientSecret' },
        { path: 'input.issuer' },
        { path: 'input.emailDomains.1' },
        { path: 'input.emailDomains.2' },
        { path: 'input.emailDomains.3' },
        { path: 'input.agencyId' },
      ],
    });
    expect(await administrator.refused(REGISTER, { input: input() })).toMatchObject({ code: 'CONFLICT' });
  });

  test.each([
    'http://login.customs.example',
    'http://169.254.169.254',
    'http://10.0.0.1',
    'file:///etc/passwd',
    'https://user:secret@login.customs.example',
    'https://login.customs.example/?next=x',
    'login.customs.example',
  ])('%s is no issuer that this server asks', async (issuer) => {
    expect(await administrator.refused(REGISTER, { input: input({ issuer }) })).toMatchObject({
      fields: [{ path: 'input.issuer', rule: 'issuer' }],
    });
  });

  test('is offered by its name to anybody, until it is removed; then nobody signs in by it', async () => {
    const id = await register(await scene.agency('TZ')).catch(() => undefined);
    expect(id).toBeUndefined();
    const { id: other } = await administrator.do<{ id: string }>(REGISTER, {
      input: input({ name: 'B', clientId: 'b' }),
    });
    const offered = async (): Promise<unknown> =>
      (await graphql<{ signInProviders: unknown }>(muster.graphqlUrl, '{ signInProviders { id name } }')).data
        .signInProviders;
    expect(await offered()).toEqual([
      { id: other, name: 'B' },
      { id: providerId, name: 'Customs of Kenya' },
    ]);
    const REMOVE = 'mutation ($id: UUID!) { removeIdentityProvider(id: $id) }';
    expect(await administrator.do(REMOVE, { id: other })).toBe(true);
    expect(await administrator.refused(REMOVE, { id: other })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await offered()).toEqual([{ id: providerId, name: 'Customs of Kenya' }]);
    expect((await leave(other)).authorization).toBe(`${url}/sign-in#error=NOT_FOUND`);
  });
});
