import { z } from 'zod';

const blankIsAbsent = (value: unknown): unknown => (value === '' ? undefined : value);

const Settings = z.object({
  NODE_ENV: z.preprocess(blankIsAbsent, z.enum(['development', 'test', 'production']).default('development')),
  HOST: z.preprocess(blankIsAbsent, z.string().default('127.0.0.1')),
  PORT: z.preprocess(
    blankIsAbsent,
    z.coerce
      .number('must be a whole number')
      .int('must be a whole number')
      .min(0, 'must be 0 to 65535')
      .max(65535, 'must be 0 to 65535')
      .default(3000),
  ),
  DATABASE_URL: z.preprocess(
    blankIsAbsent,
    z.url({ protocol: /^postgres(ql)?$/, error: 'must be a URL such as postgres://user:password@host:5432/muster' }),
  ),
  REDIS_URL: z.preprocess(
    blankIsAbsent,
    z.url({ protocol: /^rediss?$/, error: 'must be a URL such as redis://:password@host:6379' }).optional(),
  ),
  LOG_LEVEL: z.preprocess(
    blankIsAbsent,
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ),
  DEMO_FILE: z.preprocess(blankIsAbsent, z.string().optional()),
});

/** The settings of one process, checked once at its start and frozen. */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  /** Absent: the queue runs on PostgreSQL. */
  readonly redisUrl: string | undefined;
  readonly logLevel: string;
  /** Where the console keeps the demo accounts with their passwords; needed by the commands of the demo alone. */
  readonly demoFile?: string;
}

/** Injection token of the process's {@link Config}. */
export const CONFIG = Symbol('CONFIG');

/**
 * Reads the settings from the environment.
 * @throws Error with every wrong setting in one message: its name and what it must be, never its value, which may be a secret
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const read = Settings.safeParse(environment);
  if (!read.success) {
    const faults = read.error.issues.map(({ path, message }) => `  ${path.join('.')} ${message}`);
    throw new Error(`Wrong settings:\n${faults.join('\n')}`);
  }
  const { NODE_ENV, HOST, PORT, DATABASE_URL, REDIS_URL, LOG_LEVEL, DEMO_FILE } = read.data;
  return Object.freeze({
    production: NODE_ENV === 'production',
    host: HOST,
    port: PORT,
    databaseUrl: DATABASE_URL,
    redisUrl: REDIS_URL,
    logLevel: LOG_LEVEL,
    ...(DEMO_FILE === undefined ? {} : { demoFile: DEMO_FILE }),
  });
}
