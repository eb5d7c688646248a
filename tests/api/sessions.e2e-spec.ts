import { randomUUID } from 'node:crypto';

import { io, type Socket } from 'socket.io-client';

import { graphql, type Muster, startMuster, until } from '../setup/index.js';
import { Scene } from '../setup/scene.js';
import type { Person } from '../setup/scene.js';

const PASSWORD = 'a password for tests';
const SESSIONS = '{ sessions { id createdAt lastUsedAt method secondFactor address userAgent current } }';
const CHANGE =
  'mutation ($current: String!, $new: String!) { changePassword(currentPassword: $current, newPassword: $new) }';

interface OpenSession {
  readonly id: string;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly method: string;
  readonly secondFactor: boolean;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly current: boolean;
}

let muster: Muster;
let scene: Scene;

beforeAll(async () => {
  muster = await startMuster({ api: 2, worker: false });
  scene = await Scene.open(muster);
});

afterEach(async () => {
  await scene.sql('TRUNCATE sign_in_failures');
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

/** The same person in one more session. */
async function again(person: Person): Promise<Person & { readonly refreshToken: string }> {
  const { token, refreshToken } = await scene.signIn(person.email);
  return { ...scene.speaker(person.id, person.email, token), refreshToken };
}

async function signInWith(
  email: string,
  password: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const response = await fetch(muster.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      query: `mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken } }`,
      variables: { email, password },
    }),
  });
  const { data, errors } = (await response.json()) as {
    data: { signIn: { accessToken: string } };
    errors?: readonly { extensions: { code: string } }[];
  };
  return errors?.[0]?.extensions.code ?? data.signIn.accessToken;
}

function connected(person: Person, api: number): Promise<Socket> {
  const socket = io(`${muster.apis[api]?.url}/live`, {
    auth: { token: person.token },
    transports: ['websocket'],
    reconnection: false,
  });
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', reject);
  });
}

describe('the list of sessions', () => {
  test("holds the person's own that are under way, the newest first, and which one asks", async () => {
    const person = await scene.person(null);
    const other = await again(person);
    const ended = await again(person);
    await ended.do('mutation { signOut }');
    await scene.person(null);
    const list = await other.do<OpenSession[]>(SESSIONS);
    expect(list.map(({ method, secondFactor, current }) => ({ method, secondFactor, current }))).toEqual([
      { method: 'PASSWORD', secondFactor: false, current: true },
      { method: 'PASSWORD', secondFactor: false, current: false },
    ]);
    expect(list.every(({ address }) => address === '127.0.0.1')).toBe(true);
    expect((await person.do<OpenSession[]>(SESSIONS)).map(({ current }) => current)).toEqual([false, true]);
  });

  test('tells when a session was last refreshed, and what signed in, in short', async () => {
    const person = await scene.person(null);
    const token = await signInWith(person.email, PASSWORD, { 'user-agent': `Muster for phones ${'x'.repeat(500)}` });
    const phone = scene.speaker(person.id, person.email, token);
    const [session] = await phone.do<OpenSession[]>(SESSIONS);
    expect(session?.userAgent).toHaveLength(160);
    expect(session?.userAgent).toMatch(/^Muster for phones x+$/);

    const other = await again(person);
    const before = (await other.do<OpenSession[]>(SESSIONS)).find(({ current }) => current);
    expect(before?.lastUsedAt).toBe(before?.createdAt);
    await graphql(muster.graphqlUrl, 'mutation ($t: String!) { refreshSession(refreshToken: $t) { expiresAt } }', {
      t: other.refreshToken,
    });
    const after = (await other.do<OpenSession[]>(SESSIONS)).find(({ current }) => current);
    expect(Date.parse(after?.lastUsedAt ?? '')).toBeGreaterThan(Date.parse(before?.lastUsedAt ?? ''));
  });
});

