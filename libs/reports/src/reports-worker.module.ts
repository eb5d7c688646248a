import { Module } from '@nestjs/common';

import { ReportsModule } from './reports.module.js';
import { SeizureSettler, SeizuresProcessor, SeizuresSweep } from './seizures/seizures.processor.js';

@Module({
  imports: [ReportsModule],
  providers: [SeizureSettler, SeizuresProcessor, SeizuresSweep],
  exports: [SeizureSettler],
})
export class ReportsWorkerModule {}
