import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const BETWEEN_TRIES = 50;

/**
 * Connects as soon as PostgreSQL takes connections: after a crash it first works off its log.
 * @param gone ends the tries, when the process has ended
 */
export async function connectWhenReady(url: string, gone: AbortSignal): Promise<pg.Client> {
  for (;;) {
    gone.throwIfAborted();
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      // A wrong password or a broken catalogue: trying again changes nothing.
      if (error instanceof pg.DatabaseError && error.code !== '57P03') throw error;
    }
    await pause(BETWEEN_TRIES, undefined, { signal: gone });
  }
}

/** Makes Muster's role and database, each when it is not there. The role owns the database and is no superuser. */
export async function ensureDatabase(client: pg.Client, name: string, password: string): Promise<void> {
  const identifier = client.escapeIdentifier(name);
  const role = await client.query('select 1 from pg_roles where rolname = $1', [name]);
  if (role.rowCount === 0) {
    await client.query(`create role ${identifier} login createrole password ${client.escapeLiteral(password)}`);
  }
  const database = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (database.rowCount === 0) await client.query(`create database ${identifier} owner ${identifier}`);
}
