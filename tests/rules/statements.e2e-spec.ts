import { v7 } from 'uuid';

import { everyField, everyFieldBut, typeOfQuery } from '../fuzz/served-schema.js';
import { type Muster, startMuster, testDatabase, type TestDatabase, until } from '../setup/index.js';
import { openPorts, type Ports } from '../setup/ports.js';
import { type Person, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';
import { StatementCounter } from './statement-counter.js';

/** Few and many: whatever a list holds, it is read with as many statements. */
const FEW = 3;
const MANY = 60;

let database: TestDatabase;
let counter: StatementCounter;
let muster: Muster;
let worker: Muster;
let scene: Scene;
let few: Ports;
let many: Ports;

beforeAll(async () => {
  database = await testDatabase();
  counter = await StatementCounter.before(database.url);
  muster = await startMuster({ databaseUrl: counter.url, worker: false });
  // The worker's own statements are none of a request's.
  worker = await startMuster({ databaseUrl: database.url, api: 0 });
  scene = await Scene.open({ ...muster, databaseUrl: database.url });
  few = await openPorts(scene);
  many = await openPorts(scene);
  await fill(few, FEW);
  await fill(many, MANY);
}, 120_000);

afterAll(async () => {
  await scene.close();
  await muster.stop();
  await worker.stop();
  await counter.close();
  await database.drop();
});

/** Gives an operation violations of several agencies with lines and versions, seizures of several units, and countries. */
async function fill(ports: Ports, count: number): Promise<void> {
  const agencies = [ports.agencies.KE, ports.agencies.wildlife];
  for (let n = 0; n < count; n += 1) {
    const kind = ['POLICE', 'NAVY', 'FORESTRY'][n % 3];
    if (n % 10 === 0) agencies.push(await scene.agency('KE', kind, `Agency ${n}`));
    const agencyId = agencies[n % agencies.length] ?? '';
    const { id } = await ports.kenya.do<{ id: string }>(LOG, {
      input: violationInput(ports.operationId, agencyId, { lines: lines(1 + (n % 4)) }),
    });
    await ports.kenya.do(CORRECT, { id, version: 1, input: correction(agencyId, 1 + (n % 3)) });
    const officer = n % 2 === 0 ? ports.officer : ports.neighbour;
    const unitId = n % 2 === 0 ? ports.mombasa : ports.darEsSalaam;
    await officer.do(REPORT, {
      input: seizureInput(ports.operationId, unitId, { sharing: { level: 'GREEN' }, riskIndicators: [] }),
    });
  }
  await until(async () => {
    const { data } = await ports.kenya.ask<{ seizures: { totalCount: number } }>(
      'query ($id: UUID!) { seizures(operationId: $id, filter: { statuses: [RECEIVED] }) { totalCount } }',
      { id: ports.operationId },
    );
    return data.seizures.totalCount === 0;
  });
}

const lines = (count: number): object[] =>
  Array.from({ length: count }, (_, n) => ({
    agreement: 'BASEL',
    commodity: 'household-waste',
    quantity: String(n + 1),
    unit: 'TONNE',
  }));

function correction(agencyId: string, count: number): object {
  const {
    id: _id,
    operationId: _operation,
    sharing: _sharing,
    ...content
  } = violationInput('', agencyId, { lines: lines(count) });
  return content;
}

const LOG = 'mutation ($input: LogViolationInput!) { logViolation(input: $input) { id version } }';
const CORRECT = `mutation ($id: UUID!, $version: Int!, $input: CorrectViolationInput!) {
  correctViolation(id: $id, expectedVersion: $version, reason: "Weighed again.", input: $input) { id version } }`;

/** The whole answer, so that a count of statements is never that of a refusal. */
async function ask(person: Person, query: string, variables: Readonly<Record<string, unknown>>): Promise<string> {
  const { data, errors } = await person.ask(query, variables);
  expect(errors).toEqual([]);
  return JSON.stringify(data);
}

/**
 * The most statements that a request may send, BEGIN and COMMIT and the look-up of who asks among them: a bound for each, near what
 * it takes now, so that a new statement is seen and thought of.
 */
const QUERIES: readonly (readonly [name: string, most: number, query: string])[] = [
  ['violations', 40, `violations(operationId: $id, first: 200) { ${everyField('ViolationConnection')} }`],
  ['seizures', 60, `seizures(operationId: $id, first: 200) { ${everyField('SeizureConnection')} }`],
  ['operationFeed', 16, `operationFeed(operationId: $id, first: 200) { ${everyField('FeedPage')} }`],
  ['operation', 40, `operation(id: $id) { ${everyField('Operation')} }`],
  [
    'violationTrends',
    14,
    `violationTrends(query: { operationIds: [$id], measure: QUANTITY_KG, groupBy: [COUNTRY, COMMODITY, WEEK] }) { ${everyField('TrendResult')} }`,
  ],
  ['riskIndicators', 10, 'riskIndicators(operationId: $id) { code category text }'],
];

describe('a query sends as many statements for many rows as for few', () => {
  test.each(QUERIES)('%s: at most %i', async (name, most, field) => {
    const query = `query ($id: UUID!) { ${field} }`;
    const sent: Record<string, number> = {};
    const sizes: number[] = [];
    for (const [size, { hub, operationId }] of Object.entries({ few, many })) {
      sizes.push((await ask(hub, query, { id: operationId })).length);
      sent[size] = await counter.fewest(() => ask(hub, query, { id: operationId }));
    }
    const [small = 0, large = 0] = sizes;
    if (['violations', 'seizures', 'operationFeed'].includes(name)) expect(large).toBeGreaterThan(10 * small);
    expect(sent['many']).toBe(sent['few']);
    expect(sent['many']).toBeLessThanOrEqual(most);
    expect(sent['many']).toBeGreaterThan(2);
  });

  test.each<[string, number]>([
    ['agencies', 8],
    ['portUnits', 12],
    ['countries', 4],
    ['commodities', 4],
  ])('%s: at most %i, however many there are', async (name, most) => {
    const query = `{ ${name} { ${everyField(typeOfQuery(name))} } }`;
    const before = await counter.fewest(() => ask(many.hub, query, {}));
    if (name === 'agencies' || name === 'portUnits') {
      for (let n = 0; n < 5; n += 1)
        await scene.unit('KE', 'KEMBA', [await scene.agency('KE', 'CUSTOMS', `More ${n}`)]);
    }
    const after = await counter.fewest(() => ask(many.hub, query, {}));
    expect(after).toBe(before);
    expect(after).toBeLessThanOrEqual(most);
  });
});

/** What an operation is asked for by itself: each of these is a look of its own at its records, in a transaction. */
const EACH = ['findings', 'headCursor', 'readiness', 'summary'];

describe('the list of operations', () => {
  const fields = everyFieldBut('Operation', EACH);

  test('with the fields that stand with it sends at most 10 statements, however many there are', async () => {
    const ask10 = (): Promise<string> => ask(many.hub, `{ operations { ${fields} } }`, {});
    const before = await counter.fewest(ask10);
    for (let n = 0; n < 5; n += 1) await scene.operation(many.hub);
    expect(await counter.fewest(ask10)).toBe(before);
    expect(before).toBeLessThanOrEqual(10);
  });

  test('sends at most 12 more for each operation and each field that looks at its records', async () => {
    const [row] = await scene.sql<{ count: number }>('SELECT count(*)::int AS count FROM operations');
    const operations = row?.count ?? 0;
    for (const field of EACH) {
      const query = `{ operations { ${everyFieldBut(
        'Operation',
        EACH.filter((each) => each !== field),
      )} } }`;
      const sent = await counter.fewest(() => ask(many.hub, query, {}));
      expect(sent).toBeLessThanOrEqual(10 + 12 * operations);
    }
  });
});

describe('a mutation sends as many statements for a large record as for a small one', () => {
  test.each<[string, number, (size: number) => Promise<unknown>]>([
    [
      'logViolation',
      28,
      (size) =>
        many.kenya.do(LOG, { input: violationInput(many.operationId, many.agencies.KE, { lines: lines(size) }) }),
    ],
    [
      'correctViolation',
      38,
      async (size) => {
        const [row] = await scene.sql<{ id: string; version: number }>(
          `SELECT id, version FROM violations WHERE operation_id = $1 AND source = 'COORDINATOR' ORDER BY id LIMIT 1`,
          [many.operationId],
        );
        // Another quantity each time: a repeat of the same content would be answered without writing.
        await many.kenya.do(CORRECT, {
          ...row,
          input: { ...correction(many.agencies.KE, size), persons: ((row?.version ?? 0) % 900) + 1 },
        });
      },
    ],
    [
      'reportSeizure',
      16,
      (size) =>
        many.officer.do(REPORT, {
          input: seizureInput(many.operationId, many.mombasa, { id: v7(), lines: lines(size) }),
        }),
    ],
  ])('%s: at most %i', async (_name, most, run) => {
    const small = await counter.fewest(() => run(1), 5);
    const large = await counter.fewest(() => run(40), 5);
    expect(large).toBe(small);
    expect(large).toBeLessThanOrEqual(most);
    expect(large).toBeGreaterThan(2);
  });
});
