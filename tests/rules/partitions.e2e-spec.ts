import pg from 'pg';

import { everyField } from '../fuzz/served-schema.js';
import { type Muster, startMuster, testDatabase, type TestDatabase, until } from '../setup/index.js';
import { openPorts, type Ports } from '../setup/ports.js';
import { LOG, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';

let database: TestDatabase;
let muster: Muster;
let scene: Scene;
let here: Ports;
let elsewhere: Ports;

beforeAll(async () => {
  database = await testDatabase();
  muster = await startMuster({ databaseUrl: database.url });
  scene = await Scene.open({ ...muster, databaseUrl: database.url });
  here = await openPorts(scene);
  elsewhere = await openPorts(scene);
  for (const ports of [here, elsewhere]) await report(ports);
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
  await database.drop();
});

/** What api and worker did so far is in PostgreSQL's counts when their connections have ended. */
async function endConnections(): Promise<void> {
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const { rows } = await admin.query<{ pid: number }>(
    `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = ANY ($1)`,
    [[database.roles.api, database.roles.worker].map((url) => new URL(url).username)],
  );
  await admin.end();
  const pids = rows.map(({ pid }) => pid);
  await until(async () => {
    const { rowCount } = await database.pool.query(`SELECT FROM pg_stat_activity WHERE pid = ANY ($1)`, [pids]);
    return rowCount === 0;
  });
}

async function report({ kenya, officer, operationId, agencies, mombasa }: Ports): Promise<string> {
  const { id } = await kenya.do<{ id: string }>(LOG, { input: violationInput(operationId, agencies.KE) });
  const seizure = await officer.do<{ id: string }>(REPORT, { input: seizureInput(operationId, mombasa) });
  // Not by a query of the report, which would be a touch of its own.
  await until(async () => {
    const { rowCount } = await database.pool.query(`SELECT FROM outbox WHERE subject_id = $1`, [seizure.id]);
    return rowCount === 0;
  });
  return id;
}

const PARTITIONED = [
  'attachments',
  'audit_entries',
  'audit_seals',
  'cargo_units',
  'feed_events',
  'figure_lines',
  'figures',
  'readings',
  'seizures',
  'violation_lines',
  'violation_versions',
  'violations',
];
/** The sealer goes through all chains; no request does. */
const RECORDS = PARTITIONED.filter((table) => !table.startsWith('audit'));

/** How often the parts of an operation were looked into, over all of their rows or by an index, and how many rows were written. */
async function touches({ operationId }: Ports): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ parent: string; touches: number }>(
    `SELECT i.inhparent::regclass::text AS parent, (s.seq_scan + coalesce(s.idx_scan, 0) + s.n_tup_ins + s.n_tup_upd)::int AS touches
     FROM pg_stat_all_tables s JOIN pg_inherits i ON i.inhrelid = s.relid
     WHERE s.schemaname = 'operation_parts' AND s.relname LIKE '%' || replace($1::text, '-', '')`,
    [operationId],
  );
  return Object.fromEntries(rows.map(({ parent, touches: count }) => [parent, count]));
}

test('each operation has a part of every partitioned table, and none shares one', async () => {
  expect(Object.keys(await touches(here)).sort()).toEqual(PARTITIONED);
  const { rows } = await database.pool.query<{ relname: string }>(
    `SELECT c.relname FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid ORDER BY 1`,
  );
  expect(rows.map(({ relname }) => relname)).toEqual(PARTITIONED);
  const { rows: defaults } = await database.pool.query(`SELECT FROM pg_partitioned_table WHERE partdefid <> 0`);
  expect(defaults).toEqual([]);
});

test('api and worker reach no part but through its table, whose policies hold', async () => {
  for (const url of [database.roles.api, database.roles.worker]) {
    const { rows } = await database.pool.query<{ may: boolean }>(
      `SELECT has_schema_privilege($1, 'operation_parts', 'USAGE') AS may`,
      [new URL(url).username],
    );
    expect(rows).toEqual([{ may: false }]);
  }
});

test('requests of one operation touch no part of another', async () => {
  await endConnections();
  const before = { here: await touches(here), elsewhere: await touches(elsewhere) };
  const { operationId: id, kenya, hub } = here;
  const violationId = await report(here);
  for (const person of [kenya, hub]) {
    for (const query of [
      `violations(operationId: $id, filter: { search: "waste", countries: ["KE"] }) { ${everyField('ViolationConnection')} }`,
      `seizures(operationId: $id) { ${everyField('SeizureConnection')} }`,
      `operationFeed(operationId: $id) { ${everyField('FeedPage')} }`,
      `operation(id: $id) { ${everyField('Operation')} }`,
      `violationTrends(query: { operationIds: [$id], measure: QUANTITY_KG, groupBy: [COUNTRY, COMMODITY, WEEK] }) { ${everyField('TrendResult')} }`,
    ]) {
      const { errors } = await person.ask(`query ($id: UUID!) { ${query} }`, { id });
      expect(errors).toEqual([]);
    }
    await person.do(`query ($id: UUID!) { violation(id: $id) { ${everyField('Violation')} } }`, { id: violationId });
  }
  await kenya.do(
    `mutation ($id: UUID!) { changeSharing(id: $id, expectedVersion: 1, reason: "For all.", sharing: { level: GREEN }) { id } }`,
    { id: violationId },
  );
  await until(async () => {
    const { rowCount } = await database.pool.query(`SELECT FROM readings WHERE operation_id = $1`, [id]);
    return (rowCount ?? 0) > 0;
  });
  await endConnections();
  const after = { here: await touches(here), elsewhere: await touches(elsewhere) };
  for (const table of RECORDS) {
    expect({ table, touches: after.elsewhere[table] }).toEqual({ table, touches: before.elsewhere[table] });
    expect({ table, isUsed: (after.here[table] ?? 0) > (before.here[table] ?? 0) }).toEqual({ table, isUsed: true });
  }
});
