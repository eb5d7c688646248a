import { Module } from '@nestjs/common';
import { AuditModule } from '#audit';
import { FeedModule } from '#feed';
import { IdentityModule } from '#identity';
import { ReferenceModule } from '#reference';

import { FindingsService } from './findings.service.js';
import { Operations } from './operations.service.js';
import { OperationsReader } from './operations-reader.js';
import { Participations } from './participations.service.js';
import { RiskIndicators } from './risk-indicators.service.js';

@Module({
  imports: [AuditModule, FeedModule, IdentityModule, ReferenceModule],
  providers: [Operations, Participations, RiskIndicators, FindingsService, OperationsReader],
  exports: [Operations, Participations, RiskIndicators, FindingsService],
})
export class OperationsModule {}
