import { v7 } from 'uuid';

import { graphql, type Muster, startMuster, until } from '../setup/index.js';
import { day, hours, LOG, type Person, REPORT, Scene, SEIZURE, seizureInput, violationInput } from '../setup/scene.js';

interface Participation {
  readonly id: string;
  readonly country: string;
  readonly status: string;
  readonly certifiedAt: string | null;
  readonly certifiedAsOf: string | null;
}

interface FeedEvent {
  readonly cursor: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly country: string | null;
  readonly payload: { readonly record?: Readonly<Record<string, unknown>> };
}

const CERTIFY = `mutation ($id: UUID!, $asOf: String!) {
  certifyFigures(participationId: $id, asOf: $asOf) { id country status certifiedAt certifiedAsOf } }`;
const OPERATION = `query ($id: UUID!) { operation(id: $id) { headCursor participations { id country status certifiedAt certifiedAsOf } } }`;
const FEED = `query ($id: UUID!) { operationFeed(operationId: $id, first: 500) { events { cursor kind subjectId country payload } } }`;
const CORRECT = `mutation ($id: UUID!, $version: Int!, $input: CorrectViolationInput!) {
  correctViolation(id: $id, expectedVersion: $version, reason: "Weighed anew", input: $input) { version } }`;
const SHARE = `mutation ($id: UUID!, $version: Int!, $sharing: SharingInput!) {
  changeSharing(id: $id, expectedVersion: $version, reason: "All may know", sharing: $sharing) { version } }`;
const WITHDRAW = `mutation ($id: UUID!, $version: Int!) { withdrawViolation(id: $id, expectedVersion: $version, reason: "Logged twice") { version } }`;
const DECIDE = `mutation ($id: UUID!, $version: Int!, $accept: Boolean!) {
  decideSeizure(id: $id, expectedVersion: $version, accept: $accept, reason: "Opened and seen") { status } }`;
const COUNT = `query ($query: TrendQuery!) { violationTrends(query: $query) { cells { key value } } }`;

let muster: Muster;
let scene: Scene;
let hub: Person;
let agencies: Record<'KE' | 'TZ', string>;
let unitId: string;
let operationId: string;
let kenya: Person;
let tanzania: Person;
let officer: Person;
let ids: Record<string, string>;

beforeAll(async () => {
  muster = await startMuster();
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  agencies = { KE: await scene.agency('KE'), TZ: await scene.agency('TZ', 'POLICE') };
  unitId = await scene.unit('KE', 'KEMBA', [agencies.KE]);
});

