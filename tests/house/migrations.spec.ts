import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ROOT, testDatabase, type TestDatabase } from '../setup/index.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase();
});

afterEach(() => database.drop());

/** Calls a command of the console and gives what it printed. */
async function console(command: 'migrate' | 'migrate:down'): Promise<string> {
  const program = join(ROOT, 'dist', 'apps', 'console', 'main.js');
  const env = { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'warn', DATABASE_URL: database.url };
  return (await promisify(execFile)(process.execPath, [program, command], { env })).stdout;
}

const rows = async (sql: string): Promise<string[]> =>
  (await database.pool.query<{ line: string }>(sql)).rows.map(({ line }) => line);

/** All that migrations may make, a line each. */
const schema = (): Promise<string[]> =>
  rows(`
    SELECT format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS line
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ORDER BY line`);

/** What is in the database, apart from PostgreSQL's own and the table that remembers which migrations were run. */
const left = (): Promise<string[]> =>
  rows(`
    SELECT 'relation ' || oid::regclass AS line FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname !~ '^migrations(_|$)'
      AND oid NOT IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'migrations'::regclass)
    UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'type ' || oid::regtype FROM pg_type
      WHERE typnamespace = 'public'::regnamespace AND typname !~ '^_?migrations$'
    UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'information_schema')
    UNION ALL SELECT 'extension ' || extname FROM pg_extension WHERE extname <> 'plpgsql'
    UNION ALL SELECT 'migration ' || name FROM migrations`);

const seeds = (): Promise<string[]> =>
  rows(`
    SELECT 'countries ' || count(*) AS line FROM countries UNION ALL SELECT 'places ' || count(*) FROM places
    UNION ALL SELECT 'commodities ' || count(*) FROM commodities
    UNION ALL SELECT 'risk indicators ' || count(*) FROM risk_indicators`);

test('migrations go down, with records or without, leave nothing, and go up again to the same schema', async () => {
  const [before, seededBefore] = [await schema(), await seeds()];
  expect(before.length).toBeGreaterThan(100);
  await database.pool.query(`INSERT INTO audit_entries (at, action) VALUES (now(), 'test.ran')`);
  await console('migrate:down');
  expect(await left()).toEqual([]);
  expect(await console('migrate')).toContain('Migrated:');
  expect(await schema()).toEqual(before);
  expect(await seeds()).toEqual(seededBefore);
});

test('every file of migrations/ is run, in the order of its number, and once', async () => {
  const files = (await readdir(join(ROOT, 'migrations'))).filter((name) => name.endsWith('.ts')).sort();
  expect(files.length).toBeGreaterThan(0);
  const names = await rows(`SELECT name AS line FROM migrations ORDER BY id`);
  expect(names.map((name) => /\d+$/.exec(name)?.[0])).toEqual(files.map((name) => /^\d+/.exec(name)?.[0]));
  expect(await console('migrate')).toContain('The schema is the newest.');
});

test('of several processes that migrate at once one does it', async () => {
  await console('migrate:down');
  const said = await Promise.all([console('migrate'), console('migrate'), console('migrate')]);
  expect(said.filter((line) => line.startsWith('Migrated:'))).toHaveLength(1);
  expect(said.filter((line) => line.startsWith('The schema is the newest.'))).toHaveLength(2);
});
