import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io } from 'socket.io-client';

import {
  graphql,
  type GraphqlAnswer,
  type Muster,
  startMuster,
  testDatabase,
  type TestDatabase,
  until,
} from '../setup/index.js';
import { openPorts, reported } from '../setup/ports.js';
import { LOG, Scene, violationInput } from '../setup/scene.js';

const PASSWORD = 'a password for tests';
/** Stands for anything that is nobody's to read in a log, wherever a client may put it. */
const MISPLACED = 'Tr0ub4dor-and-three-herrings';

let database: TestDatabase;
let muster: Muster;
let worker: Muster;
let scene: Scene;
let folder: string;
/** Every secret of the run, by what it is. */
const secrets = new Map<string, string>([
  ['the password', PASSWORD],
  ['a wrong password', MISPLACED],
]);

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'muster-secrets-'));
  await writeFile(join(folder, 'database'), `${database.roles.api}\n`, { mode: 0o600 });
  const env = { LOG_LEVEL: 'trace', DATABASE_URL: '', DATABASE_URL_FILE: join(folder, 'database') };
  muster = await startMuster({ databaseUrl: database.url, worker: false, env });
  worker = await startMuster({ databaseUrl: database.url, api: 0, env: { LOG_LEVEL: 'trace' } });
  scene = await Scene.open(muster);
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
  await worker.stop();
  await database.drop();
  await rm(folder, { recursive: true });
});

const output = (): string => [...muster.apis, worker.worker].map((program) => program?.output() ?? '').join('\n');

const send = <Data>(
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  token?: string,
): Promise<GraphqlAnswer<Data>> => graphql<Data>(muster.graphqlUrl, query, variables, token);

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Notes the tokens that an answer gave. */
function keep(what: string, { accessToken, refreshToken }: Tokens): Tokens {
  secrets.set(`the access token of ${what}`, accessToken).set(`the refresh token of ${what}`, refreshToken);
  return { accessToken, refreshToken };
}

test('the programs say much at this level', async () => {
  const { operationId, kenya, officer, mombasa, agencies } = await openPorts(scene);
  await kenya.do(LOG, { input: violationInput(operationId, agencies.KE) });
  await reported(officer, operationId, mombasa);
  await until(() => output().split('\n').length > 20);
  expect(output()).toContain('"level":');
  expect(secretsOf(database.roles.api)).not.toEqual([]);
});

test('sign-in, refreshing, invitations and their failures leave no secret in any log', async () => {
  const agencyId = await scene.agency('KE');
  const person = await scene.person(agencyId, { role: 'NATIONAL_COORDINATOR', country: 'KE' });
  secrets.set('a token of the scene', person.token);
  const signIn =
    'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken refreshToken } }';
  const { data } = await send<{ signIn: Tokens }>(signIn, { email: person.email, password: PASSWORD });
  const first = keep('the sign-in', data.signIn);
  const refresh = 'mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken } }';
  const second = await send<{ refreshSession: Tokens }>(refresh, { token: first.refreshToken });
  const { accessToken } = keep('the refresh', second.data.refreshSession);

  const invite = 'mutation ($input: InviteUserInput!) { inviteUser(input: $input) { token } }';
  const input = { email: 'invited@test.muster.example', name: 'Somebody', agencyId };
  const invited = await send<{ inviteUser: { token: string } }>(invite, { input }, accessToken);
  const { token } = invited.data.inviteUser;
  secrets.set('the token of the invitation', token);
  const accept =
    'mutation ($token: String!, $password: String!) { acceptInvitation(token: $token, password: $password) { accessToken refreshToken } }';
  await send(accept, { token, password: 'short' });
  const chosen = 'four unlikely words together here';
  secrets.set('the chosen password', chosen);
  const accepted = await send<{ acceptInvitation: Tokens }>(accept, { token, password: chosen });
  keep('the invitation', accepted.data.acceptInvitation);
  await send(accept, { token, password: chosen });

  // What fails, each in its own way: wrong, of another kind, in the document itself, in the wrong place, sent twice.
  await send(signIn, { email: person.email, password: MISPLACED });
  await send(signIn, { email: MISPLACED, password: MISPLACED });
  await send(signIn, { email: { [MISPLACED]: MISPLACED }, password: [MISPLACED] });
  await send(`mutation { signIn(email: "${person.email}", password: "${MISPLACED}") { ${'x'} } }`);
  await send(`mutation { signIn(email: "${person.email}", password: "${MISPLACED}") { accessToken } `);
  await send(refresh, { token: first.refreshToken });
  await send('{ me { user { id } } }', {}, MISPLACED);
  await send(`query ($id: UUID!) { violation(id: $id) { id } }`, { id: MISPLACED }, accessToken);
  expectNoSecret();
});