describe('ending sessions', () => {
  const END = 'mutation ($id: UUID!) { endSession(id: $id) }';
  const idOf = async (person: Person): Promise<string> =>
    (await person.do<OpenSession[]>(SESSIONS)).find(({ current }) => current)?.id ?? '';

  test('one ends at once, with its sockets on every api process, and the others go on', async () => {
    const person = await scene.person(null);
    const lost = await again(person);
    const sockets = await Promise.all([connected(lost, 0), connected(lost, 1)]);
    const kept = await connected(person, 1);
    expect(await person.do(END, { id: await idOf(lost) })).toBe(true);
    expect(await lost.refused(SESSIONS)).toMatchObject({ code: 'UNAUTHENTICATED' });
    await until(() => Promise.resolve(sockets.every(({ connected }) => !connected)));
    expect(await person.do<OpenSession[]>(SESSIONS)).toHaveLength(1);
    expect(kept.connected).toBe(true);
    kept.disconnect();
  });

  test("a stranger's session, one that has ended and one that never was are not found", async () => {
    const person = await scene.person(null);
    const stranger = await scene.person(null);
    const ended = await again(person);
    const endedId = await idOf(ended);
    await ended.do('mutation { signOut }');
    for (const id of [await idOf(stranger), endedId, randomUUID()]) {
      expect(await person.refused(END, { id })).toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await stranger.do<OpenSession[]>(SESSIONS)).toHaveLength(1);
  });

  test('all others end, and this one goes on', async () => {
    const person = await scene.person(null);
    const others = [await again(person), await again(person)];
    const stranger = await scene.person(null);
    expect(await person.do('mutation { endOtherSessions }')).toBe(2);
    for (const other of others) expect(await other.refused(SESSIONS)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await person.do<OpenSession[]>(SESSIONS)).toHaveLength(1);
    expect(await stranger.do<OpenSession[]>(SESSIONS)).toHaveLength(1);
    const [entry] = await scene.sql<{ count: number }>(
      `SELECT count(*)::int FROM audit_entries WHERE actor_id = $1 AND action = 'session.ended'`,
      [person.id],
    );
    expect(entry?.count).toBe(2);
  });
});

describe('the longest time of a session', () => {
  const DAY = 24 * 60 * 60_000;
  const MINUTE = 60_000;
  const REFRESH = 'mutation ($t: String!) { refreshSession(refreshToken: $t) { accessToken refreshToken expiresAt } }';

  interface Refreshed {
    readonly accessToken: string;
    readonly refreshToken: string;
    readonly expiresAt: string;
  }

  async function refresh(refreshToken: string, at = muster.graphqlUrl): Promise<Refreshed | undefined> {
    const { data, errors } = await graphql<{ refreshSession: Refreshed }>(at, REFRESH, { t: refreshToken });
    if (errors.length === 0) return data.refreshSession;
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    return undefined;
  }

  /** Moves the beginning of a person's sessions, and their end with it, as if so much more time had gone by. */
  const letPass = (person: Person, milliseconds: number): Promise<unknown> =>
    scene.sql(
      `UPDATE sessions SET created_at = created_at - $2 * interval '1 ms', expires_at = expires_at - $2 * interval '1 ms'
       WHERE user_id = $1`,
      [person.id, milliseconds],
    );

  const rowOf = async (person: Person): Promise<{ created_at: Date; expires_at: Date; ended_at: Date | null }> => {
    const [row] = await scene.sql<{ created_at: Date; expires_at: Date; ended_at: Date | null }>(
      'SELECT created_at, expires_at, ended_at FROM sessions WHERE user_id = $1 ORDER BY created_at DESC LIMIT 1',
      [person.id],
    );
    if (!row) throw new Error('There is no session.');
    return row;
  };

  test('is thirty days, however often it is refreshed: then its tokens, requests and sockets end', async () => {
    const person = await again(await scene.person(null));
    await letPass(person, 30 * DAY - 10 * MINUTE);
    const last = await refresh(person.refreshToken);
    if (!last) throw new Error('It has ended too early.');
    const { created_at: begun, expires_at: end } = await rowOf(person);
    expect(end.getTime() - begun.getTime()).toBe(30 * DAY);
    expect(last.expiresAt).toBe(end.toISOString());
    const session = scene.speaker(person.id, person.email, last.accessToken);
    const socket = await connected(session, 1);
    expect(await session.do(SESSIONS)).toHaveLength(2);

    await letPass(person, 10 * MINUTE);
    expect(await session.refused(SESSIONS)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await socket.timeout(5_000).emitWithAck('follow', { operationId: randomUUID() })).toMatchObject({
      ok: false,
      code: 'UNAUTHENTICATED',
    });
    // Sockets are looked at each minute, and whenever something of their person changes.
    await scene.sql(`SELECT pg_notify('muster_access', $1)`, [person.id]);
    await until(() => !socket.connected);
    expect(await refresh(last.refreshToken)).toBeUndefined();
    expect(await rowOf(person)).toMatchObject({ ended_at: null });
  });

  test('may be set: tokens work no longer, and a longer session is refreshed no more', async () => {
    const databaseUrl = muster.databaseUrl;
    const short = await startMuster({ databaseUrl, worker: false, env: { SESSION_DAYS: '1' } });
    try {
      const person = await again(await scene.person(null));
      const first = await refresh(person.refreshToken, short.graphqlUrl);
      const { created_at: begun, expires_at: end } = await rowOf(person);
      expect(end.getTime() - begun.getTime()).toBe(DAY);
      const [tokens] = await scene.sql<{ latest: Date }>(
        `SELECT max(t.expires_at) AS latest FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
         WHERE s.user_id = $1 AND t.used_at IS NULL AND s.created_at = $2`,
        [person.id, begun],
      );
      expect(tokens?.latest).toEqual(end);
      await scene.sql(`UPDATE sessions SET created_at = created_at - interval '1 day' WHERE user_id = $1`, [person.id]);
      expect(await refresh(first?.refreshToken ?? '', short.graphqlUrl)).toBeUndefined();
      expect(await refresh(first?.refreshToken ?? '')).toHaveProperty('accessToken');

      const { data } = await graphql<{ signIn: Refreshed }>(
        short.graphqlUrl,
        'mutation ($email: String!, $p: String!) { signIn(email: $email, password: $p) { refreshToken } }',
        { email: person.email, p: PASSWORD },
      );
      const begunThere = await rowOf(person);
      expect(begunThere.expires_at.getTime() - begunThere.created_at.getTime()).toBe(DAY);
      expect(await refresh(data.signIn.refreshToken)).toHaveProperty('accessToken');
    } finally {
      await short.stop();
    }
  });
});

