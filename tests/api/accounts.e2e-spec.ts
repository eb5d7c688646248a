import { createHash, randomUUID } from 'node:crypto';

import { hash } from '@node-rs/argon2';
import pg from 'pg';

import { graphql, type Muster, startMuster } from '../setup/index.js';

const PASSWORD = 'a password for tests';
const WRONG = { code: 'UNAUTHENTICATED', message: 'The address or the password is wrong.' };
const NO_SESSION = { code: 'UNAUTHENTICATED', message: 'Sign in first.' };
const SESSION_OVER = { code: 'UNAUTHENTICATED', message: 'This session has ended. Sign in again.' };
const NO_INVITATION = { code: 'UNAUTHENTICATED', message: 'This invitation is not valid (any more).' };

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: string;
}

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
  readonly fields?: readonly { readonly path: string; readonly rule: string }[];
}

let muster: Muster;
let database: pg.Client;
let passwordHash: string;

beforeAll(async () => {
  muster = await startMuster({ api: 2, worker: false });
  database = new pg.Client({ connectionString: muster.databaseUrl });
  await database.connect();
  passwordHash = await hash(PASSWORD);
});

afterEach(async () => {
  await database.query('TRUNCATE sign_in_failures');
});

afterAll(async () => {
  await database.end();
  await muster.stop();
});

/** What a call gives, or the first error's extensions with its message. */
async function call<T>(
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  token?: string,
  url = muster.graphqlUrl,
): Promise<T | Fault> {
  const { data, errors } = await graphql<Record<string, T>>(url, query, variables, token);
  const [error] = errors;
  if (error) return { code: 'none', ...error.extensions, message: error.message };
  return Object.values(data)[0] as T;
}

