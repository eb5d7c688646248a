import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { HeadSigner } from './head-signer.js';
import { Sealer } from './sealer.js';

/** An entry has five seconds until it is sealed; a rest of one lets entries come together while many are written. */
const REST = 1_000;

/** Lets the log be sealed, and its heads be signed, for as long as the worker runs. */
@Injectable()
export class AuditTimer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(AuditTimer.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isStopping = false;
  private isSwept = false;

  constructor(
    private readonly sealer: Sealer,
    private readonly signer: HeadSigner,
  ) {}

  onApplicationBootstrap(): void {
    this.next(0);
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private next(rest: number): void {
    if (this.isStopping) return;
    this.timer = setTimeout(() => {
      this.running = this.run().finally(() => this.next(REST));
    }, rest);
  }

  private async run(): Promise<void> {
    try {
      if (!this.isSwept) {
        const found = await this.sealer.sweep();
        if (found > 0) this.logger.log(`${found} entries of the audit log were sealed at the start.`);
        this.isSwept = true;
      }
      await this.sealer.sealAll();
      await this.signer.signDue();
    } catch (error) {
      if (!this.isStopping) this.logger.warn(`The audit log could not be sealed and will be: ${String(error)}`);
    }
  }
}
