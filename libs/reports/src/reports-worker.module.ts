import { Module } from '@nestjs/common';
import { AuditModule } from '#audit';
import { FeedModule } from '#feed';
import { IdentityModule } from '#identity';
import { OperationsModule } from '#operations';
import { ReferenceModule } from '#reference';

import { AttachmentExaminer } from './attachments/examiner.js';
import { UploadsSweep } from './attachments/uploads-sweep.js';
import { BulkSweep } from './bulk/bulk-sweep.js';
import { ExportFiles } from './bulk/export-files.js';
import { ExportProgress } from './bulk/export-progress.js';
import { ExportRunner } from './bulk/export-runner.js';
import { ImportProgress } from './bulk/import-progress.js';
import { ImportRunner } from './bulk/import-runner.js';
import { ReportsModule } from './reports.module.js';
import { RetentionTimer } from './retention/retention-timer.js';
import { SeizureSettler, SeizuresProcessor, SeizuresSweep } from './seizures/seizures.processor.js';

@Module({
  imports: [ReportsModule, AuditModule, FeedModule, IdentityModule, OperationsModule, ReferenceModule],
  providers: [
    SeizureSettler,
    SeizuresProcessor,
    SeizuresSweep,
    AttachmentExaminer,
    UploadsSweep,
    RetentionTimer,
    ImportProgress,
    ImportRunner,
    ExportFiles,
    ExportProgress,
    ExportRunner,
    BulkSweep,
  ],
  exports: [SeizureSettler],
})
export class ReportsWorkerModule {}
