import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { v4, v7 } from 'uuid';

import { type Muster, ROOT, startMuster, until } from '../setup/index.js';
import { day, hours, LOG, type Person, type Refusal, Scene, violationInput } from '../setup/scene.js';

type Change = Readonly<Record<string, unknown>>;
type Field = NonNullable<Refusal['fields']>[number];

interface Line {
  readonly quantity: string;
  readonly netWeightKg: string | null;
  readonly quantityKg: string | null;
  readonly value: string | null;
  readonly currency: string | null;
  readonly valueUsd: string | null;
  readonly rateDate: string | null;
  readonly hsCode: string | null;
}

interface Logged {
  readonly id: string;
  readonly valueUsd: string | null;
  readonly quantityKg: string | null;
  readonly narrative: string | null;
  readonly place: { readonly unlocode: string | null; readonly name: string | null; readonly country: string | null };
  readonly consignment: { readonly cargoUnits: readonly Change[]; readonly billOfLading: string | null } | null;
  readonly vessel: Change | null;
  readonly lines: readonly Line[];
}

const LOG_ALL = `mutation ($input: LogViolationInput!) { logViolation(input: $input) {
  id version operationId country agency { id name kind country } unit { id } source scene detectedAt timeZone offenceFrom offenceTo
  place { unlocode latitude longitude name country } crimeArea nature detection
  consignment { transportMode direction route { origin transit destination } billOfLading
    cargoUnits { container airWaybill vehicle railWagon postalItem asMarked } }
  vessel { imo name flag voyage }
  lines { agreement commodity { code name agreement } agreementReference hsCode quantity unit basis netWeightKg quantityKg
    value currency valueBasis valueUsd rateDate }
  valueUsd quantityKg persons companies sharing { level addCountries leaveOutCountries nameUserIds } useRestriction
  grading { source information } narrative late exercise withdrawn withdrawalReason recordedAt
  versions { version agency { id } author { id } reason changes } } }`;

let muster: Muster;
let scene: Scene;
let hub: Person;
let kenya: Person;
let operationId: string;
let agencyId: string;

