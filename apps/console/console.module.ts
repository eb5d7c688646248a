import { type DynamicModule, Module } from '@nestjs/common';
import { IdentityModule } from '#identity';
import { OperationsModule } from '#operations';
import { type Config, PlatformModule, queueModules } from '#platform';
import { ReferenceModule } from '#reference';
import { ReportsWorkerModule } from '#reports';
import { TrendsModule } from '#trends';

/** The services that commands work with. */
@Module({})
export class ConsoleModule {
  static of(config: Config): DynamicModule {
    return {
      module: ConsoleModule,
      imports: [
        PlatformModule.of(config, 4),
        ...queueModules(config, 'fail-fast'),
        ReferenceModule,
        IdentityModule,
        OperationsModule,
        TrendsModule,
        ReportsWorkerModule,
      ],
    };
  }
}
