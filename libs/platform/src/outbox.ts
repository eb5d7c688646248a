import { Injectable } from '@nestjs/common';

import { Clock } from './clock.js';
import { insertRows, prepared, query, type Tx } from './database.js';
import { fairShares } from './fair-shares.js';

/** Kinds of work that is owed: written with the change that owes it, done by the worker. */
export const OUTBOX_KINDS = ['seizure.settle', 'attachment.examine', 'import.run', 'export.make'] as const;
export type OutboxKind = (typeof OUTBOX_KINDS)[number];

export interface OwedWork {
  readonly kind: OutboxKind;
  readonly operationId: string;
  /** The country whose work it is: those of an operation take turns. */
  readonly country: string;
  readonly subjectId: string;
}

/** A batch of work. */
export interface TakenWork {
  /** In the order of arrival. */
  readonly work: readonly OwedWork[];
  /** Whether older work of another country was left for later, as the turns wanted it. */
  readonly isOutOfOrder: boolean;
}

/** An operation that has due work. */
export interface DueOperation {
  readonly operationId: string;
  /** How long its oldest piece has waited, in milliseconds. */
  readonly waitedMs: number;
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
  /** Tells this lease from those before and after it. */
  readonly lease: string;
}

interface LeasedRow {
  readonly lease: string;
  readonly subject_id: string;
  readonly attempts: number;
  readonly last_error: string | null;
}

interface TakenRow {
  readonly [column: string]: unknown;
  readonly subject_id: string;
  readonly operation_id: string;
  readonly country: string;
  readonly created_at: Date;
}

/** The due work of one country in one operation. */
interface Lane {
  readonly operation_id: string;
  readonly country: string;
  readonly oldest: Date;
  /** How many pieces are due, counted up to a limit. */
  readonly waiting: number;
}

// Steps through the index from lane to lane, so that it costs as much as there are lanes, however many pieces wait in them.
const LANES = `
  WITH RECURSIVE lanes AS (
    (SELECT operation_id, country FROM outbox WHERE kind = $1 AND failed_at IS NULL ORDER BY operation_id, country LIMIT 1)
    UNION ALL
    SELECT next.operation_id, next.country FROM lanes CROSS JOIN LATERAL (
      SELECT operation_id, country FROM outbox
      WHERE kind = $1 AND failed_at IS NULL AND (operation_id, country) > (lanes.operation_id, lanes.country)
      ORDER BY operation_id, country LIMIT 1) AS next)
  SELECT lanes.operation_id, lanes.country, due.oldest FROM lanes CROSS JOIN LATERAL (
    SELECT created_at AS oldest FROM outbox
    WHERE kind = $1 AND failed_at IS NULL AND operation_id = lanes.operation_id AND country = lanes.country AND due_at <= $2
    ORDER BY created_at, subject_id LIMIT 1) AS due
  ORDER BY lanes.operation_id, lanes.country`;

// As above, of one operation, with how much is due in each: no more is counted than one batch may take.
const LANES_OF_OPERATION = `
  WITH RECURSIVE lanes AS (
    (SELECT country FROM outbox WHERE kind = $1 AND failed_at IS NULL AND operation_id = $3 ORDER BY country LIMIT 1)
    UNION ALL
    SELECT next.country FROM lanes CROSS JOIN LATERAL (
      SELECT country FROM outbox WHERE kind = $1 AND failed_at IS NULL AND operation_id = $3 AND country > lanes.country
      ORDER BY country LIMIT 1) AS next)
  SELECT lanes.country, due.waiting FROM lanes CROSS JOIN LATERAL (
    SELECT count(*)::int AS waiting FROM (
      SELECT FROM outbox WHERE kind = $1 AND failed_at IS NULL AND operation_id = $3 AND country = lanes.country AND due_at <= $2
      LIMIT $4) AS counted) AS due
  WHERE due.waiting > 0 ORDER BY lanes.country`;

/** Tries before a piece of work is given up on; waits between them double from half a second. */
export const MOST_ATTEMPTS = 5;

/**
 * What Muster owes: rows written in the transaction of the change itself and removed in the transaction that does the work. A job
 * of the queue is only a wake-up; when it is lost, the row is still found by the sweep.
 */
@Injectable()
export class Outbox {
  /** Whose turn it was last to have work lent out, by kind; kept by each process for itself. */
  private readonly lastLent = new Map<OutboxKind, Lane>();

  constructor(private readonly clock: Clock) {}