beforeAll(async () => {
  muster = await startMuster({ worker: false });
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  agencyId = await scene.agency('KE');
  operationId = (await scene.operation(hub)).id;
  kenya = await scene.join(hub, operationId, 'KE', agencyId);
  await scene.join(hub, operationId, 'TZ', await scene.agency('TZ', 'POLICE'));
  await scene.move(hub, operationId, 'OPERATIONAL');
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const log = (change: Change = {}): Promise<Logged> =>
  kenya.do<Logged>(LOG_ALL, { input: violationInput(operationId, agencyId, change) });

async function faults(change: Change): Promise<readonly Field[]> {
  const refusal = await kenya.refused(LOG, { input: violationInput(operationId, agencyId, change) });
  expect(refusal.code).toBe('BAD_USER_INPUT');
  return refusal.fields ?? [];
}

const paths = (fields: readonly Field[]): string[] => fields.map(({ path }) => path).sort();

const line = (change: Change = {}): Change => ({
  agreement: 'BASEL',
  commodity: 'household-waste',
  quantity: '1',
  unit: 'KG',
  ...change,
});

const consignment = (change: Change = {}): Change => ({
  transportMode: 'MARITIME',
  direction: 'IMPORT',
  route: { origin: 'NL', destination: 'KE' },
  ...change,
});

/** A find at a site: nothing moves. */
const atSite = (change: Change = {}): Change => ({ scene: 'SITE', consignment: null, ...change });

/** How many violations the database holds, whoever may see them. */
async function stored(): Promise<number> {
  const [row] = await scene.sql<{ count: number }>('SELECT count(*)::int AS count FROM violations');
  return row?.count ?? 0;
}

describe('what was sent', () => {
  test('comes back whole, with what is derived from it', async () => {
    const named = await scene.person(agencyId);
    const sent = violationInput(operationId, agencyId, {
      detectedAt: `${day(-1)}T12:30:00.250+03:00`,
      offenceFrom: day(-30),
      offenceTo: day(-2),
      place: { unlocode: 'ke mba', latitude: -4.05, longitude: 39.66, name: 'Shed 7' },
      consignment: {
        transportMode: 'MARITIME',
        direction: 'TRANSHIPMENT',
        route: { origin: 'NL', transit: ['XZ', 'OM', 'XZ', 'KE'], destination: 'TZ' },
        cargoUnits: [{ container: 'csqu 305438-3' }, { airWaybill: '020-12345675' }],
        billOfLading: ' MAEU-1 ',
      },
      vessel: { imo: 'IMO 9074729', name: 'Nordic Star', flag: 'ZZ', voyage: '12E' },
      lines: [
        line({
          agreement: 'MARPOL',
          agreementReference: 'Y46',
          hsCode: '3825.10',
          quantity: '22.50',
          unit: 'TONNE',
          basis: 'WEIGHED',
          value: '10.5',
          currency: 'usd',
          valueBasis: 'DECLARED',
        }),
      ],
      persons: 0,
      companies: 3,
      sharing: { level: 'RED', addCountries: ['TZ', 'OM', 'TZ'], leaveOutCountries: ['NL'], nameUserIds: [named.id] },
      useRestriction: 'NOT_IN_COURT',
      grading: { source: 'B', information: 'TWO' },
      narrative: '  Seen by the crew.  ',
    });
    expect(await kenya.do(LOG_ALL, { input: sent })).toEqual({
      id: sent.id,
      version: 1,
      operationId,
      country: 'KE',
      agency: { id: agencyId, name: 'CUSTOMS of KE', kind: 'CUSTOMS', country: 'KE' },
      unit: null,
      source: 'COORDINATOR',
      scene: 'CONSIGNMENT',
      detectedAt: `${day(-1)}T09:30:00.250Z`,
      timeZone: 'Africa/Nairobi',
      offenceFrom: day(-30),
      offenceTo: day(-2),
      place: { unlocode: 'KEMBA', latitude: -4.05, longitude: 39.66, name: 'Shed 7', country: 'KE' },
      crimeArea: 'POLLUTION',
      nature: 'CRIMINAL',
      detection: 'RISK_PROFILE',
      consignment: {
        transportMode: 'MARITIME',
        direction: 'TRANSHIPMENT',
        route: { origin: 'NL', transit: ['XZ', 'OM', 'XZ', 'KE'], destination: 'TZ' },
        billOfLading: 'MAEU-1',
        cargoUnits: [
          { ...NO_UNIT, container: 'CSQU3054383' },
          { ...NO_UNIT, airWaybill: '02012345675' },
        ],
      },
      vessel: { imo: '9074729', name: 'Nordic Star', flag: 'ZZ', voyage: '12E' },
      lines: [
        {
          agreement: 'MARPOL',
          commodity: {
            code: 'household-waste',
            name: expect.stringMatching(/household/i) as string,
            agreement: 'BASEL',
          },
          agreementReference: 'Y46',
          hsCode: '382510',
          quantity: '22.50',
          unit: 'TONNE',
          basis: 'WEIGHED',
          netWeightKg: null,
          quantityKg: '22500',
          value: '10.5',
          currency: 'USD',
          valueBasis: 'DECLARED',
          valueUsd: '10.50',
          rateDate: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) as string,
        },
      ],
      valueUsd: '10.5',
      quantityKg: '22500',
      persons: 0,
      companies: 3,
      sharing: { level: 'RED', addCountries: ['OM', 'TZ'], leaveOutCountries: ['NL'], nameUserIds: [named.id] },
      useRestriction: 'NOT_IN_COURT',
      grading: { source: 'B', information: 'TWO' },
      narrative: 'Seen by the crew.',
      late: false,
      exercise: false,
      withdrawn: false,
      withdrawalReason: null,
      recordedAt: expect.stringMatching(/Z$/) as string,
      versions: [{ version: 1, agency: { id: agencyId }, author: { id: kenya.id }, reason: null, changes: null }],
    });
  });

  test.each(['SITE', 'VESSEL', 'WATERWAY', 'COAST', 'MARKET', 'ONLINE', 'PERSON'])(
    'is taken at the scene %s, without a consignment',
    async (where) => {
      const logged = await kenya.do<Logged>(LOG_ALL, {
        input: violationInput(operationId, agencyId, atSite({ scene: where })),
      });
      expect(logged).toMatchObject({ scene: where, consignment: null, place: { country: 'KE' } });
    },
  );

  test('gets the defaults of the contract where nothing was said', async () => {
    const logged = await log(
      atSite({ lines: [line()], persons: undefined, companies: null, vessel: {}, narrative: '   ' }),
    );
    expect(logged).toMatchObject({
      persons: null,
      companies: null,
      vessel: null,
      narrative: null,
      useRestriction: 'NONE',
      grading: null,
      lines: [{ basis: 'ESTIMATED', valueBasis: 'ESTIMATED', value: null, valueUsd: null, rateDate: null }],
      sharing: { addCountries: [], leaveOutCountries: [], nameUserIds: [] },
    });
  });

  test.each([
    ['a consignment without its consignment', { consignment: null }, 'input.consignment'],
    ['a site with a consignment', { scene: 'SITE' }, 'input.consignment'],
    ['a person with a consignment', { scene: 'PERSON' }, 'input.consignment'],
    ['no goods', { lines: [] }, 'input.lines'],
    ['more than two hundred kinds of goods', { lines: Array.from({ length: 201 }, () => line()) }, 'input.lines'],
    ['an offence that ends before it begins', { offenceFrom: day(-2), offenceTo: day(-3) }, 'input.offenceTo'],
    ['no zone', { timeZone: '' }, 'input.timeZone'],
    ['a zone that is none', { timeZone: 'Africa/Mombasa' }, 'input.timeZone'],
    ['an offset in place of a zone', { timeZone: '+03:00' }, 'input.timeZone'],
    ['an id of version 4', { id: v4() }, 'input.id'],
    ['fewer than no persons', { persons: -1 }, 'input.persons'],
    ['fewer than no companies', { companies: -1 }, 'input.companies'],
    ['more persons than there can be', { persons: 10_001 }, 'input.persons'],
    ['a day before the window', { detectedAt: `${day(-11)}T12:00:00+03:00` }, 'input.detectedAt'],
    ['a detection further ahead than a clock may be wrong', { detectedAt: hours(0.25) }, 'input.detectedAt'],
    ['a narrative of 20,001 characters', { narrative: 'x'.repeat(20_001) }, 'input.narrative'],
    ['an agency that does not exist', { agencyId: v7() }, 'input.agencyId'],
    ['a person who does not exist', { sharing: { level: 'RED', nameUserIds: [v7()] } }, 'input.sharing.nameUserIds.0'],
    [
      'the own country left out',
      { sharing: { level: 'GREEN', leaveOutCountries: ['TZ', 'KE'] } },
      'input.sharing.leaveOutCountries.1',
    ],
    [
      'a country added and left out',
      { sharing: { level: 'AMBER', addCountries: ['TZ'], leaveOutCountries: ['TZ'] } },
      'input.sharing.leaveOutCountries.0',
    ],
    ['the high seas added', { sharing: { level: 'AMBER', addCountries: ['XZ'] } }, 'input.sharing.addCountries.0'],
  ])('is refused with %s, and the field is named', async (_, change, path) => {
    const before = await stored();
    expect(paths(await faults(change))).toEqual([path]);
    expect(await stored()).toBe(before);
  });

  test.each([
    ['the first moment of the window', { detectedAt: `${day(-10)}T00:00:00+03:00` }],
    ['a clock that is nine minutes ahead', { detectedAt: hours(9 / 60) }],
    ['one day of offence', { offenceFrom: day(-2), offenceTo: day(-2) }],
    ['nobody counted', { persons: 0, companies: 0 }],
  ])('is taken with %s', async (_, change) => {
    expect(await log(change)).toMatchObject({ withdrawn: false });
  });

  test('is judged in one answer, with every wrong field and no other', async () => {
    const fields = await faults({
      id: v4(),
      agencyId: v7(),
      detectedAt: `${day(-40)}T12:00:00Z`,
      timeZone: 'Mars/Olympus',
      offenceFrom: day(-2),
      offenceTo: day(-3),
      place: { unlocode: 'KE1', latitude: 91, longitude: 10 },
      consignment: consignment({
        route: { origin: 'NL', transit: ['QQ', 'OM', 'OM'], destination: 'NL' },
        cargoUnits: [
          { container: 'CSQU3054384' },
          {},
          { container: 'CSQU3054383', vehicle: 'KBX 1' },
          { railWagon: '12' },
        ],
        billOfLading: 'x'.repeat(71),
      }),
      vessel: { imo: '9074720', flag: 'UK' },
      lines: [
        line({ commodity: 'household-wast', quantity: '0', value: '-1', currency: 'USD', hsCode: '7701' }),
        line({ quantity: '-2', netWeightKg: '0', value: '1' }),
        line({ currency: 'XXY', value: '1', agreementReference: 'x'.repeat(101) }),
        line({ value: '1.005', currency: 'EUR' }),
        line({ currency: 'EUR' }),
      ],
      persons: -1,
      companies: -5,
      sharing: { level: 'GREEN', addCountries: ['UK'], leaveOutCountries: ['KE'], nameUserIds: [v7()] },
      narrative: 'x'.repeat(20_001),
    });
    expect(paths(fields)).toEqual(
      [
        'input.agencyId',
        'input.companies',
        'input.consignment.billOfLading',
        'input.consignment.cargoUnits.0.container',
        'input.consignment.cargoUnits.1',
        'input.consignment.cargoUnits.2',
        'input.consignment.cargoUnits.3.railWagon',
        'input.consignment.route.destination',
        'input.consignment.route.transit.0',
        'input.consignment.route.transit.2',
        'input.detectedAt',
        'input.id',
        'input.lines.0.commodity',
        'input.lines.0.hsCode',
        'input.lines.0.quantity',
        'input.lines.0.value',
        'input.lines.1.currency',
        'input.lines.1.netWeightKg',
        'input.lines.1.quantity',
        'input.lines.2.agreementReference',
        'input.lines.2.currency',
        'input.lines.3.value',
        'input.lines.4.value',
        'input.narrative',
        'input.offenceTo',
        'input.persons',
        'input.place.latitude',
        'input.place.unlocode',
        'input.sharing.addCountries.0',
        'input.sharing.leaveOutCountries.0',
        'input.sharing.nameUserIds.0',
        'input.timeZone',
        'input.vessel.flag',
        'input.vessel.imo',
      ].sort(),
    );
    for (const { rule, message } of fields) {
      expect(rule).toMatch(/^[a-z-]+$/);
      expect(message).toMatch(/[.?]$/);
    }
  });
});

describe('codes', () => {
  test.each([
    ['a commodity', { lines: [line({ commodity: 'houshold-waste' })] }, 'input.lines.0.commodity', 'household-waste'],
    [
      'a commodity by its name',
      { lines: [line({ commodity: 'Household waste' })] },
      'input.lines.0.commodity',
      'household-waste',
    ],
    [
      'a country of origin',
      { consignment: consignment({ route: { origin: 'UK', destination: 'KE' } }) },
      'input.consignment.route.origin',
      'GB',
    ],
    [
      'a country that is no more',
      { consignment: consignment({ route: { origin: 'YU', destination: 'KE' } }) },
      'input.consignment.route.origin',
      'RS',
    ],
    [
      'a country of destination',
      { consignment: consignment({ route: { origin: 'NL', destination: 'KY' } }) },
      undefined,
      undefined,
    ],
    ['a flag state', { vessel: { flag: 'XK' } }, 'input.vessel.flag', 'ISO 3166-1'],
    [
      'a country in transit',
      { consignment: consignment({ route: { origin: 'NL', transit: ['OM', 'EU'], destination: 'KE' } }) },
      'input.consignment.route.transit.1',
      '',
    ],
  ])('that do not exist are refused with the nearest matches: %s', async (_, change, path, nearest) => {
    if (path === undefined) return expect(await log(change)).toMatchObject({ version: 1 });
    const [fault, ...others] = await faults(change);
    expect(others).toEqual([]);
    expect(fault?.path).toBe(path);
    expect(fault?.message).toContain(nearest);
    expect(fault?.message).toMatch(/[A-Za-z-]{2,}[,).]/);
  });

  test.each([
    ['QQQ', 'unknown'],
    ['EURO', 'form'],
    ['HRK', 'withdrawn'],
    ['XAU', 'unknown'],
    ['€', 'non-ascii'],
  ])('%s is no currency of today', async (currency, rule) => {
    expect(await faults({ lines: [line({ value: '1', currency })] })).toMatchObject([
      { path: 'input.lines.0.currency', rule },
    ]);
  });

  test('a place and goods of a form that the lists lack are taken', async () => {
    const logged = await log({
      place: { unlocode: 'KEZZ9' },
      lines: [line({ hsCode: '0106.11' }), line({ hsCode: '999999' }), line({ hsCode: '38' })],
    });
    expect(logged.place).toMatchObject({ unlocode: 'KEZZ9', country: 'KE' });
    expect(logged.lines.map(({ hsCode }) => hsCode)).toEqual(['010611', '999999', '38']);
  });

  test('goods codes that were withdrawn before the operation began are refused with where the goods went', async () => {
    const fields = await faults({ lines: [line({ hsCode: '8548.10' }), line({ hsCode: '382471' })] });
    expect(paths(fields)).toEqual(['input.lines.0.hsCode', 'input.lines.1.hsCode']);
    expect(fields[0]?.message).toContain('8549');
  });

  test('that held when the operation began are taken to its end', async () => {
    const old = await scene.operation(hub, {
      kind: 'STANDING',
      operationalStartsOn: '2021-06-01',
      operationalEndsOn: null,
      reportingDeadline: null,
    });
    const coordinator = await scene.join(hub, old.id, 'KE', agencyId);
    await scene.join(hub, old.id, 'UG', await scene.agency('UG'));
    await scene.move(hub, old.id, 'OPERATIONAL');
    const sent = (change: Change): Change => violationInput(old.id, agencyId, { lines: [line(change)] });
    const logged = await coordinator.do<Logged>(LOG_ALL, {
      input: sent({ hsCode: '8548.10', value: '75', currency: 'HRK' }),
    });
    expect(logged.lines).toMatchObject([{ hsCode: '854810', currency: 'HRK' }]);
    expect(await coordinator.refused(LOG, { input: sent({ value: '1', currency: 'VEF' }) })).toMatchObject({
      fields: [{ path: 'input.lines.0.currency', rule: 'withdrawn' }],
    });
  });
});

