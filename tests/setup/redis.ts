import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';
import { Redis } from 'ioredis';
import { until } from './until.js';

/** The machine's Redis; undefined where there is none. The global set-up has installed it where it may. */
export const redisProgram: string | undefined = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'redis-server'))
  .find((path) => existsSync(path));

/** Tests that need a Redis. Where the machine has none they are skipped, and their title says why. */
export function describeOnRedis(title: string, tests: () => void): void {
  if (redisProgram) describe(title, tests);
  else describe.skip(`${title} (skipped: there is no redis-server on this machine)`, tests);
}

/** A Redis of one test file's own. */
export interface TestRedis {
  readonly url: string;
  /** Sends a signal and waits for its end. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port, with what it had written to disk. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a Redis on a free port of loopback, which never drops a key to make room, as BullMQ needs it. */
export async function startRedis(): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-test-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child = await begin(port, folder, url);
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  return {
    url,
    kill,
    async restart() {
      await kill('SIGTERM');
      child = await begin(port, folder, url);
    },
    async stop() {
      await kill('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function begin(port: number, folder: string, url: string): Promise<ChildProcess> {
  if (!redisProgram) throw new Error('there is no redis-server on this machine');
  const settings = {
    bind: '127.0.0.1',
    port,
    dir: folder,
    save: '',
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(redisProgram, args, { stdio: 'ignore' });
  await until(() => answers(url), { what: 'Redis answers' });
  return child;
}

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, disconnectTimeout: 100 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } finally {
    redis.disconnect();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
