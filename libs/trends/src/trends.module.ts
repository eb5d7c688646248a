import { Module } from '@nestjs/common';
import { FeedModule } from '#feed';
import { ReferenceModule } from '#reference';

import { AskedQuestions } from './asked-questions.js';
import { Figures } from './figures.service.js';
import { Recount } from './recount.service.js';
import { Summaries } from './summaries.service.js';
import { TrendsService } from './trends.service.js';
import { Viewpoints } from './viewpoints.js';

/** The ledger of figures, questions to it, and its recount. */
@Module({
  imports: [FeedModule, ReferenceModule],
  providers: [AskedQuestions, Figures, Recount, Summaries, TrendsService, Viewpoints],
  exports: [Figures, Recount, Summaries, TrendsService],
})
export class TrendsModule {}