describe('changing the password', () => {
  test('needs the current one, and ends the other sessions', async () => {
    const person = await scene.person(null);
    const elsewhere = await again(person);
    expect(await person.refused(CHANGE, { current: 'a guess', new: 'another password for tests' })).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'currentPassword', rule: 'wrong' }],
    });
    expect(await person.do(CHANGE, { current: PASSWORD, new: 'another password for tests' })).toBe(true);
    expect(await elsewhere.refused(SESSIONS)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await person.do<OpenSession[]>(SESSIONS)).toHaveLength(1);
    expect(await signInWith(person.email, PASSWORD)).toBe('UNAUTHENTICATED');
    expect(await signInWith(person.email, 'another password for tests')).toMatch(/^mat_/);
  });

  test('guesses at the current one shut the account out', async () => {
    const person = await scene.person(null);
    for (let i = 0; i < 10; i++)
      await person.refused(CHANGE, { current: 'a guess', new: 'another password for tests' });
    expect(await person.refused(CHANGE, { current: PASSWORD, new: 'another password for tests' })).toMatchObject({
      code: 'RATE_LIMITED',
    });
    expect(await signInWith(person.email, PASSWORD)).toBe('RATE_LIMITED');
  });

  test.each([
    ['fourteen char.', 'too-short'],
    ['lookoutlookout7lookoutlookout7', 'pattern'],
    ['Sunshine 2026 !!!', 'common'],
    ['musterpassword!!', 'guessable'],
  ])('to %s is refused: %s', async (password, rule) => {
    const person = await scene.person(null);
    const refusal = await person.refused(CHANGE, { current: PASSWORD, new: password });
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: 'newPassword', rule }] });
    expect(await signInWith(person.email, PASSWORD)).toMatch(/^mat_/);
  });

  test('to eight characters is for those who have a second factor', async () => {
    const hub = await scene.person(null, { role: 'HUB' });
    expect(await hub.do(CHANGE, { current: PASSWORD, new: 'kiosk 77' })).toBe(true);
  });

  test('is in the audit log without either password', async () => {
    const person = await scene.person(null);
    await person.do(CHANGE, { current: PASSWORD, new: 'another password for tests' });
    const [entry] = await scene.sql<{ details: unknown }>(
      `SELECT details FROM audit_entries WHERE actor_id = $1 AND action = 'user.password-changed'`,
      [person.id],
    );
    expect(entry?.details).toEqual({});
  });
});