describe('quantities', () => {
  test.each([
    ['22.50', 'KG', '22.5'],
    ['22.50', 'TONNE', '22500'],
    ['0.001', 'GRAM', '0.000001'],
    ['99999999999999999999.999999999', 'KG', '99999999999999999999.999999999'],
    ['99999999999999999999.999999999', 'TONNE', '99999999999999999999999.999999'],
    ['0.000000001', 'GRAM', '0.000000000001'],
    ['0.1', 'KG', '0.1'],
  ])('of %s %s are exactly %s kilograms', async (quantity, unit, kilograms) => {
    const logged = await log({ lines: [line({ quantity, unit })] });
    expect(logged.lines).toMatchObject([{ quantity, quantityKg: kilograms }]);
    expect(logged.quantityKg).toBe(kilograms);
  });

  test.each(['LITRE', 'CUBIC_METRE', 'METRE', 'SQUARE_METRE', 'PIECE', 'CYLINDER', 'PALLET', 'VEHICLE', 'CONTAINER'])(
    'in %s are no kilograms but those that were weighed',
    async (unit) => {
      const counted = await log({ lines: [line({ quantity: '3', unit })] });
      expect(counted).toMatchObject({ quantityKg: null, lines: [{ quantityKg: null }] });
      const weighed = await log({
        lines: [line({ quantity: '3', unit, netWeightKg: '12.50' }), line({ quantity: '1', unit })],
      });
      expect(weighed).toMatchObject({
        quantityKg: '12.5',
        lines: [{ netWeightKg: '12.50', quantityKg: '12.5' }, { quantityKg: null }],
      });
    },
  );

  test('of many lines add up exactly', async () => {
    const tenths = Array.from({ length: 10 }, () => line({ quantity: '0.1' }));
    expect(await log({ lines: tenths })).toMatchObject({ quantityKg: '1' });
    const far = [
      line({ quantity: '99999999999999999999', unit: 'TONNE' }),
      line({ quantity: '0.000000001', unit: 'GRAM' }),
    ];
    expect(await log({ lines: far })).toMatchObject({ quantityKg: '99999999999999999999000.000000000001' });
  });

  test.each(['0', '0.000', '-1', '-0'])('of %s are refused', async (quantity) => {
    expect(await faults({ lines: [line({ quantity }), line({ netWeightKg: quantity })] })).toMatchObject([
      { path: 'input.lines.0.quantity', rule: 'positive' },
      { path: 'input.lines.1.netWeightKg', rule: 'positive' },
    ]);
  });
});

