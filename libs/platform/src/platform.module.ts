import { type DynamicModule, Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { Clock } from './clock.js';
import { CONFIG, type Config } from './config.js';
import { Cursors } from './cursors.js';
import { Database } from './database.js';
import { HeardClient } from './heard-client.js';
import { Outbox } from './outbox.js';
import { OutboxHandlers } from './outbox-handlers.js';
import { PATIENCE, STATEMENT_TIMEOUT } from './patience.js';
import { Replica } from './replica.js';
import { SnakeCase } from './snake-case.js';

/** What every process of Muster stands on: settings, clock, PostgreSQL, cursors and the outbox. */
@Global()
@Module({})
export class PlatformModule {
  /** @param connections how many connections to PostgreSQL the process may open */
  static of(config: Config, connections = 20): DynamicModule {
    return {
      module: PlatformModule,
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: config.databaseUrl,
          autoLoadEntities: true,
          namingStrategy: new SnakeCase(),
          retryAttempts: 10,
          retryDelay: 1000,
          extra: {
            max: connections,
            Client: HeardClient,
            // Statements that wait for nobody's result go out together with the next.
            pipeline: true,
            ...PATIENCE,
            application_name: 'muster',
            options: `-c timezone=UTC -c statement_timeout=${STATEMENT_TIMEOUT} -c idle_in_transaction_session_timeout=60000`,
          },
        }),
      ],
      providers: [{ provide: CONFIG, useValue: config }, Clock, Database, Replica, Cursors, Outbox, OutboxHandlers],
      exports: [CONFIG, Clock, Database, Replica, Cursors, Outbox, OutboxHandlers],
    };
  }
}
