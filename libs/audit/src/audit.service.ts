import { Injectable } from '@nestjs/common';
import { type Actor, Clock, insertRows, type Tx } from '#platform';

/** What was done: ids and values, never sentences, which are worded for each reader when read. */
export interface AuditEntry {
  /** Null for what belongs to the platform and to no operation. */
  readonly operationId: string | null;
  /** Such as `violation.logged`. */
  readonly action: string;
  readonly subjectId: string | null;
  /** The version of the subject that came of it, where it has versions. */
  readonly version?: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Writes who did what, when and to which version; append-only, in the transaction of the change itself. */
@Injectable()
export class Audit {
  constructor(private readonly clock: Clock) {}

  append(tx: Tx, actor: Actor, ...entries: readonly AuditEntry[]): Promise<void> {
    return this.appendAll(
      tx,
      entries.map((entry) => ({ actor, ...entry })),
    );
  }

  /** Writes what several people did in one transaction. */
  async appendAll(tx: Tx, entries: readonly (AuditEntry & { readonly actor: Actor })[]): Promise<void> {
    const at = this.clock.now();
    await insertRows(
      tx,
      'audit_entries',
      entries.map(({ actor, operationId, action, subjectId, version, details }) => ({
        operation_id: operationId,
        at,
        actor_id: actor.userId,
        part: actor.part,
        action,
        subject_id: subjectId,
        version: version ?? null,
        details: details ?? {},
      })),
    );
  }
}
