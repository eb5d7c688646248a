import { type DynamicModule, Module } from '@nestjs/common';
import { AuditWorkerModule } from '#audit';
import { type Config, PlatformModule, queueModules } from '#platform';
import { ReportsWorkerModule } from '#reports';
import { TrendsWorkerModule } from '#trends';

import { Housekeeping } from './housekeeping.js';

/** The worker: which processors and timers run here. */
@Module({})
export class WorkerModule {
  static of(config: Config): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        PlatformModule.of(config, 10),
        ...queueModules(config, 'wait'),
        ReportsWorkerModule,
        AuditWorkerModule,
        TrendsWorkerModule,
      ],
      providers: [Housekeeping],
    };
  }
}
