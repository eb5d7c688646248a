import { Module } from '@nestjs/common';

import { Audit } from './audit.service.js';
import { RecordRules } from './log/record-rules.js';
import { Readings } from './readings/readings.service.js';

@Module({ providers: [Audit, Readings, RecordRules], exports: [Audit, Readings, RecordRules] })
export class AuditModule {}
