import { Module } from '@nestjs/common';

import { Audit } from './audit.service.js';
import { LogEntrance } from './log/log-entrance.js';
import { Readings } from './readings/readings.service.js';

@Module({ providers: [Audit, LogEntrance, Readings], exports: [Audit, LogEntrance, Readings] })
export class AuditModule {}