beforeEach(async () => {
  operationId = (await scene.operation(hub)).id;
  kenya = await scene.join(hub, operationId, 'KE', agencies.KE);
  tanzania = await scene.join(hub, operationId, 'TZ', agencies.TZ);
  officer = await scene.person(agencies.KE, { role: 'PORT_UNIT_OFFICER', operationId, country: 'KE', unitId });
  await scene.post(officer.id, unitId, agencies.KE, '2020-01-01');
  ids = Object.fromEntries((await read(hub)).participations.map(({ id, country }) => [country, id]));
  await scene.move(hub, operationId, 'OPERATIONAL');
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const read = (person: Person): Promise<{ headCursor: string; participations: Participation[] }> =>
  person.do(OPERATION, { id: operationId });

const head = async (person: Person): Promise<string> => (await read(person)).headCursor;

async function participationOf(country: string): Promise<Participation | undefined> {
  return (await read(hub)).participations.find((each) => each.country === country);
}

const certify = (person: Person, country: string, asOf: string): Promise<Participation> =>
  person.do(CERTIFY, { id: ids[country], asOf });

const events = async (person: Person, kind: string): Promise<FeedEvent[]> =>
  (await person.do<{ events: FeedEvent[] }>(FEED, { id: operationId })).events.filter((event) => event.kind === kind);

const audited = (action: string): Promise<{ actor_id: string | null; subject_id: string }[]> =>
  scene.sql(`SELECT actor_id, subject_id FROM audit_entries WHERE operation_id = $1 AND action = $2 ORDER BY id`, [
    operationId,
    action,
  ]);

async function log(person: Person, country: 'KE' | 'TZ', change: object = {}): Promise<string> {
  const input = violationInput(operationId, agencies[country], { ...change });
  return (await person.do<{ id: string }>(LOG, { input })).id;
}

/** A report about a unit that is really marked with a wrong check digit: it goes to review. */
async function waiting(change: object = {}): Promise<{ id: string; version: number }> {
  const input = seizureInput(operationId, unitId, {
    cargoUnit: { container: 'CSQU3054384', asMarked: true },
    ...change,
  });
  const { id } = await officer.do<{ id: string }>(REPORT, { input });
  return until(async () => {
    const found = await kenya.do<{ id: string; version: number; status: string }>(SEIZURE, { id });
    return found.status === 'NEEDS_REVIEW' && found;
  });
}

/** The content of a logged violation as `correctViolation` takes it. */
function content(country: 'KE' | 'TZ', change: object = {}): Record<string, unknown> {
  const {
    id: _id,
    operationId: _operation,
    sharing: _sharing,
    ...rest
  } = violationInput(operationId, agencies[country]);
  return { ...rest, ...change };
}

const heavier = [{ agreement: 'BASEL', commodity: 'household-waste', quantity: '30', unit: 'TONNE' }];

test('figures are certified up to a cursor, with an event and an audit entry', async () => {
  await log(kenya, 'KE');
  await scene.move(hub, operationId, 'POST_OPERATIONAL');
  const asOf = await head(kenya);
  const before = Date.now();
  const certified = await certify(kenya, 'KE', asOf);
  expect(certified).toMatchObject({ id: ids.KE, country: 'KE', status: 'ACCEPTED', certifiedAsOf: asOf });
  expect(Date.parse(certified.certifiedAt ?? '')).toBeGreaterThanOrEqual(before - 1_000);
  expect(await participationOf('TZ')).toMatchObject({ certifiedAt: null, certifiedAsOf: null });
  for (const person of [hub, kenya, tanzania]) {
    expect(await events(person, 'participation.certified')).toMatchObject([
      { subjectId: ids.KE, country: 'KE', payload: { record: { id: ids.KE, country: 'KE' } } },
    ]);
  }
  expect(await audited('participation.certified')).toEqual([{ actor_id: kenya.id, subject_id: ids.KE }]);
});

test('certified figures can be asked for as they stood, whatever was logged since', async () => {
  await log(kenya, 'KE');
  await scene.move(hub, operationId, 'POST_OPERATIONAL');
  const { certifiedAsOf: cursor } = await certify(kenya, 'KE', await head(kenya));
  await log(kenya, 'KE');
  const query = { operationIds: [operationId], measure: 'VIOLATIONS', groupBy: ['COUNTRY'] };
  expect(await hub.do(COUNT, { query })).toEqual({ cells: [{ key: ['KE'], value: '2' }] });
  expect(await hub.do(COUNT, { query: { ...query, asOf: [{ operationId, cursor }] } })).toEqual({
    cells: [{ key: ['KE'], value: '1' }],
  });
});

test('only a coordinator of the country certifies, which comes before the phase and the cursor', async () => {
  const analyst = await scene.person(null, { role: 'ANALYST' });
  const observer = await scene.person(null, { role: 'OBSERVER', operationId });
  const ofKenya = await scene.person(agencies.KE, { role: 'ANALYST', operationId, country: 'KE' });
  const contactPoint = await scene.person(agencies.KE, { role: 'NATIONAL_COORDINATOR', country: 'KE' });
  for (const person of [hub, analyst, observer, ofKenya, tanzania, officer, contactPoint]) {
    expect((await person.refused(CERTIFY, { id: ids.KE, asOf: 'x' })).code).toBe('FORBIDDEN');
  }
  const stranger = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'PE' });
  const hidden = await stranger.refused(CERTIFY, { id: ids.KE, asOf: 'x' });
  expect(hidden).toEqual(await stranger.refused(CERTIFY, { id: v7(), asOf: 'x' }));
  expect(hidden.code).toBe('NOT_FOUND');
  const { errors } = await graphql(muster.graphqlUrl, CERTIFY, { id: ids.KE, asOf: 'x' });
  expect(errors[0]?.extensions?.code).toBe('UNAUTHENTICATED');
});

