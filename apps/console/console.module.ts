import { type DynamicModule, Module } from '@nestjs/common';
import { ArchivedReadings, AuditModule, HeadSigner, Sealer, SigningKey, Verification } from '#audit';
import { IdentityModule } from '#identity';
import { OperationsModule } from '#operations';
import { type Config, PlatformModule, queueModules } from '#platform';
import { ReportsModule, SeizureSettler } from '#reports';
import { TrendsModule } from '#trends';

import { Archiver } from './archive/archiver.js';
import { Restorer } from './archive/restorer.js';
import { DemoLoader } from './demo-loader/demo-loader.js';
import { DemoNotes } from './demo-loader/demo-notes.js';
import { OperationLoader } from './demo-loader/operation-loader.js';
import { PeopleLoader } from './demo-loader/people-loader.js';
import { RecordLoader } from './demo-loader/record-loader.js';
import { SeaAdvance } from './demo-loader/sea-advance.js';

/** The services that commands work with. Reports are settled when a command says so: no processor and no timer runs here. */
@Module({})
export class ConsoleModule {
  static of(config: Config): DynamicModule {
    return {
      module: ConsoleModule,
      imports: [
        PlatformModule.of(config, 8),
        ...queueModules(config, 'fail-fast'),
        AuditModule,
        IdentityModule,
        OperationsModule,
        TrendsModule,
        ReportsModule,
      ],
      providers: [
        Verification,
        SeizureSettler,
        Sealer,
        HeadSigner,
        SigningKey,
        ArchivedReadings,
        Archiver,
        Restorer,
        DemoLoader,
        DemoNotes,
        PeopleLoader,
        OperationLoader,
        RecordLoader,
        SeaAdvance,
      ],
    };
  }
}
