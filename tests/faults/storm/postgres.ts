import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

import type { Life } from '../../../apps/launcher/part.js';
import { EmbeddedPostgres } from '../../../apps/launcher/postgres/embedded-postgres.js';
import { until } from '../../setup/until.js';

/** Room for some tens of thousands of reports. */
const DISK_MIB = 384;

/** No look at the server may hang for ever: it is killed while it is looked at. */
const PATIENCE = { connectionTimeoutMillis: 5_000, query_timeout: 60_000 };

/** What is written must be with the kernel before a commit is told; a loss of power is not what happens here. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', min_wal_size: '32MB', max_wal_size: '64MB' };

/** Why no small file system can be had here; undefined where one can. */
export const noSmallDisk: string | undefined = (() => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root mounts a tmpfs on Linux';
  const place = mkdtempSync(join(tmpdir(), 'muster-test-mount-'));
  try {
    mkdirSync(join(place, 'disk'));
    mount(join(place, 'disk'), 1);
    unmount(join(place, 'disk'));
    return undefined;
  } catch {
    return 'this container may not mount a tmpfs';
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
})();

function mount(place: string, mebibytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0755`, 'tmpfs', place], { stdio: 'ignore' });
}

function unmount(place: string): void {
  execFileSync('umount', ['--lazy', place], { stdio: 'ignore' });
}

/** A PostgreSQL of one storm's own: it comes back on its port with its data, whatever ends it. */
export class StormPostgres {
  private life: Life<void> | undefined;
  private hasEnded = true;
  readonly pool: pg.Pool;

  private constructor(
    private readonly folder: string,
    private readonly disk: string,
    private readonly postgres: EmbeddedPostgres,
  ) {
    this.pool = new pg.Pool({ connectionString: postgres.url, max: 4, ...PATIENCE });
    this.pool.on('error', () => undefined);
  }

  /** Starts one, on a small file system of its own where that can be had. */
  static async open(): Promise<StormPostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'muster-test-storm-'));
    const disk = join(folder, 'disk');
    await mkdir(disk);
    if (noSmallDisk === undefined) mount(disk, DISK_MIB);
    try {
      const postgres = await EmbeddedPostgres.prepare(disk, { say: () => undefined, settings: SETTINGS });
      const opened = new StormPostgres(folder, disk, postgres);
      await opened.up();
      return opened;
    } catch (error) {
      await clear(folder, disk);
      throw error;
    }
  }

  get url(): string {
    return this.postgres.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Kills the server; its sessions die of that. */
  async kill(): Promise<void> {
    const { life } = this;
    if (!life || this.hasEnded) return;
    process.kill(life.pid, 'SIGKILL');
    await life.ended;
  }

  /** Kills one session of Muster: the server ends all others too, as it can't know what that one did to the shared memory. */
  async killSession(): Promise<void> {
    const { rows } = await this.asAdmin<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = 'muster' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1`,
    );
    for (const { pid } of rows) process.kill(pid, 'SIGKILL');
  }

  /** Lets the disk be full until the answer is called: nothing more can be written on it. */
  async fillDisk(): Promise<() => Promise<void>> {
    const path = join(this.disk, 'full');
    const file = await open(path, 'w');
    try {
      for (const size of [1024 * 1024, 4096]) await fill(file, Buffer.alloc(size));
    } finally {
      await file.close();
    }
    return () => rm(path);
  }

  /** Uses up the log that was laid out beforehand, so that the server has to lay out more; it ends where it can't. */
  async useUpLog(): Promise<void> {
    for (let segment = 0; segment < 8; segment++) {
      await this.asAdmin(`SELECT pg_logical_emit_message(false, 'storm', 'x'), pg_switch_wal()`);
    }
  }

  /** Waits until it answers; starts it where it has ended. */
  async up(): Promise<void> {
    await until(
      async () => {
        if (this.hasEnded) await this.begin();
        await this.life?.ready;
        return this.asAdmin('SELECT');
      },
      { limit: 60_000, what: 'PostgreSQL is up' },
    );
  }

  async close(): Promise<void> {
    await this.pool.end();
    await this.life?.stop();
    await clear(this.folder, this.disk);
  }

  private async begin(): Promise<void> {
    const life = await this.postgres.begin();
    this.life = life;
    this.hasEnded = false;
    void life.ended.then(() => {
      if (this.life === life) this.hasEnded = true;
    });
  }

  private async asAdmin<Row extends pg.QueryResultRow>(sql: string): Promise<pg.QueryResult<Row>> {
    const client = new pg.Client({ connectionString: this.postgres.adminUrl, ...PATIENCE });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.query<Row>(sql);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function clear(folder: string, disk: string): Promise<void> {
  if (noSmallDisk === undefined) unmount(disk);
  await rm(folder, { recursive: true, force: true });
}

/** Writes until there is no room for one piece more. */
async function fill(file: { write(piece: Buffer): Promise<unknown> }, piece: Buffer): Promise<void> {
  for (;;) {
    try {
      await file.write(piece);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}
