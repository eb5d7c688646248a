import { Args, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type Actor, Allow, CountryCodeScalar, CurrentActor, Role, UUIDScalar } from '#platform';

import { LegalHolds } from './legal-holds.service.js';
import { LARGEST_PAGE, RetainedRecords } from './retained-records.service.js';
import { LegalHold, RetainedRecord, RetentionDue, RetentionReceiptInput } from './retention.types.js';

@Resolver()
export class RetentionResolver {
  constructor(
    private readonly records: RetainedRecords,
    private readonly holds: LegalHolds,
  ) {}

  @Query(() => RetentionDue, {
    description:
      'When the records of an operation are due: for the hub and coordinators; to these also how many of their own countries.',
  })
  @Allow(Role.HUB, Role.NATIONAL_COORDINATOR)
  retentionDue(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
  ): Promise<RetentionDue> {
    return this.records.due(actor, operationId);
  }

  @Query(() => [RetainedRecord], {
    description:
      'Whole records of the own country in a closed operation, in the order of their ids, for its coordinators to keep outside; ' +
      'NOT_FOUND for all others. An empty page is the end. Anonymised ones are left out.',
  })
  @Allow(Role.NATIONAL_COORDINATOR)
  retentionExport(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
    @Args('country', { type: () => CountryCodeScalar }) country: string,
    @Args('first', { type: () => Int, defaultValue: 20, description: `1 to ${LARGEST_PAGE}.` }) first: number,
    @Args('after', { type: () => UUIDScalar, nullable: true, description: 'The last id of the page before.' })
    after: string | null | undefined,
  ): Promise<RetainedRecord[]> {
    return this.records.export(actor, { operationId, country, first, after: after ?? null });
  }

  @Mutation(() => Int, {
    description:
      'Confirms that records were received and are kept outside, by the SHA-256 of each: when they are due they are ended then, without ' +
      'waiting for the grace. Gives how many were confirmed; BAD_USER_INPUT, and none is, where a record is not the own or has changed.',
  })
  @Allow(Role.NATIONAL_COORDINATOR)
  confirmRetentionExport(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
    @Args('country', { type: () => CountryCodeScalar }) country: string,
    @Args('receipts', { type: () => [RetentionReceiptInput] }) receipts: RetentionReceiptInput[],
  ): Promise<number> {
    return this.records.confirm(actor, operationId, country, receipts);
  }

  @Mutation(() => LegalHold, {
    description:
      'Holds a record of the own country back from anonymising and erasing, for a court case or the like, until the hold is ended.',
  })
  @Allow(Role.NATIONAL_COORDINATOR)
  setLegalHold(
    @CurrentActor() actor: Actor,
    @Args('recordId', { type: () => UUIDScalar }) recordId: string,
    @Args('reason', { type: () => String }) reason: string,
  ): Promise<LegalHold> {
    return this.holds.set(actor, recordId, reason);
  }

  @Mutation(() => LegalHold, { description: 'Ends the legal hold of a record of the own country.' })
  @Allow(Role.NATIONAL_COORDINATOR)
  endLegalHold(
    @CurrentActor() actor: Actor,
    @Args('recordId', { type: () => UUIDScalar }) recordId: string,
    @Args('reason', { type: () => String }) reason: string,
  ): Promise<LegalHold> {
    return this.holds.end(actor, recordId, reason);
  }
}
