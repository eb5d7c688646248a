import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { testDatabase } from '../setup/database.js';
import { npmStart, parentOf, processesOf, readReadyFile, type Launch, type ReadyFile } from '../setup/launcher.js';
import { until } from '../setup/until.js';

const isRoot = process.getuid?.() === 0;
const isReady = async ({ url }: ReadyFile): Promise<boolean> => (await fetch(`${url}/health/ready`)).status === 200;
const leavesNothing = (dataDir: string) =>
  until(() => processesOf(dataDir).length === 0, { limit: 15_000, what: 'nothing runs any more' });

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Its end came with that of another.
    }
  }
}

async function occupy(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

let folder: string;
let launches: Launch[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-test-start-'));
  launches = [];
});

afterEach(async () => {
  await Promise.all(launches.map((launch) => launch.interrupt()));
  killAll(processesOf(folder));
  await leavesNothing(folder);
  await rm(folder, { recursive: true, force: true });
});

/** Without demos, which take their time, unless the test is about them. */
const WITHOUT_DEMOS = { NODE_ENV: 'production' };
const WITH_DEMOS = {};

function start(environment: Readonly<Record<string, string>> = WITHOUT_DEMOS, dataDir = join(folder, 'data')): Launch {
  const launch = npmStart(dataDir, environment);
  launches.push(launch);
  return launch;
}

const dataDir = (): string => join(folder, 'data');

