import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Operation } from '#operations';
import { type Actor, CurrentActor } from '#platform';

import { OperationSummary } from './operation-summary.js';
import { Summaries } from './summaries.service.js';

/** What the ledger of figures tells of an operation. */
@Resolver(() => Operation)
export class OperationSummaryResolver {
  constructor(private readonly summaries: Summaries) {}

  @ResolveField(() => OperationSummary, {
    nullable: true,
    description: 'The totals over all counted records, protected for the asker.',
  })
  summary(@CurrentActor() actor: Actor, @Parent() operation: Operation): Promise<OperationSummary> {
    return this.summaries.of(actor, operation.id);
  }
}
