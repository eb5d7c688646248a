import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database, partOfMuster, query } from '#platform';

import { OBJECT_STORE, type ObjectStore, UPLOAD_HOURS } from './object-store.js';
import { Uploads } from './uploads.service.js';

const EVERY_MS = 15 * 60 * 1000;
const SWEEP = partOfMuster('attachments-sweep');
/** Uploads looked up in one go. */
const MOST = 500;
/** Before every id. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

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
      await this.database.write(SWEEP, (tx) =>
        query(
          tx,
          `UPDATE attachment_uploads SET ended_at = now() WHERE ended_at IS NULL AND created_at < now() - interval '${UPLOAD_HOURS} hours'`,
        ),
      );
      for (let after: string | undefined = NO_ID; after !== undefined;) after = await this.clearSome(after);
      await this.objects.tidy();
    } catch (error) {
      this.logger.warn(`Uploads could not be swept and will be tried again: ${String(error)}`);
    }
  }

  /** Clears some of those that have ended; gives the last id that it tried, and none where there are no more. */
  private async clearSome(after: string): Promise<string | undefined> {
    const ended = await this.database.read(SWEEP, (tx) =>
      query<{ id: string; operation_id: string }>(
        tx,
        `SELECT id, operation_id FROM attachment_uploads WHERE ended_at IS NOT NULL AND id > $1 ORDER BY id LIMIT ${MOST}`,
        [after],
      ),
    );
    if (ended.length > 0) await this.objects.prepare();
    for (const { id, operation_id: operationId } of ended) {
      // One that cannot be cleared now is tried again, and keeps no other back.
      await this.uploads
        .clear(SWEEP, id, operationId)
        .catch((error: unknown) => this.logger.warn(`The upload ${id} is not cleared: ${String(error)}`));
    }
    return ended.at(-1)?.id;
  }
}
