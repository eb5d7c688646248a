import { Module } from '@nestjs/common';
import { AuditModule } from '#audit';
import { FeedModule } from '#feed';
import { IdentityModule } from '#identity';
import { OperationsModule } from '#operations';
import { ReferenceModule } from '#reference';
import { TrendsModule } from '#trends';

import { AttachmentLinks } from './attachments/attachment-links.js';
import { AttachmentListing } from './attachments/attachment-listing.js';
import { ATTACHMENT_PROVIDERS, ATTACHMENT_SETTINGS } from './attachments/attachment-providers.js';
import { AttachmentReading } from './attachments/attachment-reading.js';
import { Attachments } from './attachments/attachments.service.js';
import { OBJECT_STORE } from './attachments/object-store.js';
import { OpenedLinks } from './attachments/opened-links.js';
import { SealedLinks } from './attachments/sealed-links.js';
import { Uploads } from './attachments/uploads.service.js';
import { Exports } from './bulk/exports.service.js';
import { ExportsReader } from './bulk/exports-reader.js';
import { ImportUploads } from './bulk/import-uploads.service.js';
import { Imports } from './bulk/imports.service.js';
import { ImportsReader } from './bulk/imports-reader.js';
import { LegalHolds } from './retention/legal-holds.service.js';
import { RetainedRecords } from './retention/retained-records.service.js';
import { RetentionRun } from './retention/retention-run.js';
import { Backlog } from './seizures/backlog.js';
import { ReportsWake } from './seizures/reports-wake.js';
import { Intake } from './seizures/intake.js';
import { Reviews } from './seizures/reviews.service.js';
import { SeizureList } from './seizures/seizure-list.js';
import { SeizureReading } from './seizures/seizure-reading.js';
import { Seizures } from './seizures/seizures.service.js';
import { SeizuresReader } from './seizures/seizures-reader.js';
import { Settlement } from './seizures/settlement.js';
import { SharingCeilings } from './sharing-ceilings/sharing-ceilings.service.js';
import { ViolationLogging } from './violations/violation-logging.js';
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
    ViolationLogging,
    ViolationStore,
    ViolationVersions,
    ViolationsReader,
    Intake,
    Backlog,
    Seizures,
    SeizureList,
    SeizureReading,
    SeizuresReader,
    Settlement,
    Reviews,
    ReportsWake,
    SharingCeilings,
    RetainedRecords,
    LegalHolds,
    RetentionRun,
    ...ATTACHMENT_PROVIDERS,
    SealedLinks,
    OpenedLinks,
    AttachmentLinks,
    AttachmentListing,
    AttachmentReading,
    Attachments,
    Uploads,
    ImportUploads,
    Imports,
    ImportsReader,
    Exports,
    ExportsReader,
  ],
  exports: [
    ViolationLogging,
    ImportUploads,
    Imports,
    Exports,
    Violations,
    ViolationList,
    ViolationVersions,
    Seizures,
    Intake,
    SeizureList,
    Reviews,
    Settlement,
    SharingCeilings,
    RetainedRecords,
    LegalHolds,
    RetentionRun,
    Attachments,
    Uploads,
    ATTACHMENT_SETTINGS,
    OBJECT_STORE,
  ],
})
export class ReportsModule {}