test('what is no request, or goes to no place, leaves none either', async () => {
  const headers = { authorization: `Bearer ${MISPLACED}`, cookie: `session=${MISPLACED}` };
  const query = encodeURIComponent('query ($p: String!) { agencies(country: $p) { id } }');
  for (const path of [
    `/graphql?query=${query}&variables=${MISPLACED}`,
    `/nowhere/${MISPLACED}?token=${MISPLACED}`,
    `/%00${MISPLACED}`,
    `/health/live?${MISPLACED}`,
  ]) {
    await fetch(`${muster.url}${path}`, { headers });
  }
  for (const [type, body] of [
    ['application/json', `{"password":"${MISPLACED}"`],
    ['text/plain', MISPLACED],
    ['application/json', `{"__proto__":"${MISPLACED}"}`],
  ] as const) {
    await fetch(muster.graphqlUrl, { method: 'POST', headers: { ...headers, 'content-type': type }, body });
  }
  await raw(
    `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${MISPLACED}\r\nContent-Length: ${MISPLACED}\r\n\r\n`,
  );
  await raw(`${MISPLACED}\r\n\r\n`);
  expectNoSecret();
});

test('sockets leave none either', async () => {
  for (const auth of [{ token: MISPLACED }, { token: { [MISPLACED]: 1 } }, { password: MISPLACED }]) {
    const socket = io(`${muster.url}/live`, {
      auth,
      query: { token: MISPLACED },
      reconnection: false,
      forceNew: true,
      transports: ['polling'],
    });
    await new Promise((resolve) => socket.once('connect_error', resolve));
    socket.disconnect();
  }
  const person = await scene.person(await scene.agency('TZ'));
  secrets.set('the token of a socket', person.token);
  const socket = io(`${muster.url}/live`, { auth: { token: person.token }, reconnection: false, forceNew: true });
  await new Promise((resolve) => socket.once('connect', () => resolve(undefined)));
  await socket.emitWithAck('follow', { operationId: MISPLACED, after: MISPLACED });
  await socket.emitWithAck('follow', MISPLACED);
  socket.disconnect();
  expectNoSecret();
});

test('an inner error, and a database that is away, leave none either', async () => {
  const person = await scene.person(await scene.agency('KE'));
  secrets.set('the token of a request that failed', person.token);
  // A table that is away makes every sign-in and every look at a session an inner error, with its parameters at hand.
  await scene.sql('ALTER TABLE sessions RENAME TO sessions_away');
  try {
    const { errors } = await person.ask('{ me { user { id } } }');
    expect(errors[0]?.extensions?.code).toBe('INTERNAL');
    await send('mutation ($t: String!) { refreshSession(refreshToken: $t) { accessToken } }', { t: MISPLACED });
    await send('mutation ($e: String!, $p: String!) { signIn(email: $e, password: $p) { accessToken } }', {
      e: person.email,
      p: PASSWORD,
    });
  } finally {
    await scene.sql('ALTER TABLE sessions_away RENAME TO sessions');
  }
  expect(output()).toContain('Internal error');
  expectNoSecret();
});

test('nor does anything that the database keeps as a secret', async () => {
  expect((await keptSecrets()).length).toBeGreaterThan(5);
  for (const value of await keptSecrets()) expect(output()).not.toContain(value);
});

/** Nothing that was printed may hold a secret, neither as it is nor as the hash that stands for it in a table. */
function expectNoSecret(): void {
  const printed = output();
  for (const [what, secret] of [...secrets, ...secretsOf(database.url)]) {
    const hash = createHash('sha256').update(secret);
    const forms = { plain: secret, encoded: encodeURIComponent(secret), hash: hash.digest('hex') };
    for (const [form, text] of Object.entries(forms)) {
      if (printed.includes(text)) throw new Error(`${what} is in a log (${form}): ${lineWith(printed, text)}`);
    }
  }
}

const lineWith = (printed: string, text: string): string =>
  printed.split('\n').find((line) => line.includes(text)) ?? '';

const secretsOf = (url: string): [string, string][] => [['the password of the database', new URL(url).password]];

/** What stands in columns whose name says that it is a secret, or stands for one. */
async function keptSecrets(): Promise<string[]> {
  const columns = await scene.sql<{ table: string; column: string }>(
    `SELECT c.table_name AS "table", c.column_name AS "column" FROM information_schema.columns c JOIN information_schema.tables t
       USING (table_schema, table_name) WHERE t.table_type = 'BASE TABLE' AND c.table_schema = current_schema()
         AND c.data_type IN ('text', 'bytea', 'character varying')
         AND (c.column_name ~ '(password|token|secret)' OR c.column_name = 'hash' OR c.table_name = 'secrets' AND c.column_name = 'value')`,
  );
  const values = await Promise.all(
    columns.map(({ table, column }) =>
      scene.sql<{ value: unknown }>(`SELECT "${column}" AS value FROM "${table}" WHERE "${column}" IS NOT NULL`),
    ),
  );
  return values
    .flat()
    .flatMap(({ value }) =>
      Buffer.isBuffer(value)
        ? (['hex', 'base64', 'base64url'] as const).map((form) => value.toString(form))
        : [String(value)],
    )
    .filter((text) => text.length >= 16);
}

/** Sends bytes that are no right HTTP, and waits for the end of the connection. */
function raw(text: string): Promise<void> {
  const { hostname, port } = new URL(muster.url);
  return new Promise((resolve) => {
    connect(Number(port), hostname, function write(this: { end: (text: string) => void }) {
      this.end(text);
    })
      .on('error', () => resolve())
      .on('close', () => resolve())
      .resume();
  });
}
