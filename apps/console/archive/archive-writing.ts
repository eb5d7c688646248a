import type { Client } from 'pg';

import type { ArchiveFolder } from './archive-folder.js';
import { copyOut } from './copy.js';
import { FORM, type Manifest, type TableFile } from './manifest.js';
import type { OperationTable } from './operation-tables.js';

const VERIFY =
  'npm run archive -- --verify FOLDER works each hash of the chain out anew from audit_entries.csv.gz and audit_seals.csv.gz, which lie in ' +
  'the order of the chain, and compares those that audit_heads.csv.gz names; their Ed25519 signatures are checked with the keys of ' +
  'audit_keys.csv.gz. The canonical forms are in docs/audit.md. The SHA-256 of this manifest stands in the entry operation.archived of the ' +
  "platform's chain.";

const ATTACHMENTS =
  'None: retention removed the files of attachments, from the store too, when it ended the records that they belonged to.';

/** Of what, and under which mark, an archive is made. */
export interface ToArchive {
  readonly operationId: string;
  /** The mark, as the entry `operation.archiving` has it. */
  readonly run: string;
  /** The head of the operation's chain, to which nothing comes any more. */
  readonly head: Manifest['audit']['head'];
  readonly now: Date;
}

/** Writes every table with rows of the operation, and the manifest at last. The parts are frozen, so that it is all as of one instant. */
export async function writeArchive(
  client: Client,
  tables: readonly OperationTable[],
  folder: ArchiveFolder,
  { operationId, run, head, now }: ToArchive,
): Promise<void> {
  const files: TableFile[] = [];
  for (const table of tables) {
    const { name, kind, columns } = table;
    const file = `${name}.csv.gz`;
    const { rows, count } = copyOut(
      client,
      `COPY (${selecting(table, operationId, tables)}) TO STDOUT (FORMAT csv, HEADER)`,
    );
    const written = await folder.write(file, rows);
    files.push({ name, file, kind, columns, rows: count(), ...written });
  }
  const { rows } = await client.query<Pick<Manifest, 'schema'> & { codeName: string; closedAt: Date }>(
    `SELECT code_name AS "codeName", closed_at AS "closedAt", (SELECT name FROM migrations ORDER BY id DESC LIMIT 1) AS schema
     FROM operations WHERE id = $1`,
    [operationId],
  );
  const [operation] = rows;
  if (!operation) throw new Error('There is no such operation.');
  await folder.finish({
    form: FORM,
    schema: operation.schema,
    run,
    madeAt: now.toISOString(),
    operation: { id: operationId, codeName: operation.codeName, closedAt: operation.closedAt.toISOString() },
    tables: files,
    audit: { chain: operationId, head, verify: VERIFY },
    attachments: ATTACHMENTS,
  });
}

/** What is copied of a table: a part is read as it lies, but for the entries of the log, which stand in the order of their chain. */
function selecting(
  { name, part, key, columns }: OperationTable,
  operationId: string,
  tables: readonly OperationTable[],
): string {
  const list = columns.map((column) => `t."${column}"`).join(', ');
  const seals = tables.find((table) => table.name === 'audit_seals')?.part;
  if (name === 'audit_seals' && seals) return `SELECT ${list} FROM operation_parts.${seals} t ORDER BY t.seq`;
  if (name === 'audit_entries' && part && seals)
    return `SELECT ${list} FROM operation_parts.${seals} s JOIN operation_parts.${part} t ON t.id = s.entry_id ORDER BY s.seq`;
  if (part) return `SELECT ${list} FROM operation_parts.${part} t`;
  return `SELECT ${list} FROM public.${name} t ${key === null ? '' : `WHERE t.${key} = '${operationId}'`}`;
}
