import type { Logger } from '@nestjs/common';

import { partOfMuster } from './actor.js';
import type { Database } from './database.js';
import type { LeasedWork, Outbox, OutboxKind } from './outbox.js';

/**
 * How long nobody else takes up what somebody has, in seconds. It is kept for longer as long as the process lives; where that one is silent two
 * may be at it, and the first to end counts.
 */
export const LEASE_SECONDS = 60;
/** So often it is kept for as long again. */
const EXTEND_MS = 15_000;
const LONGEST_PAUSE_SECONDS = 60;
const WORKER = partOfMuster('worker');

/** How long a piece waits for its next try, in seconds: twice as long each time, up to a minute. */
export function pauseAfter({ attempts }: LeasedWork): number {
  return Math.min(LONGEST_PAUSE_SECONDS, 2 ** Math.min(attempts - 1, 10));
}

/** Does work that takes longer than a transaction may last, one piece after the other, each lent out to this process meanwhile. */
export class LeasedRounds {
  private running: Promise<void> | undefined;
  private isOver = false;

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly kind: OutboxKind,
    private readonly logger: Logger,
    private readonly doOne: (work: LeasedWork) => Promise<void>,
    private readonly extendMs = EXTEND_MS,
  ) {}

  /** Whether the process ends, so that nothing new is to be begun. */
  get isEnding(): boolean {
    return this.isOver;
  }

  /** Begins, and does not wait: reports are settled beside it, not after it. */
  begin(): Promise<void> {
    this.running ??= this.doAll()
      .catch((error: unknown) => this.logger.warn(`Work of ${this.kind} could not be taken up: ${String(error)}`))
      .finally(() => {
        this.running = undefined;
      });
    return Promise.resolve();
  }

  /** Begins nothing more, and waits for what is under way. */
  async end(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private async doAll(): Promise<void> {
    while (!this.isOver) {
      const work = await this.database.write(WORKER, (tx) => this.outbox.lease(tx, this.kind, LEASE_SECONDS));
      if (!work) return;
      const timer = setInterval(() => void this.extend(work), this.extendMs);
      try {
        await this.doOne(work);
      } finally {
        clearInterval(timer);
      }
    }
  }

  private async extend(work: LeasedWork): Promise<void> {
    try {
      await this.database.write(WORKER, (tx) => this.outbox.extend(tx, work, LEASE_SECONDS));
    } catch (error) {
      this.logger.warn(`Work of ${this.kind} could not be kept for longer: ${String(error)}`);
    }
  }
}
