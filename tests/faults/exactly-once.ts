import type pg from 'pg';

/** What there must be of an accepted report: each thing once, and nothing that is still owed. */
const ONCE = {
  claimed: 1,
  stored: 1,
  violations: 1,
  versions: 1,
  figures: 1,
  told: 1,
  received: 1,
  accepted: 1,
  units: 1,
  owed: 0,
};

/** The same, of many reports: `{}` when all is as it must be, else what differs, by report. */
export async function notExactlyOnce(database: pg.Pool, ids: readonly string[]): Promise<Record<string, unknown>> {
  const { rows } = await database.query<{ id: string } & Record<string, unknown>>(
    `SELECT r.id,
       (SELECT count(*) FROM record_ids WHERE id = r.id)::int AS claimed,
       (SELECT count(*) FROM seizures WHERE id = r.id AND status = 'ACCEPTED')::int AS stored,
       (SELECT count(*) FROM violations WHERE id = r.id)::int AS violations,
       (SELECT count(*) FROM violation_versions WHERE violation_id = r.id)::int AS versions,
       (SELECT count(*) FROM figures WHERE record_id = r.id)::int AS figures,
       (SELECT count(*) FROM feed_events WHERE subject_id = r.id)::int AS told,
       (SELECT count(*) FROM audit_entries WHERE subject_id = r.id AND action = 'seizure.received')::int AS received,
       (SELECT count(*) FROM audit_entries WHERE subject_id = r.id AND action = 'seizure.accepted')::int AS accepted,
       (SELECT count(*) FROM cargo_units WHERE record_id = r.id)::int AS units,
       (SELECT count(*) FROM outbox WHERE subject_id = r.id)::int AS owed
     FROM unnest($1::uuid[]) AS r (id)`,
    [ids],
  );
  const wrong = rows.filter(({ id: _, ...of }) => JSON.stringify(of) !== JSON.stringify(ONCE));
  return Object.fromEntries(wrong.map(({ id, ...of }) => [id, of]));
}

/** Whether all of the reports are settled. */
export async function areSettled(database: pg.Pool, ids: readonly string[]): Promise<boolean> {
  const { rows } = await database.query<{ waiting: number }>(
    `SELECT count(*)::int AS waiting FROM unnest($1::uuid[]) AS r (id)
     WHERE NOT EXISTS (SELECT FROM seizures s WHERE s.id = r.id AND s.status <> 'RECEIVED')`,
    [ids],
  );
  return rows[0]?.waiting === 0;
}

/** The feed of an operation has no gap: as many events as positions were given out. */
export async function feedHasNoGap(database: pg.Pool, operationId: string): Promise<boolean> {
  const { rows } = await database.query<{ whole: boolean }>(
    `SELECT h.position = (SELECT count(*) FROM feed_events e WHERE e.operation_id = h.operation_id) AS whole
     FROM feed_heads h WHERE h.operation_id = $1`,
    [operationId],
  );
  return rows[0]?.whole === true;
}
