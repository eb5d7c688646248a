import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { StartFault } from './start-fault.js';

const blankIsAbsent = (value: unknown): unknown => (value === '' ? undefined : value);
const setting = <T extends z.ZodType>(type: T) => z.preprocess(blankIsAbsent, type);

const Settings = z.object({
  NODE_ENV: setting(
    z
      .enum(['development', 'test', 'production'], { error: 'must be development, test or production' })
      .default('development'),
  ),
  HOST: setting(z.string().default('127.0.0.1')),
  PORT: setting(
    z
      .string()
      .regex(/^\d{1,5}$/, 'must be a whole number from 0 to 65535')
      .transform(Number)
      .refine((port) => port <= 65_535, 'must be a whole number from 0 to 65535')
      .optional(),
  ),
  DATA_DIR: setting(z.string().default('.data')),
  DATABASE_URL: setting(
    z
      .url({
        protocol: /^postgres(ql)?$/,
        error: 'must be a URL such as postgres://user:password@host:5432/muster',
      })
      .optional(),
  ),
  API_DATABASE_URL: setting(
    z.url({ protocol: /^postgres(ql)?$/, error: 'must be a URL as DATABASE_URL is one' }).optional(),
  ),
  WORKER_DATABASE_URL: setting(
    z.url({ protocol: /^postgres(ql)?$/, error: 'must be a URL as DATABASE_URL is one' }).optional(),
  ),
  REDIS_URL: setting(
    z
      .string()
      .refine(
        areRedisUrls,
        'must be a URL such as redis://:password@host:6379, or those of a cluster with commas between',
      )
      .optional(),
  ),
  LOG_LEVEL: setting(
    z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
        error: 'must be fatal, error, warn, info, debug, trace or silent',
      })
      .default('info'),
  ),
});

function areRedisUrls(text: string): boolean {
  return text.split(',').every((url) => /^\s*rediss?:/.test(url) && URL.canParse(url));
}

/** The settings of one start, checked once and frozen. */
export interface LauncherSettings {
  readonly mode: 'development' | 'test' | 'production';
  readonly host: string;
  /** Absent: 3000, or a free port when 3000 is taken. */
  readonly port: number | undefined;
  readonly dataDir: string;
  /** Absent: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** Where api and worker find that database; absent: as roles that are made for them. */
  readonly apiDatabaseUrl: string | undefined;
  readonly workerDatabaseUrl: string | undefined;
  /** Absent: the queue runs on PostgreSQL. */
  readonly redisUrl: string | undefined;
  readonly logLevel: string;
}

/**
 * Reads the launcher's settings; DATABASE_URL and REDIS_URL may stand in files, whose paths DATABASE_URL_FILE and REDIS_URL_FILE give.
 * @param root the folder that a relative DATA_DIR starts from
 * @throws StartFault with every wrong setting in one message: its name and what it must be, never its value, which may be a secret
 */
export function readSettings(environment: NodeJS.ProcessEnv, root: string): LauncherSettings {
  const { found, faults } = secretsInFiles(environment);
  const read = Settings.safeParse({ ...environment, ...found });
  const wrong = read.error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];
  if (!read.success || faults.length > 0) throw wrongSettings([...faults, ...wrong]);
  const { NODE_ENV, HOST, PORT, DATA_DIR, DATABASE_URL, REDIS_URL, LOG_LEVEL } = read.data;
  const { API_DATABASE_URL, WORKER_DATABASE_URL } = read.data;
  return Object.freeze({
    mode: NODE_ENV,
    host: HOST,
    port: PORT,
    dataDir: resolve(root, DATA_DIR),
    databaseUrl: DATABASE_URL,
    apiDatabaseUrl: API_DATABASE_URL,
    workerDatabaseUrl: WORKER_DATABASE_URL,
    redisUrl: REDIS_URL,
    logLevel: LOG_LEVEL,
  });
}

/** The settings of the launcher that may be secrets. Those of the programs alone are read by the programs, from the same files. */
const SECRETS = ['DATABASE_URL', 'API_DATABASE_URL', 'WORKER_DATABASE_URL', 'REDIS_URL'] as const;

/** What a program is given of a setting that the launcher has read from a file: the value takes the place of the path. */
export const READ_FROM_FILES = Object.fromEntries(SECRETS.map((name) => [`${name}_FILE`, '']));

function secretsInFiles(environment: NodeJS.ProcessEnv): { found: NodeJS.ProcessEnv; faults: readonly string[] } {
  const found: NodeJS.ProcessEnv = {};
  const faults: string[] = [];
  for (const name of SECRETS) {
    const path = environment[`${name}_FILE`];
    if (!path) continue;
    if (environment[name]) faults.push(`${name} must not be given beside ${name}_FILE`);
    try {
      found[name] = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      faults.push(`${name}_FILE must name a file that can be read (${code})`);
    }
  }
  return { found, faults };
}

/** The one message about settings that can't be used, each fault with the name of its setting first. */
export function wrongSettings(faults: readonly string[]): StartFault {
  return new StartFault(`Wrong settings:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
}
