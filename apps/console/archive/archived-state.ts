import { query, type Tx } from '#platform';

import type { Checked } from './archive-check.js';

/** What the database knows of an operation's archive. */
export interface ArchivedState {
  /** Since when it is marked; null while it is not. */
  readonly archivedAt: Date | null;
  /** The last entry about it in the log of the platform. */
  readonly log: {
    readonly action: 'operation.archived' | 'operation.restored';
    readonly details: { readonly manifest: string };
  } | null;
}

/** Undefined where there is no such operation. */
export async function stateOf(tx: Tx, operationId: string): Promise<ArchivedState | undefined> {
  const [state] = await query<ArchivedState>(
    tx,
    `SELECT o.archived_at AS "archivedAt", (
       SELECT jsonb_build_object('action', e.action, 'details', e.details) FROM audit_entries e
       WHERE e.operation_id IS NULL AND e.subject_id = o.id AND e.action IN ('operation.archived', 'operation.restored')
       ORDER BY e.id DESC LIMIT 1) AS log
     FROM operations o WHERE o.id = $1`,
    [operationId],
  );
  return state;
}

/** @throws Error where an archive is broken, or is not the one that was made when the operation was taken out */
export function assertIsArchive({ sha256, faults }: Checked, { log }: ArchivedState): void {
  if (sha256 !== log?.details.manifest)
    throw new Error(
      `The audit log knows this operation's archive by the SHA-256 ${String(log?.details.manifest)} of its manifest; this one has ${sha256}.`,
    );
  if (faults.length > 0) throw new Error(`The archive is broken: ${faults.join('; ')}`);
}
