import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { v7 } from 'uuid';

import type { Life } from '../../apps/launcher/part.js';
import { EmbeddedPostgres } from '../../apps/launcher/postgres/embedded-postgres.js';
import { roleUrls } from '../../apps/launcher/role-urls.js';
import { graphql, type Muster, ROOT, startMuster, until } from '../setup/index.js';
import { openPorts, type Ports } from '../setup/ports.js';
import { LOG, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';
import { areSettled, feedHasNoGap, notExactlyOnce } from './exactly-once.js';

const CLIENTS = 6;
const REPORTS_EACH = 12;

let folder: string;
let postgres: EmbeddedPostgres;
let life: Life<void>;
let pool: pg.Pool;
let muster: Muster;
let scene: Scene;
let ports: Ports;

const start = async (): Promise<void> => {
  life = await postgres.begin();
  await life.ready;
};

// A PostgreSQL of this file's own, with the durability of a real one: a commit that was told outlasts its death.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-test-restart-'));
  postgres = await EmbeddedPostgres.prepare(folder, { say: () => undefined });
  await start();
  const { api, worker } = roleUrls(postgres.url);
  const urls = { DATABASE_URL: postgres.url, API_DATABASE_URL: api, WORKER_DATABASE_URL: worker };
  await promisify(execFile)(process.execPath, [join(ROOT, 'dist', 'apps', 'console', 'main.js'), 'migrate'], {
    env: { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'warn', ...urls },
  });
  pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
  pool.on('error', () => undefined);
  muster = await startMuster({ databaseUrl: postgres.url });
  scene = await Scene.open(muster);
  ports = await openPorts(scene);
}, 120_000);

afterAll(async () => {
  await scene.close();
  await muster.stop();
  await pool.end();
  await life.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What a client was answered until it had its receipt: error codes, or `no answer`. */
const refusals: { readonly code: string; readonly retryAfterSeconds?: unknown }[] = [];
let acknowledged = 0;

/** Sends one report until there is a receipt, as a client on a bad line does: always with the same id. */
async function sendUntilTaken(query: string, input: Readonly<Record<string, unknown>>, token: string): Promise<string> {
  const id = String(input['id']);
  await until(
    async () => {
      const answer = await graphql(muster.graphqlUrl, query, { input }, token).catch(() => undefined);
      const [error] = answer?.errors ?? [];
      if (answer && !error) return true;
      const { code, retryAfterSeconds } = error?.extensions ?? {};
      refusals.push({ code: answer ? String(code) : 'no answer', retryAfterSeconds });
      return false;
    },
    { limit: 40_000, what: `report ${id} is taken` },
  );
  acknowledged++;
  return id;
}

async function sendMany(): Promise<string[]> {
  const ids: string[] = [];
  const client = async (): Promise<void> => {
    for (let number = 0; number < REPORTS_EACH; number++) {
      const input = seizureInput(ports.operationId, ports.mombasa, { id: v7() });
      ids.push(await sendUntilTaken(REPORT, input, ports.officer.token));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return ids;
}

const endings: readonly [string, () => Promise<void>][] = [
  ['restarted', () => life.stop()],
  [
    'killed by kill -9 and started again',
    async () => {
      process.kill(life.pid, 'SIGKILL');
      await life.ended;
    },
  ],
];

test.each(endings)(
  'reports that come in while PostgreSQL is %s are taken and settled exactly once, by the same processes',
  async (_, end) => {
    refusals.length = 0;
    acknowledged = 0;
    const sending = sendMany();
    await until(() => acknowledged >= CLIENTS * 3, { limit: 30_000, what: 'reports come in' });
    await end();
    // Somebody has been refused before it is back, so that it was down for the clients too.
    await until(() => refusals.length >= CLIENTS, { limit: 30_000, what: 'the clients are told that it is down' });
    await start();
    const ids = await sending;

    await until(() => areSettled(pool, ids), { limit: 60_000, what: 'all reports are settled' });
    expect(ids).toHaveLength(CLIENTS * REPORTS_EACH);
    expect(await notExactlyOnce(pool, ids)).toEqual({});
    expect(await feedHasNoGap(pool, ports.operationId)).toBe(true);

    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['UNAVAILABLE']));
    expect(refusals.every(({ retryAfterSeconds }) => Number(retryAfterSeconds) > 0)).toBe(true);
  },
  150_000,
);

test('violations are logged again after a restart, and the figures agree with a recount', async () => {
  await life.stop();
  await start();
  const input = violationInput(ports.operationId, ports.agencies.KE);
  await sendUntilTaken(LOG, input, ports.kenya.token);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'dist', 'apps', 'console', 'main.js'), 'recount'],
    { env: { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'warn', DATABASE_URL: postgres.url } },
  );
  expect(stdout).toContain('The figures agree with the records.');
  const { rows } = await pool.query<{ violations: number; counted: number }>(
    `SELECT (SELECT count(*) FROM violations)::int AS violations, (SELECT sum(sign) FROM figures)::int AS counted`,
  );
  expect(rows[0]?.counted).toBe(rows[0]?.violations);
});