describe('values in US dollars', () => {
  const loadRates = async (...rows: readonly string[]): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'muster-rates-'));
    try {
      const file = join(folder, 'rates.csv');
      await writeFile(file, ['currency,day,usd', ...rows].join('\n'));
      const env = { ...process.env, NODE_ENV: 'test', DATABASE_URL: muster.databaseUrl, LOG_LEVEL: 'warn' };
      await promisify(execFile)(
        process.execPath,
        [join(ROOT, 'dist', 'apps', 'console', 'main.js'), 'load-rates', file],
        { env },
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  };
  const worth = async (value: string, currency: string, onDay: string): Promise<Line> => {
    const [told] = (await log({ detectedAt: `${onDay}T12:00:00+03:00`, lines: [line({ value, currency })] })).lines;
    if (!told) throw new Error('A record without its line.');
    return told;
  };

  test('are null before a rate is loaded, and then told by the latest rate before the day, with its date', async () => {
    expect(await worth('100', 'EUR', day(-5))).toMatchObject({ value: '100', valueUsd: null, rateDate: null });
    await loadRates(`EUR,${day(-6)},1.005`, `EUR,${day(-3)},1.2`, `KES,${day(-9)},0.0077`, `JPY,${day(-9)},0.00649`);
    await until(async () => (await worth('1', 'EUR', day(-1))).valueUsd, { what: 'the api has taken the rates up' });

    expect(await worth('100', 'EUR', day(-7))).toMatchObject({ valueUsd: null, rateDate: null });
    expect(await worth('100', 'EUR', day(-6))).toMatchObject({ valueUsd: '100.50', rateDate: day(-6) });
    expect(await worth('100', 'EUR', day(-4))).toMatchObject({ valueUsd: '100.50', rateDate: day(-6) });
    expect(await worth('100', 'EUR', day(-3))).toMatchObject({ valueUsd: '120.00', rateDate: day(-3) });
  });

  test.each([
    ['1', 'EUR', '1.01'], // 1.005
    ['3', 'EUR', '3.02'], // 3.015
    ['0.99', 'EUR', '0.99'], // 0.99495
    ['5', 'KES', '0.04'], // 0.0385
    ['0.64', 'KES', '0.00'], // 0.004928
    ['0.65', 'KES', '0.01'], // 0.005005
    ['1000', 'JPY', '6.49'],
    ['99999999999999999999.99', 'USD', '99999999999999999999.99'],
    ['99999999999999999999.99', 'KES', '770000000000000000.00'],
    ['0', 'USD', '0.00'],
  ])('of %s %s are %s, rounded half up to cents', async (value, currency, dollars) => {
    expect(await worth(value, currency, day(-5))).toMatchObject({ value, valueUsd: dollars });
  });

  test('are rounded line by line, and add up over the lines that have a rate', async () => {
    const lines = [
      line({ value: '1', currency: 'EUR' }),
      line({ value: '1', currency: 'EUR' }),
      line({ value: '9', currency: 'ZAR' }),
      line(),
    ];
    expect(await log({ detectedAt: `${day(-5)}T12:00:00+03:00`, lines })).toMatchObject({
      valueUsd: '2.02',
      lines: [{ valueUsd: '1.01' }, { valueUsd: '1.01' }, { valueUsd: null }, { valueUsd: null }],
    });
  });

  test('stay as they are when later rates come, and are told anew by a correction alone', async () => {
    const input = violationInput(operationId, agencyId, {
      detectedAt: `${day(-5)}T12:00:00+03:00`,
      lines: [line({ value: '100', currency: 'EUR' })],
    });
    const { id } = await kenya.do<Logged>(LOG_ALL, { input });
    await loadRates(`EUR,${day(-5)},2`);
    await until(async () => (await worth('1', 'EUR', day(-5))).valueUsd === '2.00', {
      what: 'the later rate is taken up',
    });

    const read = `query ($id: UUID!) { violation(id: $id) { valueUsd lines { valueUsd rateDate } } }`;
    expect(await kenya.do(read, { id })).toEqual({
      valueUsd: '100.5',
      lines: [{ valueUsd: '100.50', rateDate: day(-6) }],
    });
    const { id: _id, operationId: _operation, sharing: _sharing, ...content } = input;
    const corrected = await kenya.do(
      `mutation ($id: UUID!, $input: CorrectViolationInput!) {
         correctViolation(id: $id, expectedVersion: 1, reason: "More persons.", input: $input) { valueUsd lines { valueUsd rateDate } } }`,
      { id, input: { ...content, persons: 9 } },
    );
    expect(corrected).toEqual({ valueUsd: '200', lines: [{ valueUsd: '200.00', rateDate: day(-5) }] });
  });

  test.each([
    ['a value without its currency', { value: '1' }, 'currency'],
    ['a currency without its value', { currency: 'USD' }, 'value'],
    ['less than nothing', { value: '-0.01', currency: 'USD' }, 'value'],
    ['parts of a cent', { value: '0.001', currency: 'USD' }, 'value'],
    ['parts of a yen', { value: '1.5', currency: 'JPY' }, 'value'],
  ])('are not told of %s', async (_, change, field) => {
    expect(paths(await faults({ lines: [line(change)] }))).toEqual([`input.lines.0.${field}`]);
  });

  test('are told of amounts whose last decimals are zeros', async () => {
    expect((await log({ lines: [line({ value: '1.500', currency: 'USD' })] })).lines).toMatchObject([
      { value: '1.500', valueUsd: '1.50' },
    ]);
  });
});

