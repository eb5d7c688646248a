import pg from 'pg';

import { freePort } from '../../../apps/launcher/ports.js';
import { roleUrls } from '../../../apps/launcher/role-urls.js';
import type { Muster } from '../../setup/index.js';
import { runConsole } from '../../setup/program.js';
import { jobsInRedis } from '../storm/house.js';
import { Line } from '../storm/line.js';
import { Post } from '../storm/post.js';
import { RedisCluster } from './redis-cluster.js';
import { PostgresPair } from './standby.js';

const LOOPBACK = '127.0.0.1';

/** Two apis and two workers on a PostgreSQL with a standby and a Redis Cluster. The primary is reached at an address that moves with it. */
export class Town {
  readonly posts: Post[] = [];
  /** From senders and followers to the apis. */
  readonly doors: Line[] = [];
  readonly ports: number[] = [];
  readonly pool: pg.Pool;

  private constructor(
    readonly pair: PostgresPair,
    readonly redis: RedisCluster,
    private readonly toPrimary: Line,
    private readonly toStandby: Line,
  ) {
    this.pool = new pg.Pool({ connectionString: this.databaseUrl, max: 4, connectionTimeoutMillis: 5_000 });
    this.pool.on('error', () => undefined);
  }

  static async open(): Promise<Town> {
    const [pair, redis] = await Promise.all([PostgresPair.open(), RedisCluster.open()]);
    const town = new Town(pair, redis, await Line.open(pair.primaryPort), await Line.open(pair.standbyPort));
    try {
      await town.console('migrate');
      for (const name of ['api 1', 'api 2', 'worker 1', 'worker 2']) await town.addPost(name);
      for (const post of town.posts) post.begin();
      await town.isUp();
    } catch (error) {
      await town.close();
      throw error;
    }
    return town;
  }

  get databaseUrl(): string {
    return `postgres://muster:for%20tests@${LOOPBACK}:${this.toPrimary.port}/muster`;
  }

  /** As the helpers of other tests know a Muster: its first api. */
  get muster(): Muster {
    const url = this.urlOf(0);
    const add = (): Promise<never> => Promise.reject(new Error('The town starts its own.'));
    const whole = { databaseUrl: this.databaseUrl, url, graphqlUrl: `${url}/graphql`, apis: [], worker: undefined };
    return { ...whole, add, stop: () => this.close() };
  }

  urlOf(api: number): string {
    return `http://${LOOPBACK}:${this.ports[api] ?? 0}`;
  }

  post(name: string): Post {
    const post = this.posts.find((each) => each.name === name);
    if (!post) throw new Error(`There is no ${name}`);
    return post;
  }

  /** Waits until every process has started. */
  async isUp(): Promise<void> {
    await Promise.all(this.posts.map((post) => post.isUp()));
  }

  /** Kills the primary; its standby takes its place and its address, and later gets a standby of its own. */
  async failOver(): Promise<void> {
    await this.pair.failOver();
    this.toPrimary.lead(this.pair.primaryPort);
  }

  async refill(): Promise<void> {
    await this.pair.refill();
    this.toStandby.lead(this.pair.standbyPort);
  }

  /** How many readings of all apis each of the servers answered, and why. */
  async readings(): Promise<Record<'replica' | 'behind' | 'away', number>> {
    const sum = { replica: 0, behind: 0, away: 0 };
    for (const api of [0, 1]) {
      const text = await (await fetch(`${this.urlOf(api)}/metrics`)).text();
      for (const [, by = '', count] of text.matchAll(/^muster_replica_readings_total\{replica="(\w+)"\} (\d+)$/gm)) {
        if (by === 'answered') sum.replica += Number(count);
        else if (by === 'behind' || by === 'away') sum[by] += Number(count);
      }
    }
    return sum;
  }

  /** How many bytes of log the first api says that the replica is behind. */
  async lag(): Promise<number | undefined> {
    const text = await (await fetch(`${this.urlOf(0)}/metrics`)).text();
    const [, bytes] = /^muster_replica_lag_bytes (\d+)$/m.exec(text) ?? [];
    return bytes === undefined ? undefined : Number(bytes);
  }

  /** How many jobs the queue holds, waiting or under way. */
  jobs(): Promise<number> {
    return this.redis.askAll(jobsInRedis);
  }

  /** How many jobs were ever given to the queue. */
  wakeUps(): Promise<number> {
    return this.redis.askAll(async (redis) => Number(await redis.get('{muster}:reports:id')));
  }

  /** Runs a command of the console, and gives what it printed; fails where its exit code is not 0. */
  console(...args: readonly string[]): Promise<string> {
    return runConsole(this.databaseUrl, ...args);
  }

  async close(): Promise<void> {
    await Promise.all(this.posts.map((post) => post.stop()));
    await this.pool.end();
    await Promise.all([...this.doors, this.toPrimary, this.toStandby].map((line) => line.close()));
    await Promise.all([this.redis.close(), this.pair.close()]);
  }

  private async addPost(name: string): Promise<void> {
    const kind = name.startsWith('api') ? 'api' : 'worker';
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
      DATABASE_URL: roleUrls(this.databaseUrl)[kind],
      DATABASE_REPLICA_URL: `postgres://${LOOPBACK}:${this.toStandby.port}/`,
      REDIS_URL: this.redis.url,
    };
    this.posts.push(new Post(kind, name, environment));
  }
}
