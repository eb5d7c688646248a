import { type Muster, startMuster, testDatabase, type TestDatabase } from '../setup/index.js';
import { DECIDE, openPorts, type Ports, reported } from '../setup/ports.js';
import { containerNumber, day, LOG, type Person, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';

interface Entry {
  readonly action: string;
  readonly version: number | null;
  readonly actor_id: string | null;
  readonly part: string | null;
  readonly at: Date;
}

let database: TestDatabase;
let muster: Muster;
let scene: Scene;
let ports: Ports;

beforeAll(async () => {
  database = await testDatabase();
  muster = await startMuster({ databaseUrl: database.url });
  scene = await Scene.open(muster);
  ports = await openPorts(scene);
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
  await database.drop();
});

const CORRECT = `mutation ($id: UUID!, $version: Int!, $input: CorrectViolationInput!) {
  correctViolation(id: $id, expectedVersion: $version, reason: "Weighed.", input: $input) { id version } }`;
const SHARE = `mutation ($id: UUID!, $version: Int!, $sharing: SharingInput!) {
  changeSharing(id: $id, expectedVersion: $version, reason: "Released.", sharing: $sharing) { id version } }`;
const WITHDRAW = `mutation ($id: UUID!, $version: Int!) {
  withdrawViolation(id: $id, expectedVersion: $version, reason: "Counted twice.") { id version } }`;

/** What the log says of one subject, oldest first. */
const entriesOf = (subjectId: string): Promise<Entry[]> =>
  scene.sql<Entry>(`SELECT action, version, actor_id, part, at FROM audit_entries WHERE subject_id = $1 ORDER BY id`, [
    subjectId,
  ]);

const log = (change: Readonly<Record<string, unknown>> = {}): Promise<{ id: string }> =>
  ports.kenya.do<{ id: string }>(LOG, { input: violationInput(ports.operationId, ports.agencies.KE, change) });

/** The content of a violation, as a correction sends it. */
function correction(): Record<string, unknown> {
  const {
    id: _,
    operationId: __,
    sharing: ___,
    exercise: ____,
    ...content
  } = violationInput(ports.operationId, ports.agencies.KE, { persons: 7 });
  return content;
}

const marked = (): Readonly<Record<string, unknown>> => {
  const right = containerNumber();
  const wrong = `${right.slice(0, -1)}${(Number(right.at(-1)) + 1) % 10}`;
  return { cargoUnit: { container: wrong, asMarked: true } };
};

test('who did what to a violation, when and to which version stands in the log', async () => {
  const before = new Date();
  const { id } = await log();
  await ports.kenya.do(CORRECT, { id, version: 1, input: correction() });
  await ports.kenya.do(SHARE, { id, version: 2, sharing: { level: 'GREEN' } });
  await ports.kenya.do(WITHDRAW, { id, version: 3 });
  const entries = await entriesOf(id);
  expect(entries.map(({ action, version }) => [action, version])).toEqual([
    ['violation.logged', 1],
    ['violation.corrected', 2],
    ['violation.sharing-changed', 3],
    ['violation.withdrawn', 4],
  ]);
  for (const { actor_id: actor, part, at } of entries) {
    expect([actor, part]).toEqual([ports.kenya.id, null]);
    expect(at.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(at.getTime()).toBeLessThanOrEqual(Date.now());
  }
});

test("what became of a report stands in the log: its reporter's part, the worker's and the decider's", async () => {
  const accepted = await reported(ports.officer, ports.operationId, ports.mombasa);
  const told = (entries: readonly Entry[]): unknown[] =>
    entries.map(({ action, actor_id: actor, part }) => [action, actor ?? part]);
  expect(told(await entriesOf(accepted.id))).toEqual([
    ['seizure.received', ports.officer.id],
    ['seizure.accepted', 'worker'],
  ]);
  const { id, version } = await reported(ports.officer, ports.operationId, ports.mombasa, marked());
  await ports.kenya.do(DECIDE, { id, version, accept: true, reason: 'It is painted so.' });
  expect(told(await entriesOf(id))).toEqual([
    ['seizure.received', ports.officer.id],
    ['seizure.needs-review', 'worker'],
    ['seizure.decided', ports.kenya.id],
    ['seizure.accepted', ports.kenya.id],
  ]);
});

describe('every change and its entry are one transaction', () => {
  /** A row that an entry about it was not written together with, as `table id`. */
  const unaccounted = async (): Promise<string[]> => {
    const tables = [
      ['operations', 'id', 'id'],
      ['participations', 'id', 'id'],
      ['operation_risk_indicators', 'operation_id', 'operation_id'],
      ['findings', 'id', 'id'],
      ['violations', 'id', 'id'],
      ['violation_lines', 'violation_id', 'violation_id'],
      ['violation_versions', 'violation_id', 'violation_id'],
      ['seizures', 'id', 'id'],
      ['figures', 'record_id', 'record_id'],
      ['cargo_units', 'record_id', 'record_id'],
      ['record_ids', 'id', 'id'],
    ] as const;
    const parts = tables.map(
      ([table, id, subject]) => `
        SELECT '${table} ' || t.${id} AS line FROM ${table} t
        WHERE NOT EXISTS (SELECT FROM audit_entries a WHERE a.xmin = t.xmin AND a.subject_id = t.${subject})`,
    );
    // An event is told of a change whose entry has the same transaction, though it may be about another record.
    parts.push(`
      SELECT 'feed_events ' || e.kind FROM feed_events e
      WHERE NOT EXISTS (SELECT FROM audit_entries a WHERE a.xmin = e.xmin AND a.operation_id = e.operation_id)`);
    return (await scene.sql<{ line: string }>(parts.join(' UNION ALL '))).map(({ line }) => line);
  };

  test('through the whole life of an operation', async () => {
    const past = { operationalStartsOn: day(-10), operationalEndsOn: day(-1), reportingDeadline: day(5) };
    const life = await openPorts(scene, { phase: 'PREPARATION', input: past });
    const { hub, kenya, tanzania, officer, operationId, mombasa, agencies } = life;
    await hub.do(
      `mutation ($id: UUID!) { setRiskIndicators(operationId: $id, codes: ["container.dog-alert"]) { code } }`,
      { id: operationId },
    );
    const { version } = await hub.do<{ version: number }>(`query ($id: UUID!) { operation(id: $id) { version } }`, {
      id: operationId,
    });
    await hub.do(
      `mutation ($id: UUID!, $version: Int!) { updateOperation(id: $id, expectedVersion: $version, reason: "Named.", input: { objectives: "Find." }) { id } }`,
      { id: operationId, version },
    );
    await scene.move(hub, operationId, 'OPERATIONAL');
    const detectedAt = `${day(-3)}T10:00:00Z`;
    const { id } = await kenya.do<{ id: string }>(LOG, {
      input: violationInput(operationId, agencies.KE, { detectedAt }),
    });
    await kenya.do(CORRECT, { id, version: 1, input: { ...correction(), agencyId: agencies.KE, detectedAt } });
    await kenya.do(SHARE, { id, version: 2, sharing: { level: 'RED' } });
    await kenya.do(WITHDRAW, { id, version: 3 });
    await reported(officer, operationId, mombasa, { detectedAt });
    for (const accept of [true, false]) {
      const seizure = await reported(officer, operationId, mombasa, { ...marked(), detectedAt });
      await hub.do(DECIDE, { id: seizure.id, version: seizure.version, accept, reason: 'Looked into.' });
    }
    await scene.move(hub, operationId, 'POST_OPERATIONAL');
    await certify(tanzania, operationId);
    const { headCursor } = await hub.do<{ headCursor: string }>(
      `query ($id: UUID!) { operation(id: $id) { headCursor } }`,
      { id: operationId },
    );
    await hub.do(
      `mutation ($id: UUID!, $asOf: String!) { publishFindings(operationId: $id, title: "Routes", text: "By sea.", asOf: $asOf) { id } }`,
      { id: operationId, asOf: headCursor },
    );
    await scene.move(hub, operationId, 'OPERATIONAL', 'Too early.');
    expect(await unaccounted()).toEqual([]);
  });

  async function certify(coordinator: Person, operationId: string): Promise<void> {
    const { headCursor, participations } = await coordinator.do<{
      headCursor: string;
      participations: { id: string; country: string }[];
    }>(`query ($id: UUID!) { operation(id: $id) { headCursor participations { id country } } }`, { id: operationId });
    await coordinator.do(
      `mutation ($id: UUID!, $asOf: String!) { certifyFigures(participationId: $id, asOf: $asOf) { certifiedAt } }`,
      { id: participations.find(({ country }) => country === 'TZ')?.id, asOf: headCursor },
    );
  }

  test('so that a change whose entry cannot be written is not made', async () => {
    const { id } = await log();
    const waiting = await reported(ports.officer, ports.operationId, ports.mombasa, marked());
    await scene.sql(`
      CREATE FUNCTION refuse_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no entry today'; END $$`);
    await scene.sql(
      `CREATE TRIGGER refuse_entry BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_entry()`,
    );
    const before = await everything();
    const attempts: readonly [Person, string, Readonly<Record<string, unknown>>][] = [
      [ports.kenya, LOG, { input: violationInput(ports.operationId, ports.agencies.KE) }],
      [ports.kenya, CORRECT, { id, version: 1, input: correction() }],
      [ports.kenya, SHARE, { id, version: 1, sharing: { level: 'GREEN' } }],
      [ports.kenya, WITHDRAW, { id, version: 1 }],
      [ports.officer, REPORT, { input: seizureInput(ports.operationId, ports.mombasa) }],
      [ports.kenya, DECIDE, { id: waiting.id, version: waiting.version, accept: true, reason: 'It is painted so.' }],
    ];
    try {
      for (const [person, mutation, variables] of attempts) {
        const refusal = await person.refused(mutation, variables);
        expect(refusal.code).toBe('INTERNAL');
        expect(refusal.message).not.toContain('no entry today');
      }
    } finally {
      await scene.sql(`DROP TRIGGER refuse_entry ON audit_entries`);
      await scene.sql(`DROP FUNCTION refuse_entry()`);
    }
    expect(await everything()).toEqual(before);
    await ports.kenya.do(WITHDRAW, { id, version: 1 });
  });

  test('so that what was refused, or sent again, leaves none', async () => {
    const input = violationInput(ports.operationId, ports.agencies.KE);
    const { id } = await ports.kenya.do<{ id: string }>(LOG, { input });
    await ports.kenya.do(WITHDRAW, { id, version: 1 });
    const before = await everything();
    await ports.kenya.do(LOG, { input });
    await ports.kenya.do(WITHDRAW, { id, version: 1 });
    await ports.kenya.refused(SHARE, { id, version: 1, sharing: { level: 'GREEN' } });
    await ports.kenya.refused(LOG, { input: { ...input, persons: 99 } });
    await ports.tanzania.refused(LOG, { input: violationInput(ports.operationId, ports.agencies.KE) });
    expect(await everything()).toEqual(before);
  });

  /** How many rows there are of each thing, and the versions of records. */
  async function everything(): Promise<unknown> {
    const tables = [
      'record_ids',
      'violations',
      'violation_versions',
      'seizures',
      'outbox',
      'figures',
      'feed_events',
      'cargo_units',
    ];
    const counts = tables.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`);
    const [row] = await scene.sql(`
      SELECT ${counts.join(', ')}, (SELECT sum(version) FROM violations) AS versions, (SELECT sum(version) FROM seizures) AS decided,
        (SELECT count(*) FROM audit_entries WHERE action NOT LIKE 'session.%') AS entries`);
    return row;
  }
});

describe('what is append-only refuses every other change, also to its owner', () => {
  test.each(['audit_entries', 'figures', 'figure_lines'])('%s', async (table) => {
    await log();
    const [{ count } = { count: '0' }] = await scene.sql<{ count: string }>(`SELECT count(*) FROM ${table}`);
    expect(Number(count)).toBeGreaterThan(0);
    const [{ column } = { column: '' }] = await scene.sql<{ column: string }>(
      `SELECT column_name AS column FROM information_schema.columns
       WHERE table_name = $1 AND is_identity = 'NO' ORDER BY ordinal_position LIMIT 1`,
      [table],
    );
    for (const change of [
      `UPDATE ${table} SET ${column} = ${column}`,
      `UPDATE ${table} SET ${column} = ${column} WHERE false`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
    ]) {
      await expect(scene.sql(change)).rejects.toThrow(`${table} is append-only`);
    }
    // Entries about readings may come meanwhile; none goes.
    const [after] = await scene.sql<{ count: string }>(`SELECT count(*) FROM ${table}`);
    expect(Number(after?.count)).toBeGreaterThanOrEqual(Number(count));
  });
});