describe('routes', () => {
  const route = (direction: string, origin: string, transit: readonly string[], destination: string): Change => ({
    consignment: consignment({ direction, route: { origin, transit, destination } }),
  });

  test.each([
    ['IMPORT', 'NL', ['OM'], 'KE'],
    ['IMPORT', 'NL', [], 'KE'],
    ['EXPORT', 'ZZ', ['ZZ', 'XZ', 'XZ'], 'ZZ'],
    ['TRANSIT', 'XZ', ['KE'], 'XZ'],
    ['RETURN', 'KE', ['OM', 'NL'], 'KE'],
    ['DOMESTIC', 'KE', [], 'KE'],
    ['DOMESTIC', 'KE', ['XZ', 'UG'], 'KE'],
    ['UNKNOWN', 'ZZ', [], 'KE'],
  ])('%s from %s by %j to %s is taken', async (direction, origin, transit, destination) => {
    const logged = await log(route(direction, origin, transit, destination));
    expect(logged.consignment).toMatchObject({ direction, route: { origin, transit, destination } });
  });

  test.each([
    ['IMPORT', 'KE', [], 'KE', ['destination']],
    ['IMPORT', 'NL', ['NL'], 'KE', ['transit.0']],
    ['EXPORT', 'KE', ['OM', 'XZ', 'OM'], 'NL', ['transit.2']],
    ['TRANSIT', 'NL', ['KE', 'UG'], 'UG', ['destination']],
    ['RETURN', 'KE', ['OM'], 'NL', ['destination']],
    ['RETURN', 'KE', ['OM', 'OM'], 'KE', ['transit.1']],
    ['RETURN', 'KE', ['KE'], 'KE', ['transit.0']],
    ['DOMESTIC', 'KE', [], 'TZ', ['destination']],
    ['UNKNOWN', 'NL', ['OM', 'NL'], 'OM', ['destination', 'transit.1']],
  ])('%s from %s by %j to %s is refused', async (direction, origin, transit, destination, wrong) => {
    expect(paths(await faults(route(direction, origin, transit, destination)))).toEqual(
      wrong.map((field) => `input.consignment.route.${field}`),
    );
  });
});

