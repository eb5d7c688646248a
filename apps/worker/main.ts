import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';
import { type Config, createLogger, endInOrder, NestLogger, readConfig, tellReady } from '#platform';

import { WorkerModule } from './worker.module.js';

async function start(config: Config): Promise<void> {
  const logger = createLogger('worker', config.logLevel);
  const app = await NestFactory.createApplicationContext(WorkerModule.of(config), { logger: new NestLogger(logger) });
  endInOrder(app, logger);
  logger.info('ready');
  tellReady({ type: 'ready' });
}

await start(readConfig());
