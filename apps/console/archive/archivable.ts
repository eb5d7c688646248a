import { dueDay } from '#operations';
import { query, type Tx } from '#platform';
import { recordsWholeIn } from '#reports';

interface State {
  readonly phase: string;
  readonly dueOn: string | null;
  readonly isDue: boolean;
  readonly owed: readonly { readonly kind: string; readonly count: number }[] | null;
  readonly attachments: number;
  readonly uploads: number;
  readonly exported: number;
  readonly erased: number;
}

/**
 * All that speaks against archiving an operation now: it is over when it is closed, retention has ended its records, and nothing is owed for it.
 * What its owners may still export or hold has to be where they can.
 * @throws Error where there is no such operation
 */
export async function reasonsAgainst(tx: Tx, operationId: string, now: Date): Promise<string[]> {
  const [state] = await query<State>(
    tx,
    `SELECT o.phase, ${dueDay('o')}::text AS "dueOn", coalesce(${dueDay('o')} <= ($2::timestamptz AT TIME ZONE o.time_zone)::date, FALSE) AS "isDue",
       (SELECT json_agg(json_build_object('kind', kind, 'count', count)) FROM (
         SELECT kind, count(*) FROM outbox WHERE operation_id = o.id GROUP BY kind ORDER BY kind) AS owed) AS owed,
       (SELECT count(*)::int FROM attachments WHERE operation_id = o.id) AS attachments,
       (SELECT count(*)::int FROM attachment_uploads WHERE operation_id = o.id AND ended_at IS NULL)
         + (SELECT count(*)::int FROM import_uploads WHERE operation_id = o.id AND ended_at IS NULL) AS uploads,
       (SELECT count(*)::int FROM export_files WHERE operation_id = $1) AS exported,
       (SELECT count(*)::int FROM erased_objects) AS erased
     FROM operations o WHERE o.id = $1`,
    [operationId, now],
  );
  if (!state) throw new Error('There is no such operation.');
  const { phase, dueOn, isDue, owed, attachments, uploads, exported, erased } = state;
  const whole = await recordsWholeIn(tx, operationId);
  return [
    ...(phase === 'CLOSED' ? [] : [`it is in the phase ${phase}, and not closed`]),
    ...(dueOn === null || isDue ? [] : [`its records are kept until ${dueOn}`]),
    ...(whole === 0
      ? []
      : [`${whole} of its records are whole: retention has not ended them yet, or their owners hold them`]),
    ...(owed ?? []).map(({ kind, count }) => `work is owed for it: ${count} of the kind ${kind}`),
    ...(attachments === 0 ? [] : [`${attachments} attachments belong to it, whose files are in the store`]),
    ...(uploads === 0
      ? []
      : [`${uploads} files that were brought for it are still kept; they are removed after a week`]),
    ...(exported === 0
      ? []
      : [`${exported} files of exports are in the store; they are removed when their time is over`]),
    // Whose they were is not known any more.
    ...(erased === 0
      ? []
      : [`${erased} files that retention ended, of this operation or another, are still to be removed from the store`]),
  ];
}
