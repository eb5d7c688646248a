import { query, type Tx } from '#platform';
import type { Client } from 'pg';

import { partsOf, type PartTable, placeOf, type OperationTable } from './operation-tables.js';
import { alter } from './owner-connection.js';

/** The triggers that keep a part as it is, and when each of them stands in the way. */
const FROZEN = {
  archived: 'BEFORE INSERT OR UPDATE OR DELETE',
  archived_whole: 'BEFORE TRUNCATE',
};

/**
 * SQL that lets nobody change a part any more, the owner's own hand neither. It waits for those who are writing to it, and for nobody else. Triggers
 * that an earlier archive has left there disabled work again.
 */
export function freezing({ part }: PartTable): string {
  return Object.entries(FROZEN)
    .map(
      ([name, when]) => `CREATE OR REPLACE TRIGGER ${name} ${when} ON operation_parts.${part}
        FOR EACH ${name === 'archived' ? 'ROW' : 'STATEMENT'} EXECUTE FUNCTION refuse_archived()`,
    )
    .join('; ');
}

/**
 * Takes it back of all parts that are frozen. The triggers are left there, disabled: to drop one, nobody may read the table at that moment, and
 * for this nobody may write to it, which nobody does.
 */
export async function thaw(tx: Tx, tables: readonly OperationTable[]): Promise<void> {
  const frozen = await query<{ trigger: string; part: string }>(
    tx,
    `SELECT t.tgname AS trigger, t.tgrelid::regclass::text AS part FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE c.relnamespace = 'operation_parts'::regnamespace AND c.relname = ANY ($1) AND t.tgname = ANY ($2) AND t.tgenabled <> 'D' ORDER BY 2, 1`,
    [partsOf(tables).map(({ part }) => part), Object.keys(FROZEN)],
  );
  for (const { trigger, part } of frozen) await query(tx, `ALTER TABLE ${part} DISABLE TRIGGER ${trigger}`);
}

/**
 * Takes the parts of an operation out of their tables and puts them aside, one after the other. Detached concurrently: it waits for transactions
 * that were there before, and lets everybody else read and write meanwhile. Each step finds how far an earlier run has come.
 */
export async function putAside(client: Client, tables: readonly OperationTable[]): Promise<void> {
  for (const table of partsOf(tables)) {
    const { name, part } = table;
    const place = await placeOf(client, table);
    if (place === 'attached') {
      // What failed after its first half is to be finished, and can't be begun again.
      await alter(client, `ALTER TABLE public.${name} DETACH PARTITION operation_parts.${part} CONCURRENTLY`).catch(
        async (error: unknown) => {
          if ((await placeOf(client, table)) !== 'leaving') throw error;
        },
      );
    }
    if ((await placeOf(client, table)) === 'leaving')
      await alter(client, `ALTER TABLE public.${name} DETACH PARTITION operation_parts.${part} FINALIZE`);
    if ((await placeOf(client, table)) === 'loose')
      await alter(client, `ALTER TABLE operation_parts.${part} SET SCHEMA archived_parts`);
  }
}

/** Drops the parts that were put aside. */
export async function dropParts(client: Client, tables: readonly OperationTable[]): Promise<void> {
  for (const { part } of partsOf(tables)) await alter(client, `DROP TABLE IF EXISTS archived_parts.${part}`);
}

/**
 * Attaches the parts of an operation again.
 * @param fill fills a part that was dropped, and was made anew and empty, within the transaction that attaches it
 */
export async function putBack(
  client: Client,
  tables: readonly OperationTable[],
  operationId: string,
  fill: (table: PartTable, into: string) => Promise<void>,
): Promise<void> {
  for (const table of partsOf(tables).toReversed()) {
    const { name, part, key } = table;
    const place = await placeOf(client, table);
    if (place === 'attached') continue;
    if (place === 'leaving') {
      await alter(client, `ALTER TABLE public.${name} DETACH PARTITION operation_parts.${part} FINALIZE`);
    }
    if (place === 'aside') await alter(client, `ALTER TABLE archived_parts.${part} SET SCHEMA operation_parts`);
    if (place === 'dropped') {
      await client.query('BEGIN');
      // With its indexes, and what the table asks of the part's rows, already there it is attached in a moment: neither is looked for then.
      await client.query(
        `CREATE TABLE operation_parts.${part} (LIKE public.${name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE
           INCLUDING INDEXES, CHECK (${key} IS NOT NULL AND ${key} = '${operationId}'::uuid))`,
      );
      await fill(table, `operation_parts.${part}`);
      await client.query(freezing(table));
      await client.query('COMMIT');
      await client.query(`ANALYZE operation_parts.${part}`);
    }
    await alter(
      client,
      `ALTER TABLE public.${name} ATTACH PARTITION operation_parts.${part} FOR VALUES IN ('${operationId}')`,
    );
  }
}
