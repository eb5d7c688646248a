import { Module } from '@nestjs/common';
import { AuditModule } from '#audit';

import { AttachmentExaminer } from './attachments/examiner.js';
import { UploadsSweep } from './attachments/uploads-sweep.js';
import { ReportsModule } from './reports.module.js';
import { RetentionTimer } from './retention/retention-timer.js';
import { SeizureSettler, SeizuresProcessor, SeizuresSweep } from './seizures/seizures.processor.js';

@Module({
  imports: [ReportsModule, AuditModule],
  providers: [SeizureSettler, SeizuresProcessor, SeizuresSweep, AttachmentExaminer, UploadsSweep, RetentionTimer],
  exports: [SeizureSettler],
})
export class ReportsWorkerModule {}
