import { Module } from '@nestjs/common';

import { AuditModule } from './audit.module.js';
import { AuditTimer } from './chain/audit-timer.js';
import { HeadSigner } from './chain/head-signer.js';
import { Sealer } from './chain/sealer.js';
import { SigningKey } from './chain/signing-key.js';

/** Seals the log and signs its heads. */
@Module({ imports: [AuditModule], providers: [Sealer, HeadSigner, SigningKey, AuditTimer] })
export class AuditWorkerModule {}
