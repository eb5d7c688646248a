import { Args, Int, Query, Resolver } from '@nestjs/graphql';
import { type Actor, Allow, CurrentActor, Role, UUIDScalar } from '#platform';

import { AuditHead } from './chain/audit-head.js';
import { AuditHeads } from './chain/heads.js';
import { AuditLog, LARGEST_LOG_PAGE } from './log/audit-log.js';
import { AuditConnection } from './log/logged-entry.js';
import { RecordReader } from './readings/record-reader.js';
import { RecordReaders } from './readings/record-readers.js';

@Resolver()
export class AuditResolver {
  constructor(
    private readonly log: AuditLog,
    private readonly heads: AuditHeads,
    private readonly readers: RecordReaders,
  ) {}

  @Query(() => AuditConnection, {
    nullable: true,
    description:
      'The audit log, newest first. Of an operation: for the hub what was done to the operation and to the records that it may see now; ' +
      'for coordinators what was done to the records of their country, and by its people. Without an operation: what belongs to none, ' +
      'such as accounts, for administrators.',
  })
  @Allow(Role.HUB, Role.NATIONAL_COORDINATOR, Role.ADMINISTRATOR)
  auditLog(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar, nullable: true }) operationId: string | null | undefined,
    @Args('subjectId', { type: () => UUIDScalar, nullable: true, description: 'Entries about this alone.' })
    subjectId: string | null | undefined,
    @Args('first', { type: () => Int, defaultValue: 50, description: `1 to ${LARGEST_LOG_PAGE}.` }) first: number,
    @Args('after', { type: () => String, nullable: true }) after: string | null | undefined,
  ): Promise<AuditConnection> {
    return this.log.page(actor, {
      operationId: operationId ?? null,
      subjectId: subjectId ?? null,
      first,
      after: after ?? null,
    });
  }

  @Query(() => [AuditHead], {
    description:
      'The newest signed heads of the log of an operation, one of each hour, newest first, to be kept outside: for the hub and ' +
      'coordinators. Without an operation: those of the platform, for administrators.',
  })
  @Allow(Role.HUB, Role.NATIONAL_COORDINATOR, Role.ADMINISTRATOR)
  auditHeads(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar, nullable: true }) operationId: string | null | undefined,
  ): Promise<AuditHead[]> {
    return this.heads.newest(actor, operationId ?? null);
  }

  @Query(() => [RecordReader], {
    description:
      'Who was told a violation or seizure report so far, last readers first; for coordinators of the country that owns it, NOT_FOUND for ' +
      'all others. What was told in the last second may be missing yet.',
  })
  @Allow(Role.NATIONAL_COORDINATOR)
  readersOf(
    @CurrentActor() actor: Actor,
    @Args('recordId', { type: () => UUIDScalar }) recordId: string,
  ): Promise<RecordReader[]> {
    return this.readers.of(actor, recordId);
  }
}