describe('places', () => {
  test.each([
    [{ unlocode: 'KE MBA' }, { unlocode: 'KEMBA', country: 'KE' }],
    [{ unlocode: 'XZAAA' }, { unlocode: 'XZAAA', country: 'XZ' }],
    [
      { latitude: -4.05, longitude: 39.66 },
      { latitude: -4.05, longitude: 39.66, country: 'KE' },
    ],
    [{ latitude: -20, longitude: 70 }, { country: null }],
    [
      { latitude: 90, longitude: -180 },
      { latitude: 90, longitude: -180 },
    ],
    [
      { latitude: 0, longitude: 0 },
      { latitude: 0, longitude: 0 },
    ],
    [{ name: 'A yard by the river' }, { unlocode: null, name: 'A yard by the river', country: null }],
    [
      { unlocode: '', name: ' سوق  ' },
      { unlocode: null, name: 'سوق' },
    ],
    [
      { unlocode: 'NLRTM', latitude: -4.05, longitude: 39.66, name: 'x' },
      { unlocode: 'NLRTM', country: 'NL', name: 'x' },
    ],
  ])('%j is taken', async (place, told) => {
    expect((await log(atSite({ place }))).place).toMatchObject(told);
  });

  test.each([
    [{}, ''],
    [{ unlocode: ' ', name: '' }, ''],
    [{ unlocode: 'KEM1A' }, '.unlocode'],
    [{ unlocode: 'UKLON' }, '.unlocode'],
    [{ unlocode: 'KEMBAX' }, '.unlocode'],
    [{ unlocode: 'КЕМВА' }, '.unlocode'],
    [{ latitude: 1 }, '.longitude'],
    [{ longitude: 1, unlocode: 'KEMBA' }, '.latitude'],
    [{ latitude: 90.001, longitude: 0 }, '.latitude'],
    [{ latitude: 0, longitude: -180.001 }, '.longitude'],
    [{ name: 'x'.repeat(301) }, '.name'],
  ])('%j is refused', async (place, field) => {
    expect(paths(await faults(atSite({ place })))).toEqual([`input.place${field}`]);
  });
});

const NO_UNIT = {
  container: null,
  airWaybill: null,
  vehicle: null,
  railWagon: null,
  postalItem: null,
  asMarked: false,
};

