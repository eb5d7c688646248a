import { Injectable } from '@nestjs/common';
import { Audit, Readings } from '#audit';
import { enter } from '#identity';
import { dueDay, type Operation, OperationPhase, Operations, wrongPhase } from '#operations';
import { type Actor, Clock, Database, Faults, forbidden, notFound, query, type Tx } from '#platform';

import { GRACE_DAYS, hashOf, isHeld, isReceived, RECORDS } from './retained.js';
import type { RetainedRecord, RetentionCount, RetentionDue, RetentionReceiptInput } from './retention.types.js';

/** Whole records in one page at most. */
export const LARGEST_PAGE = 100;
/** Receipts in one request at most. */
const MOST_RECEIPTS = 1_000;

const DAY_MS = 24 * 60 * 60 * 1000;

/** Which of a country's records are asked for. */
interface RecordsRequest {
  readonly operationId: string;
  readonly country: string;
  readonly first: number;
  /** The id of the last record of the page before. */
  readonly after: string | null;
}

/** Columns of an audit entry that are no part of what happened. */
const INSIDE = `'{id,operation_id,subject_id,written_in}'::text[]`;

/** Whether an entry was written by one of the owning country's people: others are not named to it. */
const IS_OWN = `EXISTS (SELECT FROM users u JOIN agencies y ON y.id = u.agency_id WHERE u.id = a.actor_id AND y.country = $2)`;