/** A row that only an undamaged database still holds. */
async function asMuster<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  const { port, password } = JSON.parse(await readFile(join(dataDir(), 'postgres.json'), 'utf8')) as {
    port: number;
    password: string;
  };
  const client = new pg.Client({ connectionString: `postgres://muster:${password}@127.0.0.1:${port}/muster` });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a start without settings', () => {
  test('is ready, says where to go and how to sign in, ends cleanly by Ctrl-C, and starts again with the same data', async () => {
    const first = start(WITH_DEMOS);
    const ready = await first.ready(240_000);
    expect(await isReady(ready)).toBe(true);
    expect(ready.graphqlUrl).toBe(`${ready.url}/graphql`);
    expect(Object.values(ready.pids).every((pid) => typeof pid === 'number')).toBe(true);
    expect((await stat(join(dataDir(), 'ready.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir(), 'demo.json'))).mode & 0o777).toBe(0o600);
    const [hub] = ready.demo.filter(({ roles }) => roles.includes('HUB'));
    expect(hub).toMatchObject({ country: null });
    await until(() => first.output().includes('Ctrl-C'));
    expect(first.output()).toContain(ready.url);
    expect(first.output()).toContain(hub?.email);
    expect(first.output()).toContain(hub?.password);
    expect(first.output()).toContain(hub?.totpSecret);
    for (const { roles, totpSecret } of ready.demo) {
      const needsIt = roles.some((role) => ['HUB', 'ANALYST', 'ADMINISTRATOR'].includes(role));
      expect([roles, totpSecret !== undefined]).toEqual([roles, needsIt]);
    }
    await asMuster('create table kept as select 7 as number');

    expect(await first.interrupt()).toBe(0);
    await leavesNothing(dataDir());
    expect(existsSync(join(dataDir(), 'ready.json'))).toBe(false);

    const again = await start(WITH_DEMOS).ready(120_000);
    expect(again.demo).toEqual(ready.demo);
    expect(await asMuster('select number from kept')).toEqual([{ number: 7 }]);
  }, 480_000);

  (isRoot ? test : test.skip)(
    'gives the system user of PostgreSQL no more than the way through a folder that is closed to others',
    async () => {
      const closed = join(folder, 'closed');
      await mkdir(closed, { mode: 0o700 });
      const launch = start(WITHOUT_DEMOS, join(closed, 'data'));
      await launch.ready(120_000);
      expect((await stat(closed)).mode & 0o777).toBe(0o710);
      expect(launch.output()).toContain(closed);
    },
    120_000,
  );

  test('takes a free port when 3000 is taken, and prints it', async () => {
    const server = await occupy(3000);
    try {
      const launch = start();
      const { url } = await launch.ready(120_000);
      expect(url).not.toContain(':3000');
      await until(() => launch.output().includes(url));
    } finally {
      server?.close();
    }
  }, 120_000);
});

describe('a running Muster', () => {
  test('starts each part that is killed again within seconds, on the same port, and keeps ready.json current', async () => {
    const launch = start();
    const first = await launch.ready(120_000);
    for (const part of ['api', 'worker', 'postgres', 'postgres', 'api'] as const) {
      const before = await readReadyFile(dataDir());
      process.kill(before.pids[part] ?? 0, 'SIGKILL');
      const after = await until(
        async () => {
          const now = await readReadyFile(dataDir());
          return now.pids[part] !== before.pids[part] && (await isReady(now)) && now;
        },
        { limit: 15_000, what: `${part} is back` },
      );
      expect(after.url).toBe(first.url);
      expect(processesOf(dataDir())).toContain(after.pids[part]);
    }
    expect(await launch.interrupt()).toBe(0);
    await leavesNothing(dataDir());
  }, 240_000);

  test('refuses a second start on its data with one line that names its process, and goes on', async () => {
    const ready = await start().ready(120_000);
    const second = start();
    expect(await second.exit).toBe(1);
    expect(second.output()).toMatch(/Muster already runs on .*data \(process \d+\)/);
    expect(await readReadyFile(dataDir())).toEqual(ready);
    expect(await isReady(ready)).toBe(true);
  }, 120_000);

  test('leaves nothing running when npm, or the launcher, is killed', async () => {
    const { pids } = await start().ready(120_000);
    const launcher = JSON.parse(await readFile(join(dataDir(), 'launcher.json'), 'utf8')) as { pid: number };
    process.kill(launcher.pid, 'SIGKILL');
    await leavesNothing(dataDir());
    expect(processesOf(dataDir())).not.toContain(pids.postgres);
  }, 120_000);
});

describe('a start after everything was killed', () => {
  test('finds the data as it was', async () => {
    await start().ready(120_000);
    await asMuster('create table kept as select 7 as number');
    killAll(processesOf(dataDir()));
    await leavesNothing(dataDir());

    await rm(join(dataDir(), 'ready.json'));
    const after = await start().ready();
    expect(await isReady(after)).toBe(true);
    expect(await asMuster('select number from kept')).toEqual([{ number: 7 }]);
  }, 240_000);

  test('ends a PostgreSQL that was left running, and comes back on its port and that of the API', async () => {
    const before = await start().ready(120_000);
    const postmaster = before.pids.postgres ?? 0;
    const ofPostgres = (pid: number): boolean => pid === postmaster || parentOf(pid) === postmaster;
    killAll(processesOf(dataDir()).filter((pid) => !ofPostgres(pid)));
    await rm(join(dataDir(), 'ready.json'));

    const launch = start();
    const after = await launch.ready();
    expect(launch.output()).toContain(`(process ${postmaster})`);
    expect(after.pids.postgres).not.toBe(postmaster);
    expect(after.url).toBe(before.url);
  }, 240_000);

  test('starts over when its PostgreSQL was only half made', async () => {
    start();
    await until(() => existsSync(join(dataDir(), 'postgres.new', 'PG_VERSION')), { limit: 60_000 });
    killAll(processesOf(dataDir()));
    await leavesNothing(dataDir());
    expect(existsSync(join(dataDir(), 'postgres'))).toBe(false);

    expect(await isReady(await start().ready(120_000))).toBe(true);
  }, 240_000);

  test('does not heed a lock whose process number belongs to another process by now', async () => {
    await mkdir(dataDir());
    await writeFile(join(dataDir(), 'launcher.json'), JSON.stringify({ pid: process.pid, began: 'long ago' }));
    expect(await isReady(await start().ready(120_000))).toBe(true);
  }, 120_000);
});

describe('settings', () => {
  test('that are wrong stop the start with one message that names each of them and no secret', async () => {
    const launch = start({ PORT: 'eighty', DATABASE_URL: 'mysql://root:secret@localhost/muster', NODE_ENV: 'staging' });
    expect(await launch.exit).toBe(1);
    expect(launch.output().match(/cannot start/g)).toHaveLength(1);
    for (const name of ['PORT must be', 'DATABASE_URL must be', 'NODE_ENV must be']) {
      expect(launch.output()).toContain(name);
    }
    expect(launch.output()).not.toContain('secret');
  });

  test('that lead to no server stop the start, with the server that does not answer', async () => {
    const launch = start({
      DATABASE_URL: 'postgres://muster:secret@127.0.0.1:1/muster',
      REDIS_URL: 'redis://:secret@127.0.0.1:1',
    });
    expect(await launch.exit).toBe(1);
    expect(launch.output()).toContain('DATABASE_URL: no PostgreSQL can be used at 127.0.0.1:1');
    expect(launch.output()).toContain('REDIS_URL: no Redis can be used at 127.0.0.1:1');
    expect(launch.output()).not.toContain('secret');
  });

  test('with a PORT that is taken stop the start with one message that says so', async () => {
    const server = await occupy(0);
    const address = server?.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    try {
      const launch = start({ PORT: port });
      expect(await launch.exit).toBe(1);
      expect(launch.output()).toContain(`PORT ${port} is taken`);
    } finally {
      server?.close();
    }
  });

  test('with a PostgreSQL of their own start no other, and in production there are no demos', async () => {
    const database = await testDatabase();
    const launch = start({ DATABASE_URL: database.url, NODE_ENV: 'production' });
    const ready = await launch.ready();
    expect(ready.pids.postgres).toBeNull();
    expect(ready.demo).toEqual([]);
    expect(existsSync(join(dataDir(), 'postgres'))).toBe(false);
    expect(existsSync(join(dataDir(), 'demo.json'))).toBe(false);
    await until(() => launch.output().includes('Ctrl-C'));
    expect(launch.output()).not.toContain('GraphiQL');
    expect(await launch.interrupt()).toBe(0);
    await database.drop();
  }, 120_000);
});