describe('cargo units', () => {
  const carrying = (...cargoUnits: readonly Change[]): Change => ({ consignment: consignment({ cargoUnits }) });

  test.each([
    [{ container: 'CSQU 305438 3' }, { container: 'CSQU3054383' }],
    [{ container: 'mscu-100007-0' }, { container: 'MSCU1000070' }], // remainder 10, written 0
    [{ airWaybill: '020 1234 5675' }, { airWaybill: '02012345675' }],
    [{ railWagon: '21 81 2471 217-3' }, { railWagon: '218124712173' }],
    [{ postalItem: 'rr 473 124 829 gb' }, { postalItem: 'RR473124829GB' }],
    [{ vehicle: 'kbx-123 a' }, { vehicle: 'KBX123A' }],
    [{ container: 'CSQU3054383', asMarked: true }, { container: 'CSQU3054383' }], // it is right: nothing to confirm
    [
      { container: 'CSQU3054384', asMarked: true },
      { container: 'CSQU3054384', asMarked: true },
    ],
    [
      { airWaybill: '020-12345670', asMarked: true },
      { airWaybill: '02012345670', asMarked: true },
    ],
    [
      { railWagon: '218124712170', asMarked: true },
      { railWagon: '218124712170', asMarked: true },
    ],
    [
      { postalItem: 'RR473124820GB', asMarked: true },
      { postalItem: 'RR473124820GB', asMarked: true },
    ],
  ])('%j is taken in its normal form', async (unit, told) => {
    expect((await log(carrying(unit))).consignment?.cargoUnits).toEqual([{ ...NO_UNIT, ...told }]);
  });

  test.each([
    [{ container: 'CSQU3054384' }, '.container', /\b3\b.*asMarked/],
    [{ container: 'MSCU1000071' }, '.container', /\b0\b.*asMarked/],
    [{ airWaybill: '020-12345670' }, '.airWaybill', /\b5\b.*asMarked/],
    [{ railWagon: '21 81 2471 217-0' }, '.railWagon', /\b3\b.*asMarked/],
    [{ postalItem: 'RR473124820GB' }, '.postalItem', /\b9\b.*asMarked/],
    [{ container: 'CSQU305438' }, '.container', /check digit/],
    [{ container: 'CSQX3054383', asMarked: true }, '.container', /U, J or Z/],
    [{ container: 'C\u017fQU3054383' }, '.container', /U\+017F/],
    [{ container: 'CSQU٣٠٥٤٣٨٣' }, '.container', /Arabic-Indic/],
    [{ container: 'CSQU3054383\n' }, '.container', /invisible/],
    [{ postalItem: 'RR473124829UK' }, '.postalItem', /GB/],
    [{ vehicle: ' - ' }, '.vehicle', /plate/],
    [{ container: '' }, '.container', /container/],
    [{}, '', /exactly one/],
    [{ container: 'CSQU3054383', postalItem: 'RR473124829GB' }, '', /exactly one/],
  ])('%j is refused, and the message says how to mend it', async (unit, field, message) => {
    const fields = await faults(carrying({ vehicle: 'KBX1' }, unit));
    expect(paths(fields)).toEqual([`input.consignment.cargoUnits.1${field}`]);
    expect(fields[0]?.message).toMatch(message);
  });
});

describe('vessels', () => {
  test.each([
    [{ imo: '9074729' }, { imo: '9074729', name: null, flag: null, voyage: null }],
    [
      { imo: 'imo-9074729', flag: 'XZ' },
      { imo: '9074729', flag: 'XZ' },
    ],
    [
      { name: 'Dhow without a number', imo: '' },
      { imo: null, name: 'Dhow without a number' },
    ],
  ])('%j is taken', async (vessel, told) => {
    expect((await log(atSite({ scene: 'VESSEL', vessel }))).vessel).toMatchObject(told);
  });

  test.each([
    [{ imo: '9074720' }, 'imo', /\b9\b/],
    [{ imo: '2041999' }, 'imo', /company/],
    [{ imo: '0000000' }, 'imo', /seven digits/],
    [{ imo: '90 74729' }, 'imo', /seven digits/],
    [{ flag: 'ZX' }, 'flag', /ISO 3166-1/],
    [{ name: 'x'.repeat(201) }, 'name', /200/],
    [{ name: 'x', voyage: 'x'.repeat(101) }, 'voyage', /100/],
  ])('%j is refused', async (vessel, field, message) => {
    const fields = await faults(atSite({ scene: 'VESSEL', vessel }));
    expect(paths(fields)).toEqual([`input.vessel.${field}`]);
    expect(fields[0]?.message).toMatch(message);
  });
});

describe('words', () => {
  test.each([
    ['quotation marks and backslashes', `'; DROP TABLE violations; -- "\\" $1 \\u0000 %s {}`],
    ['letters of many scripts', 'شحنة نفايات 廃棄物 отходы क𝒳 👩‍🚒 e\u0301'],
    ['line ends and tabs', 'one\r\ntwo\tthree'],
    ['right-to-left marks', '\u202eabc\u202c\u200f\ufeff x'],
  ])('with %s come back as they were sent', async (_, text) => {
    const logged = await log({ narrative: text, place: { name: text }, lines: [line({ agreementReference: text })] });
    expect(logged).toMatchObject({ narrative: text, place: { name: text }, lines: [{ agreementReference: text }] });
  });

  test.each([
    ['the character U+0000', 'a\u0000b'],
    ['half of a character', 'a\ud800b'],
    ['the other half of a character', '\udc00'],
  ])('that no database takes are refused with their field: %s', async (_, text) => {
    const fields = await faults({
      narrative: text,
      place: { name: text },
      vessel: { name: text, voyage: text },
      lines: [line({ agreementReference: text, commodity: text, hsCode: text })],
    });
    expect(paths(fields)).toEqual([
      'input.lines.0.agreementReference',
      'input.lines.0.commodity',
      'input.lines.0.hsCode',
      'input.narrative',
      'input.place.name',
      'input.vessel.name',
      'input.vessel.voyage',
    ]);
  });
});