/** What of closed operations is due, and its export to its owners; all of it is read as the actor, and so under row-level security. */
@Injectable()
export class RetainedRecords {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly operations: Operations,
    private readonly readings: Readings,
    private readonly audit: Audit,
  ) {}

  /**
   * When an operation's records are due: for the hub and coordinators. How many are, is told to coordinators of their own countries alone:
   * what is still whole when the grace is over is held, which is nobody else's to know.
   */
  due(actor: Actor, operationId: string): Promise<RetentionDue> {
    return this.database.readAnywhere(actor, async (tx) => {
      const { hub, coordinates } = await enter(tx, actor, operationId);
      if (!hub && coordinates.length === 0) throw forbidden('The hub and national coordinators ask what is due.');
      const [operation] = await query<{ due_on: string | null; noticed_at: Date | null }>(
        tx,
        `SELECT o.due_on::text, n.noticed_at FROM (SELECT id, ${dueDay('operations')} AS due_on FROM operations) AS o
         LEFT JOIN retention_notices n ON n.operation_id = o.id AND n.due_on = o.due_on WHERE o.id = $1`,
        [operationId],
      );
      const noticedAt = operation?.noticed_at ?? null;
      return {
        dueOn: operation?.due_on ?? null,
        noticedAt,
        graceEndsAt: noticedAt && new Date(noticedAt.getTime() + GRACE_DAYS * DAY_MS),
        countries: await this.counts(tx, operationId, coordinates),
      };
    });
  }

  /** Whole records of the actor's country, in the order of their ids, until they are anonymised or erased. Each is noted as read. */
  async export(actor: Actor, request: RecordsRequest): Promise<RetainedRecord[]> {
    const { operationId, country, first, after } = request;
    const records = await this.database.readAnywhere(actor, async (tx) => {
      await this.enterClosed(tx, actor, operationId, country);
      const faults = new Faults();
      if (first < 1 || first > LARGEST_PAGE) faults.add('first', 'range', `Ask for 1 to ${LARGEST_PAGE} at once.`);
      faults.throwIfAny();
      return query<RetainedRecord>(
        tx,
        `SELECT *, ${isReceived('r.id', hashOf('r.content'))} AS exported, ${isHeld('r.id')} AS held, encode(${hashOf('r.content')}, 'hex') AS sha256,
           (SELECT coalesce(jsonb_agg(to_jsonb(a) - (CASE WHEN ${IS_OWN} THEN ${INSIDE} ELSE ${INSIDE} || 'actor_id'::text END) ORDER BY a.id), '[]')::text
            FROM audit_entries a WHERE a.operation_id = $1 AND a.subject_id = r.id) AS audit
         FROM (SELECT id, retained_record($1, id) AS content FROM (
           SELECT id FROM (${RECORDS}) AS record WHERE country = $2 AND anonymised_at IS NULL AND ($3::uuid IS NULL OR id > $3)
           ORDER BY id LIMIT $4) AS page) AS r ORDER BY r.id`,
        [operationId, country, after, first],
      );
    });
    this.readings.note(actor, { operationId, what: 'export', recordIds: records.map(({ id }) => id) });
    return records;
  }

  /**
   * Notes that the owner has records, in the form that has these hashes. A record that has changed since is not noted.
   * @returns how many of the records named are exported in their present form
   */
  confirm(
    actor: Actor,
    operationId: string,
    country: string,
    receipts: readonly RetentionReceiptInput[],
  ): Promise<number> {
    return this.database.write(
      actor,
      async (tx) => {
        await this.enterClosed(tx, actor, operationId, country);
        const given = await this.judge(tx, operationId, country, receipts);
        const noted = await query<{ record_id: string; sha256: Buffer }>(
          tx,
          `INSERT INTO retention_receipts (operation_id, record_id, country, sha256, received_by, received_at)
           SELECT $1, r.id, $2, r.sha256, $5, $6 FROM unnest($3::uuid[], $4::bytea[]) AS r (id, sha256)
           ON CONFLICT DO NOTHING RETURNING record_id, sha256`,
          [
            operationId,
            country,
            given.map(({ id }) => id),
            given.map(({ sha256 }) => sha256),
            actor.userId,
            this.clock.now(),
          ],
        );
        await this.audit.append(
          tx,
          actor,
          ...noted.map(({ record_id: subjectId, sha256 }) => ({
            operationId,
            action: 'retention.exported',
            subjectId,
            details: { sha256: sha256.toString('hex') },
          })),
        );
        return given.length;
      },
      { operationId },
    );
  }

  private async judge(
    tx: Tx,
    operationId: string,
    country: string,
    receipts: readonly RetentionReceiptInput[],
  ): Promise<{ readonly id: string; readonly sha256: string }[]> {
    const faults = new Faults();
    if (receipts.length > MOST_RECEIPTS) faults.add('receipts', 'length', `Confirm at most ${MOST_RECEIPTS} at once.`);
    faults.throwIfAny();
    const present = await query<{ id: string; sha256: string }>(
      tx,
      `SELECT id, encode(${hashOf('retained_record($1, id)')}, 'hex') AS sha256 FROM (${RECORDS}) AS record
       WHERE country = $2 AND anonymised_at IS NULL AND id = ANY($3::uuid[])`,
      [operationId, country, receipts.map(({ id }) => id)],
    );
    const forms = new Map(present.map(({ id, sha256 }) => [id, sha256]));
    receipts.forEach(({ id, sha256 }, index) => {
      const path = `receipts.${index}`;
      const form = forms.get(id);
      if (form === undefined) faults.add(`${path}.id`, 'record', 'Name a record that was exported to you.');
      else if (form !== sha256.toLowerCase())
        faults.add(`${path}.sha256`, 'changed', 'The record has another form now: export it anew.');
    });
    faults.throwIfAny();
    return present.map(({ id, sha256 }) => ({ id, sha256: `\\x${sha256}` }));
  }

  /** @throws NOT_FOUND for others than the country's coordinators, PHASE while the operation is not closed */
  private async enterClosed(tx: Tx, actor: Actor, operationId: string, country: string): Promise<Operation> {
    const { coordinates } = await enter(tx, actor, operationId);
    if (!coordinates.includes(country)) throw notFound();
    const operation = await this.operations.byId(tx, operationId);
    if (operation.phase !== OperationPhase.CLOSED)
      throw wrongPhase(operation.phase, 'Records are exported for keeping once their operation has closed.');
    return operation;
  }

  private counts(tx: Tx, operationId: string, coordinates: readonly string[]): Promise<RetentionCount[]> {
    return query<RetentionCount>(
      tx,
      `SELECT country, count(*) FILTER (WHERE anonymised_at IS NULL)::int AS due, count(anonymised_at)::int AS anonymised,
         count(*) FILTER (WHERE anonymised_at IS NULL AND ${isHeld('record.id')})::int AS held,
         count(*) FILTER (WHERE anonymised_at IS NULL AND ${isReceived('record.id')})::int AS exported
       FROM (${RECORDS}) AS record WHERE country = ANY($2::text[]) GROUP BY country ORDER BY country`,
      [operationId, coordinates],
    );
  }
}
