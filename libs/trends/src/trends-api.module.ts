import { Module } from '@nestjs/common';

import { OperationSummaryResolver } from './operation-summary.resolver.js';
import { TrendsModule } from './trends.module.js';
import { TrendsResolver } from './trends.resolver.js';

/** Figures, served to clients. */
@Module({ imports: [TrendsModule], providers: [TrendsResolver, OperationSummaryResolver] })
export class TrendsApiModule {}