describe('who logs', () => {
  const input = (change: Change = {}, of = agencyId): Change => violationInput(operationId, of, change);

  test('a coordinator for any agency of the country, an agency officer for the own', async () => {
    const police = await scene.agency('KE', 'POLICE');
    expect(await kenya.do(LOG, { input: input({}, police) })).toMatchObject({ agency: { id: police } });
    const officer = await scene.person(police, { role: 'AGENCY_OFFICER', operationId, country: 'KE' });
    expect(await officer.do(LOG, { input: input({}, police) })).toMatchObject({
      agency: { id: police },
      country: 'KE',
    });
    expect(await officer.refused(LOG, { input: input() })).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('nobody for an agency of another country, whatever else is wrong', async () => {
    const foreign = await scene.agency('TZ', 'NAVY');
    expect(await kenya.refused(LOG, { input: input({ lines: [] }, foreign) })).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('not the hub, an analyst, an observer, a port unit officer or an administrator', async () => {
    const here = { operationId, country: 'KE' };
    const unitId = await scene.unit('KE', 'KEMBA', [agencyId]);
    const others = [
      hub,
      await scene.person(agencyId, { role: 'ANALYST', ...here }),
      await scene.person(agencyId, { role: 'OBSERVER', operationId }),
      await scene.person(agencyId, { role: 'PORT_UNIT_OFFICER', ...here, unitId }),
      await scene.person(null, { role: 'ADMINISTRATOR' }),
    ];
    const before = await stored();
    for (const person of others)
      expect(await person.refused(LOG, { input: input() })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await stored()).toBe(before);
  });

  test('not a country that is outside, which learns nothing of the operation, nor anyone in an operation that is not there', async () => {
    const agency = await scene.agency('UG');
    const outsider = await scene.person(agency, { role: 'NATIONAL_COORDINATOR', country: 'UG' });
    const absent = await outsider.refused(LOG, { input: violationInput(v7(), agency) });
    expect(absent).toMatchObject({ code: 'NOT_FOUND' });
    expect(await outsider.refused(LOG, { input: input({}, agency) })).toEqual(absent);
    const [participation] = await hub.do<{ id: string }[]>(
      `mutation ($id: UUID!) { inviteCountries(operationId: $id, countries: ["UG"]) { id } }`,
      { id: operationId },
    );
    // Whoever is invited knows the operation's frame.
    expect(await outsider.refused(LOG, { input: input({}, agency) })).toMatchObject({ code: 'FORBIDDEN' });
    await outsider.do(`mutation ($input: AnswerInvitationInput!) { answerInvitation(input: $input) { status } }`, {
      input: { participationId: participation?.id, accept: false, reason: 'Not this year.' },
    });
    expect(await outsider.refused(LOG, { input: input({ lines: [] }, agency) })).toEqual(absent);
  });

  test('nobody who did not sign in', async () => {
    const nobody = scene.speaker('', '', 'no token');
    expect(await nobody.refused(LOG, { input: input() })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('the phase', () => {
  test('of preparation takes rehearsals alone, on any day, and they are not counted', async () => {
    const drill = await scene.operation(hub, { operationalStartsOn: day(5) });
    const coordinator = await scene.join(hub, drill.id, 'KE', agencyId);
    await scene.join(hub, drill.id, 'UG', await scene.agency('UG'));
    const send = (change: Change): Change => ({ input: violationInput(drill.id, agencyId, change) });
    expect(await coordinator.refused(LOG, send({ lines: [] }))).toMatchObject({ code: 'PHASE', phase: 'PREPARATION' });
    expect(await coordinator.do(LOG, send({ exercise: true }))).toMatchObject({ exercise: true, late: false });
    expect(await coordinator.refused(LOG, send({ exercise: true, detectedAt: hours(1) }))).toMatchObject({
      fields: [{ path: 'input.detectedAt', rule: 'future' }],
    });
    const { summary } = await hub.do<{ summary: Change }>(
      `query ($id: UUID!) { operation(id: $id) { summary { violations } } }`,
      {
        id: drill.id,
      },
    );
    expect(summary).toEqual({ violations: 0 });
    await scene.move(hub, drill.id, 'OPERATIONAL');
    expect(await coordinator.refused(LOG, send({ exercise: true }))).toMatchObject({
      code: 'PHASE',
      phase: 'OPERATIONAL',
    });
  });

  test('after the window takes late reports until the deadline, and says that they were late', async () => {
    const past = await scene.operation(hub, { operationalEndsOn: day(-1), reportingDeadline: day(3) });
    const coordinator = await scene.join(hub, past.id, 'KE', agencyId);
    await scene.join(hub, past.id, 'UG', await scene.agency('UG'));
    await scene.move(hub, past.id, 'OPERATIONAL');
    const send = (change: Change): Change => ({ input: violationInput(past.id, agencyId, change) });
    const inside = { detectedAt: `${day(-1)}T23:59:59+03:00` };
    expect(await coordinator.do(LOG, send(inside))).toMatchObject({ late: true });
    expect(await coordinator.refused(LOG, send({ detectedAt: `${day(0)}T00:00:00+03:00` }))).toMatchObject({
      fields: [{ path: 'input.detectedAt', rule: 'window' }],
    });
    await scene.move(hub, past.id, 'POST_OPERATIONAL');
    expect(await coordinator.do(LOG, send(inside))).toMatchObject({ late: true });
    await scene.sql(`UPDATE operations SET reporting_deadline = $2 WHERE id = $1`, [past.id, day(-1)]);
    expect(await coordinator.refused(LOG, send({ lines: [] }))).toMatchObject({
      code: 'PHASE',
      phase: 'POST_OPERATIONAL',
    });
  });
});