function good<T>(answer: T | Fault): T {
  if (typeof answer === 'object' && answer !== null && 'code' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

async function account(role?: string, country?: string, agencyId?: string): Promise<{ id: string; email: string }> {
  const person = { id: randomUUID(), email: `${randomUUID()}@example.org` };
  await database.query(
    'INSERT INTO users (id, email, name, password_hash, agency_id, created_at) VALUES ($1, $2, $3, $4, $5, now())',
    [person.id, person.email, 'Somebody', passwordHash, agencyId ?? null],
  );
  if (role) {
    await database.query('INSERT INTO grants (id, user_id, role, country, granted_at) VALUES ($1, $2, $3, $4, now())', [
      randomUUID(),
      person.id,
      role,
      country ?? null,
    ]);
  }
  return person;
}

/** These tests are about other things. */
async function proveSecondFactor(userId: string): Promise<void> {
  await database.query('UPDATE sessions SET second_factor = true WHERE user_id = $1', [userId]);
}

async function agency(country: string): Promise<string> {
  const id = randomUUID();
  await database.query(`INSERT INTO agencies (id, name, kind, country) VALUES ($1, 'Customs', 'CUSTOMS', $2)`, [
    id,
    country,
  ]);
  return id;
}

/** @param api which of the two api processes is asked */
const signIn = (email: string, password = PASSWORD, api = 0): Promise<Tokens | Fault> =>
  call<Tokens>(
    `mutation ($email: String!, $password: String!) {
       signIn(email: $email, password: $password) { accessToken refreshToken expiresAt }
     }`,
    { email, password },
    undefined,
    `${muster.apis[api]?.url}/graphql`,
  );
const refresh = (refreshToken: string): Promise<Tokens | Fault> =>
  call<Tokens>(`mutation ($t: String!) { refreshSession(refreshToken: $t) { accessToken refreshToken expiresAt } }`, {
    t: refreshToken,
  });
const signOut = (token: string): Promise<boolean | Fault> => call<boolean>('mutation { signOut }', {}, token);
const me = (token?: string): Promise<{ user: { id: string; email: string | null } } | Fault> =>
  call(`{ me { user { id name email } agency { name } grants { role } } }`, {}, token);

function codes(answers: readonly (object | Fault)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const code = 'code' in answer ? answer.code : 'OK';
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

describe('signing in', () => {
  test('the right password gives a session of 15 minutes, by which the person is known', async () => {
    const { id, email } = await account();
    const before = Date.now();
    const session = good(await signIn(email));
    expect(new Date(session.expiresAt).getTime() - before).toBeGreaterThan(14 * 60_000);
    expect(new Date(session.expiresAt).getTime() - before).toBeLessThan(16 * 60_000);
    expect(await me(session.accessToken)).toMatchObject({ user: { id, email }, agency: null, grants: [] });
  });

  test('capitals and blanks around an address make no other address', async () => {
    const { email } = await account();
    expect(codes([await signIn(` ${email.toUpperCase()} `)])).toEqual({ OK: 1 });
  });

  test('an unknown address, an account without a password and a wrong password are answered in the same words', async () => {
    const { email } = await account();
    const invited = await account();
    await database.query('UPDATE users SET password_hash = NULL WHERE id = $1', [invited.id]);
    const answers = [
      await signIn(email, 'another password'),
      await signIn('nobody@example.org'),
      await signIn(invited.email),
      await signIn(email, ''),
      await signIn(email, 'x'.repeat(2000)),
    ];
    expect(answers).toEqual(answers.map(() => WRONG));
  });

  test('an unknown address takes as long as a wrong password', async () => {
    const { email } = await account();
    const time = async (address: string): Promise<number> => {
      const began = performance.now();
      await signIn(address, 'another password');
      return performance.now() - began;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 6; i++) {
      known.push(await time(email));
      unknown.push(await time('nobody@example.org'));
    }
    // Without the stand-in's hash, an unknown address is answered ten times faster.
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 3);
  });

  test('who has no token, a wrong one or half a header is nobody', async () => {
    expect(await me()).toEqual(NO_SESSION);
    expect(await me('mat_made-up')).toEqual(NO_SESSION);
    expect(await me('two words')).toEqual(NO_SESSION);
  });

  test('tokens are kept as their SHA-256 alone', async () => {
    const { email } = await account();
    const { accessToken, refreshToken } = good(await signIn(email));
    const sha256 = (token: string): Buffer => createHash('sha256').update(token).digest();
    expect(accessToken).toMatch(/^mat_[\w-]{43}$/);
    expect(refreshToken).toMatch(/^mrt_[\w-]{43}$/);
    const { rows } = await database.query(
      'SELECT FROM access_tokens a JOIN refresh_tokens r USING (session_id) WHERE a.hash = $1 AND r.hash = $2',
      [sha256(accessToken), sha256(refreshToken)],
    );
    expect(rows).toHaveLength(1);
  });
});

describe('guessing', () => {
  test('after ten failures the right password is turned away too, and says when to come back', async () => {
    const { email } = await account();
    for (let i = 0; i < 10; i++) expect(await signIn(email, 'a guess')).toEqual(WRONG);
    const limited = (await signIn(email)) as Fault;
    expect(limited).toMatchObject({ code: 'RATE_LIMITED' });
    expect(limited.retryAfterSeconds).toBeGreaterThan(14 * 60);
    expect(limited.retryAfterSeconds).toBeLessThanOrEqual(15 * 60);
  });

  test('an address that nobody has is shut out like one that somebody has', async () => {
    for (let i = 0; i < 10; i++) expect(await signIn('nobody@example.org', 'a guess')).toEqual(WRONG);
    expect(await signIn('Nobody@example.org', 'a guess')).toMatchObject({ code: 'RATE_LIMITED' });
  });

  test('nine failures and a success leave one more failure', async () => {
    const { email } = await account();
    for (let i = 0; i < 9; i++) await signIn(email, 'a guess');
    expect(codes([await signIn(email)])).toEqual({ OK: 1 });
    expect(await signIn(email, 'a guess')).toEqual(WRONG);
    expect(await signIn(email)).toMatchObject({ code: 'RATE_LIMITED' });
  });

  test('fifty guesses at one instant, on two api processes, learn no more than ten', async () => {
    const { email } = await account();
    const guesses = await Promise.all(Array.from({ length: 50 }, (_, i) => signIn(email, 'a guess', i % 2)));
    expect(codes(guesses)).toEqual({ UNAUTHENTICATED: 10, RATE_LIMITED: 40 });
  });

  test('any number of right sign-ins may run side by side', async () => {
    const { email } = await account();
    const sessions = await Promise.all(Array.from({ length: 60 }, () => signIn(email)));
    expect(codes(sessions)).toEqual({ OK: 60 });
  });

  test('after 200 failures an address of the network is turned away, whatever account it asks for', async () => {
    const guesses = Array.from({ length: 210 }, (_, i) => signIn(`guessed-${i % 30}@example.org`, 'a guess'));
    expect(codes(await Promise.all(guesses))).toEqual({ UNAUTHENTICATED: 200, RATE_LIMITED: 10 });
    const { email } = await account();
    expect(await signIn(email)).toMatchObject({ code: 'RATE_LIMITED' });
  });
});

describe('sessions', () => {
  test('a refresh gives new tokens, and the access token before it works until its own end', async () => {
    const { email } = await account();
    const first = good(await signIn(email));
    const second = good(await refresh(first.refreshToken));
    expect(second.accessToken).not.toBe(first.accessToken);
    expect(codes([await me(first.accessToken), await me(second.accessToken)])).toEqual({ OK: 2 });
    expect(codes([await refresh(second.refreshToken)])).toEqual({ OK: 1 });
  });

  test('a refresh token that is used again ends the whole session, and no other', async () => {
    const { email } = await account();
    const first = good(await signIn(email));
    const elsewhere = good(await signIn(email));
    const second = good(await refresh(first.refreshToken));
    expect(await refresh(first.refreshToken)).toEqual(SESSION_OVER);
    expect(await me(second.accessToken)).toEqual(NO_SESSION);
    expect(await refresh(second.refreshToken)).toEqual(SESSION_OVER);
    expect(codes([await me(elsewhere.accessToken)])).toEqual({ OK: 1 });
  });

  test('of refreshes with one token at one instant exactly one gets a session, and it has ended', async () => {
    const { email } = await account();
    const first = good(await signIn(email));
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(first.refreshToken)));
    expect(codes(answers)).toEqual({ OK: 1, UNAUTHENTICATED: 7 });
    const winner = answers.find((answer): answer is Tokens => 'accessToken' in answer);
    expect(await me(winner?.accessToken)).toEqual(NO_SESSION);
  });

  test('a token ends with its time', async () => {
    const { email } = await account();
    const { accessToken, refreshToken } = good(await signIn(email));
    const shorten = (table: string, token: string): Promise<unknown> =>
      database.query(`UPDATE ${table} SET expires_at = now() WHERE hash = sha256($1::bytea)`, [Buffer.from(token)]);
    await shorten('access_tokens', accessToken);
    expect(await me(accessToken)).toEqual(NO_SESSION);
    await shorten('refresh_tokens', refreshToken);
    expect(await refresh(refreshToken)).toEqual(SESSION_OVER);
  });

  test('a made-up refresh token and an access token refresh nothing', async () => {
    const { email } = await account();
    const { accessToken } = good(await signIn(email));
    expect(await refresh('mrt_made-up')).toEqual(SESSION_OVER);
    expect(await refresh(accessToken)).toEqual(SESSION_OVER);
    expect(codes([await me(accessToken)])).toEqual({ OK: 1 });
  });

  test('signing out works at once, for this session alone', async () => {
    const { email } = await account();
    const here = good(await signIn(email));
    const elsewhere = good(await signIn(email));
    expect(await signOut(here.accessToken)).toBe(true);
    expect(await me(here.accessToken)).toEqual(NO_SESSION);
    expect(await signOut(here.accessToken)).toEqual(NO_SESSION);
    expect(await refresh(here.refreshToken)).toEqual(SESSION_OVER);
    expect(codes([await me(elsewhere.accessToken)])).toEqual({ OK: 1 });
  });

  test('what stands after a sign-out in the same request is not done', async () => {
    const { id, email } = await account('ADMINISTRATOR');
    const { accessToken } = good(await signIn(email));
    await proveSecondFactor(id);
    const answer = await call(
      'mutation { signOut createAgency(name: "Late", kind: OTHER, country: "KE") { id } }',
      {},
      accessToken,
    );
    expect(answer).toEqual(NO_SESSION);
    const { rows } = await database.query(`SELECT FROM agencies WHERE name = 'Late'`);
    expect(rows).toEqual([]);
  });

  test('the live gateways hear of a session that was signed out of, and of one that ended by reuse', async () => {
    const heard: (string | undefined)[] = [];
    const bothHeard = new Promise<void>((resolve) => {
      database.on('notification', ({ payload }) => {
        heard.push(payload);
        if (heard.length === 2) resolve();
      });
    });
    await database.query('LISTEN muster_sessions');
    const { id, email } = await account();
    const one = good(await signIn(email));
    const other = good(await signIn(email));
    await signOut(one.accessToken);
    await refresh(other.refreshToken);
    await refresh(other.refreshToken);
    await bothHeard;
    const { rows } = await database.query<{ id: string }>(
      'SELECT id FROM sessions WHERE user_id = $1 ORDER BY ended_at',
      [id],
    );
    expect(heard).toEqual(rows.map((row) => row.id));
    await database.query('UNLISTEN muster_sessions');
  });
});

