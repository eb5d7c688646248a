import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database, partOfMuster, query } from '#platform';

import { OBJECT_STORE, type ObjectStore, UPLOAD_HOURS } from './object-store.js';
import { Uploads } from './uploads.service.js';

const EVERY_MS = 15 * 60 * 1000;
const SWEEP = partOfMuster('attachments-sweep');
/** Uploads cleared in one go; the next go takes the rest. */
const MOST = 500;

/** Ends uploads that nobody went on with for a day, and clears away what is left of those that have ended. */
@Injectable()
export class UploadsSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(UploadsSweep.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly uploads: Uploads,
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
      // Ended first, and cleared after the commit: an upload that is sealed at this instant either was before, or can't be any more.
      const ended = await this.database.write(SWEEP, async (tx) => {
        await query(
          tx,
          `UPDATE attachment_uploads SET ended_at = now() WHERE ended_at IS NULL AND created_at < now() - interval '${UPLOAD_HOURS} hours'`,
        );
        return query<{ id: string; operation_id: string }>(
          tx,
          `SELECT id, operation_id FROM attachment_uploads WHERE ended_at IS NOT NULL LIMIT ${MOST}`,
        );
      });
      if (ended.length > 0) await this.objects.prepare();
      for (const { id, operation_id: operationId } of ended) await this.uploads.clear(SWEEP, id, operationId);
      await this.objects.tidy();
    } catch (error) {
      this.logger.warn(`Uploads could not be swept and will be tried again: ${String(error)}`);
    }
  }
}
