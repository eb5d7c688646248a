import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { readDemoAccounts } from './demo.js';
import { greeting } from './greeting.js';
import { takeLock, type Lock } from './lock.js';
import { nodePart } from './node-part.js';
import { choosePort } from './ports.js';
import { EmbeddedPostgres } from './postgres/embedded-postgres.js';
import { databaseFault, redisFault } from './reachable.js';
import { ReadyFile } from './ready-file.js';
import { roleUrls } from './role-urls.js';
import { say, step } from './say.js';
import { READ_FROM_FILES, wrongSettings, type LauncherSettings } from './settings.js';
import { codeOf, StartFault } from './start-fault.js';
import { Watch } from './watch.js';

/** How long a port may stay taken by what a start left that did not end cleanly. In milliseconds. */
const TIME_TO_LET_GO = 5_000;

/** One start of Muster, from nothing to its end. */
export class Muster {
  private readonly readyFile: ReadyFile;
  private readonly demoFile: string;
  /** What has been begun, each with how it ends; ended in reverse order. */
  private readonly endings: (() => Promise<unknown>)[] = [];

  /**
   * @param programs the folder of the compiled apps
   * @param stop ends the start wherever it is
   */
  constructor(
    private readonly settings: LauncherSettings,
    private readonly programs: string,
    private readonly stop: AbortSignal,
  ) {
    this.readyFile = new ReadyFile(join(settings.dataDir, 'ready.json'));
    this.demoFile = join(settings.dataDir, 'demo.json');
  }

  /**
   * Brings everything up, and returns when Muster is ready. It is kept running from then on.
   * @throws StartFault when that can't be done
   */
  async begin(): Promise<void> {
    const lock = await this.takeDataFolder();
    await this.readyFile.remove();
    this.endings.push(() => this.readyFile.remove());
    const port = await this.checkSettings(lock);
    const databaseUrl = this.settings.databaseUrl ?? (await this.beginPostgres());
    const environment = this.environment(port, databaseUrl);
    await this.prepareDatabase(environment);
    this.stop.throwIfAborted();
    await step('Starting api and worker', () => this.beginPrograms(environment));
    this.stop.throwIfAborted();
    const demo = this.isDemo ? await readDemoAccounts(this.demoFile) : [];
    const url = await this.readyFile.open(demo);
    say(greeting(url, demo, this.demoFile, !this.isDemo));
  }

  /** Ends everything that was begun: api and worker first, then PostgreSQL. */
  async end(): Promise<void> {
    for (let ending = this.endings.pop(); ending; ending = this.endings.pop()) await ending();
  }

  private get isDemo(): boolean {
    return this.settings.mode !== 'production';
  }

  private async takeDataFolder(): Promise<Lock> {
    const { dataDir } = this.settings;
    try {
      // Others may pass to PostgreSQL's own folder, where it runs as a user of its own, but see nothing on the way.
      await mkdir(dataDir, { recursive: true, mode: 0o711 });
      const lock = await takeLock(dataDir);
      this.endings.push(() => lock.release());
      return lock;
    } catch (error) {
      if (error instanceof StartFault) throw error;
      throw wrongSettings([`DATA_DIR ${dataDir} can't be used (${codeOf(error) ?? String(error)})`]);
    }
  }

  /** Tries the settings out, all of them at once, and gives the port of the API. */
  private async checkSettings(lock: Lock): Promise<number> {
    const { databaseUrl, redisUrl } = this.settings;
    const [port, ...faults] = await step('Trying the settings', () =>
      Promise.all([
        choosePort(this.settings, lock.isTakenOver ? TIME_TO_LET_GO : 0),
        databaseUrl === undefined ? undefined : databaseFault(databaseUrl),
        redisUrl === undefined ? undefined : redisFault(redisUrl),
      ]),
    );
    const wrong = [port, ...faults].filter((fault) => typeof fault === 'string');
    if (typeof port === 'string' || wrong.length > 0) throw wrongSettings(wrong);
    return port;
  }

  private async beginPostgres(): Promise<string> {
    const postgres = await step('Preparing PostgreSQL', () => EmbeddedPostgres.prepare(this.settings.dataDir, { say }));
    this.stop.throwIfAborted();
    const watch = new Watch(postgres, (pid) => this.readyFile.note('postgres', pid));
    this.endings.push(() => watch.end());
    await step('Starting PostgreSQL', () => this.unlessStopped(watch.begin()));
    return postgres.url;
  }

  private async prepareDatabase(environment: NodeJS.ProcessEnv): Promise<void> {
    const console = (command: string) => runCommand(this.program('console'), command, environment, this.stop);
    await step('Bringing the database up to date', () => console('migrate'));
    if (!this.isDemo) return;
    await step('Loading the demo operations', () => console('load-demo'));
  }

  private async beginPrograms(environment: NodeJS.ProcessEnv): Promise<void> {
    const watches = (['api', 'worker'] as const).map((name) => {
      // Each as its own role, and with no word of how others reach the database.
      const own = environment[`${name.toUpperCase()}_DATABASE_URL`];
      const alone = { ...environment, DATABASE_URL: own, API_DATABASE_URL: '', WORKER_DATABASE_URL: '' };
      const part = nodePart(name, this.program(name), alone);
      return new Watch(part, (pid, { url }) => this.readyFile.note(name, pid, url));
    });
    this.endings.push(() => Promise.all(watches.map((watch) => watch.end())));
    await this.unlessStopped(Promise.all(watches.map((watch) => watch.begin())));
  }

  private program(name: string): string {
    return join(this.programs, name, 'main.js');
  }

  private environment(port: number, databaseUrl: string): NodeJS.ProcessEnv {
    const { mode, host, redisUrl, logLevel, dataDir, apiDatabaseUrl, workerDatabaseUrl } = this.settings;
    const roles = roleUrls(databaseUrl);
    return {
      ...process.env,
      ...READ_FROM_FILES,
      NODE_ENV: mode,
      HOST: host,
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      API_DATABASE_URL: apiDatabaseUrl ?? roles.api,
      WORKER_DATABASE_URL: workerDatabaseUrl ?? roles.worker,
      REDIS_URL: redisUrl ?? '',
      LOG_LEVEL: logLevel,
      DATA_DIR: dataDir,
      DEMO_FILE: this.demoFile,
    };
  }

  /** A part that is told to end before it was ever ready never settles its beginning: the stop does. */
  private async unlessStopped(work: Promise<unknown>): Promise<void> {
    this.stop.throwIfAborted();
    await Promise.race([
      work,
      new Promise((_, reject) =>
        this.stop.addEventListener('abort', () => reject(new Error('stopped')), { once: true }),
      ),
    ]);
  }
}
