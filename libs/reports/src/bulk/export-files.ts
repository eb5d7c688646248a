import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock, Database, insertRows, partOfMuster, query, type Tx } from '#platform';

import { OBJECT_STORE, type ObjectStore } from '../attachments/object-store.js';

const WORKER = partOfMuster('worker');

/** The file of one run of an export, which lies in the store under the id of the run, or may. */
export interface ExportFile {
  readonly operationId: string;
  readonly exportId: string;
  readonly runId: string;
}

/**
 * The files of exports in the store. Each is noted from before it is there until it is not there any more: whatever dies in between, the sweep
 * finds what is left.
 */
@Injectable()
export class ExportFiles {
  private readonly logger = new Logger(ExportFiles.name);

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  /** Notes that there may be one from now on. */
  async note(tx: Tx, { operationId, exportId, runId }: ExportFile): Promise<void> {
    await insertRows(tx, 'export_files', [
      { operation_id: operationId, export_id: exportId, run_id: runId, created_at: this.clock.now() },
    ]);
  }

  /** Removes the file of a run that has come to no end, or to a bad one. Where it can't be removed, the sweep will. */
  async drop(file: ExportFile): Promise<void> {
    try {
      if (await this.isGivenOut(file)) return;
      await this.remove(file, () => Promise.resolve());
    } catch (error) {
      this.logger.warn({ err: error, runId: file.runId }, 'The file of an export is left to be swept.');
    }
  }

  /** Removes a file, and then what `alike` says, in the transaction that forgets it. */
  async remove({ runId }: ExportFile, alike: (tx: Tx) => Promise<void>): Promise<void> {
    await this.objects.remove('exports', runId);
    await this.database.write(WORKER, async (tx) => {
      await alike(tx);
      await query(tx, `DELETE FROM export_files WHERE run_id = $1`, [runId]);
    });
  }

  /** Whether the run has ended well after all: where the answer to its last commit was lost. Waits for that commit. */
  private async isGivenOut({ operationId, exportId, runId }: ExportFile): Promise<boolean> {
    const [row] = await this.database.write(WORKER, (tx) =>
      query<{ isGivenOut: boolean }>(
        tx,
        `SELECT coalesce(run_id = $3 AND file_size IS NOT NULL AND file_removed_at IS NULL, FALSE) AS "isGivenOut"
         FROM exports WHERE operation_id = $1 AND id = $2 FOR UPDATE`,
        [operationId, exportId, runId],
      ),
    );
    return row?.isGivenOut === true;
  }
}
