import { setTimeout as pause } from 'node:timers/promises';
import { HEALTHY_AFTER, pauseAfter } from './backoff.js';
import type { End, Life, Part } from './part.js';
import { isRunning } from './processes.js';
import { say } from './say.js';
import { StartFault } from './start-fault.js';

/** Keeps one part of Muster running: starts it, and starts it again whenever it dies, until it is told to end. */
export class Watch<Ready> {
  private readonly ending = new AbortController();
  private life: Life<Ready> | undefined;
  private keeping: Promise<void> | undefined;

  /** @param onReady called at each readiness, the first one too */
  constructor(
    private readonly part: Part<Ready>,
    private readonly onReady: (pid: number, ready: Ready) => void,
  ) {}

  /**
   * Starts the part and returns when it is ready for the first time; from then on it is kept.
   * @throws StartFault when it ends by itself again and again before it was ever ready
   */
  begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.keeping = this.keep(resolve).catch(reject);
    });
  }

  /** Ends the part for good. */
  async end(): Promise<void> {
    this.ending.abort();
    await this.life?.stop();
    await this.keeping;
  }

  private async keep(onFirstReady: () => void): Promise<void> {
    let wasReady = false;
    for (let deaths = 0, failures = 0; !this.ending.signal.aborted;) {
      const { readyFor, end } = await this.liveOnce(() => {
        wasReady = true;
        onFirstReady();
      });
      if (this.ending.signal.aborted) return;
      if (!wasReady && !end.isKilled && ++failures >= this.part.firstTries) {
        throw new StartFault(`${this.part.name} does not start: it ${end.how}`);
      }
      deaths = readyFor >= HEALTHY_AFTER ? 1 : deaths + 1;
      if (wasReady || end.isKilled) this.tell(end, deaths);
      await pause(pauseAfter(deaths), undefined, { signal: this.ending.signal }).catch(() => undefined);
    }
  }

  private async liveOnce(onReady: () => void): Promise<{ readyFor: number; end: End }> {
    let readyAt = Infinity;
    let unfit: End | undefined;
    try {
      const life = await this.part.begin();
      this.life = life;
      // Told to end while it began.
      if (this.ending.signal.aborted) await life.stop();
      life.ready.then(
        (ready) => {
          readyAt = Date.now();
          this.onReady(life.pid, ready);
          onReady();
        },
        (error: unknown) => {
          if (!isRunning(life.pid)) return;
          unfit = { how: `is of no use: ${messageOf(error)}`, isKilled: false };
          void life.stop();
        },
      );
      const end = await life.ended;
      return { readyFor: Date.now() - readyAt, end: unfit ?? end };
    } catch (error) {
      return { readyFor: 0, end: { how: `could not be started: ${messageOf(error)}`, isKilled: false } };
    } finally {
      this.life = undefined;
    }
  }

  private tell({ how }: End, deaths: number): void {
    const seconds = pauseAfter(deaths) / 1000;
    const again =
      deaths === 1 ? 'it is started again' : `${deaths} times in a row; it is started again in ${seconds} s`;
    say(`${this.part.name} ${how}; ${again}`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
