import { roleUrls } from '../../apps/launcher/role-urls.js';
import { testDatabase } from './database.js';
import { startProgram, type Program } from './program.js';

export interface MusterOptions {
  /** A database of the test's own; made, and dropped at the end, unless given. */
  readonly databaseUrl?: string;
  /** Absent: the queue runs on PostgreSQL. */
  readonly redisUrl?: string;
  /** How many api processes. One unless given. */
  readonly api?: number;
  /** Whether a worker runs. True unless given. */
  readonly worker?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** A whole Muster on real parts, for one test file. */
export interface Muster {
  /** For looks at the tables, as the role that owns them: api and worker work as roles of their own. */
  readonly databaseUrl: string;
  /** Of the first api process. */
  readonly url: string;
  readonly graphqlUrl: string;
  readonly apis: readonly Program[];
  readonly worker: Program | undefined;
  /** One more api or worker with the same settings, for instance in place of one that was killed; ended by `stop` as well. */
  add(name: 'api' | 'worker'): Promise<Program>;
  stop(): Promise<void>;
}

/** Starts api and worker from `dist` on free ports, and returns when they are ready. */
export async function startMuster(options: MusterOptions = {}): Promise<Muster> {
  const { redisUrl, api = 1, worker: wantsWorker = true, env = {} } = options;
  const own = options.databaseUrl === undefined ? await testDatabase() : undefined;
  const databaseUrl = options.databaseUrl ?? own?.url ?? '';
  const urls = roleUrls(databaseUrl);
  const environment = (name: 'api' | 'worker'): NodeJS.ProcessEnv => ({
    ...process.env,
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'warn',
    DATABASE_URL: urls[name],
    REDIS_URL: redisUrl ?? '',
    ...env,
  });
  const started: Program[] = [];
  const add = async (name: 'api' | 'worker'): Promise<Program> => {
    const program = await startProgram(name, environment(name));
    started.push(program);
    return program;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((program) => program.stop()));
    await own?.drop();
  };
  try {
    const [worker, ...apis] = await Promise.all([
      wantsWorker ? add('worker') : undefined,
      ...Array.from({ length: api }, () => add('api')),
    ]);
    const url = apis[0]?.url ?? '';
    return { databaseUrl, url, graphqlUrl: `${url}/graphql`, apis, worker, add, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
