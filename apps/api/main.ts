import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { type Config, createLogger, endInOrder, NestLogger, readConfig, tellReady } from '#platform';
import { type FastifyInstance, LogController } from 'fastify';
import { v7 } from 'uuid';

import { AppModule } from './app.module.js';
import { serveGraphiql } from './graphiql.js';
import { Metrics } from './metrics.js';
import { readRefusedBodies } from './refused-bodies.js';

async function start(config: Config): Promise<void> {
  const logger = createLogger('api', config.logLevel);
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    // Each request has one line of its own, from `onResponse` below.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => v7(),
    bodyLimit: 1024 * 1024,
    // What a client says of its own address is not believed: limits of sign-in count by the address of the connection.
    trustProxy: false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(config), adapter, {
    logger: new NestLogger(logger),
  });
  app.useWebSocketAdapter(new IoAdapter(app));
  const server = adapter.getInstance<FastifyInstance>();
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    request.log.info(
      { method: request.method, url: request.routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime },
      'answered',
    );
    done();
  });
  readRefusedBodies(server);
  app.get(Metrics).watch(server);
  if (!config.production) await serveGraphiql(server);

  await app.listen(config.port, config.host);
  endInOrder(app, logger);
  const url = await app.getUrl();
  logger.info({ url }, 'ready');
  tellReady({ type: 'ready', url });
}

await start(readConfig());
