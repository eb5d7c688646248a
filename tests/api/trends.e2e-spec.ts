import { v7 } from 'uuid';

import { type Muster, startMuster, until } from '../setup/index.js';
import { hours, LOG, type Person, REPORT, Scene, SEIZURE, seizureInput, violationInput } from '../setup/scene.js';

type Input = Readonly<Record<string, unknown>>;

interface Cell {
  readonly key: readonly string[];
  readonly value: string | null;
  readonly suppressed: boolean;
  readonly perturbed: boolean;
}

interface Trend {
  readonly cells: readonly Cell[];
  readonly asOf: readonly { readonly operationId: string; readonly cursor: string }[];
  readonly linesLeftOut: number | null;
  readonly withheld: string | null;
}

const TREND = `query ($query: TrendQuery!) {
  violationTrends(query: $query) { cells { key value suppressed perturbed } asOf { operationId cursor } linesLeftOut withheld } }`;
const SUMMARY = `query ($id: UUID!) { operation(id: $id) { headCursor summary {
  countriesInvited countriesAccepted customsLedCountries violations criminal administrative undetermined seizures
  valueUsd quantityKg persons companies valueEstimated protected asOf } } }`;
const CORRECT = `mutation ($id: UUID!, $input: CorrectViolationInput!) {
  correctViolation(id: $id, expectedVersion: 1, reason: "Weighed again.", input: $input) { version } }`;
const WITHDRAW = `mutation ($id: UUID!) { withdrawViolation(id: $id, expectedVersion: 1, reason: "Logged twice.") { version } }`;

let muster: Muster;
let scene: Scene;
let hub: Person;
let kenya: Person;
let tanzania: Person;
let agencyId: string;
let tanzanian: string;
let unitId: string;
let operationId: string;

