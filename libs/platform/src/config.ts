import { createPrivateKey } from 'node:crypto';
import { BlockList, isIP } from 'node:net';

import { z } from 'zod';

import { type AttachmentSettings, attachmentSettings, isClamdUrl, wrongS3Keys } from './attachment-settings.js';
import { readSecretFiles } from './secret-files.js';

const blankIsAbsent = (value: unknown): unknown => (value === '' ? undefined : value);

const listOf = <T extends z.ZodType<string>>(each: T) =>
  z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value
            .split(',')
            .map((part) => part.trim())
            .filter(Boolean)
        : value,
    z.array(each).default([]),
  );

const wholeNumber = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.coerce.number(error).int(error).min(least, error).max(most, error);
};

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
  API_DATABASE_URL: z.preprocess(blankIsAbsent, z.url({ protocol: /^postgres(ql)?$/ }).optional()),
  WORKER_DATABASE_URL: z.preprocess(blankIsAbsent, z.url({ protocol: /^postgres(ql)?$/ }).optional()),
  DATABASE_REPLICA_URL: z.preprocess(
    blankIsAbsent,
    z.url({ protocol: /^postgres(ql)?$/, error: 'must be a URL such as postgres://replica:5432/muster' }).optional(),
  ),
  REDIS_URL: z.preprocess(
    blankIsAbsent,
    z
      .string()
      .refine(
        areRedisUrls,
        'must be a URL such as redis://:password@host:6379, or those of several nodes of one Redis Cluster with commas between, alike but for host and port',
      )
      .optional(),
  ),
  LOG_LEVEL: z.preprocess(
    blankIsAbsent,
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ),
  DEMO_FILE: z.preprocess(blankIsAbsent, z.string().optional()),
  ENCRYPTION_KEY: z.preprocess(blankIsAbsent, z.string().min(32, 'must have at least 32 characters').optional()),
  PUBLIC_URL: z.preprocess(
    blankIsAbsent,
    z.url({ protocol: /^https?$/, error: 'must be a URL such as https://muster.example' }).optional(),
  ),
  ALLOWED_ORIGINS: listOf(
    z.string().refine(isOrigin, 'must be origins such as https://muster.example, with commas between'),
  ),
  TRUST_PROXY: listOf(
    z.string().refine(isNetwork, 'must be addresses or networks such as 10.0.0.0/8, with commas between'),
  ),
  PERSISTED_OPERATIONS: z.preprocess(blankIsAbsent, z.string().optional()),
  // A month, as NIST SP 800-63B-4 asks of the weakest of its levels: ports are offline for days, so hours would lock them out.
  SESSION_DAYS: z.preprocess(blankIsAbsent, wholeNumber(1, 365).default(30)),
  DATA_DIR: z.preprocess(blankIsAbsent, z.string().default('.data')),
  ATTACHMENTS_MOST: z.preprocess(blankIsAbsent, wholeNumber(1, 100).default(20)),
  ATTACHMENTS_LARGEST_MIB: z.preprocess(blankIsAbsent, wholeNumber(1, 1024).default(50)),
  ATTACHMENTS_S3_BUCKET: z.preprocess(blankIsAbsent, z.string().optional()),
  ATTACHMENTS_S3_ENDPOINT: z.preprocess(
    blankIsAbsent,
    z.url({ protocol: /^https?$/, error: 'must be a URL such as https://s3.example:9000' }).optional(),
  ),
  ATTACHMENTS_S3_REGION: z.preprocess(blankIsAbsent, z.string().default('us-east-1')),
  ATTACHMENTS_S3_ACCESS_KEY_ID: z.preprocess(blankIsAbsent, z.string().optional()),
  ATTACHMENTS_S3_SECRET_ACCESS_KEY: z.preprocess(blankIsAbsent, z.string().optional()),
  CLAMD_URL: z.preprocess(
    blankIsAbsent,
    z.string().refine(isClamdUrl, 'must be tcp://host:port, or unix:/path of the socket').optional(),
  ),
  AUDIT_SIGNING_KEY: z.preprocess(
    blankIsAbsent,
    z.string().refine(isEd25519, 'must be an Ed25519 private key in PEM, as openssl genpkey makes it').optional(),
  ),
});

/** One URL, or several of one cluster, whose nodes are all reached in the same way. */
function areRedisUrls(text: string): boolean {
  const urls = redisNodes(text).map((url) => (URL.canParse(url) ? new URL(url) : undefined));
  const [first] = urls;
  if (!first || !/^rediss?:$/.test(first.protocol)) return false;
  const way = (url: URL | undefined): string | undefined => url && `${url.protocol}//${url.username}:${url.password}`;
  return urls.every((url) => way(url) === way(first));
}

/** The URLs of REDIS_URL: one of a single Redis, several of a Redis Cluster. */
export function redisNodes(redisUrl: string): string[] {
  return redisUrl.split(',').map((part) => part.trim());
}

/**
 * The replica's URL with what it leaves out taken from the primary's: each process works there as the role that it has here.
 * @returns undefined where it names another role, for which nobody has looked whether row-level security holds
 */
function replicaUrlFrom(replica: string, primary: string): string | undefined {
  const url = new URL(replica);
  const { username, password, pathname } = new URL(primary);
  if ((url.username !== '' && url.username !== username) || url.searchParams.has('user')) return undefined;
  if (url.username === '') url.username = username;
  if (url.password === '') url.password = password;
  if (url.pathname === '' || url.pathname === '/') url.pathname = pathname;
  return url.href;
}

/** Whether a text is the private key that heads of the audit log can be signed with. */
function isEd25519(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}

