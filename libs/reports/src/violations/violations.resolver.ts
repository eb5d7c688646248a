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
import { ViolationFilter } from '#trends';

import { SharingInput } from '../records/record.inputs.js';
import type { Page } from '../records/record.types.js';
import { Violation, ViolationConnection, ViolationVersion } from './violation.js';
import { CorrectViolationInput, LogViolationInput } from './violation.inputs.js';
import { ViolationList } from './violation-list.js';
import { ViolationVersions } from './violation-versions.js';
import { Violations } from './violations.service.js';

@Resolver(() => Violation)
export class ViolationsResolver {
  private readonly versionsOf = new RequestLoader((actor, violations: readonly Violation[]) =>
    this.history.of(actor, violations),
  );

  constructor(
    private readonly violations: Violations,
    private readonly list: ViolationList,
    private readonly history: ViolationVersions,
  ) {}

  @Query(() => Violation, {
    nullable: true,
    description: 'One violation; NOT_FOUND where it is absent or not for you to know.',
  })
  @SignedIn()
  violation(@CurrentActor() actor: Actor, @Args('id', { type: () => UUIDScalar }) id: string): Promise<Violation> {
    return this.violations.find(actor, id);
  }

  @Query(() => ViolationConnection, {
    name: 'violations',
    nullable: true,
    description: 'What you may see of an operation, newest recorded first; 200 at most at once.',
  })
  @SignedIn()
  listViolations(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
    @Args('first', { type: () => Int, defaultValue: 50 }) first: number,
    @Args('filter', { type: () => ViolationFilter, nullable: true }) filter?: ViolationFilter | null,
    @Args('after', { type: () => String, nullable: true }) after?: string | null,
  ): Promise<Page<Violation>> {
    return this.list.page(actor, operationId, filter ?? {}, first, after);
  }

  @Mutation(() => Violation, {
    description: 'Logs one violation. The same id with the same content sent again gets the record as it is now.',
  })
  @Allow(Role.NATIONAL_COORDINATOR, Role.AGENCY_OFFICER)
  logViolation(@CurrentActor() actor: Actor, @Args('input') input: LogViolationInput): Promise<Violation> {
    return this.violations.log(actor, input);
  }

  @Mutation(() => Violation, { description: 'Records the whole content of a violation anew, as its next version.' })
  @SignedIn()
  correctViolation(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => UUIDScalar }) id: string,
    @Args('expectedVersion', { type: () => Int }) expectedVersion: number,
    @Args('reason', { type: () => String }) reason: string,
    @Args('input') input: CorrectViolationInput,
  ): Promise<Violation> {
    return this.violations.correct(actor, id, expectedVersion, reason, input);
  }

  @Mutation(() => Violation, { description: 'Changes who sees a violation; narrowing takes effect at once.' })
  @SignedIn()
  changeSharing(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => UUIDScalar }) id: string,
    @Args('expectedVersion', { type: () => Int }) expectedVersion: number,
    @Args('reason', { type: () => String }) reason: string,
    @Args('sharing') sharing: SharingInput,
  ): Promise<Violation> {
    return this.violations.changeSharing(actor, id, expectedVersion, reason, sharing);
  }

  @Mutation(() => Violation, {
    description: 'Withdraws a violation: it stays with its history and is no longer counted.',
  })
  @SignedIn()
  withdrawViolation(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => UUIDScalar }) id: string,
    @Args('expectedVersion', { type: () => Int }) expectedVersion: number,
    @Args('reason', { type: () => String }) reason: string,
  ): Promise<Violation> {
    return this.violations.withdraw(actor, id, expectedVersion, reason);
  }

  @ResolveField(() => [ViolationVersion], { description: 'Its history, oldest version first.' })
  versions(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() violation: Violation,
  ): Promise<ViolationVersion[]> {
    return this.versionsOf.load(req, actor, violation);
  }
}

@Resolver(() => ViolationConnection)
export class ViolationConnectionResolver {
  @ResolveField(() => Int)
  totalCount(@Parent() page: Page<Violation>): Promise<number> {
    return page.totalCount();
  }
}
