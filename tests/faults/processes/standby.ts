import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

import { freePort } from '../../../apps/launcher/ports.js';
import { systemUser } from '../../../apps/launcher/postgres/system-user.js';
import { until } from '../../setup/until.js';

const LOOPBACK = '127.0.0.1';
const HOME = '/usr/lib/postgresql';

/** Debian's programs of the newest PostgreSQL that is installed; undefined where there is none. The global set-up has installed it where it may. */
export const postgresPrograms: string | undefined = (existsSync(HOME) ? readdirSync(HOME) : [])
  .sort((one, other) => Number(other) - Number(one))
  .map((version) => join(HOME, version, 'bin'))
  .find((folder) => ['initdb', 'postgres', 'pg_basebackup'].every((program) => existsSync(join(folder, program))));

/** Machines fall, and their disks stay: what matters here is that a commit waits for the standby. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: LOOPBACK,
  unix_socket_directories: '',
  max_connections: '150',
  shared_buffers: '64MB',
  fsync: 'off',
  synchronous_commit: 'on',
  wal_level: 'replica',
  hot_standby: 'on',
  timezone: 'UTC',
};

/** A PostgreSQL from Debian, a primary or a standby, with its data in a folder of its own. */
class Server {
  private child: ChildProcess | undefined;
  private ended: Promise<unknown> = Promise.resolve();

  constructor(
    readonly port: number,
    private readonly data: string,
  ) {}

  get adminUrl(): string {
    return `postgres://postgres@${LOOPBACK}:${this.port}/postgres`;
  }

  async start(): Promise<void> {
    const flags = Object.entries({ ...SETTINGS, port: String(this.port) }).map(([name, value]) => `--${name}=${value}`);
    const child = spawn(programOf('postgres'), ['-D', this.data, ...flags], {
      ...systemUser(),
      cwd: this.data,
      stdio: 'ignore',
    });
    this.child = child;
    this.ended = new Promise((resolve) => child.once('exit', resolve));
    await until(() => this.ask('SELECT'), { limit: 30_000, what: 'PostgreSQL answers' });
  }

  /** Asks as the superuser. */
  async ask<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.adminUrl, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async end(signal: 'SIGKILL' | 'SIGINT'): Promise<void> {
    this.child?.kill(signal);
    await this.ended;
  }
}

/** A primary and a standby that each commit waits for. The standby takes the primary's place when that falls, and gets a standby of its own. */
export class PostgresPair {
  private constructor(
    private readonly folder: string,
    public primary: Server,
    private standby: Server,
    private readonly fallen: Server[] = [],
  ) {}

  static async open(): Promise<PostgresPair> {
    const folder = await mkdtemp(join(tmpdir(), 'muster-test-pair-'));
    const user = systemUser();
    if (user) await chown(folder, user.uid, user.gid);
    const data = join(folder, 'first');
    await run(
      'initdb',
      '-D',
      data,
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
    );
    const primary = new Server(await freePort(LOOPBACK), data);
    await primary.start();
    await primary.ask(`CREATE ROLE muster LOGIN CREATEROLE PASSWORD 'for tests'`);
    await primary.ask(`CREATE DATABASE muster OWNER muster`);
    return new PostgresPair(folder, primary, await standbyOf(primary, join(folder, 'second')));
  }

  get primaryPort(): number {
    return this.primary.port;
  }

  get standbyPort(): number {
    return this.standby.port;
  }

  /** Lets the standby be behind: by so many milliseconds, for good, or not at all. */
  async holdBack(by: number | 'for good' | 'not at all'): Promise<void> {
    await this.standby.ask(`ALTER SYSTEM SET recovery_min_apply_delay = '${typeof by === 'number' ? by : 0}ms'`);
    await this.standby.ask(`SELECT pg_reload_conf(), pg_wal_replay_${by === 'for good' ? 'pause' : 'resume'}()`);
  }

  /** Kills the primary as a machine falls, and lets the standby take its place. */
  async failOver(): Promise<void> {
    const old = this.primary;
    await old.end('SIGKILL');
    this.fallen.push(old);
    await this.standby.ask(`SELECT pg_promote(TRUE, 60)`);
    this.primary = this.standby;
  }

  /** Gives the primary of now a standby. */
  async refill(): Promise<void> {
    this.standby = await standbyOf(this.primary, join(this.folder, 'third'));
  }

  async close(): Promise<void> {
    await Promise.all([...new Set([this.standby, this.primary])].map((server) => server.end('SIGINT')));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A copy of a running primary that follows it; from then on each commit waits until it is written there as well. */
async function standbyOf(primary: Server, data: string): Promise<Server> {
  const user = systemUser();
  await mkdir(data, { mode: 0o700 });
  if (user) await chown(data, user.uid, user.gid);
  await primary.ask(`SELECT pg_create_physical_replication_slot('standby')`);
  const from = `host=${LOOPBACK} port=${primary.port} user=postgres application_name=standby`;
  await run('pg_basebackup', '-d', from, '-D', data, '-R', '-S', 'standby', '-X', 'stream', '-c', 'fast', '--no-sync');
  const standby = new Server(await freePort(LOOPBACK), data);
  await standby.start();
  await primary.ask(`ALTER SYSTEM SET synchronous_standby_names = 'standby'`);
  await primary.ask(`SELECT pg_reload_conf()`);
  await until(async () => (await primary.ask(`SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`)).length > 0, {
    what: 'the standby is a synchronous one',
  });
  return standby;
}

function programOf(name: string): string {
  if (postgresPrograms === undefined) throw new Error('there is no PostgreSQL of Debian on this machine');
  return join(postgresPrograms, name);
}

async function run(program: string, ...args: readonly string[]): Promise<void> {
  await promisify(execFile)(programOf(program), [...args], { ...systemUser(), cwd: tmpdir() });
}
