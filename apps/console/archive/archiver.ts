import { setTimeout as delay } from 'node:timers/promises';

import { ArchivedReadings, Audit, HeadSigner, Sealer, Verification } from '#audit';
import { ACCESS_CHANNEL } from '#identity';
import { Clock, CONFIG, type Config, Database, query, type Tx } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Client } from 'pg';
import { v7 } from 'uuid';

import { reasonsAgainst } from './archivable.js';
import { checkArchive } from './archive-check.js';
import { ArchiveFolder } from './archive-folder.js';
import { ARCHIVE, type ArchivedState, ARCHIVING, assertIsArchive, isMade, stateOf, unmark } from './archived-state.js';
import { writeArchive } from './archive-writing.js';
import { assertSameRows, type OperationTable, operationTables, partsOf } from './operation-tables.js';
import { patiently, SHORTLY, withOwner } from './owner-connection.js';
import { dropParts, freezing, putAside } from './parts.js';

/** How long a worker may take that alone has the key of the log's heads, in milliseconds: it signs a minute after a chain has grown. */
const SIGNING = 150_000;
/** How long another sealer may take that is at it. */
const SEALING = 60_000;
const NO_KEY =
  'The head of the audit log is signed by a worker with its own key: start one, or give AUDIT_SIGNING_KEY.';

/** Rows that are deleted in one transaction. */
const BATCH = 20_000;

/** What came of it. */
export interface Archived {
  readonly rows: number;
  /** SHA-256 of the manifest. */
  readonly sha256: string;
}

/**
 * Takes an operation that is over out of the database, into files. In steps, each of which finds what an earlier run has done, so that a run that
 * died is simply run again: from the first on, the operation is marked and nothing of it can be read or changed; only when the files
 * were read back, and the log says so, anything is taken out.
 */
