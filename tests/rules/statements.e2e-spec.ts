import { v7 } from 'uuid';

import { everyField, typeOfQuery } from '../fuzz/served-schema.js';
import { type Muster, startMuster, testDatabase, type TestDatabase, until } from '../setup/index.js';
import { officerOf, openPorts, type Ports } from '../setup/ports.js';
import { type HeldGrant, type Person, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';
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
  const desks: [officer: Person, unitId: string][] = [
    [ports.officer, ports.mombasa],
    [ports.neighbour, ports.darEsSalaam],
  ];
  for (let n = 0; n < count; n += 1) {
    const kind = ['POLICE', 'NAVY', 'FORESTRY'][n % 3];
    if (n % 10 === 0) agencies.push(await scene.agency('KE', kind, `Agency ${n}`));
    const agencyId = agencies[n % agencies.length] ?? '';
    const { id } = await ports.kenya.do<{ id: string }>(LOG, {
      input: violationInput(ports.operationId, agencyId, { lines: lines(1 + (n % 4)) }),
    });
    await ports.kenya.do(CORRECT, { id, version: 1, input: correction(agencyId, 1 + (n % 3)) });
    if (n % 10 === 0) {
      const unit = await scene.unit('KE', 'KEMBA', [ports.agencies.KE]);
      desks.push([await officerOf(scene, ports.operationId, 'KE', unit, ports.agencies.KE), unit]);
    }
    const [officer, unitId] = desks[n % desks.length] ?? [ports.officer, ports.mombasa];
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
const PUBLISH = `mutation ($id: UUID!, $asOf: String!) { publishFindings(operationId: $id, title: "Routes", text: "Waste moves.", asOf: $asOf) { id } }`;
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

describe('over operations', () => {
  const ALONE = `query ($id: UUID!) { operation(id: $id) { ${everyField('Operation')} } }`;
  const INVITE = 'mutation ($id: UUID!) { inviteCountries(operationId: $id, countries: ["TZ"]) { id } }';
  const list = `{ operations { ${everyField('Operation')} } }`;
  const trends = `query ($ids: [UUID!]!) { violationTrends(query: { operationIds: $ids, measure: VALUE_USD, groupBy: [OPERATION, LEAD_AGENCY_KIND] }) {
    ${everyField('TrendResult')} } }`;
  /** In each phase before the last, with reports, countries and findings. */
  let post: Ports;
  /** Takes part in some of them. */
  let guest: Person;

  beforeAll(async () => {
    post = await openPorts(scene, { phase: 'POST_OPERATIONAL' });
    await publish(post);
    await scene.operation(post.hub);
    guest = await scene.person(post.agencies.KE, agent(few), agent(post));
  });

  const agentOfTanzania = ({ operationId }: Ports): HeldGrant => ({
    role: 'AGENCY_OFFICER',
    operationId,
    country: 'TZ',
  });
  const agent = ({ operationId }: Ports): HeldGrant => ({ role: 'AGENCY_OFFICER', operationId, country: 'KE' });

  async function publish({ hub, operationId }: Ports): Promise<void> {
    const { headCursor } = await hub.do<{ headCursor: string }>(
      'query ($id: UUID!) { operation(id: $id) { headCursor } }',
      { id: operationId },
    );
    await hub.do(PUBLISH, { id: operationId, asOf: headCursor });
  }

  async function grow(): Promise<void> {
    await scene.grant(guest.id, agent(many));
    for (let n = 0; n < 3; n += 1) {
      await scene.operation(post.hub);
      const more = await openPorts(scene, { phase: 'POST_OPERATIONAL' });
      await publish(more);
      await scene.grant(guest.id, agent(more));
    }
  }

  test('the list of operations, with every field of each, sends as many statements for many as for few: at most 36', async () => {
    const administrator = await scene.person(null, { role: 'ADMINISTRATOR' });
    const viewers = { hub: post.hub, guest, administrator };
    const asked = async (): Promise<[string, number, number][]> => {
      const counts: [string, number, number][] = [];
      for (const [name, viewer] of Object.entries(viewers)) {
        const answer = await ask(viewer, list, {});
        counts.push([name, await counter.fewest(() => ask(viewer, list, {})), answer.split('"codeName"').length - 1]);
      }
      return counts;
    };
    const before = await asked();
    await grow();
    const after = await asked();
    expect(after.map(([name, sent]) => [name, sent])).toEqual(before.map(([name, sent]) => [name, sent]));
    for (const [index, [, sent, listed]] of after.entries()) {
      expect(sent).toBeLessThanOrEqual(36);
      expect(sent).toBeGreaterThan(2);
      expect(listed).toBeGreaterThan(before[index]?.[2] ?? 0);
    }
  });

  test('the list tells of each operation what is told of it alone, however its asker stands there', async () => {
    const { operationId } = many;
    const input = violationInput(operationId, many.agencies.KE, { sharing: { level: 'RED' } });
    await many.kenya.do(LOG, { input });
    const invited = await scene.operation(post.hub);
    await post.hub.do(INVITE, { id: invited.id });
    const viewers = [
      post.hub,
      guest,
      many.kenya,
      many.neighbour,
      await scene.person(null, { role: 'OBSERVER', operationId }, { role: 'OBSERVER', operationId: post.operationId }),
      await scene.person(many.agencies.TZ, { role: 'NATIONAL_COORDINATOR', country: 'TZ' }, agentOfTanzania(many)),
      await scene.person(null, { role: 'ADMINISTRATOR' }),
    ];
    const heads = new Set<string>();
    for (const viewer of viewers) {
      const listed = await viewer.do<{ id: string; headCursor: string }[]>(list);
      expect(listed.length).toBeGreaterThan(0);
      for (const operation of listed) {
        expect(operation).toEqual(await viewer.do(ALONE, { id: operation.id }));
        if (operation.id === operationId) heads.add(operation.headCursor);
      }
    }
    expect(heads.size).toBeGreaterThan(1);
  });

  test('trends of many operations send as many statements as those of one: at most 14', async () => {
    const sent = await counter.fewest(() => ask(many.hub, trends, { ids: [many.operationId] }));
    const rows = await scene.sql<{ id: string }>('SELECT id FROM operations');
    expect(rows.length).toBeGreaterThan(3);
    const ids = rows.map(({ id }) => id);
    expect(await counter.fewest(() => ask(many.hub, trends, { ids }))).toBe(sent);
    expect(sent).toBeLessThanOrEqual(14);
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
