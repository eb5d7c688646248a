import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database, partOfMuster, query } from '#platform';

const HOURLY_MS = 60 * 60 * 1000;
const HOUSEKEEPING = partOfMuster('housekeeping');

/** Removes what has run out and is of no further use: tokens and invitations that nobody can use any more. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Housekeeping.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly database: Database) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.tidy(), HOURLY_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async tidy(): Promise<void> {
    try {
      await this.database.write(HOUSEKEEPING, async (tx) => {
        await query(tx, `DELETE FROM access_tokens WHERE expires_at < now() - interval '1 day'`);
        await query(tx, `DELETE FROM refresh_tokens WHERE expires_at < now() - interval '1 day'`);
        await query(tx, `DELETE FROM user_invitations WHERE expires_at < now() - interval '30 days'`);
      });
    } catch (error) {
      this.logger.warn(`Housekeeping failed and will be tried again: ${String(error)}`);
    }
  }
}
