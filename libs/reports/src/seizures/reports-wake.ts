import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config, joinQueue, REPORTS_QUEUE_TOKEN, type WakeQueue } from '#platform';

/** Reports that arrive within this time wake the worker once. */
const GATHER_MS = 100;

/**
 * Wakes the worker when reports are owed. A wake-up is a hint and no more: what is owed stands in the outbox, and the worker's sweep
 * finds it within a second where a wake-up was lost.
 */
@Injectable()
export class ReportsWake implements OnModuleInit {
  private readonly logger = new Logger(ReportsWake.name);
  private isDue = false;

  constructor(
    @Inject(REPORTS_QUEUE_TOKEN) private readonly queue: WakeQueue,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onModuleInit(): Promise<void> {
    this.queue.on('error', (error) => this.logger.warn(`The queue is in trouble: ${String(error)}`));
    await joinQueue(this.config, this.queue);
  }

  soon(): void {
    if (this.isDue) return;
    this.isDue = true;
    setTimeout(() => {
      this.isDue = false;
      this.queue
        .add('settle', {}, { removeOnComplete: true, removeOnFail: true, deduplication: { id: 'settle' } })
        .catch((error: unknown) => this.logger.warn(`The queue could not be reached: ${String(error)}`));
    }, GATHER_MS);
  }
}
