import { query, type Tx } from '#platform';

/** Stands where a person's id stood. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** What ends of a record: its content, where figures rest on it, or all of it. */
export type Ending = 'anonymised' | 'erased';

/**
 * Takes out of records all that says who, which ship, which container, and in whose words. What stays is what the ledger of figures
 * holds of a record anyway, each line as it was reported, and the sharing, by which figures are protected: so a recount agrees after
 * as before, also as of an earlier cursor.
 */
export async function anonymise(tx: Tx, operationId: string, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await query(
    tx,
    `UPDATE violations SET anonymised_at = $3, author_id = '${NOBODY}', named_user_ids = '{}', offence_from = NULL, offence_to = NULL,
       place_unlocode = NULL, place_latitude = NULL, place_longitude = NULL, place_name = NULL,
       transit = CASE WHEN transit IS NOT NULL THEN '{}'::text[] END, bill_of_lading = NULL,
       vessel_imo = NULL, vessel_name = NULL, vessel_voyage = NULL, grading_source = NULL, grading_information = NULL, narrative = NULL,
       withdrawal_reason = NULL, search_text = ''
     WHERE operation_id = $1 AND id = ANY($2::uuid[])`,
    [operationId, ids, at],
  );
  await query(
    tx,
    `UPDATE violation_lines SET agreement_reference = NULL WHERE operation_id = $1 AND violation_id = ANY($2::uuid[])`,
    [operationId, ids],
  );
  await query(
    tx,
    `UPDATE violation_versions SET author_id = '${NOBODY}', reason = NULL, command_hash = NULL, changes = NULL,
       content = jsonb_build_object('anonymisedAt', $3::timestamptz, 'figures', content -> 'figures',
         'identity', (content -> 'identity') || '{"authorId": "${NOBODY}"}')
     WHERE operation_id = $1 AND violation_id = ANY($2::uuid[])`,
    [operationId, ids, at],
  );
  await query(
    tx,
    `UPDATE seizures SET anonymised_at = $3, author_id = '${NOBODY}', named_user_ids = '{}', agency_ids = '{}', cargo_number = '',
       size_type = NULL, seals = '{}', carrier = NULL, declared_goods = '', found_goods = '', bill_of_lading = NULL, vessel_imo = NULL,
       vessel_name = NULL, vessel_voyage = NULL, grading_source = NULL, grading_information = NULL, narrative = NULL, transit = '{}',
       lines = (SELECT coalesce(jsonb_agg(line || '{"agreementReference": null}'), '[]') FROM jsonb_array_elements(lines) AS line),
       decided_by = NULL, decision_reason = NULL, decision_hash = NULL
     WHERE operation_id = $1 AND id = ANY($2::uuid[])`,
    [operationId, ids, at],
  );
  await query(tx, `DELETE FROM cargo_units WHERE operation_id = $1 AND record_id = ANY($2::uuid[])`, [
    operationId,
    ids,
  ]);
}

/** Takes records away on which no figure rests: exercises, and reports that were never accepted. Their ids stay used. */
export async function erase(tx: Tx, operationId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  for (const [table, key] of [
    ['violation_versions', 'violation_id'],
    ['violation_lines', 'violation_id'],
    ['cargo_units', 'record_id'],
    ['seizures', 'id'],
    ['violations', 'id'],
    ['outbox', 'subject_id'],
  ] as const) {
    await query(tx, `DELETE FROM ${table} WHERE operation_id = $1 AND ${key} = ANY($2::uuid[])`, [operationId, ids]);
  }
}

/** Takes away what hangs on records of both kinds: attachments, whose files are noted for removal, holds and receipts, and who could once see them. */
export async function eraseBesides(tx: Tx, operationId: string, ids: readonly string[], at: Date): Promise<void> {
  await query(
    tx,
    `WITH gone AS (DELETE FROM attachments WHERE operation_id = $1 AND record_id = ANY($2::uuid[]) RETURNING object_id)
     INSERT INTO erased_objects (object_id, owed_since) SELECT object_id, $3 FROM gone WHERE object_id IS NOT NULL
     ON CONFLICT DO NOTHING`,
    [operationId, ids, at],
  );
  // What is left of their uploads is cleared away with those that have ended.
  await query(
    tx,
    `UPDATE attachment_uploads SET ended_at = coalesce(ended_at, $3) WHERE operation_id = $1 AND record_id = ANY($2::uuid[])`,
    [operationId, ids, at],
  );
  // Their reasons and people are content too. No hold is in force: a held record does not end.
  await query(
    tx,
    `DELETE FROM legal_holds WHERE operation_id = $1 AND record_id = ANY($2::uuid[]) AND ended_at IS NOT NULL`,
    [operationId, ids],
  );
  await query(tx, `DELETE FROM retention_receipts WHERE operation_id = $1 AND record_id = ANY($2::uuid[])`, [
    operationId,
    ids,
  ]);
  await query(
    tx,
    `UPDATE feed_events SET shared_before = NULL
     WHERE operation_id = $1 AND subject_id = ANY($2::uuid[]) AND shared_before IS NOT NULL`,
    [operationId, ids],
  );
}
