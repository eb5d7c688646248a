import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { endOf, type End, type Life, type Part } from '../part.js';
import { freePort, isFree } from '../ports.js';
import { StartFault } from '../start-fault.js';
import { findBinaries, type Binaries } from './binaries.js';
import { makeCluster, POSTGRES_ENVIRONMENT, putInPlace } from './cluster.js';
import { connectWhenReady, ensureDatabase } from './connections.js';
import { keepCredentials, makeCredentials, readCredentials, type Credentials } from './credentials.js';
import { guard } from './guard.js';
import { endLeftover } from './leftover.js';
import { lastLines, openLog } from './log.js';
import { ADMIN, LOOPBACK, MUSTER } from './loopback.js';
import { openTree, openWay } from './passage.js';
import { systemUser, type SystemUser } from './system-user.js';

/** PostgreSQL's own settings. Commits are durable: whoever got an answer finds its record after a loss of power. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: LOOPBACK,
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  fsync: 'on',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

export interface PostgresOptions {
  /** Prints a line for the person at the terminal. */
  readonly say: (line: string) => void;
  /** Settings of PostgreSQL that take the place of Muster's, such as `{ fsync: 'off' }` for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

const TIME_TO_END = 20_000;
const TIME_TO_QUIT = 5_000;

/** A PostgreSQL of Muster's own, from an npm package, with its data in a folder of ours, on loopback alone. */
export class EmbeddedPostgres implements Part<void> {
  readonly name = 'PostgreSQL';
  /** What a start that was killed left may hold its memory for some seconds. */
  readonly firstTries = 6;
  private wasReady = false;

  private constructor(
    private readonly dataDir: string,
    private readonly binaries: Binaries,
    private readonly user: SystemUser | undefined,
    private credentials: Credentials,
    private readonly options: PostgresOptions,
  ) {}

  /**
   * Makes ready what PostgreSQL needs: a system user where this process is root, a way to the files for it, and the data, made
   * when there is none.
   * @param dataDir keeps the data, the log and the credentials; it has to be there
   */
  static async prepare(dataDir: string, options: PostgresOptions): Promise<EmbeddedPostgres> {
    const binaries = await findBinaries();
    const user = systemUser();
    if (user) await openFor(user, dataDir, binaries, options);
    const cluster = clusterIn(dataDir);
    const isMade = existsSync(join(cluster, 'PG_VERSION'));
    const credentials = isMade ? await readCredentials(dataDir) : await makeCredentials();
    if (!credentials) {
      throw new StartFault(`${dataDir} holds data of PostgreSQL, but postgres.json with its password is gone.`);
    }
    if (!isMade) {
      if (existsSync(cluster) && (await readdir(cluster)).length > 0) {
        throw new StartFault(`${cluster} holds something that is not the data of PostgreSQL; move it away.`);
      }
      const draft = await makeCluster({
        binaries,
        folder: cluster,
        user,
        adminPassword: credentials.adminPassword,
        isDurable: options.settings?.['fsync'] !== 'off',
      });
      await keepCredentials(dataDir, credentials);
      await putInPlace(draft, cluster);
    }
    return new EmbeddedPostgres(dataDir, binaries, user, credentials, options);
  }

  /** Of Muster's database, as the role that Muster works as. */
  get url(): string {
    return this.urlOf(MUSTER, this.credentials.password, MUSTER);
  }

  /** Of the maintenance database, as the superuser. */
  get adminUrl(): string {
    return this.urlOf(ADMIN, this.credentials.adminPassword, 'postgres');
  }

  async begin(): Promise<Life<void>> {
    const cluster = clusterIn(this.dataDir);
    await endLeftover(cluster, this.options.say);
    await this.settlePort();
    const path = join(this.dataDir, 'postgres.log');
    const log = await openLog(path);
    const { size } = await log.stat();
    const child = spawn(this.binaries.postgres, ['-D', cluster, ...this.flags()], {
      ...this.user,
      cwd: cluster,
      env: POSTGRES_ENVIRONMENT,
      stdio: ['ignore', log.fd, log.fd],
      // A process group of its own: Ctrl-C in the terminal must not end it before api and worker.
      detached: true,
    });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject)).finally(() =>
      log.close(),
    );
    const gone = new AbortController();
    const endGuard = guard(child.pid ?? 0, this.user);
    const ended = new Promise<End>((resolve) => {
      child.once('exit', (code, signal) => {
        gone.abort();
        endGuard();
        const end = endOf(code, signal);
        if (code === null || code === 0) return resolve(end);
        lastLines(path, size).then(
          (lines) => resolve({ ...end, how: `${end.how}; the end of its log (${path}):\n${lines}` }),
          () => resolve(end),
        );
      });
    });
    const ready = this.becomeReady(gone.signal);
    ready.catch(() => undefined);
    return { pid: child.pid ?? 0, ready, ended, stop: () => end((signal) => child.kill(signal), ended) };
  }

  private async becomeReady(gone: AbortSignal): Promise<void> {
    const client = await connectWhenReady(this.adminUrl, gone);
    try {
      await ensureDatabase(client, MUSTER, this.credentials.password);
    } finally {
      await client.end();
    }
    this.wasReady = true;
  }

  /** The port is kept from start to start; it moves only when another program took it while PostgreSQL was down. */
  private async settlePort(): Promise<void> {
    if (this.wasReady || (await isFree(LOOPBACK, this.credentials.port))) return;
    this.credentials = { ...this.credentials, port: await freePort(LOOPBACK) };
    await keepCredentials(this.dataDir, this.credentials);
  }

  private flags(): string[] {
    const settings = { ...SETTINGS, ...this.options.settings, port: String(this.credentials.port) };
    return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  }

  private urlOf(user: string, password: string, database: string): string {
    return `postgres://${user}:${password}@${LOOPBACK}:${this.credentials.port}/${database}`;
  }
}

const clusterIn = (dataDir: string): string => join(dataDir, 'postgres');

async function openFor(user: SystemUser, dataDir: string, binaries: Binaries, { say }: PostgresOptions): Promise<void> {
  const folders = [...(await openWay(dataDir, user)), ...(await openWay(binaries.home, user))];
  if (folders.length > 0) {
    say(`PostgreSQL runs as the system user postgres, who may now pass through ${folders.join(', ')}`);
  }
  if (await openTree(binaries.home, user)) say(`The system user postgres may now read ${binaries.home}`);
}

/** Fast shutdown, then without waiting for anyone, then by force. */
async function end(kill: (signal: NodeJS.Signals) => void, ended: Promise<End>): Promise<void> {
  kill('SIGINT');
  const quit = setTimeout(() => kill('SIGQUIT'), TIME_TO_END);
  const force = setTimeout(() => kill('SIGKILL'), TIME_TO_END + TIME_TO_QUIT);
  await ended;
  clearTimeout(quit);
  clearTimeout(force);
}