describe('invitations', () => {
  const invite = (
    token: string,
    input: { email: string; name?: string; agencyId?: string },
  ): Promise<{ token: string; user: { id: string; email: string | null } } | Fault> =>
    call(
      `mutation ($input: InviteUserInput!) { inviteUser(input: $input) { token user { id email } } }`,
      { input: { name: 'Invited', ...input } },
      token,
    );
  const accept = (token: string, password = PASSWORD): Promise<Tokens | Fault> =>
    call(
      `mutation ($token: String!, $password: String!) {
         acceptInvitation(token: $token, password: $password) { accessToken refreshToken expiresAt }
       }`,
      { token, password },
    );
  const newAddress = (): string => `${randomUUID()}@example.org`;
  const tokenOf = async (person: Promise<{ id: string; email: string }>): Promise<string> => {
    const { id, email } = await person;
    const { accessToken } = good(await signIn(email));
    await proveSecondFactor(id);
    return accessToken;
  };
  let administrator: string;

  beforeAll(async () => {
    administrator = await tokenOf(account('ADMINISTRATOR'));
  });

  test('an invited person sets a password, is signed in by it, and signs in with it later', async () => {
    const email = newAddress();
    const { token, user } = good(await invite(administrator, { email }));
    expect(token).toMatch(/^mit_[\w-]{43}$/);
    const { accessToken } = good(await accept(token));
    expect(await me(accessToken)).toMatchObject({ user: { id: user.id, email } });
    expect(codes([await signIn(email)])).toEqual({ OK: 1 });
  });

  test('a used, an expired, a replaced and an unknown invitation are refused in the same words', async () => {
    const used = good(await invite(administrator, { email: newAddress() })).token;
    await accept(used);
    const expired = good(await invite(administrator, { email: newAddress() })).token;
    await database.query('UPDATE user_invitations SET expires_at = now() WHERE token_hash = sha256($1::bytea)', [
      Buffer.from(expired),
    ]);
    const email = newAddress();
    const replaced = good(await invite(administrator, { email })).token;
    const current = good(await invite(administrator, { email })).token;
    for (const token of [used, expired, replaced, 'mit_made-up']) expect(await accept(token)).toEqual(NO_INVITATION);
    expect(codes([await accept(current)])).toEqual({ OK: 1 });
  });

  test('an invitation lasts seven days', async () => {
    const { token } = good(await invite(administrator, { email: newAddress() }));
    const { rows } = await database.query<{ days: number }>(
      `SELECT extract(epoch FROM expires_at - now())::float / 86400 AS days FROM user_invitations
       WHERE token_hash = sha256($1::bytea)`,
      [Buffer.from(token)],
    );
    expect(rows[0]?.days).toBeCloseTo(7, 2);
  });

  test('of two who take one invitation at one instant exactly one opens the account', async () => {
    const { token } = good(await invite(administrator, { email: newAddress() }));
    expect(codes(await Promise.all([accept(token), accept(token, 'another password')]))).toEqual({
      OK: 1,
      UNAUTHENTICATED: 1,
    });
  });

  test('a password that is too short leaves the invitation as it is', async () => {
    const { token } = good(await invite(administrator, { email: newAddress() }));
    expect(await accept(token, 'short')).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'password', rule: 'too-short' }],
    });
    expect(codes([await accept(token)])).toEqual({ OK: 1 });
  });

  test('an address whose account is open is not invited again', async () => {
    const { email } = await account();
    expect(await invite(administrator, { email: email.toUpperCase() })).toMatchObject({ code: 'CONFLICT' });
  });

  test('all that is wrong with an invitation comes in one answer', async () => {
    const answer = (await invite(administrator, { email: 'no address', name: ' ', agencyId: randomUUID() })) as Fault;
    expect(answer.code).toBe('BAD_USER_INPUT');
    expect(answer.fields?.map(({ path }) => path).sort()).toEqual(['input.agencyId', 'input.email', 'input.name']);
  });

  test('a coordinator invites into agencies of the own country alone', async () => {
    const coordinator = await tokenOf(account('NATIONAL_COORDINATOR', 'KE'));
    const email = newAddress();
    expect(codes([await invite(coordinator, { email, agencyId: await agency('KE') })])).toEqual({ OK: 1 });
    expect(await invite(coordinator, { email: newAddress(), agencyId: await agency('TZ') })).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await invite(coordinator, { email: newAddress() })).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.agencyId', rule: 'required' }],
    });
  });

  test.each(['HUB', 'ANALYST', 'OBSERVER'])('%s invites nobody', async (role) => {
    const token = await tokenOf(account(role));
    expect(await invite(token, { email: newAddress() })).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a coordinator does not take over the open invitation of another country, or of more than a coordinator gives', async () => {
    const coordinator = await tokenOf(account('NATIONAL_COORDINATOR', 'KE'));
    const kenyan = await agency('KE');
    const tanzanian = newAddress();
    good(await invite(administrator, { email: tanzanian, agencyId: await agency('TZ') }));
    const hubOfficer = newAddress();
    const { user } = good(await invite(administrator, { email: hubOfficer, agencyId: kenyan }));
    for (const role of ['HUB', 'ANALYST']) {
      await database.query('DELETE FROM grants WHERE user_id = $1', [user.id]);
      await database.query('INSERT INTO grants (id, user_id, role, granted_at) VALUES ($1, $2, $3, now())', [
        randomUUID(),
        user.id,
        role,
      ]);
      expect(await invite(coordinator, { email: hubOfficer, agencyId: kenyan })).toMatchObject({ code: 'CONFLICT' });
    }
    expect(await invite(coordinator, { email: tanzanian, agencyId: kenyan })).toMatchObject({ code: 'CONFLICT' });
  });

  test('an address is told to the person and to administrators, and to nobody else', async () => {
    const coordinator = await account('NATIONAL_COORDINATOR', 'RW');
    const token = await tokenOf(Promise.resolve(coordinator));
    const colleague = await account('NATIONAL_COORDINATOR', 'RW');
    const emails = async (asker: string): Promise<Map<string, string | null>> => {
      const users = good(
        await call<{ id: string; email: string | null }[]>('{ users(country: "RW") { id email } }', {}, asker),
      );
      return new Map(users.map(({ id, email }) => [id, email]));
    };
    expect(await emails(token)).toEqual(
      new Map([
        [coordinator.id, coordinator.email],
        [colleague.id, null],
      ]),
    );
    expect((await emails(administrator)).get(colleague.id)).toBe(colleague.email);
    const { user } = good(await invite(token, { email: newAddress(), agencyId: await agency('RW') }));
    expect(user.email).toBeNull();
  });

  test('the person is told the own address with the session that the sign-in begins', async () => {
    const { email } = await account();
    const session = await call(
      `mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { user { email } } }`,
      { email, password: PASSWORD },
    );
    expect(session).toEqual({ user: { email } });
  });
});
