import { Module } from '@nestjs/common';

import { ReportsModule } from './reports.module.js';
import { SeizureConnectionResolver, SeizuresResolver } from './seizures/seizures.resolver.js';
import { ViolationConnectionResolver, ViolationsResolver } from './violations/violations.resolver.js';

@Module({
  imports: [ReportsModule],
  providers: [ViolationsResolver, ViolationConnectionResolver, SeizuresResolver, SeizureConnectionResolver],
})
export class ReportsApiModule {}
