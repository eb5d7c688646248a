import { cpus } from 'node:os';

/**
 * The least rest before the next batch, in milliseconds, where the last one took all that there was: so that reports gather, as a batch of a
 * hundred costs little more than one of ten.
 */
const SHORTEST_REST = 40;
const LONGEST_REST = 600;
/** From this share of the processors' time on that nobody used, there is no need to rest for others. */
const ENOUGH_IDLE = 0.12;
/** From this age on of the oldest report, what waits goes before what comes; in milliseconds. */
const OLD = 5_000;

/** Reports that are taken for one transaction; where countries take turns, as many may come with them that name the same units. */
export const BATCH = 150;
/** Settled in one batch, so few reports say that no flood is at the door. */
const FEW = 50;

/** What the processors of the machine did since it was started, in milliseconds, all of them together. */
export interface ProcessorTimes {
  readonly idle: number;
  readonly all: number;
}

/** What is known when a batch is done. */
export interface BatchDone {
  /** Reports. */
  readonly settled: number;
  readonly workedMs: number;
  /** Of the oldest report that was due before the batch. */
  readonly ageMs: number;
  /** The share of the processors' time that nobody used since the batch before. */
  readonly idle: number;
}

/**
 * How long the worker rests after a batch, in milliseconds. While processors are short it rests twice as long as it worked: what was
 * acknowledged is safe and can wait some seconds, and what is at the door can't. Where few reports come, or there is time that nobody uses, or
 * reports have waited long enough, it goes on.
 */
export function restAfter({ settled, workedMs, ageMs, idle }: BatchDone): number {
  if (settled >= BATCH && (idle >= ENOUGH_IDLE || ageMs >= OLD)) return 0;
  if (settled <= FEW || idle >= ENOUGH_IDLE || ageMs >= OLD) return SHORTEST_REST;
  return Math.min(LONGEST_REST, Math.max(SHORTEST_REST, 2 * workedMs));
}

/** Tells which share of the processors' time was left since it was last asked; at first, since it was made. */
export class IdleTime {
  private before: ProcessorTimes;

  constructor(private readonly look: () => ProcessorTimes = processorTimes) {
    this.before = look();
  }

  share(): number {
    const now = this.look();
    const { idle, all } = this.before;
    this.before = now;
    return now.all > all ? (now.idle - idle) / (now.all - all) : 0;
  }
}

function processorTimes(): ProcessorTimes {
  let [idle, all] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, all };
}
