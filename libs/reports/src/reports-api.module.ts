import { Module } from '@nestjs/common';
import { IdentityModule } from '#identity';

import { SeizureAttachmentsResolver, ViolationAttachmentsResolver } from './attachments/attachments.resolver.js';
import { DownloadsController } from './attachments/downloads.controller.js';
import { UploadsController } from './attachments/uploads.controller.js';
import { ExportsController } from './bulk/exports.controller.js';
import { ExportsResolver } from './bulk/exports.resolver.js';
import { ImportUploadsController } from './bulk/import-uploads.controller.js';
import { ImportsResolver } from './bulk/imports.resolver.js';
import { RefusedRowsController } from './bulk/refused-rows.controller.js';
import { ReportsModule } from './reports.module.js';
import { RetentionResolver } from './retention/retention.resolver.js';
import { SeizureConnectionResolver, SeizuresResolver } from './seizures/seizures.resolver.js';
import { SharingCeilingsResolver } from './sharing-ceilings/sharing-ceilings.resolver.js';
import { ViolationConnectionResolver, ViolationsResolver } from './violations/violations.resolver.js';

@Module({
  imports: [ReportsModule, IdentityModule],
  controllers: [
    UploadsController,
    DownloadsController,
    ImportUploadsController,
    RefusedRowsController,
    ExportsController,
  ],
  providers: [
    ViolationsResolver,
    ViolationConnectionResolver,
    SeizuresResolver,
    SeizureConnectionResolver,
    ViolationAttachmentsResolver,
    SeizureAttachmentsResolver,
    SharingCeilingsResolver,
    RetentionResolver,
    ImportsResolver,
    ExportsResolver,
  ],
  exports: [ReportsModule],
})
export class ReportsApiModule {}
