import 'reflect-metadata';

import { randomUUID } from 'node:crypto';

import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Config, createLogger, Database, endInOrder, NestLogger, readConfig, tellReady } from '#platform';
import { type FastifyInstance, LogController } from 'fastify';

import { AppModule } from './app.module.js';
import { guardAgainstBrowsers } from './browser-door.js';
import { serveGraphiql } from './graphiql.js';
import { LiveAdapter } from './live-adapter.js';
import { Metrics } from './metrics.js';
import { Origins } from './origins.js';
import { readRefusedBodies } from './refused-bodies.js';
import { leaveUploadsUnread } from './uploads.js';

async function start(config: Config): Promise<void> {
  const logger = createLogger('api', config.logLevel);
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    // Each request has one line of its own, from `onResponse` below.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(), // of random bits that are drawn ahead, which is ten times as fast as one of time
    bodyLimit: 1024 * 1024,
    // What a client says of its own address is not believed, unless it comes through a proxy that the settings name: limits of
    // sign-in count by it.
    trustProxy: config.trustedProxies?.length ? [...config.trustedProxies] : false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(config), adapter, {
    logger: new NestLogger(logger),
  });
  const origins = new Origins(config);
  app.useWebSocketAdapter(new LiveAdapter(app, origins));
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
  guardAgainstBrowsers(app, server, origins, config);
  readRefusedBodies(server);
  leaveUploadsUnread(server);
  app.get(Metrics).watch(server);
  if (!config.production) await serveGraphiql(server);

  await app.get(Database).assertBound();
  await app.listen(config.port, config.host);
  endInOrder(app, logger);
  const url = await app.getUrl();
  logger.info({ url }, 'ready');
  tellReady({ type: 'ready', url });
}

await start(readConfig());
