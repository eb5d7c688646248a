import { query, type Tx } from '#platform';

/** Days that owners have to export their records, from the notice that these are due. */
export const GRACE_DAYS = 90;

/**
 * SQL of the records of operation `$1` that retention has not ended yet, or has anonymised: a report that was accepted is one with its
 * violation. `is_counted`: figures rest, or once rested, on it.
 */
export const RECORDS = `
  SELECT id, country, NOT exercise AS is_counted, anonymised_at FROM violations WHERE operation_id = $1
  UNION ALL SELECT s.id, s.country, FALSE, NULL FROM seizures s
  WHERE s.operation_id = $1 AND NOT EXISTS (SELECT FROM violations v WHERE v.operation_id = s.operation_id AND v.id = s.id)`;

/** SQL that holds where the owner keeps a record for a court or the like. @param record SQL of the record's id */
export function isHeld(record: string): string {
  return `EXISTS (SELECT FROM legal_holds h WHERE h.operation_id = $1 AND h.record_id = ${record} AND h.ended_at IS NULL)`;
}

/** SQL of the SHA-256 of a record in its present form. @param text SQL of the record as it is exported */
export function hashOf(text: string): string {
  return `sha256(convert_to(${text}, 'UTF8'))`;
}

/** SQL that holds where the owner has a record; in the form that has a hash, where one is given. */
export function isReceived(record: string, hash?: string): string {
  const form = hash === undefined ? '' : `AND x.sha256 = ${hash}`;
  return `EXISTS (SELECT FROM retention_receipts x WHERE x.operation_id = $1 AND x.record_id = ${record} ${form})`;
}

/** How many records of an operation retention has not ended yet. */
export async function recordsWholeIn(tx: Tx, operationId: string): Promise<number> {
  const [row] = await query<{ count: number }>(
    tx,
    `SELECT count(*)::int AS count FROM (${RECORDS}) AS record WHERE anonymised_at IS NULL`,
    [operationId],
  );
  return row?.count ?? 0;
}
