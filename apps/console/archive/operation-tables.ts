import type { Client } from 'pg';

import { type Manifest, type TableFile, tableOf } from './manifest.js';

/** Where the part of an operation is: attached, on its way out, out of its table, put aside, or dropped. */
export type PartPlace = 'attached' | 'leaving' | 'loose' | 'aside' | 'dropped';

/** A table with rows of an operation, as an archive holds it. */
export interface OperationTable extends Pick<TableFile, 'name' | 'kind' | 'columns'> {
  /** The part's own name, for a table that has one for each operation. */
  readonly part: string | null;
  /** The column that says which operation a row is of; null for a table that is held as a whole. */
  readonly key: string | null;
}

/** Deleted with the parts, as they would let what is gone be seen or found. */
const MOVED = ['shared_records'];

/** Of the operation, and not in the archive: worked out anew, of this moment, or what is kept here of what was archived. */
const LEFT_OUT = ['archived_readings', 'feed_followers', 'figure_kept', 'figure_questions'];

/** Whole tables of which others hold ids. */
const NAMED = ['agencies', 'audit_keys', 'port_units'];

/**
 * Every table that holds rows of an operation, as the catalogue of the database has them: a table that comes with a later migration is archived
 * without a word here. Columns that are worked out from others are left out.
 */
export async function operationTables(client: Client, operationId: string): Promise<OperationTable[]> {
  const { rows } = await client.query<OperationTable & { isPartitioned: boolean }>(
    `SELECT c.relname AS name, c.relkind = 'p' AS "isPartitioned", CASE WHEN c.relkind = 'p' THEN part_name(c.oid, $1) END AS part,
       CASE WHEN c.relname = ANY ($3) THEN NULL WHEN c.relname = 'operations' THEN 'id' ELSE k.attname END AS key,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
         ORDER BY a.attnum) AS columns
     FROM pg_class c
     LEFT JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname IN ('operation_id', 'chain') AND NOT k.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> ALL ($2)
       AND (k.attname IS NOT NULL OR c.relname = 'operations' OR c.relname = ANY ($3))
     ORDER BY c.relname`,
    [operationId, LEFT_OUT, NAMED],
  );
  return rows.map(({ isPartitioned, ...table }) => ({ ...table, kind: kindOf(table.name, isPartitioned) }));
}

function kindOf(name: string, isPartitioned: boolean): TableFile['kind'] {
  if (isPartitioned) return 'part';
  if (MOVED.includes(name)) return 'moved';
  return NAMED.includes(name) ? 'named' : 'copied';
}

/** A table that has a part for the operation. */
export type PartTable = OperationTable & { readonly part: string; readonly key: string };

/** In the order of taking them out: entries of the audit log are never there without their seals, which would be made for them anew. */
export function partsOf(tables: readonly OperationTable[]): PartTable[] {
  const place = ({ name }: PartTable): number => (name === 'audit_entries' ? 0 : name === 'audit_seals' ? 2 : 1);
  return tables
    .filter((table): table is PartTable => table.part !== null && table.key !== null)
    .sort((one, other) => place(one) - place(other));
}

/** Where the part of a table is. @throws Error where there are two of its name, of which nobody can say which one holds its rows */
export async function placeOf(client: Client, { name, part }: PartTable): Promise<PartPlace> {
  const { rows } = await client.query<{ place: PartPlace }>(
    `SELECT CASE WHEN i.inhdetachpending THEN 'leaving' WHEN i.inhrelid IS NOT NULL THEN 'attached'
       WHEN c.relnamespace = 'operation_parts'::regnamespace THEN 'loose' ELSE 'aside' END AS place
     FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND i.inhparent = $1::regclass
     WHERE c.relname = $2 AND c.relnamespace IN ('operation_parts'::regnamespace, 'archived_parts'::regnamespace)`,
    [`public.${name}`, part],
  );
  if (rows.length > 1)
    throw new Error(
      `${String(part)} stands in operation_parts and in archived_parts: find out which one is right, and take the other away.`,
    );
  return rows[0]?.place ?? 'dropped';
}

/**
 * Compares the rows that an operation has here, with all its parts attached, with those that its archive has.
 * @throws Error where a table has more or fewer
 */
export async function assertSameRows(
  client: Client,
  tables: readonly OperationTable[],
  manifest: Manifest,
): Promise<void> {
  for (const { name, kind, part, key } of tables) {
    if (kind !== 'part' && kind !== 'moved') continue;
    const from =
      part === null ? `public.${name} WHERE ${String(key)} = '${manifest.operation.id}'` : `operation_parts.${part}`;
    const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${from}`);
    const [here, there] = [Number(rows[0]?.count), tableOf(manifest, name).rows];
    if (here !== there) throw new Error(`${name} has ${here} rows of the operation, and its archive ${there}.`);
  }
}