test('figures are certified in POST_OPERATIONAL alone, and that comes before a wrong cursor', async () => {
  const asOf = await head(kenya);
  const refused = (cursor: string): Promise<unknown> => kenya.refused(CERTIFY, { id: ids.KE, asOf: cursor });
  for (const cursor of [asOf, 'no cursor']) {
    expect(await refused(cursor)).toMatchObject({ code: 'PHASE', phase: 'OPERATIONAL' });
  }
  await scene.move(hub, operationId, 'POST_OPERATIONAL');
  const other = await scene.operation(hub);
  const { headCursor } = await hub.do<{ headCursor: string }>(OPERATION, { id: other.id });
  for (const cursor of ['no cursor', '', headCursor]) {
    expect(await refused(cursor)).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: 'asOf' }] });
  }
  await scene.move(hub, operationId, 'CLOSED');
  expect(await refused(asOf)).toMatchObject({ code: 'PHASE', phase: 'CLOSED' });
});

test('figures that moved after the cursor are a conflict, those of other countries are none', async () => {
  await log(kenya, 'KE');
  await scene.move(hub, operationId, 'POST_OPERATIONAL');
  const [ofKenya, ofTanzania] = [await head(kenya), await head(tanzania)];
  await log(kenya, 'KE');
  expect((await kenya.refused(CERTIFY, { id: ids.KE, asOf: ofKenya })).code).toBe('CONFLICT');
  expect((await participationOf('KE'))?.certifiedAt).toBeNull();
  expect(await certify(tanzania, 'TZ', ofTanzania)).toMatchObject({ certifiedAsOf: ofTanzania });
  const now = await head(kenya);
  expect(await certify(kenya, 'KE', now)).toMatchObject({ certifiedAsOf: now });
});

test('what moves no figure after the cursor is no conflict', async () => {
  const id = await log(kenya, 'KE', { detectedAt: hours(-3) });
  await scene.move(hub, operationId, 'POST_OPERATIONAL');
  const asOf = await head(kenya);
  await kenya.do(SHARE, { id, version: 1, sharing: { level: 'GREEN' } });
  const { id: rejected, version } = await waiting();
  await kenya.do(DECIDE, { id: rejected, version, accept: false });
  expect(await certify(kenya, 'KE', asOf)).toMatchObject({ certifiedAsOf: asOf });
});

test("a report of the country that waits for its decision holds its certification up, and another country's does not", async () => {
  const { id, version } = await waiting();
  await scene.move(hub, operationId, 'POST_OPERATIONAL');
  expect(await kenya.refused(CERTIFY, { id: ids.KE, asOf: await head(kenya) })).toMatchObject({
    code: 'PHASE',
    phase: 'POST_OPERATIONAL',
    missing: [expect.stringContaining('report')],
  });
  await certify(tanzania, 'TZ', await head(tanzania));
  const before = await head(kenya);
  await kenya.do(DECIDE, { id, version, accept: true });
  expect((await kenya.refused(CERTIFY, { id: ids.KE, asOf: before })).code).toBe('CONFLICT');
  expect(await certify(kenya, 'KE', await head(kenya))).toMatchObject({ id: ids.KE });
});