  /** Notes work that is owed from now on, in the transaction of the change that owes it. */
  async owe(tx: Tx, work: readonly OwedWork[]): Promise<void> {
    const now = this.clock.now();
    await insertRows(
      tx,
      'outbox',
      work.map(({ kind, operationId, country, subjectId }) => ({
        kind,
        subject_id: subjectId,
        operation_id: operationId,
        country,
        created_at: now,
        due_at: now,
        attempts: 0,
      })),
    );
  }

  /** The operations that have due work, the one that waits longest first. */
  async due(tx: Tx, kind: OutboxKind): Promise<DueOperation[]> {
    const lanes = await this.lanes(tx, kind);
    const now = this.clock.now().getTime();
    const oldest = new Map<string, number>();
    for (const { operation_id: id, oldest: since } of lanes) {
      oldest.set(id, Math.max(oldest.get(id) ?? 0, now - since.getTime()));
    }
    return [...oldest]
      .map(([operationId, waitedMs]) => ({ operationId, waitedMs }))
      .sort((one, other) => other.waitedMs - one.waitedMs);
  }

  /**
   * Takes up to `most` pieces of an operation's due work, or one of each country where there are more countries, and keeps them from other
   * takers until the transaction ends. The countries have equal shares, what one leaves of its share is the others', and of each country the
   * oldest come first: however much one country has, another's next piece is in the next batch. Given in the order of arrival. Work
   * whose transaction breaks is due again by itself.
   */
  async take(tx: Tx, kind: OutboxKind, operationId: string, most: number): Promise<TakenWork> {
    const now = this.clock.now();
    const lanes = await prepared<Pick<Lane, 'country' | 'waiting'> & { [column: string]: unknown }>(
      tx,
      LANES_OF_OPERATION,
      [kind, now, operationId, most],
    );
    const waiting = lanes.map((lane) => lane.waiting);
    const shares = fairShares(waiting, most);
    // Countries of the column's own type, or its index would not find them. Picked once and then deleted: a plan that picked again for each row would take more than the shares.
    const rows = await prepared<TakenRow>(
      tx,
      `WITH taken AS MATERIALIZED (
         SELECT picked.subject_id FROM unnest($4::bpchar[], $5::int[]) AS lanes (country, share) CROSS JOIN LATERAL (
           SELECT subject_id FROM outbox
           WHERE kind = $1 AND operation_id = $2 AND country = lanes.country AND failed_at IS NULL AND due_at <= $3
           ORDER BY created_at, subject_id LIMIT lanes.share FOR UPDATE SKIP LOCKED) AS picked)
       DELETE FROM outbox USING taken WHERE outbox.kind = $1 AND outbox.subject_id = taken.subject_id
       RETURNING outbox.subject_id, outbox.operation_id, outbox.country, outbox.created_at`,
      [kind, operationId, now, lanes.map(({ country }) => country), shares],
    );
    return {
      work: inOrder(kind, rows),
      isOutOfOrder: lanes.length > 1 && waiting.some((count, lane) => count > (shares[lane] ?? 0)),
    };
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

  /** Takes those of some named pieces of work that are still due and that nobody else has, in the order of arrival. */
  async takeNamed(tx: Tx, kind: OutboxKind, subjectIds: readonly string[]): Promise<OwedWork[]> {
    const rows = await prepared<TakenRow>(
      tx,
      `WITH taken AS MATERIALIZED (
         SELECT subject_id FROM outbox
         WHERE kind = $1 AND subject_id = ANY($2::uuid[]) AND failed_at IS NULL AND due_at <= $3 FOR UPDATE SKIP LOCKED)
       DELETE FROM outbox USING taken WHERE outbox.kind = $1 AND outbox.subject_id = taken.subject_id
       RETURNING outbox.subject_id, outbox.operation_id, outbox.country, outbox.created_at`,
      [kind, subjectIds, this.clock.now()],
    );
    return inOrder(kind, rows);
  }

  /**
   * Lends out one piece of due work, for work that takes longer than a transaction may last: nobody else gets it meanwhile, and it is due
   * again by itself where whoever has it dies. It is never given up on. Operations and countries take turns.
   */
  async lease(tx: Tx, kind: OutboxKind, seconds: number): Promise<LeasedWork | undefined> {
    const now = this.clock.now();
    const until = new Date(now.getTime() + seconds * 1000);
    for (const lane of inTurn(await this.lanes(tx, kind), this.lastLent.get(kind))) {
      const { operation_id: operationId, country } = lane;
      const [row] = await prepared<LeasedRow & { [column: string]: unknown }>(
        tx,
        `UPDATE outbox SET attempts = attempts + 1, due_at = $3, lease = gen_random_uuid() WHERE (kind, subject_id) IN (
           SELECT kind, subject_id FROM outbox
           WHERE kind = $1 AND operation_id = $4 AND country = $5 AND failed_at IS NULL AND due_at <= $2
           ORDER BY due_at, subject_id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING subject_id, attempts, last_error, lease`,
        [kind, now, until, operationId, country],
      );
      if (!row) continue;
      this.lastLent.set(kind, lane);
      return {
        kind,
        operationId,
        country,
        subjectId: row.subject_id,
        attempts: row.attempts,
        lastError: row.last_error,
        lease: row.lease,
      };
    }
    return undefined;
  }

  /** Makes leased work due again after a pause. Of somebody else's lease nothing is changed, here and below. */
  async postpone(tx: Tx, { kind, subjectId, lease }: LeasedWork, seconds: number, reason: string): Promise<void> {
    const due = new Date(this.clock.now().getTime() + seconds * 1000);
    await prepared(
      tx,
      `UPDATE outbox SET due_at = $4, last_error = $5 WHERE kind = $1 AND subject_id = $2 AND lease = $3`,
      [kind, subjectId, lease, due, reason],
    );
  }

  /**
   * Keeps leased work for longer. Whoever does so has brought it on, so the tries before are forgotten: those that count are of people who died
   * at the place where it is now.
   */
  async renew(tx: Tx, { kind, subjectId, lease }: LeasedWork, seconds: number): Promise<void> {
    const due = new Date(this.clock.now().getTime() + seconds * 1000);
    await prepared(
      tx,
      `UPDATE outbox SET due_at = $4, attempts = 0, last_error = NULL WHERE kind = $1 AND subject_id = $2 AND lease = $3`,
      [kind, subjectId, lease, due],
    );
  }

  /** Keeps leased work for longer, as whoever has it lives: the tries before still count. False where somebody else has it now, or has done it. */
  async extend(tx: Tx, { kind, subjectId, lease }: LeasedWork, seconds: number): Promise<boolean> {
    const due = new Date(this.clock.now().getTime() + seconds * 1000);
    const rows = await prepared<{ subject_id: string }>(
      tx,
      `UPDATE outbox SET due_at = $4 WHERE kind = $1 AND subject_id = $2 AND lease = $3 RETURNING subject_id`,
      [kind, subjectId, lease, due],
    );
    return rows.length > 0;
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

  /** Makes failed work due again, as if it were owed from now on and with all its tries before it; false when it was not given up on. */
  async again(tx: Tx, kind: OutboxKind, subjectId: string): Promise<boolean> {
    const rows = await query(
      tx,
      `UPDATE outbox SET failed_at = NULL, attempts = 0, created_at = $3, due_at = $3 WHERE kind = $1 AND subject_id = $2 AND failed_at IS NOT NULL
       RETURNING subject_id`,
      [kind, subjectId, this.clock.now()],
    );
    return rows.length > 0;
  }

  private lanes(tx: Tx, kind: OutboxKind): Promise<Lane[]> {
    return prepared<Lane & { [column: string]: unknown }>(tx, LANES, [kind, this.clock.now()]);
  }
}

/** Lanes in their order, from the one after that whose turn it was last. */
function inTurn(lanes: readonly Lane[], last: Lane | undefined): Lane[] {
  if (!last) return [...lanes];
  const next = lanes.findIndex(
    ({ operation_id: id, country }) => id > last.operation_id || (id === last.operation_id && country > last.country),
  );
  return next < 0 ? [...lanes] : [...lanes.slice(next), ...lanes.slice(0, next)];
}

/** What was taken, in the order of arrival. */
function inOrder(kind: OutboxKind, rows: readonly TakenRow[]): OwedWork[] {
  return [...rows].sort(byArrival).map(({ subject_id: subjectId, operation_id: operationId, country }) => ({
    kind,
    operationId,
    country,
    subjectId,
  }));
}

function byArrival(one: TakenRow, other: TakenRow): number {
  const apart = one.created_at.getTime() - other.created_at.getTime();
  return apart === 0 ? (one.subject_id < other.subject_id ? -1 : 1) : apart;
}
