import { Args, Context, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  type Actor,
  Allow,
  CurrentActor,
  type RequestContext,
  RequestLoader,
  Role,
  SignedIn,
  UUIDScalar,
} from '#platform';

import type { Page } from '../records/record.types.js';
import { Violation } from '../violations/violation.js';
import { Violations } from '../violations/violations.service.js';
import { Reviews } from './reviews.service.js';
import { FailedReport, Seizure, SeizureConnection, SeizureReceipt } from './seizure.js';
import { ReportSeizureInput, SeizureFilter } from './seizure.inputs.js';
import { SeizureList } from './seizure-list.js';
import { Seizures } from './seizures.service.js';

@Resolver(() => Seizure)
export class SeizuresResolver {
  private readonly violationOf = new RequestLoader((actor, seizures: readonly Seizure[]) =>
    this.violations.ofSeizures(actor, seizures),
  );

  constructor(
    private readonly seizures: Seizures,
    private readonly list: SeizureList,
    private readonly reviews: Reviews,
    private readonly violations: Violations,
  ) {}

  @Query(() => Seizure, {
    nullable: true,
    description: 'One report; NOT_FOUND where it is absent or not for you to know.',
  })
  @SignedIn()
  seizure(@CurrentActor() actor: Actor, @Args('id', { type: () => UUIDScalar }) id: string): Promise<Seizure> {
    return this.seizures.find(actor, id);
  }

  @Query(() => SeizureConnection, {
    name: 'seizures',
    nullable: true,
    description: 'The reports of an operation that you may see, newest received first; 200 at most at once.',
  })
  @SignedIn()
  listSeizures(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
    @Args('first', { type: () => Int, defaultValue: 50 }) first: number,
    @Args('filter', { type: () => SeizureFilter, nullable: true }) filter?: SeizureFilter | null,
    @Args('after', { type: () => String, nullable: true }) after?: string | null,
  ): Promise<Page<Seizure>> {
    return this.list.page(actor, operationId, filter ?? {}, first, after);
  }

  @Query(() => [FailedReport], { description: 'What the queue gave up on, for the hub.' })
  @Allow(Role.HUB)
  failedReports(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
  ): Promise<FailedReport[]> {
    return this.seizures.failed(actor, operationId);
  }

  @Mutation(() => SeizureReceipt, {
    description:
      'Takes in a seizure report of a port unit. A receipt means that the report is stored; the same id with the same content sent ' +
      'again gets the receipt as it is now.',
  })
  @Allow(Role.PORT_UNIT_OFFICER)
  reportSeizure(@CurrentActor() actor: Actor, @Args('input') input: ReportSeizureInput): Promise<SeizureReceipt> {
    return this.seizures.report(actor, input);
  }

  @Mutation(() => Seizure, { description: 'Accepts or rejects a report that needs review; never by its reporter.' })
  @SignedIn()
  decideSeizure(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => UUIDScalar }) id: string,
    @Args('expectedVersion', { type: () => Int }) expectedVersion: number,
    @Args('accept', { type: () => Boolean }) accept: boolean,
    @Args('reason', { type: () => String }) reason: string,
  ): Promise<Seizure> {
    return this.reviews.decide(actor, id, expectedVersion, accept, reason);
  }

  @Mutation(() => Boolean, { description: 'Sends a report again that the queue gave up on; false where it did not.' })
  @Allow(Role.HUB)
  resendReport(
    @CurrentActor() actor: Actor,
    @Args('seizureId', { type: () => UUIDScalar }) seizureId: string,
  ): Promise<boolean> {
    return this.seizures.resend(actor, seizureId);
  }

  @ResolveField(() => Violation, {
    nullable: true,
    description: 'What an accepted report has become; it has the same id.',
  })
  violation(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() seizure: Seizure,
  ): Promise<Violation | null> {
    return this.violationOf.load(req, actor, seizure);
  }
}

@Resolver(() => SeizureConnection)
export class SeizureConnectionResolver {
  @ResolveField(() => Int)
  totalCount(@Parent() page: Page<Seizure>): Promise<number> {
    return page.totalCount();
  }
}
