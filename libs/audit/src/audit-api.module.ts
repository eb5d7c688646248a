import { Module } from '@nestjs/common';

import { AuditModule } from './audit.module.js';
import { AuditResolver } from './audit.resolver.js';
import { AuditHeads } from './chain/heads.js';
import { AuditLog } from './log/audit-log.js';
import { RecordReaders } from './readings/record-readers.js';

/** The log, its heads and the readers of records over GraphQL. */
@Module({ imports: [AuditModule], providers: [AuditResolver, AuditLog, AuditHeads, RecordReaders] })
export class AuditApiModule {}
