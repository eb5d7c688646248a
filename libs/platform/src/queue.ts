import { BullModule, getQueueToken } from '@nestjs/bullmq';
import type { DynamicModule } from '@nestjs/common';
import { createPostgresBackend, type Queue, setDefaultBackendFactory } from 'bullmq';
import { Redis } from 'ioredis';

import type { Config } from './config.js';

/** The queue that wakes the worker when reports have come in. */
export const REPORTS_QUEUE = 'reports';

/** Injection token of {@link REPORTS_QUEUE}. */
export const REPORTS_QUEUE_TOKEN = getQueueToken(REPORTS_QUEUE);

export type WakeQueue = Queue;

/** The schema that BullMQ keeps its tables in when the queue runs on PostgreSQL. */
const QUEUE_SCHEMA = 'queue';

/**
 * Chooses where the queue runs, once for the process and before any module is made: BullMQ on Redis where a server is given, else
 * BullMQ on the same PostgreSQL.
 * @param waiting how a lost Redis is met: the api must answer at once, the worker waits until it is back
 */
export function queueModules(config: Config, waiting: 'fail-fast' | 'wait'): DynamicModule[] {
  if (config.redisUrl) {
    const connection = new Redis(config.redisUrl, {
      maxRetriesPerRequest: waiting === 'wait' ? null : 1,
      enableOfflineQueue: waiting === 'wait',
      lazyConnect: false,
    });
    connection.on('error', () => undefined); // it reconnects by itself; the health check tells that it is down
    return [BullModule.forRoot({ connection }), reportsQueue()];
  }
  setDefaultBackendFactory(createPostgresBackend);
  const connection = { connectionString: config.databaseUrl, schema: QUEUE_SCHEMA, migrate: true, max: 4 };
  return [BullModule.forRoot({ connection }), reportsQueue()];
}

/** Known to every module, like the connection that it runs on. */
function reportsQueue(): DynamicModule {
  return { ...BullModule.registerQueue({ name: REPORTS_QUEUE }), global: true };
}
