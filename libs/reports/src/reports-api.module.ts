import { Module } from '@nestjs/common';
import { IdentityModule } from '#identity';

import { SeizureAttachmentsResolver, ViolationAttachmentsResolver } from './attachments/attachments.resolver.js';
import { DownloadsController } from './attachments/downloads.controller.js';
import { UploadsController } from './attachments/uploads.controller.js';
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
  controllers: [UploadsController, DownloadsController, ImportUploadsController, RefusedRowsController],
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
  ],
  exports: [ReportsModule],
})
export class ReportsApiModule {}
