import { BullModule, getQueueToken } from '@nestjs/bullmq';
import type { DynamicModule } from '@nestjs/common';
import { createPostgresBackend, type Queue, runMigrations, setDefaultBackendFactory, type Worker } from 'bullmq';
import { Cluster, Redis } from 'ioredis';
import pg from 'pg';

import { type Config, redisNodes } from './config.js';
import { PATIENCE } from './patience.js';

/** The queue that wakes the worker when reports have come in. */
export const REPORTS_QUEUE = 'reports';

/** Injection token of {@link REPORTS_QUEUE}. */
export const REPORTS_QUEUE_TOKEN = getQueueToken(REPORTS_QUEUE);

export type WakeQueue = Queue;

/** The schema that BullMQ keeps its tables in when the queue runs on PostgreSQL. */
const QUEUE_SCHEMA = 'queue';

/**
 * What the queue's keys in Redis begin with. A cluster keeps keys with the same words in braces on one node, as the queue's scripts need them;
 * a single Redis minds no braces.
 */
const QUEUE_PREFIX = '{muster}';

/**
 * Chooses where the queue runs, once for the process and before any module is made: BullMQ on Redis where a server is given, else
 * BullMQ on the same PostgreSQL.
 * @param waiting how a lost Redis is met: the api must answer at once, the worker waits until it is back
 */
export function queueModules(config: Config, waiting: 'fail-fast' | 'wait'): DynamicModule[] {
  if (config.redisUrl) {
    const connection = connectRedis(config.redisUrl, waiting);
    connection.on('error', () => undefined); // it reconnects by itself; the health check tells that it is down
    return [BullModule.forRoot({ connection, prefix: QUEUE_PREFIX }), reportsQueue()];
  }
  setDefaultBackendFactory(createPostgresBackend);
  const connection = {
    connectionString: config.databaseUrl,
    schema: QUEUE_SCHEMA,
    migrate: false,
    max: 4,
    ...PATIENCE,
  };
  return [BullModule.forRoot({ connection }), reportsQueue()];
}

/**
 * Waits for the first connection of one end of the queue; to be called before anything is asked of it. On PostgreSQL BullMQ keeps the
 * failure of that connection for ever, and its worker then asks again without ever letting go of the process: so the start has to fail,
 * and another one be made. A Redis that is not there yet is waited for by the connection itself, and holds up no start.
 * @throws where PostgreSQL can't be reached
 */
export async function joinQueue(config: Config, end: Queue | Worker): Promise<void> {
  if (!config.redisUrl) await end.waitUntilReady();
}

/**
 * Brings the queue's own tables in PostgreSQL to their newest form, as the owner of the database: the programs only use them.
 * @param roles whom they are for
 */
export async function prepareQueue(ownerUrl: string, roles: readonly string[]): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await runMigrations(owner, QUEUE_SCHEMA);
    const schema = owner.escapeIdentifier(QUEUE_SCHEMA);
    await owner.query(`SET search_path = ${schema}`);
    // BullMQ makes the sequence of a queue's job ids with its first job, which the programs may not.
    const { rows } = await owner.query<{ name: string }>(`SELECT job_id_seq_name($1) AS name`, [REPORTS_QUEUE]);
    for (const { name } of rows) await owner.query(`CREATE SEQUENCE IF NOT EXISTS ${owner.escapeIdentifier(name)}`);
    const names = roles.map((role) => owner.escapeIdentifier(role)).join(', ');
    await owner.query(`GRANT USAGE ON SCHEMA ${schema} TO ${names}`);
    for (const kind of ['TABLES', 'SEQUENCES'])
      await owner.query(`GRANT ALL ON ALL ${kind} IN SCHEMA ${schema} TO ${names}`);
  } finally {
    await owner.end();
  }
}

/** Takes the queue's own tables back. */
export async function dropQueue(ownerUrl: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query(`DROP SCHEMA IF EXISTS ${owner.escapeIdentifier(QUEUE_SCHEMA)} CASCADE`);
  } finally {
    await owner.end();
  }
}

/** A connection to the Redis of the settings, or to their cluster. It comes back by itself. */
function connectRedis(redisUrl: string, waiting: 'fail-fast' | 'wait'): Redis | Cluster {
  const nodes = redisNodes(redisUrl);
  const enableOfflineQueue = waiting === 'wait';
  const maxRetriesPerRequest = waiting === 'wait' ? null : 1;
  if (nodes.length === 1) return new Redis(redisUrl, { maxRetriesPerRequest, enableOfflineQueue, lazyConnect: false });
  const { protocol, username, password } = new URL(nodes[0] ?? '');
  return new Cluster(nodes, {
    enableOfflineQueue,
    // A node that is gone without a word must not be waited for longer than a single Redis.
    slotsRefreshTimeout: 2_000,
    redisOptions: {
      maxRetriesPerRequest,
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  });
}

/** Known to every module, like the connection that it runs on. */
function reportsQueue(): DynamicModule {
  return { ...BullModule.registerQueue({ name: REPORTS_QUEUE }), global: true };
}
