import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';

import { freePort } from '../../../apps/launcher/ports.js';
import { roleUrls } from '../../../apps/launcher/role-urls.js';
import { type Muster, startRedis, type TestRedis, until } from '../../setup/index.js';
import { runConsole } from '../../setup/program.js';
import { Line } from './line.js';
import { Post } from './post.js';
import { StormPostgres } from './postgres.js';

const LOOPBACK = '127.0.0.1';

/** Two apis and two workers with their PostgreSQL and Redis, each on lines of its own that can be bad. */
export class House {
  readonly posts: Post[] = [];
  /** From senders and followers to the apis. */
  readonly doors: Line[] = [];
  /** From api and worker to PostgreSQL and Redis. */
  readonly inner: Line[] = [];
  private readonly ports: number[] = [];

  private constructor(
    readonly postgres: StormPostgres,
    readonly redis: TestRedis | undefined,
  ) {}

  static async open(queue: 'PostgreSQL' | 'Redis'): Promise<House> {
    const redis = queue === 'Redis' ? await startRedis() : undefined;
    const house = new House(await StormPostgres.open(), redis);
    try {
      await house.console('migrate');
      for (const name of ['api 1', 'api 2', 'worker 1', 'worker 2']) await house.addPost(name);
      for (const post of house.posts) post.begin();
      await allUp(house);
    } catch (error) {
      await house.close();
      throw error;
    }
    return house;
  }

  /** As the helpers of other tests know a Muster; spoken to without a bad line between. */
  get muster(): Muster {
    const url = `http://${LOOPBACK}:${this.ports[0] ?? 0}`;
    const add = (): Promise<never> => Promise.reject(new Error('The house starts its own.'));
    const whole = { databaseUrl: this.postgres.url, url, graphqlUrl: `${url}/graphql`, apis: [], worker: undefined };
    return { ...whole, add, stop: () => this.close() };
  }

  /** Runs a command of the console, and gives what it printed; fails where its exit code is not 0. */
  console(...args: readonly string[]): Promise<string> {
    return runConsole(this.postgres.url, ...args);
  }

  /** Starts Redis again with nothing of what it held, as one that keeps nothing on disk. */
  async loseRedis(): Promise<void> {
    if (!this.redis) return;
    const [, folder = ''] = (await this.askRedis((redis) => redis.config('GET', 'dir'))) as string[];
    await this.redis.kill('SIGKILL');
    await rm(join(folder, 'appendonlydir'), { recursive: true, force: true });
    await this.redis.restart();
  }

  /** Asks Redis on a connection of its own, without a bad line between. */
  async askRedis<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.redis?.url ?? '', { maxRetriesPerRequest: 20 });
    redis.on('error', () => undefined);
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.posts.map((post) => post.stop()));
    await Promise.all([...this.doors, ...this.inner].map((line) => line.close()));
    await this.redis?.stop();
    await this.postgres.close();
  }

  private async addPost(name: string): Promise<void> {
    const kind = name.startsWith('api') ? 'api' : 'worker';
    const database = await this.lineTo(this.postgres.port);
    const databaseUrl = at(roleUrls(this.postgres.url)[kind], database.port);
    const redis = this.redis && (await this.lineTo(Number(new URL(this.redis.url).port)));
    const port = kind === 'api' ? await freePort(LOOPBACK) : 0;
    if (kind === 'api') {
      this.ports.push(port);
      this.doors.push(await Line.open(port));
    }
    const environment = {
      ...process.env,
      NODE_ENV: 'test',
      HOST: LOOPBACK,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis ? `redis://${LOOPBACK}:${redis.port}` : '',
    };
    this.posts.push(new Post(kind, name, environment));
  }

  private async lineTo(port: number): Promise<Line> {
    const line = await Line.open(port);
    this.inner.push(line);
    return line;
  }
}

function at(url: string, port: number): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}

/** How many jobs the queue holds on Redis, waiting or under way. */
export async function jobsInRedis(redis: Pick<Redis, 'llen' | 'zcard'>): Promise<number> {
  const counts = await Promise.all([
    redis.llen('{muster}:reports:wait'),
    redis.llen('{muster}:reports:active'),
    redis.zcard('{muster}:reports:delayed'),
    redis.zcard('{muster}:reports:failed'),
  ]);
  return counts.reduce((sum, count) => sum + count, 0);
}

/** How many jobs the queue holds, waiting or under way. */
export async function jobsIn(house: House): Promise<number> {
  if (house.redis) {
    return house.askRedis(jobsInRedis);
  }
  const { rows } = await house.postgres.pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM queue.job`);
  return rows[0]?.count ?? 0;
}

/** Waits until every process answers again. */
export async function allUp(house: House): Promise<void> {
  await house.postgres.up();
  await Promise.all(house.posts.map((post) => post.isUp()));
  await until(() => house.postgres.pool.query('SELECT'), { limit: 30_000, what: 'PostgreSQL answers' });
}
