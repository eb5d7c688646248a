import { Injectable } from '@nestjs/common';

import { Clock } from './clock.js';
import { insertRows, prepared, query, type Tx } from './database.js';

/** Kinds of work that is owed: written with the change that owes it, done by the worker. */
export const OUTBOX_KINDS = ['seizure.settle', 'attachment.examine'] as const;
export type OutboxKind = (typeof OUTBOX_KINDS)[number];

export interface OwedWork {
  readonly kind: OutboxKind;
  readonly operationId: string;
  readonly subjectId: string;
}

/** Work that was given up on: kept until somebody sends it again. */
export interface FailedWork {
  readonly subjectId: string;
  readonly failedAt: Date;
  readonly attempts: number;
  readonly reason: string;
}

/** Work that somebody has for longer than a transaction may last. */
export interface LeasedWork extends OwedWork {
  /** This one included. */
  readonly attempts: number;
  /** Why it was last postponed; null: it never was, so whoever had it before did not live to say so. */
  readonly lastError: string | null;
}

interface LeasedRow {
  readonly operation_id: string;
  readonly subject_id: string;
  readonly attempts: number;
  readonly last_error: string | null;
}

/** Tries before a piece of work is given up on; waits between them double from half a second. */
export const MOST_ATTEMPTS = 5;

/**
 * What Muster owes: rows written in the transaction of the change itself and removed in the transaction that does the work. A job
 * of the queue is only a wake-up; when it is lost, the row is still found by the sweep.
 */
@Injectable()
export class Outbox {
  constructor(private readonly clock: Clock) {}

  /** Notes work that is owed from now on, in the transaction of the change that owes it. */
  async owe(tx: Tx, work: readonly OwedWork[]): Promise<void> {
    const now = this.clock.now();
    await insertRows(
      tx,
      'outbox',
      work.map(({ kind, operationId, subjectId }) => ({
        kind,
        subject_id: subjectId,
        operation_id: operationId,
        created_at: now,
        due_at: now,
        attempts: 0,
      })),
    );
  }

  /** The operations that have due work. */
  async due(tx: Tx, kind: OutboxKind): Promise<string[]> {
    const rows = await prepared<{ operation_id: string }>(
      tx,
      `SELECT operation_id FROM outbox WHERE kind = $1 AND failed_at IS NULL AND due_at <= $2
       GROUP BY operation_id ORDER BY min(created_at)`,
      [kind, this.clock.now()],
    );
    return rows.map(({ operation_id: id }) => id);
  }

  /**
   * Takes up to `most` pieces of an operation's due work, oldest first, and keeps them from other takers until the transaction
   * ends. Work whose transaction breaks is due again by itself.
   */
  async take(tx: Tx, kind: OutboxKind, operationId: string, most: number): Promise<OwedWork[]> {
    const rows = await prepared<{ subject_id: string; created_at: Date }>(
      tx,
      `DELETE FROM outbox WHERE (kind, subject_id) IN (
         SELECT kind, subject_id FROM outbox
         WHERE kind = $1 AND operation_id = $2 AND failed_at IS NULL AND due_at <= $3
         ORDER BY created_at, subject_id LIMIT $4 FOR UPDATE SKIP LOCKED)
       RETURNING subject_id, created_at`,
      [kind, operationId, this.clock.now(), most],
    );
    return rows
      .sort((one, other) => one.created_at.getTime() - other.created_at.getTime())
      .map(({ subject_id: subjectId }) => ({ kind, operationId, subjectId }));
  }

  /** Takes one named piece of work, if it is still due and nobody else has it or has just tried it. */
  async takeOne(tx: Tx, { kind, subjectId }: OwedWork): Promise<boolean> {
    const taken = await prepared<{ subject_id: string }>(
      tx,
      `DELETE FROM outbox WHERE (kind, subject_id) IN (
         SELECT kind, subject_id FROM outbox
         WHERE kind = $1 AND subject_id = $2 AND failed_at IS NULL AND due_at <= $3 FOR UPDATE SKIP LOCKED)
       RETURNING subject_id`,
      [kind, subjectId, this.clock.now()],
    );
    return taken.length > 0;
  }

  /**
   * Lends out one piece of due work, for work that takes longer than a transaction may last: nobody else gets it meanwhile, and it is due
   * again by itself where whoever has it dies. It is never given up on.
   */
  async lease(tx: Tx, kind: OutboxKind, seconds: number): Promise<LeasedWork | undefined> {
    const now = this.clock.now();
    const [row] = await prepared<LeasedRow>(
      tx,
      `UPDATE outbox SET attempts = attempts + 1, due_at = $3 WHERE (kind, subject_id) IN (
         SELECT kind, subject_id FROM outbox WHERE kind = $1 AND failed_at IS NULL AND due_at <= $2
         ORDER BY due_at, subject_id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING operation_id, subject_id, attempts, last_error`,
      [kind, now, new Date(now.getTime() + seconds * 1000)],
    );
    if (!row) return undefined;
    const { operation_id: operationId, subject_id: subjectId, attempts, last_error: lastError } = row;
    return { kind, operationId, subjectId, attempts, lastError };
  }

  /** Makes leased work due again after a pause. */
  async postpone(tx: Tx, { kind, subjectId }: OwedWork, seconds: number, reason: string): Promise<void> {
    const due = new Date(this.clock.now().getTime() + seconds * 1000);
    await prepared(tx, `UPDATE outbox SET due_at = $3, last_error = $4 WHERE kind = $1 AND subject_id = $2`, [
      kind,
      subjectId,
      due,
      reason,
    ]);
  }

  /** Removes leased work, in the transaction that stores what came of it; false where somebody else has done it. */
  async done(tx: Tx, { kind, subjectId }: OwedWork): Promise<boolean> {
    const rows = await prepared<{ subject_id: string }>(
      tx,
      `DELETE FROM outbox WHERE kind = $1 AND subject_id = $2 RETURNING subject_id`,
      [kind, subjectId],
    );
    return rows.length > 0;
  }

  /** Notes that a try failed: the next one waits twice as long, and the last one is kept as failed. */
  async putBack(tx: Tx, { kind, subjectId }: OwedWork, reason: string): Promise<void> {
    await prepared(
      tx,
      `UPDATE outbox SET attempts = attempts + 1, last_error = $3,
         due_at = $4::timestamptz + interval '0.5 second' * power(2, attempts),
         failed_at = CASE WHEN attempts + 1 >= ${MOST_ATTEMPTS} THEN $4::timestamptz END
       WHERE kind = $1 AND subject_id = $2`,
      [kind, subjectId, reason, this.clock.now()],
    );
  }

  failed(tx: Tx, kind: OutboxKind, operationId: string): Promise<FailedWork[]> {
    return query<FailedWork>(
      tx,
      `SELECT subject_id AS "subjectId", failed_at AS "failedAt", attempts, last_error AS reason FROM outbox
       WHERE kind = $1 AND operation_id = $2 AND failed_at IS NOT NULL ORDER BY failed_at, subject_id`,
      [kind, operationId],
    );
  }

  /** Makes failed work due again, with all its tries before it; false when it was not given up on. */
  async again(tx: Tx, kind: OutboxKind, subjectId: string): Promise<boolean> {
    const rows = await query(
      tx,
      `UPDATE outbox SET failed_at = NULL, attempts = 0, due_at = $3 WHERE kind = $1 AND subject_id = $2 AND failed_at IS NOT NULL
       RETURNING subject_id`,
      [kind, subjectId, this.clock.now()],
    );
    return rows.length > 0;
  }
}
