import { Injectable } from '@nestjs/common';
import { lookInto, type Standing, viewerOf } from '#identity';
import { type Actor, notFound, query, type Tx } from '#platform';

import { operationOf } from '../records/claims.js';
import { SeizureReading } from '../seizures/seizure-reading.js';
import { ViolationReading } from '../violations/violation-reading.js';
import type { Attachment } from './attachment.js';
import { type AttachmentRow, wordAttachment } from './attachment-row.js';

/** A record that the actor may see, as far as its attachments ask. */
export interface SeenRecord {
  readonly operationId: string;
  readonly id: string;
  readonly country: string;
  readonly exercise: boolean;
  readonly withdrawn: boolean;
  /** One of the owning country's people. */
  readonly isOwner: boolean;
  /** Keeps the record: a coordinator of the owning country, or the author. Adds attachments, and gets the originals. */
  readonly isKeeper: boolean;
}

/** A record in hand: whoever holds it may see it. */
export interface RecordInHand {
  readonly operationId: string;
  readonly id: string;
  readonly country: string;
}

/** Reads attachments for a viewer. Who sees the record sees them, and nobody else: there is no rule of their own. */
@Injectable()
export class AttachmentReading {
  constructor(
    private readonly violations: ViolationReading,
    private readonly seizures: SeizureReading,
  ) {}

  /** The record of an attachment. @throws NOT_FOUND where it is absent or not for the actor to see, which reads the same */
  async record(tx: Tx, actor: Actor, recordId: string): Promise<SeenRecord> {
    const operationId = await operationOf(tx, recordId);
    const viewer = await lookInto(tx, actor, operationId);
    const violation = (await this.violations.byIds(tx, viewer, operationId, [recordId])).get(recordId);
    // A report that was accepted is shared as its violation is; one that waits has rules of its own.
    const record = violation ?? (await this.seizures.byIds(tx, viewer, operationId, [recordId])).get(recordId);
    if (!record) throw notFound();
    const isOwner = viewer.people.includes(record.country);
    return {
      operationId,
      id: recordId,
      country: record.country,
      exercise: record.exercise,
      withdrawn: violation?.withdrawn ?? false,
      isOwner,
      isKeeper:
        viewer.coordinates.includes(record.country) || (isOwner && (await isAuthor(tx, viewer, operationId, recordId))),
    };
  }

  /** One attachment of a record that the actor may see. @throws NOT_FOUND where there is none */
  async row(tx: Tx, { operationId, id: recordId }: SeenRecord, id: string, lock = ''): Promise<AttachmentRow> {
    const [row] = await query<AttachmentRow>(
      tx,
      `SELECT * FROM attachments WHERE operation_id = $1 AND record_id = $2 AND id = $3 ${lock}`,
      [operationId, recordId, id],
    );
    if (!row) throw notFound();
    return row;
  }

  /** The attachments of records in hand, each list in the order of listing: one statement per operation, however many records. */
  async of(tx: Tx, actor: Actor, records: readonly RecordInHand[]): Promise<Attachment[][]> {
    const rows: AttachmentRow[] = [];
    for (const operationId of new Set(records.map((record) => record.operationId))) {
      await lookInto(tx, actor, operationId);
      const ids = records.filter((record) => record.operationId === operationId).map(({ id }) => id);
      const text = `SELECT * FROM attachments WHERE operation_id = $1 AND record_id = ANY($2::uuid[]) ORDER BY ordinal`;
      rows.push(...(await query<AttachmentRow>(tx, text, [operationId, ids])));
    }
    return records.map(({ operationId, id, country }) => {
      const isOwner = viewerOf(actor, operationId).people.includes(country);
      return rows.filter(({ record_id: of }) => of === id).map((row) => wordAttachment(row, isOwner));
    });
  }
}

async function isAuthor(tx: Tx, { userId }: Standing, operationId: string, recordId: string): Promise<boolean> {
  const rows = await query(
    tx,
    `SELECT FROM violations WHERE operation_id = $1 AND id = $2 AND author_id = $3
     UNION ALL SELECT FROM seizures WHERE operation_id = $1 AND id = $2 AND author_id = $3`,
    [operationId, recordId, userId],
  );
  return rows.length > 0;
}
