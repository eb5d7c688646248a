import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { lookInto } from '#identity';
import {
  type Actor,
  Clock,
  Database,
  Faults,
  LONGEST_REASON,
  MusterError,
  notFound,
  query,
  requiredText,
  type Tx,
} from '#platform';

import { operationOf } from '../records/claims.js';
import { RECORDS } from './retained.js';
import type { LegalHold } from './retention.types.js';

const COLUMNS = `record_id AS "recordId", reason, set_at AS "setAt", ended_at AS "endedAt"`;

interface HeldRecord {
  readonly operationId: string;
  readonly country: string;
}

/** Holds that owners lay on their records, for a court case or the like; known to the owner's coordinators alone. */
@Injectable()
export class LegalHolds {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {}

  /** Holds a record; where it is held already, the hold stays as it is. @throws NOT_FOUND, CONFLICT where it was anonymised */
  set(actor: Actor, recordId: string, reason: string): Promise<LegalHold> {
    return this.change(actor, recordId, reason, async (tx, { operationId, country }, why) => {
      const [held] = await this.present(tx, operationId, recordId);
      if (held) return held;
      const [hold] = await query<LegalHold>(
        tx,
        `INSERT INTO legal_holds (operation_id, record_id, country, reason, set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6)
         RETURNING ${COLUMNS}`,
        [operationId, recordId, country, why, actor.userId, this.clock.now()],
      );
      if (!hold) throw notFound();
      await this.audit.append(tx, actor, { operationId, action: 'retention.held', subjectId: recordId });
      return hold;
    });
  }

  /** Ends the hold of a record. @throws NOT_FOUND where it is not held, or not the actor's to hold */
  end(actor: Actor, recordId: string, reason: string): Promise<LegalHold> {
    return this.change(actor, recordId, reason, async (tx, { operationId }, why) => {
      const [hold] = await query<LegalHold>(
        tx,
        `UPDATE legal_holds SET ended_at = $3, ended_by = $4, end_reason = $5
         WHERE operation_id = $1 AND record_id = $2 AND ended_at IS NULL RETURNING ${COLUMNS}`,
        [operationId, recordId, this.clock.now(), actor.userId, why],
      );
      if (!hold) throw notFound();
      await this.audit.append(tx, actor, { operationId, action: 'retention.released', subjectId: recordId });
      return hold;
    });
  }

  private present(tx: Tx, operationId: string, recordId: string): Promise<LegalHold[]> {
    return query(
      tx,
      `SELECT ${COLUMNS} FROM legal_holds WHERE operation_id = $1 AND record_id = $2 AND ended_at IS NULL`,
      [operationId, recordId],
    );
  }

  /** Alone in the operation: a record is never held while a batch of its operation is being ended. */
  private async change(
    actor: Actor,
    recordId: string,
    reason: string,
    work: (tx: Tx, record: HeldRecord, why: string) => Promise<LegalHold>,
  ): Promise<LegalHold> {
    const operationId = await this.database.read(actor, (tx) => operationOf(tx, recordId));
    return this.database.write(
      actor,
      async (tx) => {
        const { coordinates } = await lookInto(tx, actor, operationId);
        const [record] = await query<{ country: string; anonymised_at: Date | null }>(
          tx,
          `SELECT country, anonymised_at FROM (${RECORDS}) AS record WHERE id = $2`,
          [operationId, recordId],
        );
        if (!record || !coordinates.includes(record.country)) throw notFound();
        if (record.anonymised_at) throw anonymised();
        const faults = new Faults();
        const why = requiredText(faults, 'reason', reason, LONGEST_REASON);
        faults.throwIfAny();
        return work(tx, { operationId, country: record.country }, why);
      },
      { operationId, alone: true },
    );
  }
}

/** The answer to a change of what is left of a record. */
export function anonymised(): MusterError {
  return new MusterError('CONFLICT', 'The record was anonymised when its time had come, and can no longer be changed.');
}
