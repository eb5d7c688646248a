import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Operation } from '#operations';
import { type Actor, CurrentActor, type RequestContext, RequestLoader } from '#platform';

import { OperationSummary } from './operation-summary.js';
import { Summaries } from './summaries.service.js';

/** What the ledger of figures tells of an operation. */
@Resolver(() => Operation)
export class OperationSummaryResolver {
  private readonly summariesOfAll = new RequestLoader((actor, operations: readonly Operation[]) =>
    this.summaries.ofOperations(
      actor,
      operations.map(({ id }) => id),
    ),
  );

  constructor(private readonly summaries: Summaries) {}

  @ResolveField(() => OperationSummary, {
    nullable: true,
    description: 'The totals over all counted records, protected for the asker.',
  })
  summary(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() operation: Operation,
  ): Promise<OperationSummary> {
    return this.summariesOfAll.load(req, actor, operation);
  }
}
