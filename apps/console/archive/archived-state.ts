import { type Archival, ARCHIVED, type ArchivedReadings, archivingOf, type Audit, type Archiving } from '#audit';
import { type Actor, partOfMuster, query, type Tx } from '#platform';

import type { Checked } from './archive-check.js';
import type { OperationTable } from './operation-tables.js';
import { thaw } from './parts.js';

/** As what the command works. */
export const ARCHIVE: Actor = partOfMuster('archive');

/** Said in the log of the platform when an operation is marked, with the id of the mark. */
export const ARCHIVING = 'operation.archiving';

/** What the database knows of an operation's archive. */
export interface ArchivedState extends Pick<Archiving, 'archivedAt' | 'log'> {
  /** The mark that it has, as the last entry about one says; null where it never had one. */
  readonly run: string | null;
}

/** @throws Error where there is no such operation */
export async function stateOf(tx: Tx, operationId: string): Promise<ArchivedState> {
  const [operation] = await query<{ run: string | null }>(
    tx,
    `SELECT (SELECT e.details ->> 'run' FROM audit_entries e WHERE e.operation_id IS NULL AND e.subject_id = o.id AND e.action = '${ARCHIVING}'
       ORDER BY e.id DESC LIMIT 1) AS run
     FROM operations o WHERE o.id = $1`,
    [operationId],
  );
  if (!operation) throw new Error('This database knows no such operation.');
  return { ...(await archivingOf(tx, operationId)), ...operation };
}

/** Whether the log says that the archive is made, so that parts may have been taken out. */
export function isMade({ archivedAt, log }: ArchivedState): boolean {
  if (log?.action !== ARCHIVED) return false;
  if (archivedAt === null)
    throw new Error(
      'The audit log says that the operation is archived, but it is not marked as archived: find out who took the mark away.',
    );
  return true;
}

/** @throws Error where an archive is broken, or is not the one that was made when the operation was taken out */
export function assertIsArchive({ sha256, faults }: Checked, log: Archival | null): void {
  if (sha256 !== log?.details.manifest)
    throw new Error(
      `The audit log knows this operation's archive by the SHA-256 ${String(log?.details.manifest)} of its manifest; this one has ${sha256}.`,
    );
  if (faults.length > 0) throw new Error(`The archive is broken: ${faults.join('; ')}`);
}

/** Takes the mark of an operation away, whose parts are all attached: from here on it is as it was, and the log says so. */
export async function unmark(
  tx: Tx,
  { audit, readings }: { readonly audit: Audit; readonly readings: ArchivedReadings },
  tables: readonly OperationTable[],
  operationId: string,
  said: { readonly action: string; readonly details: Readonly<Record<string, unknown>> },
): Promise<void> {
  await thaw(tx, tables);
  await readings.giveBack(tx, operationId);
  // Whatever was worked out meanwhile was worked out from nothing.
  await query(tx, `DELETE FROM figure_questions WHERE operation_id = $1`, [operationId]);
  await query(tx, `UPDATE operations SET archived_at = NULL WHERE id = $1`, [operationId]);
  await audit.append(tx, ARCHIVE, { operationId: null, subjectId: operationId, ...said });
}
