import { setTimeout as delay } from 'node:timers/promises';

import { errorCode } from '#platform';
import pg from 'pg';

/** How long somebody may stand before a change of a table, and so let others wait behind it, in milliseconds. */
const LOCK_TIMEOUT = 2_000;
/** Between two tries, so that those who waited go first. */
const REST = 500;
/** How long it is tried in all: a transaction that stays open for longer is told of. */
const PATIENCE = 10 * 60_000;
/** How long an earlier run that was killed may take to let go: its server process ends with the statement that it is at. */
const LETTING_GO = 30_000;

/**
 * A connection of the tables' owner, for what no transaction of the programs can do. One archive is made or put back at a time.
 * @throws Error where another one is at work
 */
export async function withOwner<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    // The form of values in an archive depends on nobody's settings.
    options:
      '-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601 -c bytea_output=hex -c extra_float_digits=1',
  });
  client.on('error', () => undefined); // it is an error of the statement, too
  await client.connect();
  try {
    await assertAlone(client);
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function assertAlone(client: pg.Client): Promise<void> {
  const end = Date.now() + LETTING_GO;
  for (;;) {
    const { rows } = await client.query<{ isMine: boolean }>(
      `SELECT pg_try_advisory_lock(hashtextextended('muster archive', 0)) AS "isMine"`,
    );
    if (rows[0]?.isMine) return;
    if (Date.now() > end) throw new Error('Another operation is being archived or put back: wait until that is done.');
    await delay(REST);
  }
}

/**
 * Changes a table without standing in anybody's way: whoever holds it is waited for shortly, then all who came behind go first, and it is tried
 * again.
 * @throws Error where somebody holds on to the table for ten minutes
 */
export async function patiently<T>(change: () => Promise<T>): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await change();
    } catch (error) {
      const isHeld = errorCode(error) === '55P03' || errorCode(error) === '40P01';
      if (!isHeld) throw error;
      if (Date.now() > end)
        throw new Error('A transaction holds on to a table for ten minutes: end it, and run the command again.', {
          cause: error,
        });
      await delay(REST);
    }
  }
}

/** The same for one statement of the connection, outside of a transaction. */
export function alter(client: pg.Client, statement: string): Promise<unknown> {
  return patiently(async () => {
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT}`);
    try {
      return await client.query(statement);
    } finally {
      await client.query('SET lock_timeout = 0');
    }
  });
}

/** SQL that lets the rest of a transaction wait no longer for a table than others should wait behind it. */
export const SHORTLY = `SET LOCAL lock_timeout = ${LOCK_TIMEOUT}`;
