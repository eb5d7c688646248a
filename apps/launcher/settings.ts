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
  REDIS_URL: setting(
    z.url({ protocol: /^rediss?$/, error: 'must be a URL such as redis://:password@host:6379' }).optional(),
  ),
  LOG_LEVEL: setting(
    z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
        error: 'must be fatal, error, warn, info, debug, trace or silent',
      })
      .default('info'),
  ),
});

/** The settings of one start, checked once and frozen. */
export interface LauncherSettings {
  readonly mode: 'development' | 'test' | 'production';
  readonly host: string;
  /** Absent: 3000, or a free port when 3000 is taken. */
  readonly port: number | undefined;
  readonly dataDir: string;
  /** Absent: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** Absent: the queue runs on PostgreSQL. */
  readonly redisUrl: string | undefined;
  readonly logLevel: string;
}

/**
 * Reads the launcher's settings.
 * @param root the folder that a relative DATA_DIR starts from
 * @throws StartFault with every wrong setting in one message: its name and what it must be, never its value, which may be a secret
 */
export function readSettings(environment: NodeJS.ProcessEnv, root: string): LauncherSettings {
  const read = Settings.safeParse(environment);
  if (!read.success) throw wrongSettings(read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`));
  const { NODE_ENV, HOST, PORT, DATA_DIR, DATABASE_URL, REDIS_URL, LOG_LEVEL } = read.data;
  return Object.freeze({
    mode: NODE_ENV,
    host: HOST,
    port: PORT,
    dataDir: resolve(root, DATA_DIR),
    databaseUrl: DATABASE_URL,
    redisUrl: REDIS_URL,
    logLevel: LOG_LEVEL,
  });
}

/** The one message about settings that can't be used, each fault with the name of its setting first. */
export function wrongSettings(faults: readonly string[]): StartFault {
  return new StartFault(`Wrong settings:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
}