/** An origin as browsers send it: scheme, host, and a port where it is not the usual one. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** An address, or a network as address and length of its prefix. Names such as "all" are not taken: a proxy is named. */
function isNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/');
  const version = isIP(address);
  if (version === 0) return false;
  if (prefix === undefined) return true;
  if (!/^\d{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), version === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false;
  }
}

/** The settings of one process, checked once at its start and frozen. */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Each process works as a role of its own: api, worker, and for commands the owner of the database. */
  readonly databaseUrl: string;
  /** A standby of that database, for readings; with the same role. Absent: the database itself answers all. */
  readonly replicaUrl?: string;
  /** The URLs of api and worker, by which `migrate` makes their roles where they are missing. */
  readonly roleUrls?: { readonly api?: string; readonly worker?: string };
  /** Of a Redis, or of several nodes of a Redis Cluster with commas between. Absent: the queue runs on PostgreSQL. */
  readonly redisUrl: string | undefined;
  readonly logLevel: string;
  /** Where the console keeps the demo accounts with their passwords; needed by the commands of the demo alone. */
  readonly demoFile?: string;
  /**
   * Part of the key that encrypts secrets in the database; the other part is in the database. Absent: that is all of it. Given or
   * changed later, what was encrypted before can't be read any more: people enrol and providers are registered anew.
   */
  readonly encryptionKey?: string;
  /** Where browsers reach this server. With https, browsers are told never to come without it (HSTS). */
  readonly publicUrl?: string;
  /** Origins of pages that may call from a browser, beside the own. */
  readonly allowedOrigins?: readonly string[];
  /** Addresses and networks of the proxies whose word on a client's address is taken; none: that of the connection counts. */
  readonly trustedProxies?: readonly string[];
  /** A file or folder of the only operations that are taken; absent: any. */
  readonly persistedOperations?: string;
  /** Days from its beginning after which a session ends, however often it is refreshed. */
  readonly sessionDays: number;
  /** Absent where nothing of attachments is touched, such as in tests of other parts. */
  readonly attachments?: AttachmentSettings;
  /** Signs the heads of the audit log; absent: a key that is made at the first start and kept in the database. */
  readonly auditSigningKey?: string;
}

/** Injection token of the process's {@link Config}. */
export const CONFIG = Symbol('CONFIG');

/** What is wrong with the replica as it stands beside its primary. */
function wrongReplicas({ DATABASE_URL: primary, DATABASE_REPLICA_URL: replica }: NodeJS.ProcessEnv): string[] {
  if (!replica || !primary || !URL.canParse(replica) || !URL.canParse(primary)) return [];
  return replicaUrlFrom(replica, primary) === undefined
    ? ['DATABASE_REPLICA_URL must name the user of DATABASE_URL, or none']
    : [];
}

/**
 * Reads the settings from the environment; each setting X may stand in a file whose path X_FILE gives.
 * @throws Error with every wrong setting in one message: its name and what it must be, never its value, which may be a secret
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const files = readSecretFiles(environment, Object.keys(Settings.shape));
  const read = Settings.safeParse(files.environment);
  const wrongKeys = [...wrongS3Keys(files.environment), ...wrongReplicas(files.environment)];
  if (!read.success || files.faults.length > 0 || wrongKeys.length > 0) {
    const wrong = read.error?.issues.map(({ path, message }) => `${String(path[0])} ${message}`) ?? [];
    const faults = new Set([...files.faults, ...wrong, ...wrongKeys]);
    throw new Error(`Wrong settings:\n${[...faults].map((fault) => `  ${fault}`).join('\n')}`);
  }
  const { NODE_ENV, HOST, PORT, DATABASE_URL, REDIS_URL, LOG_LEVEL, DEMO_FILE } = read.data;
  const { PUBLIC_URL, ALLOWED_ORIGINS, TRUST_PROXY, PERSISTED_OPERATIONS, AUDIT_SIGNING_KEY } = read.data;
  const { ENCRYPTION_KEY, API_DATABASE_URL, WORKER_DATABASE_URL, SESSION_DAYS } = read.data;
  const replicaUrl = read.data.DATABASE_REPLICA_URL && replicaUrlFrom(read.data.DATABASE_REPLICA_URL, DATABASE_URL);
  return Object.freeze({
    production: NODE_ENV === 'production',
    host: HOST,
    port: PORT,
    databaseUrl: DATABASE_URL,
    roleUrls: {
      ...(API_DATABASE_URL === undefined ? {} : { api: API_DATABASE_URL }),
      ...(WORKER_DATABASE_URL === undefined ? {} : { worker: WORKER_DATABASE_URL }),
    },
    ...(replicaUrl === undefined ? {} : { replicaUrl }),
    redisUrl: REDIS_URL,
    logLevel: LOG_LEVEL,
    ...(DEMO_FILE === undefined ? {} : { demoFile: DEMO_FILE }),
    ...(ENCRYPTION_KEY === undefined ? {} : { encryptionKey: ENCRYPTION_KEY }),
    ...(PUBLIC_URL === undefined ? {} : { publicUrl: PUBLIC_URL }),
    ...(PERSISTED_OPERATIONS === undefined ? {} : { persistedOperations: PERSISTED_OPERATIONS }),
    ...(AUDIT_SIGNING_KEY === undefined ? {} : { auditSigningKey: AUDIT_SIGNING_KEY }),
    allowedOrigins: ALLOWED_ORIGINS,
    trustedProxies: TRUST_PROXY,
    sessionDays: SESSION_DAYS,
    attachments: attachmentSettings(read.data),
  });
}
