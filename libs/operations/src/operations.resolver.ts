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
import { RiskIndicator } from '#reference';

import { Findings } from './findings.entity.js';
import { FindingsService } from './findings.service.js';
import { Operation } from './operation.entity.js';
import { CreateOperationInput, UpdateOperationInput } from './operations.inputs.js';
import { Operations } from './operations.service.js';
import { Participation } from './participation.entity.js';
import { Participations } from './participations.service.js';
import { RiskIndicators } from './risk-indicators.service.js';
import { OperationPhase } from './vocabulary.js';

@Resolver(() => Operation)
export class OperationsResolver {
  // By the operation as one field found it, not by its id: what a later mutation of the request changed is looked up anew. Each of them
  // looks into all operations of a list at once.
  private readonly participationsOfAll = new RequestLoader((actor, operations: readonly Operation[]) =>
    this.participations.ofOperations(actor, operations),
  );
  private readonly readinessOfAll = new RequestLoader((actor, operations: readonly Operation[]) =>
    this.operations.readiness(actor, operations),
  );
  private readonly findingsOfAll = new RequestLoader((actor, operations: readonly Operation[]) =>
    this.findingsService.ofOperations(actor, idsOf(operations)),
  );
  private readonly headCursorsOfAll = new RequestLoader((actor, operations: readonly Operation[]) =>
    this.operations.headCursors(actor, idsOf(operations)),
  );

  constructor(
    private readonly operations: Operations,
    private readonly participations: Participations,
    private readonly findingsService: FindingsService,
    private readonly indicators: RiskIndicators,
  ) {}

  @Query(() => [Operation], {
    name: 'operations',
    description: 'The operations that you may know of, those with the latest window first.',
  })
  @SignedIn()
  listOperations(
    @CurrentActor() actor: Actor,
    @Args('phase', { type: () => OperationPhase, nullable: true }) phase?: OperationPhase | null,
  ): Promise<Operation[]> {
    return this.operations.list(actor, phase);
  }

  @Query(() => Operation, {
    nullable: true,
    description: 'One operation; NOT_FOUND where it is absent or not for you to know.',
  })
  @SignedIn()
  operation(@CurrentActor() actor: Actor, @Args('id', { type: () => UUIDScalar }) id: string): Promise<Operation> {
    return this.operations.find(actor, id);
  }

  @Query(() => [RiskIndicator], { description: 'The risk indicators that reports of the operation may name.' })
  @SignedIn()
  riskIndicators(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
  ): Promise<readonly RiskIndicator[]> {
    return this.indicators.list(actor, operationId);
  }

  @Mutation(() => Operation, { description: 'Creates an operation, in its preparation.' })
  @Allow(Role.HUB)
  createOperation(@CurrentActor() actor: Actor, @Args('input') input: CreateOperationInput): Promise<Operation> {
    return this.operations.create(actor, input);
  }

  @Mutation(() => Operation, {
    description: 'Changes the frame of an operation; what the input leaves out stays as it is.',
  })
  @Allow(Role.HUB)
  updateOperation(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => UUIDScalar }) id: string,
    @Args('expectedVersion', { type: () => Int }) expectedVersion: number,
    @Args('reason', { type: () => String }) reason: string,
    @Args('input') input: UpdateOperationInput,
  ): Promise<Operation> {
    return this.operations.update(actor, id, expectedVersion, reason, input);
  }

  @Mutation(() => Operation, {
    description:
      'Moves an operation to its next phase when the gate is met (a reason waives what waits for the calendar or for ' +
      'certification), or back to an earlier one with a reason. PHASE names what is missing.',
  })
  @Allow(Role.HUB)
  moveOperation(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => UUIDScalar }) id: string,
    @Args('to', { type: () => OperationPhase }) to: OperationPhase,
    @Args('expectedVersion', { type: () => Int }) expectedVersion: number,
    @Args('reason', { type: () => String, nullable: true }) reason?: string | null,
  ): Promise<Operation> {
    return this.operations.move(actor, id, to, expectedVersion, reason);
  }

  @Mutation(() => Operation, {
    description:
      'Says for how many months records are kept after the operation has closed (60 unless set), 12 to 360. In any phase; where it is ' +
      'shortened, the owners still have the time to export that runs from their notice.',
  })
  @Allow(Role.HUB)
  setRetention(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => UUIDScalar }) id: string,
    @Args('expectedVersion', { type: () => Int }) expectedVersion: number,
    @Args('reason', { type: () => String }) reason: string,
    @Args('months', { type: () => Int }) months: number,
  ): Promise<Operation> {
    return this.operations.setRetention(actor, id, expectedVersion, reason, months);
  }

  @Mutation(() => [RiskIndicator], { description: 'Chooses the risk indicators of an operation, in this order.' })
  @Allow(Role.HUB)
  setRiskIndicators(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
    @Args('codes', { type: () => [String] }) codes: string[],
  ): Promise<readonly RiskIndicator[]> {
    return this.indicators.set(actor, operationId, codes);
  }

  @Mutation(() => Findings, {
    description: "Publishes what the analysts found to the operation's countries and observers.",
  })
  @Allow(Role.HUB, Role.ANALYST)
  publishFindings(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
    @Args('title', { type: () => String }) title: string,
    @Args('text', { type: () => String }) text: string,
    @Args('asOf', { type: () => String }) asOf: string,
  ): Promise<Findings> {
    return this.findingsService.publish(actor, operationId, title, text, asOf);
  }

  @ResolveField(() => [Participation], { name: 'participations', description: 'Every country that was ever invited.' })
  participationsOf(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() operation: Operation,
  ): Promise<Participation[]> {
    return this.participationsOfAll.load(req, actor, operation);
  }

  @ResolveField(() => [String], { description: 'What still stands in the way of the next phase.' })
  readiness(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() operation: Operation,
  ): Promise<string[]> {
    return this.readinessOfAll.load(req, actor, operation);
  }

  @ResolveField(() => [Findings], { description: 'What was published to those who take part, newest first.' })
  findings(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() operation: Operation,
  ): Promise<Findings[]> {
    return this.findingsOfAll.load(req, actor, operation);
  }

  @ResolveField(() => String, { description: 'The cursor of the last event that you may see.' })
  headCursor(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() operation: Operation,
  ): Promise<string> {
    return this.headCursorsOfAll.load(req, actor, operation);
  }
}

function idsOf(operations: readonly Operation[]): string[] {
  return operations.map(({ id }) => id);
}
