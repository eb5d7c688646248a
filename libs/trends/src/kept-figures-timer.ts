import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { KeptFigures } from './kept-figures.service.js';

/** Between two looks for what has moved, in milliseconds: what is asked again meanwhile takes as much longer as was written. */
const REST = 2_000;
/** Between two looks for what nobody asks, and for operations that have begun, in milliseconds. */
const TEND_EVERY = 60_000;

/** Lets kept figures be brought forward for as long as the worker runs. */
@Injectable()
export class KeptFiguresTimer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(KeptFiguresTimer.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isStopping = false;
  private tendedAt = -Infinity;

  constructor(private readonly kept: KeptFigures) {}

  onApplicationBootstrap(): void {
    this.next();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private next(): void {
    if (this.isStopping) return;
    this.timer = setTimeout(() => {
      this.running = this.run().finally(() => this.next());
    }, REST);
  }

  private async run(): Promise<void> {
    try {
      if (this.isTimeToTend()) {
        await this.kept.tend();
        this.tendedAt = performance.now();
      }
      // Where much is asked that nobody asks twice, what is over the bound is dropped before it is made.
      await this.kept.bringForward(() => this.isStopping || this.isTimeToTend());
    } catch (error) {
      if (!this.isStopping) this.logger.warn(`Kept figures could not be brought forward and will be: ${String(error)}`);
    }
  }

  private isTimeToTend(): boolean {
    return performance.now() - this.tendedAt >= TEND_EVERY;
  }
}
