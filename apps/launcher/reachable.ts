import pg from 'pg';
import { codeOf } from './start-fault.js';

const PATIENCE = 5_000;
const OLDEST_POSTGRES = 15;

const place = (url: string, port: number): string => {
  const { hostname, port: given } = new URL(url);
  return `${hostname || 'localhost'}:${given || port}`;
};

const because = (error: unknown): string =>
  codeOf(error) ?? (error instanceof Error && error.message ? error.message : String(error));

/** What is wrong with DATABASE_URL, found by connecting; undefined when nothing is. Never holds its password. */
export async function databaseFault(url: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE });
  // An error after the connection was made is seen by the query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>(`select current_setting('server_version_num') as version`);
    const major = Math.floor(Number(rows[0]?.version) / 10_000);
    if (major < OLDEST_POSTGRES) {
      return `DATABASE_URL leads to PostgreSQL ${major}; Muster needs ${OLDEST_POSTGRES} or newer`;
    }
    return undefined;
  } catch (error) {
    // PostgreSQL's own words ("database x does not exist") say more than its codes.
    const reason = error instanceof pg.DatabaseError ? error.message : because(error);
    return `DATABASE_URL: no PostgreSQL can be used at ${place(url, 5432)} (${reason})`;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What is wrong with REDIS_URL, found by connecting; undefined when nothing is, or one node of a cluster answers. Never holds its password. */
export async function redisFault(urls: string): Promise<string | undefined> {
  const faults = await Promise.all(urls.split(',').map((url) => nodeFault(url.trim())));
  return faults.includes(undefined) ? undefined : faults[0];
}

async function nodeFault(url: string): Promise<string | undefined> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The promise of connect() only says that the connection is closed; the event says why.
  let why: unknown;
  redis.on('error', (error) => (why ??= error));
  try {
    await redis.connect();
    await redis.ping();
    return undefined;
  } catch (error) {
    return `REDIS_URL: no Redis can be used at ${place(url, 6379)} (${because(why ?? error)})`;
  } finally {
    redis.disconnect();
  }
}