beforeAll(async () => {
  muster = await startMuster();
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  agencyId = await scene.agency('KE', 'CUSTOMS');
  tanzanian = await scene.agency('TZ', 'NAVY');
  unitId = await scene.unit('KE', 'KEMBA', [agencyId]);
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

beforeEach(async () => {
  operationId = (await scene.operation(hub)).id;
  kenya = await scene.join(hub, operationId, 'KE', agencyId);
  tanzania = await scene.join(hub, operationId, 'TZ', tanzanian);
  await scene.move(hub, operationId, 'OPERATIONAL');
});

const trend = (person: Person, query: Input): Promise<Trend> =>
  person.do<Trend>(TREND, { query: { operationIds: [operationId], measure: 'VIOLATIONS', groupBy: [], ...query } });

const cells = async (person: Person, query: Input): Promise<Record<string, string | null>> =>
  Object.fromEntries((await trend(person, query)).cells.map(({ key, value }) => [key.join(' | '), value]));

const line = (change: Input = {}): Input => ({
  agreement: 'BASEL',
  commodity: 'household-waste',
  quantity: '1.5',
  unit: 'TONNE',
  ...change,
});

async function log(person: Person, agency: string, change: Input = {}): Promise<Record<string, unknown>> {
  const input = violationInput(operationId, agency, { sharing: { level: 'GREEN' }, ...change });
  await person.do(LOG, { input });
  return input;
}

function asCorrection({
  id: _id,
  operationId: _operation,
  sharing: _sharing,
  exercise: _exercise,
  ...content
}: Input): Input {
  return content;
}

const SITE = { scene: 'SITE', consignment: null };

describe('trends', () => {
  test('follow a correction and a withdrawal, and still stand as they were at an earlier cursor', async () => {
    const first = await log(kenya, agencyId, { lines: [line()] });
    const second = await log(kenya, agencyId, { lines: [line({ quantity: '500', unit: 'KG' })] });
    const before = await trend(hub, { measure: 'QUANTITY_KG', groupBy: ['COUNTRY'] });
    expect(before.cells).toEqual([{ key: ['KE'], value: '2000', suppressed: false, perturbed: false }]);

    await kenya.do(CORRECT, { id: first.id, input: { ...asCorrection(first), lines: [line({ quantity: '0.25' })] } });
    await kenya.do(WITHDRAW, { id: second.id });
    expect(await cells(hub, { measure: 'QUANTITY_KG', groupBy: ['COUNTRY'] })).toEqual({ KE: '250' });
    expect(await cells(hub, { groupBy: ['COUNTRY'] })).toEqual({ KE: '1' });

    expect(await trend(hub, { measure: 'QUANTITY_KG', groupBy: ['COUNTRY'], asOf: before.asOf })).toEqual(before);
  });

  test('name the last event, and the summary stands at the same', async () => {
    await log(kenya, agencyId);
    const { asOf } = await trend(hub, {});
    const { headCursor, summary } = await hub.do<{ headCursor: string; summary: { asOf: string } }>(SUMMARY, {
      id: operationId,
    });
    expect(asOf).toEqual([{ operationId, cursor: headCursor }]);
    expect(summary.asOf).toBe(headCursor);
  });

  test('name routes by region and scope, and NONE where nothing moved', async () => {
    await log(kenya, agencyId);
    await log(kenya, agencyId, SITE);
    const keys = ['ORIGIN_REGION', 'DESTINATION_REGION', 'FLOW_SCOPE'];
    expect(await cells(hub, { groupBy: keys })).toEqual({
      'Western Europe | Sub-Saharan Africa | INTER_REGIONAL': '1',
      'NONE | NONE | NONE': '1',
    });
    expect(await cells(hub, { groupBy: ['ORIGIN_REGION', 'REGION'], regionScheme: 'M49_REGION' })).toEqual({
      'Europe | Africa': '1',
      'NONE | Africa': '1',
    });
  });

  test('count a record once under each agreement and commodity, and give each line its own amount', async () => {
    const lines = [
      line({ value: '10', currency: 'USD' }),
      line({ quantity: '2', value: '5.50', currency: 'USD' }),
      line({ agreement: 'NATIONAL_LAW', commodity: 'waste-oil', quantity: '30', unit: 'LITRE' }),
    ];
    await log(kenya, agencyId, { lines });
    expect(await cells(hub, { groupBy: ['AGREEMENT'] })).toEqual({ BASEL: '1', NATIONAL_LAW: '1' });
    const weights = await trend(hub, { measure: 'QUANTITY_KG', groupBy: ['AGREEMENT', 'COMMODITY'] });
    expect(weights.linesLeftOut).toBe(1);
    expect(weights.cells.map(({ key, value }) => [...key, value])).toEqual([
      ['BASEL', 'household-waste', '3500'],
      ['NATIONAL_LAW', 'waste-oil', '0'],
    ]);
    expect(await cells(hub, { measure: 'VALUE_USD', filter: { commodities: ['waste-oil'] } })).toEqual({ '': '0' });
    expect(await cells(hub, { measure: 'VALUE_USD', filter: { agreements: ['BASEL'] } })).toEqual({ '': '15.5' });
    expect(await cells(hub, { measure: 'PERSONS', filter: { agreements: ['BASEL'] } })).toEqual({ '': '2' });
  });

  test('count seizures by unit and risk indicator', async () => {
    const [indicator = ''] = (await scene.sql<{ code: string }>('SELECT min(code) AS code FROM risk_indicators')).map(
      ({ code }) => code,
    );
    await hub.do(
      `mutation ($id: UUID!, $codes: [String!]!) { setRiskIndicators(operationId: $id, codes: $codes) { code } }`,
      {
        id: operationId,
        codes: [indicator],
      },
    );
    const officer = await scene.person(agencyId, { role: 'PORT_UNIT_OFFICER', operationId, country: 'KE', unitId });
    await scene.post(officer.id, unitId, agencyId, '2018-01-01');
    const input = seizureInput(operationId, unitId, { riskIndicators: [indicator] });
    await officer.do(REPORT, { input });
    await until(async () => (await officer.do<{ status: string }>(SEIZURE, { id: input.id })).status === 'ACCEPTED');
    await log(kenya, agencyId);
    expect(await cells(hub, { groupBy: ['PORT_UNIT', 'SOURCE', 'RISK_INDICATOR'] })).toEqual({
      [`${unitId} | PORT_UNIT | ${indicator}`]: '1',
      'NONE | COORDINATOR | NONE': '1',
    });
  });

  test('set several operations side by side, each at its own cursor', async () => {
    await log(kenya, agencyId);
    const first = operationId;
    operationId = (await scene.operation(hub)).id;
    const there = await scene.join(hub, operationId, 'KE', agencyId);
    await scene.join(hub, operationId, 'TZ', tanzanian);
    await scene.move(hub, operationId, 'OPERATIONAL');
    await log(there, agencyId);
    await log(there, agencyId);
    const both = await trend(hub, { operationIds: [operationId, first], groupBy: ['OPERATION'] });
    expect(Object.fromEntries(both.cells.map(({ key, value }) => [key[0], value]))).toEqual({
      [first]: '1',
      [operationId]: '2',
    });
    expect(both.asOf.map((point) => point.operationId)).toEqual([operationId, first]);
  });

  test('tell a country no cell of fewer than three records where some are hidden, and mark all the others', async () => {
    await log(kenya, agencyId, { crimeArea: 'WILDLIFE', sharing: { level: 'AMBER_STRICT' }, ...SITE });
    await log(kenya, agencyId, { crimeArea: 'POLLUTION' });
    const told = await trend(tanzania, { groupBy: ['CRIME_AREA'] });
    expect(told.cells).toEqual([hiddenCell('POLLUTION')]); // and none of what stands behind WILDLIFE, not even that it is there
    expect([told.linesLeftOut, told.withheld]).toEqual([null, null]);
    expect((await trend(tanzania, {})).cells).toEqual([hiddenCell()]);
    expect(await cells(kenya, { groupBy: ['CRIME_AREA'] })).toEqual({ POLLUTION: '1', WILDLIFE: '1' });

    for (let more = 0; more < 2; more++) await log(kenya, agencyId, { crimeArea: 'POLLUTION' });
    expect((await trend(tanzania, { groupBy: ['CRIME_AREA'] })).cells).toEqual([noisyCell('3', 'POLLUTION')]);
    expect((await trend(tanzania, {})).cells).toEqual([noisyCell('3')]);
  });

  test('give a country its own figures exact, beside those of others that are protected', async () => {
    await log(kenya, agencyId, { sharing: { level: 'AMBER_STRICT' }, ...SITE });
    await log(tanzania, tanzanian, { ...SITE, place: { unlocode: 'TZDAR' }, sharing: { level: 'RED' } });
    const exact = { key: ['TZ'], value: '1', suppressed: false, perturbed: false };
    expect((await trend(tanzania, { groupBy: ['COUNTRY'] })).cells).toEqual([exact]);
    const own = { groupBy: ['SCENE'], filter: { countries: ['TZ'] } };
    expect((await trend(tanzania, own)).cells).toEqual([{ ...exact, key: ['SITE'] }]);
    // A record of the own coordinators that an officer may not see protects the country from the officer as any other.
    const officer = await scene.person(tanzanian, { role: 'AGENCY_OFFICER', operationId, country: 'TZ' });
    await log(tanzania, tanzanian, { ...SITE, place: { unlocode: 'TZDAR' } });
    expect((await trend(officer, { groupBy: ['COUNTRY'] })).cells).toEqual([hiddenCell('TZ')]);
  });

  test('count for the hub what is RED to it by country, crime area, nature and week, and withhold everything finer', async () => {
    await log(kenya, agencyId, { sharing: { level: 'RED' } });
    await log(kenya, agencyId);
    expect(await cells(hub, { groupBy: ['COUNTRY', 'NATURE'] })).toEqual({ 'KE | CRIMINAL': '2' });
    expect(await cells(hub, { groupBy: ['COUNTRY', 'SCENE'] })).toEqual({
      'KE | CONSIGNMENT': '1',
      'KE | WITHHELD': '1',
    });
    const imports = await trend(hub, { groupBy: ['COUNTRY'], filter: { directions: ['IMPORT'] } });
    expect(imports).toMatchObject({ cells: [{ key: ['KE'], value: '1' }], withheld: '1' });
    expect((await trend(hub, { groupBy: ['COUNTRY'] })).withheld).toBe('0');
    const named = { sharing: { level: 'RED', nameUserIds: [hub.id] } };
    await log(kenya, agencyId, named);
    expect(await cells(hub, { groupBy: ['SCENE'] })).toEqual({ CONSIGNMENT: '2', WITHHELD: '1' });
  });

  test('stand for a country at the last event that it may see, so that their cursor tells of none after it', async () => {
    await log(kenya, agencyId);
    const before = await trend(tanzania, {});
    await log(kenya, agencyId, { sharing: { level: 'AMBER_STRICT' }, ...SITE });
    expect(await trend(tanzania, {})).toEqual(before);
  });

  test('are refused with every wrong field, and not found where the operation is not for the asker', async () => {
    const query = {
      operationIds: [operationId],
      measure: 'PERSONS',
      groupBy: ['AGREEMENT'],
      filter: { search: 'waste', withdrawn: true },
    };
    const refusal = await hub.refused(TREND, { query });
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.fields?.map(({ path }) => path)).toEqual([
      'query.groupBy.0',
      'query.filter.search',
      'query.filter.withdrawn',
    ]);
    const stranger = await scene.person(agencyId);
    expect((await stranger.refused(TREND, { query })).code).toBe('NOT_FOUND');
    expect((await hub.refused(TREND, { query: { ...query, operationIds: [v7()] } })).code).toBe('NOT_FOUND');
  });
});

const hiddenCell = (...key: readonly string[]): Cell => ({ key, value: null, suppressed: true, perturbed: false });
const noisyCell = (value: string, ...key: readonly string[]): Cell => ({
  key,
  value,
  suppressed: false,
  perturbed: true,
});

describe('the summary of an operation', () => {
  test('adds up all counted records for the hub', async () => {
    await log(kenya, agencyId, { lines: [line({ value: '10.25', currency: 'USD' })] });
    await log(tanzania, tanzanian, {
      nature: 'ADMINISTRATIVE',
      ...SITE,
      place: { unlocode: 'TZDAR' },
      lines: [line()],
    });
    const { summary } = await hub.do<{ summary: Input }>(SUMMARY, { id: operationId });
    expect(summary).toMatchObject({
      countriesInvited: 2,
      countriesAccepted: 2,
      customsLedCountries: 1,
      violations: 2,
      criminal: 1,
      administrative: 1,
      undetermined: 0,
      seizures: 0,
      valueUsd: '10.25',
      quantityKg: '3000',
      persons: 4,
      companies: 2,
      valueEstimated: true,
      protected: false,
    });
  });

  test('tells a country of which something is hidden no total of fewer than three records', async () => {
    await log(kenya, agencyId, {
      nature: 'ADMINISTRATIVE',
      sharing: { level: 'AMBER_STRICT' },
      ...SITE,
      detectedAt: hours(-3),
    });
    await log(kenya, agencyId);
    const { summary } = await tanzania.do<{ summary: Input }>(SUMMARY, { id: operationId });
    expect(summary).toMatchObject({
      violations: null,
      criminal: null,
      administrative: null,
      undetermined: null,
      seizures: null,
      valueUsd: null,
      quantityKg: null,
      persons: null,
      companies: null,
      protected: true,
    });
  });

  test('is nothing but countries before the first record', async () => {
    const { summary } = await tanzania.do<{ summary: Input }>(SUMMARY, { id: operationId });
    expect(summary).toMatchObject({
      violations: 0,
      valueUsd: '0',
      quantityKg: '0',
      valueEstimated: false,
      protected: false,
    });
  });
});
