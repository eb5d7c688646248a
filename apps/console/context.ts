import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Config, createLogger, NestLogger } from '#platform';

import { ConsoleModule } from './console.module.js';

/** Runs a command's work on Muster's services, and ends them afterwards. */
export async function withServices<T>(
  config: Config,
  work: (services: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const services = await NestFactory.createApplicationContext(ConsoleModule.of(config), {
    logger: new NestLogger(createLogger('console', config.logLevel)),
    // A service that can't start is the command's error, told in its one line, and no reason to end the process at once.
    abortOnError: false,
  });
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}
