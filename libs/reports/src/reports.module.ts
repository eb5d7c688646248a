import { Module } from '@nestjs/common';
import { AuditModule } from '#audit';
import { FeedModule } from '#feed';
import { IdentityModule } from '#identity';
import { OperationsModule } from '#operations';
import { ReferenceModule } from '#reference';
import { TrendsModule } from '#trends';

import { ReportsWake } from './seizures/reports-wake.js';
import { Intake } from './seizures/intake.js';
import { Reviews } from './seizures/reviews.service.js';
import { SeizureList } from './seizures/seizure-list.js';
import { SeizureReading } from './seizures/seizure-reading.js';
import { Seizures } from './seizures/seizures.service.js';
import { SeizuresReader } from './seizures/seizures-reader.js';
import { Settlement } from './seizures/settlement.js';
import { ViolationList } from './violations/violation-list.js';
import { ViolationReading } from './violations/violation-reading.js';
import { ViolationStore } from './violations/violation-store.js';
import { ViolationVersions } from './violations/violation-versions.js';
import { Violations } from './violations/violations.service.js';
import { ViolationsReader } from './violations/violations-reader.js';

@Module({
  imports: [AuditModule, FeedModule, IdentityModule, OperationsModule, ReferenceModule, TrendsModule],
  providers: [
    Violations,
    ViolationList,
    ViolationReading,
    ViolationStore,
    ViolationVersions,
    ViolationsReader,
    Intake,
    Seizures,
    SeizureList,
    SeizureReading,
    SeizuresReader,
    Settlement,
    Reviews,
    ReportsWake,
  ],
  exports: [Violations, ViolationList, ViolationVersions, Seizures, SeizureList, Reviews, Settlement],
})
export class ReportsModule {}
