import { Processor, WorkerHost } from '@nestjs/bullmq';
import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import {
  Database,
  isUnavailable,
  Outbox,
  type OutboxHandler,
  OutboxHandlers,
  type OwedWork,
  partOfMuster,
  REPORTS_QUEUE,
} from '#platform';

import { Settlement } from './settlement.js';

/** Reports that are settled in one transaction at most. */
const BATCH = 100;
const SWEEP_MS = 1_000;
const KIND = 'seizure.settle';
const WORKER = partOfMuster('worker');

/**
 * Settles what is owed in the outbox, batch by batch. A batch that fails runs again one by one, so that one bad report holds up no
 * other; what fails by itself is tried again later and at last kept as failed. A lost connection is nobody's fault and no try.
 */
@Injectable()
export class SeizureSettler implements OutboxHandler, OnModuleInit {
  readonly kind = KIND;
  private readonly logger = new Logger(SeizureSettler.name);

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly settlement: Settlement,
    private readonly handlers: OutboxHandlers,
  ) {}

  onModuleInit(): void {
    this.handlers.register(this);
  }

  /** Settles until nothing more is due. */
  async drain(): Promise<void> {
    for (;;) {
      const operations = await this.database.read(WORKER, (tx) => this.outbox.due(tx, KIND));
      let settled = 0;
      for (const operationId of operations) settled += await this.settleBatch(operationId);
      if (settled === 0) return;
    }
  }

  private async settleBatch(operationId: string): Promise<number> {
    let taken: OwedWork[] = [];
    try {
      await this.database.write(
        WORKER,
        async (tx) => {
          taken = await this.outbox.take(tx, KIND, operationId, BATCH);
          await this.settlement.settleAll(
            tx,
            WORKER,
            operationId,
            taken.map(({ subjectId }) => subjectId),
          );
        },
        { operationId },
      );
      return taken.length;
    } catch (error) {
      // Where nothing was taken, no report is to blame.
      if (isUnavailable(error) || taken.length === 0) throw error;
      for (const work of taken) await this.settleOne(work);
      return taken.length;
    }
  }

  private async settleOne(work: OwedWork): Promise<void> {
    const { operationId, subjectId } = work;
    try {
      await this.database.write(
        WORKER,
        async (tx) => {
          if (await this.outbox.takeOne(tx, work))
            await this.settlement.settleAll(tx, WORKER, operationId, [subjectId]);
        },
        { operationId },
      );
    } catch (error) {
      if (isUnavailable(error)) throw error;
      this.logger.error({ err: error, seizureId: subjectId }, 'A report could not be settled.');
      const reason = error instanceof Error ? error.message : String(error);
      await this.database.write(WORKER, (tx) => this.outbox.putBack(tx, work, reason.slice(0, 500)));
    }
  }
}

/** Wakes up when reports have come in. */
@Processor(REPORTS_QUEUE, { concurrency: 1 })
export class SeizuresProcessor extends WorkerHost {
  constructor(private readonly handlers: OutboxHandlers) {
    super();
  }

  async process(): Promise<void> {
    await this.handlers.drain();
  }
}

/** Looks every second for what is owed, so that a lost wake-up, or a lost queue, delays a report by no more than that. */
@Injectable()
export class SeizuresSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SeizuresSweep.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isEnded = false;

  constructor(private readonly handlers: OutboxHandlers) {}

  onApplicationBootstrap(): void {
    this.handlers.assertComplete();
    this.later();
  }

  async onModuleDestroy(): Promise<void> {
    this.isEnded = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private later(): void {
    this.timer = setTimeout(() => {
      this.running = this.handlers
        .drain()
        .catch((error: unknown) => this.logger.warn(`The sweep failed and will be tried again: ${String(error)}`))
        .finally(() => {
          if (!this.isEnded) this.later();
        });
    }, SWEEP_MS);
  }
}
