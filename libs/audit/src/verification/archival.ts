import { prepared, type Tx } from '#platform';

/** Said in the chain of the platform before an operation's parts are taken out, with the head of its chain; and when they are back. */
export const ARCHIVED = 'operation.archived';
export const RESTORED = 'operation.restored';

/** A head as the entry names it, which ends the chain of an archived operation. */
export interface ArchivedHead {
  readonly seq: number;
  /** In hexadecimal. */
  readonly hash: string;
}

/** The last that the log says of an operation's archive. */
export type Archival =
  | {
      readonly action: typeof ARCHIVED;
      /** `manifest`: its SHA-256. */
      readonly details: { readonly manifest: string; readonly head: ArchivedHead };
    }
  | { readonly action: typeof RESTORED; readonly details: { readonly manifest: string } };

/** SQL of the last of the two about an operation, which alone counts. @param operation SQL of its id */
export function lastArchival(operation: string): string {
  return `FROM audit_entries last WHERE last.operation_id IS NULL AND last.subject_id = ${operation}
    AND last.action IN ('${ARCHIVED}', '${RESTORED}') ORDER BY last.id DESC LIMIT 1`;
}

/** How it stands with an operation's archive, by what the database has of it. */
export interface Archiving {
  /** Since when it is marked as archived; null while it is not. */
  readonly archivedAt: Date | null;
  readonly log: Archival | null;
  /** Whether the entries of its chain are here, in their table. */
  readonly isHere: boolean;
}

/** Of a chain that belongs to no operation here it is told as of one that nobody archived. */
export async function archivingOf(tx: Tx, chain: string): Promise<Archiving> {
  const [row] = await prepared<Archiving & { [column: string]: unknown }>(
    tx,
    `SELECT (SELECT archived_at FROM operations WHERE id = $1) AS "archivedAt",
       (SELECT jsonb_build_object('action', last.action, 'details', last.details) ${lastArchival('$1')}) AS log,
       EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'public.audit_entries'::regclass
         AND NOT i.inhdetachpending AND c.relname = 'audit_entries_' || replace($1::text, '-', '')) AS "isHere"`,
    [chain],
  );
  if (!row) throw new Error('A question without a table has one answer.');
  return row;
}
