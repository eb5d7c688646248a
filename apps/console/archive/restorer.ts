import { ArchivedReadings, Audit, RESTORED } from '#audit';
import { CONFIG, type Config, Database, query } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Client } from 'pg';

import { checkArchive } from './archive-check.js';
import { ArchiveFolder } from './archive-folder.js';
import { ARCHIVE, assertIsArchive, isMade, stateOf, unmark } from './archived-state.js';
import { copyIn } from './copy.js';
import { type Manifest, type TableFile, tableOf } from './manifest.js';
import { assertSameRows, operationTables } from './operation-tables.js';
import { patiently, SHORTLY, withOwner } from './owner-connection.js';
import { putBack } from './parts.js';

/** Puts an archived operation back as it was, in steps that find what an earlier run has done; only with the last it is seen again. */
@Injectable()
export class Restorer {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    readonly audit: Audit,
    readonly readings: ArchivedReadings,
  ) {}

  /**
   * @returns the operation's id and how many rows the archive has of it
   * @throws Error where the archive is broken, or is not the one that the audit log knows
   */
  restore(path: string): Promise<{ operationId: string; rows: number }> {
    const folder = new ArchiveFolder(path);
    return withOwner(this.config.databaseUrl, async (client) => {
      const checked = await checkArchive(folder);
      const { manifest, rows } = checked;
      const operationId = manifest.operation.id;
      const state = await this.database.read(ARCHIVE, (tx) => stateOf(tx, operationId));
      if (state.archivedAt === null && state.log?.action === RESTORED && state.log.details.manifest === checked.sha256)
        return { operationId, rows };
      if (!isMade(state))
        throw new Error(
          state.archivedAt === null
            ? 'The operation is not archived.'
            : 'The operation was never taken out: run the command that archives it to its end, or take its mark back with --cancel.',
        );
      assertIsArchive(checked, state.log);
      await assertSameSchema(client, manifest);
      const tables = await operationTables(client, operationId);
      await putBack(client, tables, operationId, ({ name }, into) =>
        fill(client, folder, tableOf(manifest, name), into),
      );
      await this.restoreMoved(client, folder, manifest);
      await assertSameRows(client, tables, manifest);
      await patiently(() =>
        this.database.write(ARCHIVE, async (tx) => {
          await query(tx, SHORTLY);
          await unmark(tx, this, tables, operationId, {
            action: RESTORED,
            details: { manifest: checked.sha256, rows },
          });
        }),
      );
      return { operationId, rows };
    });
  }

  /** Rows of tables that have no parts. What an earlier run has put back is put back again. */
  private async restoreMoved(client: Client, folder: ArchiveFolder, manifest: Manifest): Promise<void> {
    await client.query('BEGIN');
    for (const table of manifest.tables.filter(({ kind }) => kind === 'moved')) {
      await client.query(`DELETE FROM public.${table.name} WHERE operation_id = $1`, [manifest.operation.id]);
      await fill(client, folder, table, `public.${table.name}`);
    }
    await client.query('COMMIT');
  }
}

async function fill(client: Client, folder: ArchiveFolder, table: TableFile, into: string): Promise<void> {
  const columns = table.columns.map((column) => `"${column}"`).join(', ');
  const rows = await copyIn(
    client,
    `COPY ${into} (${columns}) FROM STDIN (FORMAT csv, HEADER MATCH)`,
    folder.csv(table),
  );
  if (rows !== table.rows) throw new Error(`${rows} rows of ${table.name} were put back, of ${table.rows}.`);
}

/** Tables that a later version has changed take no rows of an earlier one. */
async function assertSameSchema(client: Client, { schema }: Manifest): Promise<void> {
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM migrations ORDER BY id DESC LIMIT 1`);
  if (rows[0]?.name !== schema)
    throw new Error(
      `The archive was made by the schema ${schema}, and the database has ${String(rows[0]?.name)}: put it back into a copy of the ` +
        'database of that version, and migrate that.',
    );
}
