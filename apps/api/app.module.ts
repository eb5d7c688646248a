import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { AuditApiModule } from '#audit';
import { FeedApiModule } from '#feed';
import { IdentityApiModule } from '#identity';
import { OperationsApiModule } from '#operations';
import {
  type Config,
  graphqlDoor,
  GraphqlErrorsFilter,
  PlatformModule,
  queueModules,
  readPersistedOperations,
} from '#platform';
import { ReferenceApiModule } from '#reference';
import { ReportsApiModule } from '#reports';
import { TrendsApiModule } from '#trends';
import type { FastifyRequest } from 'fastify';

import { fieldCosts } from './field-costs.js';
import { HealthController } from './health.controller.js';
import { Metrics, MetricsController } from './metrics.js';

/** The api: what serves requests. */
@Module({})
export class AppModule {
  static of(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.of(config),
        ...queueModules(config, 'fail-fast'),
        GraphQLModule.forRoot<MercuriusDriverConfig>({
          driver: MercuriusDriver,
          ...graphqlDoor({
            tellsSchema: !config.production,
            operations:
              config.persistedOperations === undefined
                ? undefined
                : readPersistedOperations(config.persistedOperations),
            costs: fieldCosts,
          }),
          autoSchemaFile: true,
          sortSchema: true,
          context: (req: FastifyRequest) => ({ req }),
        }),
        ReferenceApiModule,
        IdentityApiModule,
        FeedApiModule,
        OperationsApiModule,
        TrendsApiModule,
        ReportsApiModule,
        AuditApiModule,
      ],
      controllers: [HealthController, MetricsController],
      providers: [Metrics, { provide: APP_FILTER, useClass: GraphqlErrorsFilter }],
    };
  }
}
