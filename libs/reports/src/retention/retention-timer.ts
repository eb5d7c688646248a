import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { RetentionRun } from './retention-run.js';

/** Records are due by the day. */
const EVERY_MS = 24 * 60 * 60 * 1000;

/** Looks each day, and when the worker starts, for what is due. */
@Injectable()
export class RetentionTimer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RetentionTimer.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly retention: RetentionRun) {}

  onApplicationBootstrap(): void {
    this.look();
    this.timer = setInterval(() => this.look(), EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private look(): void {
    this.running = this.run();
  }

  private async run(): Promise<void> {
    try {
      const { noticed, anonymised, erased } = await this.retention.run();
      if (noticed + anonymised + erased > 0)
        this.logger.log(`${noticed} operations are due; ${anonymised} records were anonymised, ${erased} erased.`);
    } catch (error) {
      this.logger.warn(`Retention failed and will be tried again: ${String(error)}`);
    }
  }
}