@Injectable()
export class Archiver {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly clock: Clock,
    readonly audit: Audit,
    private readonly sealer: Sealer,
    private readonly signer: HeadSigner,
    private readonly verification: Verification,
    readonly readings: ArchivedReadings,
  ) {}

  /**
   * @param path a folder that is empty or not there yet, or the one of the earlier run
   * @param drop whether the parts are dropped; otherwise they stay in the schema `archived_parts`
   * @throws Error with every reason that speaks against it, or with what is wrong with the folder
   */
  archive(operationId: string, path: string, drop: boolean): Promise<Archived> {
    const folder = new ArchiveFolder(path);
    return withOwner(this.config.databaseUrl, async (client) => {
      const tables = await operationTables(client, operationId);
      const state = await this.stateOf(operationId);
      const { rows, sha256 } = isMade(state)
        ? await this.archiveOf(folder, operationId, state)
        : await this.make(client, tables, operationId, folder, state);
      await putAside(client, tables);
      await this.clearAway(operationId);
      if (drop) await dropParts(client, tables);
      return { rows, sha256 };
    });
  }

  /**
   * Takes the mark of an operation back, of which nothing was taken out yet: it is as it was. A folder that was begun for it stays, and may be
   * given again.
   * @throws Error where it is not marked, or its archive is made: then only that puts it back
   */
  cancel(operationId: string): Promise<void> {
    return withOwner(this.config.databaseUrl, async (client) => {
      const tables = await operationTables(client, operationId);
      const state = await this.stateOf(operationId);
      if (isMade(state)) throw new Error('The operation is archived: --restore FOLDER puts it back.');
      if (state.archivedAt === null) throw new Error('The operation is not being archived.');
      await patiently(() =>
        this.database.write(ARCHIVE, async (tx) => {
          await query(tx, SHORTLY);
          await unmark(tx, this, tables, operationId, {
            action: 'operation.archiving-ended',
            details: { run: state.run },
          });
        }),
      );
    });
  }

  private stateOf(operationId: string): Promise<ArchivedState> {
    return this.database.read(ARCHIVE, (tx) => stateOf(tx, operationId));
  }

  /** The archive that was made before, whole. */
  private async archiveOf(folder: ArchiveFolder, operationId: string, { log, run }: ArchivedState): Promise<Archived> {
    const checked = await checkArchive(folder);
    assertIsArchive(checked, log);
    await folder.claim(operationId, run ?? undefined);
    return checked;
  }

  /** Makes the archive, reads it back, and says so in the log. */
  private async make(
    client: Client,
    tables: readonly OperationTable[],
    operationId: string,
    folder: ArchiveFolder,
    { archivedAt, run: earlier }: ArchivedState,
  ): Promise<Archived> {
    const run = archivedAt !== null && earlier !== null ? earlier : v7();
    if (archivedAt === null) {
      await this.assertCanBegin(operationId, folder);
      await this.mark(tables, operationId, run);
    } else await folder.claim(operationId, run);
    const head = await this.endChain(tables, operationId);
    if (!(await folder.isFinished()))
      await writeArchive(client, tables, folder, { operationId, run, head, now: this.clock.now() });
    const { manifest, sha256, rows, faults } = await checkArchive(folder);
    if (faults.length > 0) throw new Error(`The archive is not right, and nothing was taken out: ${faults.join('; ')}`);
    if (manifest.run !== run || manifest.audit.head.hash !== head.hash)
      throw new Error('The folder holds another archive: give one that is empty.');
    await assertSameRows(client, tables, manifest);
    await this.readings.keep(operationId);
    await this.database.write(ARCHIVE, (tx) =>
      this.audit.append(tx, ARCHIVE, {
        operationId: null,
        action: 'operation.archived',
        subjectId: operationId,
        details: { head, manifest: sha256, rows },
      }),
    );
    return { rows, sha256 };
  }

  /**
   * Looks at all that could keep the archive from being made, before anything is marked: from then on nobody reads the operation.
   * @throws Error with what speaks against it
   */
  private async assertCanBegin(operationId: string, folder: ArchiveFolder): Promise<void> {
    const reasons = await this.database.read(ARCHIVE, (tx) => reasonsAgainst(tx, operationId, this.clock.now()));
    if (reasons.length > 0) throw refused(reasons);
    await folder.claim(operationId, undefined);
    if (!(await this.signer.canSign())) throw new Error(NO_KEY);
    await this.seal(operationId);
    const { breaches } = await this.verification.run({ chain: operationId });
    if (breaches.length > 0)
      throw refused(breaches.map(({ fault }) => `its chain of the audit log is broken, see audit:verify: ${fault}`));
  }

  /**
   * Marks the operation, and freezes its parts, in one transaction: who was writing has ended by then, and what is there stays so. Its seals are
   * left open, for the entries that were written last.
   */
  private async mark(tables: readonly OperationTable[], operationId: string, run: string): Promise<void> {
    await patiently(() =>
      this.database.write(ARCHIVE, async (tx) => {
        await query(tx, SHORTLY);
        // As `Database.write` holds an operation, but no longer than others should wait behind it.
        await query(tx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 1))`, [operationId]);
        for (const table of partsOf(tables)) if (table.name !== 'audit_seals') await query(tx, freezing(table));
        const reasons = await reasonsAgainst(tx, operationId, this.clock.now());
        if (reasons.length > 0) throw refused(reasons);
        await query(tx, `UPDATE operations SET archived_at = $2 WHERE id = $1`, [operationId, this.clock.now()]);
        // Whoever may be following it is looked at, and told that this has ended.
        await query(
          tx,
          `SELECT pg_notify($2, user_id::text) FROM (
               SELECT DISTINCT user_id FROM grants WHERE ended_at IS NULL AND (operation_id = $1 OR operation_id IS NULL)) AS g`,
          [operationId, ACCESS_CHANNEL],
        );
        await this.audit.append(tx, ARCHIVE, {
          operationId: null,
          action: ARCHIVING,
          subjectId: operationId,
          details: { run },
        });
      }),
    );
  }

  /** Seals what the log has of the operation, signs the head over it, and lets nothing be sealed after it. */
  private async endChain(
    tables: readonly OperationTable[],
    operationId: string,
  ): Promise<{ seq: number; hash: string }> {
    await this.seal(operationId);
    await within(SIGNING, NO_KEY, () => this.signer.signHead(operationId));
    return patiently(() =>
      this.database.write(ARCHIVE, async (tx) => {
        await query(tx, SHORTLY);
        for (const table of partsOf(tables)) if (table.name === 'audit_seals') await query(tx, freezing(table));
        const [head] = await query<{ seq: string; hash: string }>(
          tx,
          `SELECT seq, encode(hash, 'hex') AS hash FROM audit_seals WHERE chain = $1 ORDER BY seq DESC LIMIT 1`,
          [operationId],
        );
        if (!head) throw new Error('The audit log has no entry of this operation.');
        return { seq: Number(head.seq), hash: head.hash };
      }),
    );
  }

  private seal(operationId: string): Promise<void> {
    return within(SEALING, 'Entries of the audit log are not sealed.', async () => {
      await this.sealer.sealAll();
      return this.database.read(ARCHIVE, (tx) => isSealed(tx, operationId));
    });
  }

  /** Removes what would tell of the records that are gone: how each is shared, and the figures that are kept of them. */
  private async clearAway(operationId: string): Promise<void> {
    for (;;) {
      const gone = await this.database.write(ARCHIVE, (tx) =>
        query(
          tx,
          `DELETE FROM shared_records WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM shared_records WHERE operation_id = $1 LIMIT ${BATCH})) RETURNING 1`,
          [operationId],
        ),
      );
      if (gone.length < BATCH) break;
    }
    await this.database.write(ARCHIVE, async (tx) => {
      await query(tx, `DELETE FROM figure_questions WHERE operation_id = $1`, [operationId]);
      await query(tx, `DELETE FROM feed_followers WHERE operation_id = $1`, [operationId]);
    });
  }
}

function refused(reasons: readonly string[]): Error {
  return new Error(`The operation can't be archived:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`);
}

async function isSealed(tx: Tx, operationId: string): Promise<boolean> {
  const [row] = await query<{ isSealed: boolean }>(
    tx,
    `SELECT NOT EXISTS (SELECT FROM audit_entries e WHERE e.operation_id = $1
       AND NOT EXISTS (SELECT FROM audit_seals s WHERE s.chain = $1 AND s.entry_id = e.id)) AS "isSealed"`,
    [operationId],
  );
  return row?.isSealed ?? false;
}

/** Tries until it is so. @throws Error with `otherwise` where it is not so in time */
async function within(limit: number, otherwise: string, attempt: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + limit;
  while (!(await attempt())) {
    if (Date.now() > end) throw new Error(otherwise);
    await delay(500);
  }
}
