import { setTimeout as delay } from 'node:timers/promises';

import { Processor, WorkerHost } from '@nestjs/bullmq';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import {
  CONFIG,
  type Config,
  Database,
  errorCode,
  isUnavailable,
  joinQueue,
  Outbox,
  type OutboxHandler,
  OutboxHandlers,
  type OwedWork,
  partOfMuster,
  REPORTS_QUEUE,
  type Tx,
} from '#platform';
import type { Job } from 'bullmq';

import { BATCH, IdleTime, restAfter } from './pace.js';
import { Settlement } from './settlement.js';

const SWEEP_MS = 1_000;
const KIND = 'seizure.settle';
const WORKER = partOfMuster('worker');

/**
 * Settles what is owed in the outbox, batch by batch. A batch that fails runs again one by one, so that one bad report holds up no
 * other; what fails by itself is tried again later and at last kept as failed. A lost connection is nobody's fault and no try.
 */
@Injectable()
export class SeizureSettler implements OutboxHandler, OnModuleInit, BeforeApplicationShutdown {
  readonly kind = KIND;
  private readonly logger = new Logger(SeizureSettler.name);
  private readonly idleTime = new IdleTime();
  private isEnding = false;

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly settlement: Settlement,
    private readonly handlers: OutboxHandlers,
  ) {}

  onModuleInit(): void {
    this.handlers.register(this);
  }

  /** The batch under way is finished, and no other begun. */
  beforeApplicationShutdown(): void {
    this.isEnding = true;
  }

  /** Settles until nothing more is due. Trouble with one operation holds up no other. */
  async drain(): Promise<void> {
    const troubles = new Map<string, unknown>();
    let settled = 1;
    while (settled > 0 && !this.isEnding) {
      settled = 0;
      const began = performance.now();
      const operations = await this.database.read(WORKER, (tx) => this.outbox.due(tx, KIND));
      for (const { operationId } of operations) {
        if (this.isEnding) return;
        if (troubles.has(operationId)) continue;
        settled += await this.settleBatch(operationId).catch((error: unknown) => {
          troubles.set(operationId, error);
          return 0;
        });
      }
      const workedMs = performance.now() - began;
      const ageMs = operations[0]?.waitedMs ?? 0;
      if (settled > 0) await delay(restAfter({ settled, workedMs, ageMs, idle: this.idleTime.share() }));
    }
    for (const error of troubles.values()) throw error;
  }

  private async settleBatch(operationId: string): Promise<number> {
    let taken: readonly OwedWork[] = [];
    try {
      await this.database.write(
        WORKER,
        async (tx) => {
          const { work, isOutOfOrder } = await this.outbox.take(tx, KIND, operationId, BATCH);
          taken = work;
          if (isOutOfOrder) taken = [...(await this.takeEarlier(tx, operationId, work)), ...work];
          await this.settlement.settleAll(
            tx,
            WORKER,
            operationId,
            taken.map(({ subjectId }) => subjectId),
          );
        },
        { operationId, plannedOnce: true },
      );
      return taken.length;
    } catch (error) {
      // Where nothing was taken, no report is to blame.
      if (isUnavailable(error) || taken.length === 0) throw error;
      for (const work of taken) await this.settleOne(work);
      return taken.length;
    }
  }

  /** Takes what came before reports of a batch and names the same units: such reports are settled in the order of their arrival. */
  private async takeEarlier(tx: Tx, operationId: string, work: readonly OwedWork[]): Promise<OwedWork[]> {
    const ids = work.map(({ subjectId }) => subjectId);
    const earlier = await this.settlement.earlierOfUnits(tx, operationId, ids, BATCH);
    return earlier.length > 0 ? this.outbox.takeNamed(tx, KIND, earlier) : [];
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
      // The hub is told that it failed and how such failures are found in the log, and nothing of the inside.
      const reason = `Settlement failed (${errorCode(error) ?? 'error'}); the worker's log says why.`;
      await this.database.write(WORKER, (tx) => this.outbox.putBack(tx, work, reason));
    }
  }
}

/** Wakes up when reports have come in. */
@Processor(REPORTS_QUEUE, { concurrency: 1, autorun: false })
export class SeizuresProcessor extends WorkerHost implements OnApplicationBootstrap {
  private readonly logger = new Logger(SeizuresProcessor.name);

  constructor(
    private readonly handlers: OutboxHandlers,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    super();
  }

  async onApplicationBootstrap(): Promise<void> {
    const tell = (error: unknown): void => this.logger.warn(`The queue is in trouble: ${String(error)}`);
    this.worker.on('error', tell);
    await joinQueue(this.config, this.worker);
    this.worker.run().catch(tell);
  }

  async process(job: Job): Promise<void> {
    // From here on a report that comes in wakes again: this drain may have looked already.
    await job.removeDeduplicationKey();
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
