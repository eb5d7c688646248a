import type pg from 'pg';

import type { Fate } from './reports.js';

type Counts = Readonly<Record<string, number>>;

/** What there must be of a report that was accepted and became a violation; nothing of it is owed any more. */
const ACCEPTED: Counts = {
  claimed: 1,
  seizures: 1,
  violations: 1,
  versions: 1,
  lines: 1,
  figures: 1,
  units: 1,
  told: 1,
  received: 1,
  settled: 1,
  audited: 2,
  owed: 0,
};
/** Of one that waits for its review. */
const FOR_REVIEW: Counts = { ...ACCEPTED, violations: 0, versions: 0, lines: 0, figures: 0 };
/** Of a violation that a coordinator logged. */
const LOGGED: Counts = { ...ACCEPTED, seizures: 0, received: 0, audited: 1 };
/** Of what was refused, or never arrived. */
const ABSENT: Counts = Object.fromEntries(Object.keys(ACCEPTED).map((name) => [name, 0]));

/** What is stored of a report. */
export interface Stored {
  readonly id: string;
  readonly status: 'RECEIVED' | 'ACCEPTED' | 'NEEDS_REVIEW' | 'REJECTED' | null;
  readonly rules: readonly string[];
  readonly counts: Counts;
}

/** Counts, for each report, all that may be stored of it: each row by itself, however it came there. */
export async function storedOf(database: pg.Pool, ids: readonly string[]): Promise<Map<string, Stored>> {
  const { rows } = await database.query<{ id: string; status: Stored['status']; rules: string[]; counts: Counts }>(
    `SELECT r.id, (SELECT status FROM seizures WHERE id = r.id) AS status,
       COALESCE((SELECT ARRAY(SELECT jsonb_array_elements_text(details->'rules')) FROM audit_entries
         WHERE subject_id = r.id AND action = 'seizure.needs-review' LIMIT 1), '{}') AS rules,
       jsonb_build_object(
         'claimed', (SELECT count(*) FROM record_ids WHERE id = r.id),
         'seizures', (SELECT count(*) FROM seizures WHERE id = r.id),
         'violations', (SELECT count(*) FROM violations WHERE id = r.id),
         'versions', (SELECT count(*) FROM violation_versions WHERE violation_id = r.id),
         'lines', (SELECT count(*) FROM violation_lines WHERE violation_id = r.id),
         'figures', (SELECT count(*) FROM figures WHERE record_id = r.id),
         'units', (SELECT count(*) FROM cargo_units WHERE record_id = r.id),
         'told', (SELECT count(*) FROM feed_events WHERE subject_id = r.id),
         'received', (SELECT count(*) FROM audit_entries WHERE subject_id = r.id AND action = 'seizure.received'),
         'settled', (SELECT count(*) FROM audit_entries WHERE subject_id = r.id
            AND action IN ('seizure.accepted', 'seizure.needs-review', 'violation.logged')),
         'audited', (SELECT count(*) FROM audit_entries WHERE subject_id = r.id),
         'owed', (SELECT count(*) FROM outbox WHERE subject_id = r.id)) AS counts
     FROM unnest($1::uuid[]) AS r (id)`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** What is wrong with what is stored of a report, in words; undefined where it is as it must be. */
export function faultOf({ id, status, counts }: Stored, fate: Fate): string | undefined {
  const must = mustBe(fate, status);
  const different = Object.keys(must).filter((name) => counts[name] !== must[name]);
  const says = different.map((name) => `${name} ${counts[name]}, not ${must[name]}`);
  if (says.length > 0) return `${fate} ${id} (${String(status)}): ${says.join('; ')}`;
  return isOf(fate, status) ? undefined : `${fate} ${id} is ${String(status)}`;
}

/** Whether nothing at all is stored of a report. */
export const isAbsent = ({ counts }: Stored): boolean => Object.keys(ABSENT).every((name) => counts[name] === 0);

function mustBe(fate: Fate, status: Stored['status']): Counts {
  if (fate === 'refused') return ABSENT;
  if (fate === 'logged') return LOGGED;
  return status === 'NEEDS_REVIEW' ? FOR_REVIEW : ACCEPTED;
}

function isOf(fate: Fate, status: Stored['status']): boolean {
  switch (fate) {
    case 'accepted':
      return status === 'ACCEPTED';
    case 'for-review':
      return status === 'NEEDS_REVIEW';
    case 'one-of-two':
      return status === 'ACCEPTED' || status === 'NEEDS_REVIEW';
    case 'logged':
    case 'refused':
      return status === null;
  }
}

/** What is still owed or not yet done: outbox, reports without a decision, entries of the audit log without a seal. */
export async function remainders(database: pg.Pool): Promise<Counts> {
  const { rows } = await database.query<Counts>(
    `SELECT (SELECT count(*) FROM outbox)::int AS owed,
       (SELECT count(*) FROM seizures WHERE status = 'RECEIVED')::int AS undecided,
       (SELECT count(*) FROM audit_entries e WHERE NOT EXISTS (SELECT FROM audit_seals s WHERE s.entry_id = e.id))::int AS unsealed`,
  );
  return rows[0] ?? {};
}

/** All records of the operation, however they came. */
export async function recordsOf(database: pg.Pool): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `SELECT id FROM record_ids UNION SELECT id FROM seizures UNION SELECT id FROM violations
     UNION SELECT record_id FROM figures UNION SELECT subject_id FROM outbox ORDER BY 1`,
  );
  return rows.map(({ id }) => id);
}
