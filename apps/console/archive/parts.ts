import type { Client } from 'pg';

import { partsOf, type PartTable, placeOf, type OperationTable } from './operation-tables.js';
import { alter } from './owner-connection.js';

/** The trigger that keeps a part as it is. */
const FROZEN = 'archived';

/** SQL that lets nobody change a part any more, the owner's own hand neither. It waits for those who are at it, and for nobody else. */
export function freezing({ part }: PartTable): string {
  return `CREATE OR REPLACE TRIGGER ${FROZEN} BEFORE INSERT OR UPDATE OR DELETE ON operation_parts.${part}
    FOR EACH ROW EXECUTE FUNCTION refuse_archived()`;
}

/** SQL that takes it back. */
export function thawing({ part }: PartTable): string {
  return `DROP TRIGGER IF EXISTS ${FROZEN} ON operation_parts.${part}`;
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
    const { name, part } = table;
    const place = await placeOf(client, table);
    if (place === 'attached') continue;
    if (place === 'leaving') {
      await alter(client, `ALTER TABLE public.${name} DETACH PARTITION operation_parts.${part} FINALIZE`);
    }
    if (place === 'aside') await alter(client, `ALTER TABLE archived_parts.${part} SET SCHEMA operation_parts`);
    if (place === 'dropped') {
      await client.query('BEGIN');
      await client.query(
        `CREATE TABLE operation_parts.${part} (LIKE public.${name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE)`,
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