describe('a certified country', () => {
  let logged: string;
  const detectedAt = hours(-2);

  beforeEach(async () => {
    logged = await log(kenya, 'KE', { detectedAt });
    await scene.move(hub, operationId, 'POST_OPERATIONAL');
    await certify(kenya, 'KE', await head(kenya));
    await certify(tanzania, 'TZ', await head(tanzania));
  });

  async function expectReopened(): Promise<void> {
    expect(await participationOf('KE')).toMatchObject({ status: 'ACCEPTED', certifiedAt: null, certifiedAsOf: null });
    expect((await participationOf('TZ'))?.certifiedAt).not.toBeNull();
    for (const person of [hub, kenya, tanzania]) {
      const told = await events(person, 'participation.reopened');
      expect(told).toHaveLength(1);
      expect(told[0]).toMatchObject({
        subjectId: ids.KE,
        country: 'KE',
        payload: { record: { id: ids.KE, certifiedAt: null } },
      });
    }
  }

  test('is reopened by a violation that is logged, and certifies again', async () => {
    await log(kenya, 'KE');
    await expectReopened();
    await log(kenya, 'KE');
    await expectReopened();
    await certify(kenya, 'KE', await head(kenya));
    expect((await participationOf('KE'))?.certifiedAt).not.toBeNull();
  });

  test('is reopened by a correction that moves a figure', async () => {
    await kenya.do(CORRECT, { id: logged, version: 1, input: content('KE', { detectedAt, lines: heavier }) });
    await expectReopened();
  });

  test('is reopened by a withdrawal', async () => {
    await kenya.do(WITHDRAW, { id: logged, version: 1 });
    await expectReopened();
  });

  test('is reopened by a seizure that is accepted', async () => {
    const input = seizureInput(operationId, unitId);
    await officer.do(REPORT, { input });
    await until(async () => (await kenya.do<{ status: string }>(SEIZURE, { id: input.id })).status === 'ACCEPTED');
    await expectReopened();
  });

  test('is reopened by a review that accepts, and not by a report that comes to review or is rejected', async () => {
    const accepted = await waiting();
    const rejected = await waiting({ cargoUnit: { container: 'CSQU3054385', asMarked: true } });
    await kenya.do(DECIDE, { id: rejected.id, version: rejected.version, accept: false });
    expect((await participationOf('KE'))?.certifiedAt).not.toBeNull();
    expect(await events(hub, 'participation.reopened')).toEqual([]);
    await kenya.do(DECIDE, { id: accepted.id, version: accepted.version, accept: true });
    await expectReopened();
  });

  test('stays certified when sharing changes, when words are corrected, and when others log', async () => {
    await kenya.do(SHARE, { id: logged, version: 1, sharing: { level: 'GREEN' } });
    await kenya.do(CORRECT, {
      id: logged,
      version: 2,
      input: content('KE', { detectedAt, narrative: 'Seen from the quay' }),
    });
    await log(tanzania, 'TZ');
    expect((await participationOf('KE'))?.certifiedAt).not.toBeNull();
    expect((await participationOf('TZ'))?.certifiedAt).toBeNull();
    expect((await events(hub, 'participation.reopened')).map(({ country }) => country)).toEqual(['TZ']);
  });

  test('is reopened in the same transaction: of a change and a certification at once, none is certified with other figures', async () => {
    const asOf = await head(kenya);
    const input = violationInput(operationId, agencies.KE);
    await Promise.all([
      kenya.ask(CERTIFY, { id: ids.KE, asOf }),
      kenya.ask(LOG, { input }),
      kenya.ask(CERTIFY, { id: ids.KE, asOf }),
    ]);
    expect((await participationOf('KE'))?.certifiedAt).toBeNull();
    expect((await kenya.refused(CERTIFY, { id: ids.KE, asOf })).code).toBe('CONFLICT');
  });

  test('holds up the closing no longer, and does so again when it is reopened', async () => {
    const readiness = async (): Promise<string[]> =>
      (
        await hub.do<{ readiness: string[] }>(`query ($id: UUID!) { operation(id: $id) { readiness } }`, {
          id: operationId,
        })
      ).readiness;
    expect(await readiness()).toEqual([]);
    await log(kenya, 'KE');
    expect(await readiness()).toEqual([expect.stringContaining('KE')]);
  });
});

test('moving back and on keeps a certification, as no figure moved', async () => {
  await scene.move(hub, operationId, 'POST_OPERATIONAL');
  await certify(kenya, 'KE', await head(kenya));
  await scene.move(hub, operationId, 'OPERATIONAL');
  expect((await participationOf('KE'))?.certifiedAt).not.toBeNull();
  await log(kenya, 'KE', { detectedAt: `${day(-1)}T12:00:00Z` });
  expect((await participationOf('KE'))?.certifiedAt).toBeNull();
});
