import 'reflect-metadata';

import { setPriority } from 'node:os';

import { NestFactory } from '@nestjs/core';
import { type Config, createLogger, Database, endInOrder, NestLogger, readConfig, tellReady } from '#platform';

import { WorkerModule } from './worker.module.js';

/** Where processors are short, a report at the door goes before one that is already safe. */
const NICENESS = 10;

async function start(config: Config): Promise<void> {
  const logger = createLogger('worker', config.logLevel);
  setPriority(NICENESS);
  const app = await NestFactory.createApplicationContext(WorkerModule.of(config), { logger: new NestLogger(logger) });
  await app.get(Database).assertBound();
  endInOrder(app, logger);
  logger.info('ready');
  tellReady({ type: 'ready' });
}

await start(readConfig());
