import { rm } from 'node:fs/promises';
import type { DemoAccount } from './demo.js';
import { writePrivately } from './private-file.js';

interface Pids {
  api: number | null;
  worker: number | null;
  /** The postmaster; null where PostgreSQL is not Muster's own. */
  postgres: number | null;
}

/**
 * Where Muster answers, and by which processes: a file that is there from the first readiness of a start until its end, and
 * current after each restart of a part.
 */
export class ReadyFile {
  private readonly pids: Pids = { api: null, worker: null, postgres: null };
  private url: string | undefined;
  private demo: readonly DemoAccount[] | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly path: string) {}

  /** Takes note of a part that has become ready, and writes the file when it is there already. */
  note(part: keyof Pids, pid: number, url?: string): void {
    this.pids[part] = pid;
    this.url = url ?? this.url;
    if (this.demo) void this.write();
  }

  /** Writes the file for the first time. */
  async open(demo: readonly DemoAccount[]): Promise<string> {
    if (!this.url) throw new Error('the api has not said where it listens');
    this.demo = demo;
    await this.write();
    return this.url;
  }

  /** Takes the file away, also one that an earlier start left. */
  async remove(): Promise<void> {
    this.demo = undefined;
    await this.writing;
    await rm(this.path, { force: true });
  }

  /** One after the other, so that the last state is the one that stays. */
  private write(): Promise<void> {
    this.writing = this.writing
      .then(() =>
        writePrivately(this.path, {
          url: this.url,
          graphqlUrl: `${this.url}/graphql`,
          pids: this.pids,
          demo: this.demo,
        }),
      )
      .catch((error: unknown) => process.stderr.write(`${this.path} can't be written: ${String(error)}\n`))
      .then(() => undefined);
    return this.writing;
  }
}
