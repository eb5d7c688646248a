import { ArchivedReadings, Audit } from '#audit';
import { CONFIG, type Config, Database, partOfMuster, query } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Client } from 'pg';

import { checkArchive } from './archive-check.js';
import { ArchiveFolder } from './archive-folder.js';
import { assertIsArchive, stateOf } from './archived-state.js';
import { copyIn } from './copy.js';
import type { Manifest, TableFile } from './manifest.js';
import { operationTables, partsOf } from './operation-tables.js';
import { patiently, SHORTLY, withOwner } from './owner-connection.js';
import { putBack, thawing } from './parts.js';

const ARCHIVE = partOfMuster('archive');

/** Puts an archived operation back as it was, in steps that find what an earlier run has done; only with the last it is seen again. */
@Injectable()
export class Restorer {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly audit: Audit,
    private readonly readings: ArchivedReadings,
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
      if (!state)
        throw new Error('This database has never known the operation: an archive goes back to where it was made.');
      const isBack = state.log?.action === 'operation.restored' && state.log.details.manifest === checked.sha256;
      if (isBack && state.archivedAt === null) return { operationId, rows };
      if (state.archivedAt === null) throw new Error('The operation is not archived.');
      if (state.log?.action !== 'operation.archived')
        throw new Error('The operation was never taken out: run the command that archives it to its end first.');
      assertIsArchive(checked, state);
      await assertSameSchema(client, manifest);
      const tables = await operationTables(client, operationId);
      await putBack(client, tables, operationId, ({ name }, into) =>
        fill(client, folder, fileOf(manifest, name), into),
      );
      await this.restoreMoved(client, folder, manifest);
      const parts = partsOf(tables);
      await patiently(() =>
        this.database.write(ARCHIVE, async (tx) => {
          await query(tx, SHORTLY);
          for (const part of parts) await query(tx, thawing(part));
          await this.readings.giveBack(tx, operationId);
          // Whatever was worked out meanwhile was worked out from nothing.
          await query(tx, `DELETE FROM figure_questions WHERE operation_id = $1`, [operationId]);
          await query(tx, `UPDATE operations SET archived_at = NULL WHERE id = $1`, [operationId]);
          await this.audit.append(tx, ARCHIVE, {
            operationId: null,
            action: 'operation.restored',
            subjectId: operationId,
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

function fileOf({ tables }: Manifest, name: string): TableFile {
  const table = tables.find((each) => each.name === name);
  if (!table) throw new Error(`The archive is older than the table ${name}.`);
  return table;
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
