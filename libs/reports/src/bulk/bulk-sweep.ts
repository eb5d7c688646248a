import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database, partOfMuster, query } from '#platform';

import { OBJECT_STORE, type ObjectStore, UPLOAD_HOURS } from '../attachments/object-store.js';
import { ImportUploads } from './import-uploads.service.js';

const EVERY_MS = 60 * 60 * 1000;
/** How long a file that was brought, and one of what was refused of it, are kept. */
export const KEPT_DAYS = 7;
const MOST = 500;
const SWEEP = partOfMuster('bulk-sweep');

/** Removes the files of imports and exports when they have had their time, and uploads that nobody went on with. */
@Injectable()
export class BulkSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(BulkSweep.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly uploads: ImportUploads,
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
    try {
      await this.sweepUploads();
      await this.sweepRefused();
      await this.sweepExports();
    } catch (error) {
      this.logger.warn(`Files of imports and exports could not be swept and will be tried again: ${String(error)}`);
    }
  }

  private async sweepUploads(): Promise<void> {
    const ended = await this.database.write(SWEEP, async (tx) => {
      await query(
        tx,
        `UPDATE import_uploads u SET ended_at = now() WHERE ended_at IS NULL AND (
           (sealed_at IS NULL AND created_at < now() - interval '${UPLOAD_HOURS} hours')
           OR (sealed_at < now() - interval '${KEPT_DAYS} days'
             AND NOT EXISTS (SELECT FROM imports i WHERE i.upload_id = u.id AND i.operation_id = u.operation_id AND i.finished_at IS NULL)))`,
      );
      return query<{ id: string; operation_id: string }>(
        tx,
        `SELECT id, operation_id FROM import_uploads WHERE ended_at IS NOT NULL LIMIT ${MOST}`,
      );
    });
    if (ended.length > 0) await this.objects.prepare();
    for (const { id, operation_id: operationId } of ended) await this.uploads.tidy(SWEEP, { id, operationId });
  }

  private async sweepRefused(): Promise<void> {
    const old = await this.database.read(SWEEP, (tx) =>
      query<{ id: string; operation_id: string }>(
        tx,
        `SELECT id, operation_id FROM imports
         WHERE errors_size IS NOT NULL AND errors_removed_at IS NULL AND finished_at < now() - interval '${KEPT_DAYS} days' LIMIT ${MOST}`,
      ),
    );
    for (const { id, operation_id: operationId } of old) {
      await this.objects.remove('refused', id);
      await this.database.write(SWEEP, (tx) =>
        query(tx, `UPDATE imports SET errors_removed_at = now() WHERE operation_id = $1 AND id = $2`, [
          operationId,
          id,
        ]),
      );
    }
  }

  private async sweepExports(): Promise<void> {
    const old = await this.database.read(SWEEP, (tx) =>
      query<{ id: string; operation_id: string; run_id: string }>(
        tx,
        `SELECT id, operation_id, run_id FROM exports
         WHERE file_size IS NOT NULL AND file_removed_at IS NULL AND expires_at < now() LIMIT ${MOST}`,
      ),
    );
    for (const { id, operation_id: operationId, run_id: runId } of old) {
      await this.objects.remove('exports', runId);
      await this.database.write(SWEEP, async (tx) => {
        await query(tx, `DELETE FROM export_records WHERE operation_id = $1 AND export_id = $2`, [operationId, id]);
        await query(tx, `UPDATE exports SET file_removed_at = now() WHERE operation_id = $1 AND id = $2`, [
          operationId,
          id,
        ]);
      });
    }
  }
}
