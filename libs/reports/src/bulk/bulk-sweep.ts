import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database, partOfMuster, query, type Tx } from '#platform';

import { OBJECT_STORE, type ObjectStore, UPLOAD_HOURS } from '../attachments/object-store.js';
import { type ExportFile, ExportFiles } from './export-files.js';
import { KEPT_HOURS } from './export-progress.js';
import { ImportUploads } from './import-uploads.service.js';

const EVERY_MS = 60 * 60 * 1000;
/** How long a file that was brought, and one of what was refused of it, are kept. */
export const KEPT_DAYS = 7;
/** Files looked for at once. */
const MOST = 500;
const SWEEP = partOfMuster('bulk-sweep');
/** Before the first of all ids. */
const FIRST = '00000000-0000-0000-0000-000000000000';

/** A file of an import, by the id that it lies under. */
interface Swept {
  readonly id: string;
  readonly operationId: string;
}

/** A file of an export, by the same. */
type SweptExport = Swept & ExportFile;

/** Removes the files of imports and exports when they have had their time, and uploads that nobody went on with. */
@Injectable()
export class BulkSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(BulkSweep.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly uploads: ImportUploads,
    private readonly files: ExportFiles,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  onApplicationBootstrap(): void {
    void this.sweep();
    this.timer = setInterval(() => void this.sweep(), EVERY_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  async sweep(): Promise<void> {
    await this.each('Uploads to import', endedUploads, async (upload) => {
      await this.objects.prepare();
      await this.uploads.tidy(SWEEP, upload);
    });
    await this.each('Files of refused rows', oldRefusals, (file) => this.removeRefused(file));
    await this.each('Exports', expiredExports, (file) => this.removeExport(file));
    await this.each('Files of runs that came to no end', strayFiles, (file) => this.files.drop(file));
  }

  /** Removes the files of one kind, some after the others; what can't be removed keeps none of the others. */
  private async each<File extends Swept>(
    what: string,
    find: (tx: Tx, after: string) => Promise<File[]>,
    remove: (file: File) => Promise<void>,
  ): Promise<void> {
    const warn = (error: unknown): void => this.logger.warn(`${what} are to be swept again: ${String(error)}`);
    try {
      for (let [after, isMore] = [FIRST, true]; isMore;) {
        const found = await this.database.write(SWEEP, (tx) => find(tx, after));
        for (const file of found) await remove(file).catch(warn);
        after = found.at(-1)?.id ?? after;
        isMore = found.length === MOST;
      }
    } catch (error) {
      warn(error);
    }
  }

  private async removeRefused({ id, operationId }: Swept): Promise<void> {
    await this.objects.remove('refused', id);
    await this.database.write(SWEEP, (tx) =>
      query(tx, `UPDATE imports SET errors_removed_at = now() WHERE operation_id = $1 AND id = $2`, [operationId, id]),
    );
  }

  private async removeExport(file: SweptExport): Promise<void> {
    const { operationId, exportId } = file;
    await this.files.remove(file, async (tx) => {
      await query(tx, `DELETE FROM export_records WHERE operation_id = $1 AND export_id = $2`, [operationId, exportId]);
      await query(tx, `UPDATE exports SET file_removed_at = now() WHERE operation_id = $1 AND id = $2`, [
        operationId,
        exportId,
      ]);
    });
  }
}

async function endedUploads(tx: Tx, after: string): Promise<Swept[]> {
  await query(
    tx,
    `UPDATE import_uploads u SET ended_at = now() WHERE ended_at IS NULL AND (
       (sealed_at IS NULL AND created_at < now() - interval '${UPLOAD_HOURS} hours')
       OR (sealed_at < now() - interval '${KEPT_DAYS} days'
         AND NOT EXISTS (SELECT FROM imports i WHERE i.upload_id = u.id AND i.operation_id = u.operation_id AND i.finished_at IS NULL)))`,
  );
  return query(
    tx,
    `SELECT id, operation_id AS "operationId" FROM import_uploads WHERE ended_at IS NOT NULL AND id > $1 ORDER BY id LIMIT ${MOST}`,
    [after],
  );
}

function oldRefusals(tx: Tx, after: string): Promise<Swept[]> {
  return query(
    tx,
    `SELECT id, operation_id AS "operationId" FROM imports
     WHERE errors_size IS NOT NULL AND errors_removed_at IS NULL AND finished_at < now() - interval '${KEPT_DAYS} days' AND id > $1
     ORDER BY id LIMIT ${MOST}`,
    [after],
  );
}

function expiredExports(tx: Tx, after: string): Promise<SweptExport[]> {
  return query(
    tx,
    `SELECT id, operation_id AS "operationId", id AS "exportId", run_id AS "runId" FROM exports
     WHERE file_size IS NOT NULL AND file_removed_at IS NULL AND expires_at < now() AND id > $1 ORDER BY id LIMIT ${MOST}`,
    [after],
  );
}

/** Of runs that died, or lost the store, before they could remove their file: no run lasts for so long. */
function strayFiles(tx: Tx, after: string): Promise<SweptExport[]> {
  return query(
    tx,
    `SELECT f.run_id AS id, f.operation_id AS "operationId", f.export_id AS "exportId", f.run_id AS "runId" FROM export_files f
     WHERE f.created_at < now() - interval '${KEPT_HOURS} hours' AND f.run_id > $1 AND NOT EXISTS (
       SELECT FROM exports x WHERE x.operation_id = f.operation_id AND x.id = f.export_id AND x.run_id = f.run_id
         AND (x.finished_at IS NULL OR (x.file_size IS NOT NULL AND x.file_removed_at IS NULL)))
     ORDER BY f.run_id LIMIT ${MOST}`,
    [after],
  );
}
