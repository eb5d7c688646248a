import { Injectable } from '@nestjs/common';
import { Database, partOfMuster, prepared, type Tx } from '#platform';

import { hashReading, readingColumns, type ReadingRow } from './reading-form.js';

const PART = partOfMuster('archive');

/** Rows whose hashes are kept in one transaction. */
const BATCH = 2_000;

/**
 * What is left of readings when their operation is archived. A batch of readings holds those of several operations, and the log has one hash of
 * it; so the hash of each row stays, and the batch can be verified as before.
 */
@Injectable()
export class ArchivedReadings {
  constructor(private readonly database: Database) {}

  /** Keeps the hashes of an operation's readings, to which none is added any more; what was kept before is left as it is. */
  async keep(operationId: string): Promise<void> {
    let after = { batch: '00000000-0000-0000-0000-000000000000', ordinal: 0 };
    for (;;) {
      const rows = await this.database.write(PART, (tx) => keepSome(tx, operationId, after));
      const last = rows.at(-1);
      if (!last) return;
      after = last;
    }
  }

  /** Makes readings of an operation that is back in its parts whole again: those that came late are put there, and no hash is left. */
  async giveBack(tx: Tx, operationId: string): Promise<void> {
    await prepared(
      tx,
      `INSERT INTO readings SELECT l.* FROM archived_readings a, jsonb_populate_record(NULL::readings, a.late) l
       WHERE a.operation_id = $1 AND a.late IS NOT NULL ORDER BY a.batch, a.ordinal`,
      [operationId],
    );
    await prepared(tx, `DELETE FROM archived_readings WHERE operation_id = $1`, [operationId]);
  }
}

async function keepSome(
  tx: Tx,
  operationId: string,
  after: Pick<ReadingRow, 'batch' | 'ordinal'>,
): Promise<readonly ReadingRow[]> {
  const rows = await prepared<ReadingRow & { [column: string]: unknown }>(
    tx,
    `SELECT ${readingColumns('r')} FROM readings r WHERE r.operation_id = $1 AND (r.batch, r.ordinal) > ($2::uuid, $3::int)
     ORDER BY r.batch, r.ordinal LIMIT ${BATCH}`,
    [operationId, after.batch, after.ordinal],
  );
  await prepared(
    tx,
    `INSERT INTO archived_readings (operation_id, batch, ordinal, sha256)
     SELECT $1, batch, ordinal, decode(hash, 'hex') FROM unnest($2::uuid[], $3::int[], $4::text[]) AS r (batch, ordinal, hash)
     ON CONFLICT DO NOTHING`,
    [
      operationId,
      rows.map(({ batch }) => batch),
      rows.map(({ ordinal }) => ordinal),
      rows.map((row) => hashReading(row).toString('hex')),
    ],
  );
  return rows;
}
