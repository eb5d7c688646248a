import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { expect } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';

import { type RoleUrls, roleUrls } from '../../apps/launcher/role-urls.js';

/** A database of one test file's own, migrated and empty. */
export interface TestDatabase {
  readonly name: string;
  /** For Muster's role, which owns it and is no superuser. */
  readonly url: string;
  /** For the server's superuser, who may do what nobody of Muster can. */
  readonly adminUrl: string;
  /** For the roles that the programs work as. */
  readonly roles: RoleUrls;
  /** For looks at the tables by SQL, as the role that owns them. */
  readonly pool: pg.Pool;
  /** Drops it; keeps it, and says so, when a test of the file has failed. */
  drop(): Promise<void>;
}

declare global {
  /** Set by the test environment. */
  var musterTestFailed: boolean | undefined;
}

const LONGEST_NAME = 63;

/**
 * Makes a database from the migrated template.
 * @param name a word for it, to be found by when it is kept; the name of the test file unless given
 */
export async function testDatabase(name = basename(expect.getState().testPath ?? 'database')): Promise<TestDatabase> {
  const unique = randomBytes(4).toString('hex');
  const word = name.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  const database = `${`test_${word}`.slice(0, LONGEST_NAME - unique.length - 1)}_${unique}`;
  await asAdmin(`create database ${database} template muster_template owner muster`);
  const url = setting('MUSTER_TEST_URL').replace(/[^/]*$/, database);
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  // A server that is ended on purpose must not end the test with it.
  pool.on('error', () => undefined);
  return {
    name: database,
    url,
    adminUrl: setting('MUSTER_TEST_ADMIN_URL').replace(/[^/]*$/, database),
    roles: roleUrls(url),
    pool,
    async drop() {
      await pool.end();
      if (globalThis.musterTestFailed) process.stderr.write(`${database} is kept\n`);
      else await asAdmin(`drop database if exists ${database} with (force)`);
    },
  };
}

async function asAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: setting('MUSTER_TEST_ADMIN_URL') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: this needs the global set-up of the test run`);
  return value;
}

/** A database for a spec beside the code, made before its tests and dropped after them, as TypeORM sees it. */
export function withDatabase(): { readonly source: DataSource } {
  let database: TestDatabase | undefined;
  let source: DataSource | undefined;
  beforeAll(async () => {
    database = await testDatabase();
    source = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  });
  afterAll(async () => {
    await source?.destroy();
    await database?.drop();
  });
  return {
    get source(): DataSource {
      if (!source) throw new Error('The database is made before the tests, not before the file is read.');
      return source;
    },
  };
}
