import { Args, Query, Resolver } from '@nestjs/graphql';
import { type Actor, CurrentActor, SignedIn } from '#platform';

import { TrendQuery } from './trend-query.js';
import { TrendResult } from './trend-result.js';
import { TrendsService } from './trends.service.js';

@Resolver()
export class TrendsResolver {
  constructor(private readonly trends: TrendsService) {}

  @Query(() => TrendResult, {
    nullable: true,
    description:
      'Figures over all counted violations of operations that the asker takes part in, protected for the asker.',
  })
  @SignedIn()
  violationTrends(@CurrentActor() actor: Actor, @Args('query') query: TrendQuery): Promise<TrendResult> {
    return this.trends.trends(actor, query);
  }
}
