import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { roleUrls } from '../../apps/launcher/role-urls.js';
import { testDatabase, type TestDatabase } from '../setup/index.js';
import { type Program, startProgram } from '../setup/program.js';

/** As a connection for the queue introduces itself to PostgreSQL. */
const QUEUE = 'search_path="queue"';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database.drop();
});

/** A way to PostgreSQL on which all connections break, once: at the instant at which so many have introduced themselves as the queue's. */
class BrittleWay {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  breaks = 0;

  constructor(target: number, nth: number) {
    let met = 0;
    this.server = createServer((near) => {
      const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
      for (const socket of [near, far]) {
        this.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          this.sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.on('data', (said: Buffer) => {
        if (said.includes(QUEUE) && ++met === nth) {
          this.breaks++;
          for (const socket of this.sockets) socket.resetAndDestroy();
        } else far.write(said);
      });
      far.on('data', (said: Buffer) => near.write(said));
    });
  }

  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

/** Starts a program whose way breaks, and gives it, or how its start failed; a start that hangs is an error. */
async function start(
  kind: 'api' | 'worker',
  nth: number,
): Promise<{ program?: Program; fault?: string; end: () => Promise<void> }> {
  const url = new URL(roleUrls(database.url)[kind]);
  const way = new BrittleWay(Number(url.port), nth);
  url.port = String(await way.open());
  const environment = {
    ...process.env,
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'warn',
    DATABASE_URL: url.href,
    REDIS_URL: '',
  };
  const started = await startProgram(kind, environment).then(
    (program) => ({ program }),
    (error: unknown) => ({ fault: String(error) }),
  );
  expect(way.breaks).toBe(1);
  const program = 'program' in started ? started.program : undefined;
  const end = async (): Promise<void> => {
    await program?.stop();
    way.close();
  };
  return { ...started, end };
}

test.each([
  ['api', 1],
  ['worker', 1],
  ['worker', 2],
] as const)(
  'the start of an %s whose connection %i for the queue breaks fails, so that another can be made',
  async (kind, nth) => {
    const { fault, end } = await start(kind, nth);
    try {
      // The queue keeps the failure of its first connection for ever: a process that went on would be without one.
      expect(fault).toContain('ended with code 1');
      expect(fault).toContain('ECONNRESET');
    } finally {
      await end();
    }
  },
  90_000,
);
