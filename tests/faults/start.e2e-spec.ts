import { roleUrls } from '../../apps/launcher/role-urls.js';
import { testDatabase, type TestDatabase } from '../setup/index.js';
import { startProgram } from '../setup/program.js';
import { Line } from './storm/line.js';

/** As a connection for the queue introduces itself to PostgreSQL. */
const QUEUE = 'search_path="queue"';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database.drop();
});

/** How a start fails whose connections to PostgreSQL all break once: when so many have introduced themselves as the queue's. */
async function faultOfStart(kind: 'api' | 'worker', nth: number): Promise<string> {
  const url = new URL(roleUrls(database.url)[kind]);
  let met = 0;
  const way = await Line.open(Number(url.port), (said, line) => {
    if (said.includes(QUEUE) && ++met === nth) line.cut();
  });
  url.port = String(way.port);
  const environment = {
    ...process.env,
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'warn',
    DATABASE_URL: url.href,
    REDIS_URL: '',
  };
  const fault = await startProgram(kind, environment).then(
    async (program) => {
      await program.stop();
      return 'none: it started';
    },
    (error: unknown) => String(error),
  );
  await way.close();
  expect(met).toBeGreaterThanOrEqual(nth);
  return fault;
}

test.each([
  ['api', 1],
  ['worker', 1],
  ['worker', 2],
] as const)(
  'the start of an %s whose connection %i for the queue breaks fails, so that another can be made',
  async (kind, nth) => {
    const fault = await faultOfStart(kind, nth);
    // The queue keeps the failure of its first connection for ever: a process that went on would be without one.
    expect(fault).toContain('ended with code 1');
    expect(fault).toContain('ECONNRESET');
  },
  90_000,
);
