import { v7 } from 'uuid';

import { type Muster, startMuster, until } from '../setup/index.js';
import { day, LOG, type Person, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';

type Input = Readonly<Record<string, unknown>>;

interface Page {
  readonly totalCount: number;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly edges: readonly {
    readonly cursor: string;
    readonly node: { readonly id: string; readonly recordedAt: string };
  }[];
}

const LIST = `query ($id: UUID!, $filter: ViolationFilter, $first: Int! = 50, $after: String) {
  violations(operationId: $id, filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id recordedAt } } } }`;

let muster: Muster;
let scene: Scene;
let hub: Person;
let kenya: Person;
let tanzania: Person;
let operationId: string;
let customs: string;
let police: string;
let navy: string;
let unitId: string;
/** The names of the records, by their ids. */
const names = new Map<string, string>();

const noon = (fromToday: number): string => `${day(fromToday)}T09:00:00Z`;

beforeAll(async () => {
  muster = await startMuster();
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  [customs, police, navy] = [
    await scene.agency('KE'),
    await scene.agency('KE', 'POLICE'),
    await scene.agency('TZ', 'NAVY'),
  ];
  operationId = (await scene.operation(hub)).id;
  kenya = await scene.join(hub, operationId, 'KE', customs);
  tanzania = await scene.join(hub, operationId, 'TZ', navy);
  unitId = await scene.unit('KE', 'KEMBA', [customs]);
  const officer = await scene.person(customs, { role: 'PORT_UNIT_OFFICER', operationId, country: 'KE', unitId });
  await scene.post(officer.id, unitId, customs, '2020-01-01');

  const log = async (name: string, change: Input = {}): Promise<string> => {
    const input = violationInput(operationId, customs, { sharing: { level: 'AMBER_STRICT' }, ...change });
    await (change.agencyId === navy ? tanzania : kenya).do(LOG, { input });
    names.set(input.id as string, name);
    return input.id as string;
  };
  await log('drill', { exercise: true, detectedAt: noon(-1) });
  await scene.move(hub, operationId, 'OPERATIONAL');
  await log('drums', { detectedAt: noon(-6), narrative: 'Rusty drums of waste oil, déjà vu' });
  await log('tusks', {
    agencyId: police,
    detectedAt: noon(-5),
    crimeArea: 'WILDLIFE',
    nature: 'ADMINISTRATIVE',
    detection: 'CHANCE',
    place: { unlocode: 'KENBO' },
    consignment: {
      transportMode: 'AIR',
      direction: 'EXPORT',
      route: { origin: 'KE', transit: ['XZ'], destination: 'AE' },
      cargoUnits: [{ airWaybill: '020-12345675' }],
    },
    lines: [{ agreement: 'CITES', commodity: 'ivory-raw', quantity: '12', unit: 'KG' }],
    sharing: { level: 'GREEN' },
  });
  await log('trawler', {
    agencyId: navy,
    scene: 'VESSEL',
    detectedAt: noon(-4),
    crimeArea: 'FISHERIES',
    nature: 'UNDETERMINED',
    detection: 'SURVEILLANCE',
    place: { latitude: -20, longitude: 70 },
    consignment: null,
    vessel: { name: 'Blue Fin', flag: 'PA' },
    lines: [{ agreement: 'NATIONAL_LAW', commodity: 'iuu-tuna', quantity: '3', unit: 'TONNE' }],
    narrative: 'Nets hauled at night; the master spoke of "blue" fins.',
  });
  await log('yard', {
    scene: 'SITE',
    detectedAt: noon(-3),
    consignment: null,
    place: { name: 'A yard' },
    lines: [
      { agreement: 'BASEL', commodity: 'tyres-used-waste', quantity: '5', unit: 'TONNE' },
      { agreement: 'NATIONAL_LAW', commodity: 'household-waste', quantity: '1', unit: 'TONNE' },
    ],
    sharing: { level: 'RED' },
  });
  const mistaken = await log('mistake', { detectedAt: noon(-2) });
  await kenya.do(
    `mutation ($id: UUID!) { withdrawViolation(id: $id, expectedVersion: 1, reason: "Logged twice.") { id } }`,
    { id: mistaken },
  );
  const report = seizureInput(operationId, unitId, {
    cargoUnit: { container: 'MSCU1000070' },
    detectedAt: noon(-1),
    detection: 'INTELLIGENCE',
    direction: 'TRANSIT',
    transportMode: 'ROAD',
    route: { origin: 'NL', transit: ['KE'], destination: 'UG' },
    declaredGoods: 'Kitchen chairs',
    foundGoods: 'Fluorescent lamps',
  });
  await officer.do(REPORT, { input: report });
  names.set(report.id as string, 'lamps');
  await until(() => kenya.do(`query ($id: UUID!) { violation(id: $id) { id } }`, { id: report.id }));
  await scene.sql(`UPDATE operations SET operational_ends_on = $2 WHERE id = $1`, [operationId, day(-1)]);
  await log('straggler', { detectedAt: noon(-7) });
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const page = (person: Person, variables: Input = {}): Promise<Page> =>
  person.do<Page>(LIST, { id: operationId, ...variables });
const namesOf = ({ edges }: Page): string[] => edges.map(({ node }) => names.get(node.id) ?? node.id);

/** What Kenya's coordinator finds, newest recorded first; the count must agree. */
async function found(filter: unknown): Promise<string[]> {
  const told = await page(kenya, { filter });
  expect(told.totalCount).toBe(told.edges.length);
  return namesOf(told);
}

describe('without a filter', () => {
  test('everything that counts is told, newest recorded first, without rehearsals and withdrawals', async () => {
    const all = ['straggler', 'lamps', 'yard', 'tusks', 'drums'];
    expect(await found(null)).toEqual(all);
    expect(await found({})).toEqual(all);
    const { edges } = await page(kenya);
    const times = edges.map(({ node }) => node.recordedAt);
    expect(times).toEqual([...times].sort().reverse());
  });

  test('each viewer is told and counted what that viewer may see', async () => {
    for (const [person, seen] of [
      [hub, ['straggler', 'lamps', 'trawler', 'tusks', 'drums']],
      [tanzania, ['trawler', 'tusks']],
      [kenya, ['straggler', 'lamps', 'yard', 'tusks', 'drums']],
    ] as const) {
      const told = await page(person);
      expect(namesOf(told)).toEqual(seen);
      expect(told.totalCount).toBe(seen.length);
    }
  });
});

describe('the filter', () => {
  const KENYAN = ['straggler', 'lamps', 'yard', 'tusks', 'drums'];

  test.each<[string, () => Input, readonly string[]]>([
    ['countries', () => ({ countries: ['KE', 'TZ'] }), KENYAN],
    ['countries of others', () => ({ countries: ['TZ'] }), []],
    ['agencyIds', () => ({ agencyIds: [police, navy] }), ['tusks']],
    ['unitIds', () => ({ unitIds: [unitId] }), ['lamps']],
    ['unitIds of no unit', () => ({ unitIds: [v7()] }), []],
    ['crimeAreas', () => ({ crimeAreas: ['WILDLIFE', 'DRUGS'] }), ['tusks']],
    ['natures', () => ({ natures: ['ADMINISTRATIVE'] }), ['tusks']],
    ['agreements', () => ({ agreements: ['NATIONAL_LAW'] }), ['yard']],
    ['commodities', () => ({ commodities: ['tyres-used-waste', 'ivory-raw'] }), ['yard', 'tusks']],
    [
      'agreements and commodities on one line',
      () => ({ agreements: ['BASEL'], commodities: ['tyres-used-waste'] }),
      ['yard'],
    ],
    [
      'agreements and commodities on two lines',
      () => ({ agreements: ['NATIONAL_LAW'], commodities: ['tyres-used-waste'] }),
      [],
    ],
    ['scenes', () => ({ scenes: ['SITE', 'VESSEL'] }), ['yard']],
    ['transportModes', () => ({ transportModes: ['AIR', 'ROAD'] }), ['lamps', 'tusks']],
    ['directions', () => ({ directions: ['EXPORT', 'TRANSIT'] }), ['lamps', 'tusks']],
    ['origins', () => ({ origins: ['KE'] }), ['tusks']],
    ['destinations', () => ({ destinations: ['AE', 'UG'] }), ['lamps', 'tusks']],
    ['destinations that are unknown', () => ({ destinations: ['ZZ'] }), []],
    ['concerning a country in transit', () => ({ concerning: ['OM'] }), ['straggler', 'drums']],
    ['concerning a country of origin', () => ({ concerning: ['NL'] }), ['straggler', 'lamps', 'drums']],
    ['concerning the country of the place', () => ({ concerning: ['KE'] }), ['straggler', 'lamps', 'tusks', 'drums']],
    ['concerning the high seas, which are no country', () => ({ concerning: ['XZ'] }), []],
    ['detections', () => ({ detections: ['CHANCE', 'INTELLIGENCE'] }), ['lamps', 'tusks']],
    ['detectedFrom, which is included', () => ({ detectedFrom: noon(-3) }), ['lamps', 'yard']],
    ['detectedTo, which is not', () => ({ detectedTo: noon(-5) }), ['straggler', 'drums']],
    ['both ends of a time', () => ({ detectedFrom: noon(-6), detectedTo: noon(-3) }), ['tusks', 'drums']],
    ['one instant and none', () => ({ detectedFrom: noon(-5), detectedTo: noon(-5) }), []],
    ['late: true', () => ({ late: true }), ['straggler']],
    ['late: false', () => ({ late: false }), ['lamps', 'yard', 'tusks', 'drums']],
    ['source: PORT_UNIT', () => ({ source: 'PORT_UNIT' }), ['lamps']],
    ['source: COORDINATOR', () => ({ source: 'COORDINATOR' }), ['straggler', 'yard', 'tusks', 'drums']],
    ['cargoUnit, as painted', () => ({ cargoUnit: 'csqu 305438-3' }), ['straggler', 'drums']],
    ['cargoUnit of another kind', () => ({ cargoUnit: '020 1234 5675' }), ['tusks']],
    ['cargoUnit of a seizure', () => ({ cargoUnit: 'MSCU1000070' }), ['lamps']],
    ['cargoUnit that nobody reported', () => ({ cargoUnit: 'MSCU1000' }), []],
    ['withdrawn: true', () => ({ withdrawn: true }), ['mistake']],
    ['withdrawn: null', () => ({ withdrawn: null }), ['straggler', 'lamps', 'mistake', 'yard', 'tusks', 'drums']],
    ['exercise: true', () => ({ exercise: true }), ['drill']],
    ['exercise: null', () => ({ exercise: null }), [...KENYAN, 'drill']],
    [
      'exercise and withdrawn: null',
      () => ({ exercise: null, withdrawn: null }),
      ['straggler', 'lamps', 'mistake', 'yard', 'tusks', 'drums', 'drill'],
    ],
    ['withdrawn rehearsals', () => ({ exercise: true, withdrawn: true }), []],
    [
      'nothing but nulls',
      () => ({ countries: null, late: null, source: null, search: null, detectedTo: null }),
      KENYAN,
    ],
    ['an empty list', () => ({ countries: [] }), []],
    ['a blank search and a blank unit', () => ({ search: '  ', cargoUnit: '' }), KENYAN],
    [
      'several at once',
      () => ({ crimeAreas: ['POLLUTION'], origins: ['NL'], late: false, search: 'household' }),
      ['lamps', 'drums'],
    ],
  ])('%s', async (_, filter, names_) => {
    expect(await found(filter())).toEqual(names_);
  });

  test('concerning finds the flag state', async () => {
    expect(namesOf(await page(tanzania, { filter: { concerning: ['PA'] } }))).toEqual(['trawler']);
  });

  test('finds nobody what may not be seen, and counts none of it', async () => {
    const hidden = await page(hub, { filter: { scenes: ['SITE'] } });
    expect(hidden).toEqual({
      totalCount: 0,
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
    expect((await page(tanzania, { filter: { cargoUnit: 'CSQU3054383' } })).totalCount).toBe(0);
    expect((await page(tanzania, { filter: { search: 'household' } })).totalCount).toBe(0);
  });
});

describe('the search', () => {
  test.each([
    ['rusty', ['drums']],
    ['OIL drums', ['drums']],
    ['déjà', ['drums']],
    ['drums chairs', []],
    ['ivory-raw', ['tusks']],
    ['elephant', ['tusks']],
    ['tyres', ['yard']],
    ['fluorescent', ['lamps']],
    ['kitchen', ['lamps']],
    ['"waste oil"', ['drums']],
    ['"oil waste"', []],
    ['ivory or tyres', ['yard', 'tusks']],
    ['household -rusty -lamps', ['straggler', 'yard']],
    ['nets', []],
  ])('%s', async (search, told) => {
    expect(await found({ search })).toEqual(told);
  });

  test.each([`'`, '"', `a' | b & ! ( ) : * \\ <-> %`, '🐘', 'شحنة', '-', '""', '\ufeff', 'x'.repeat(500)])(
    'takes any words: %s',
    async (search) => {
      expect(await page(kenya, { filter: { search } })).toMatchObject({ totalCount: expect.any(Number) as number });
    },
  );

  test('finds what a correction says, and no longer what it said before', async () => {
    const input = violationInput(operationId, customs, { narrative: 'Quetzal feathers', detectedAt: noon(-2) });
    const { id, operationId: _operation, sharing: _sharing, ...content } = input;
    await kenya.do(LOG, { input });
    names.set(id as string, 'feathers');
    expect(await found({ search: 'quetzal' })).toEqual(['feathers']);
    const lines = [{ agreement: 'CITES', commodity: 'ivory-worked', quantity: '1', unit: 'KG' }];
    await kenya.do(
      `mutation ($id: UUID!, $input: CorrectViolationInput!) {
         correctViolation(id: $id, expectedVersion: 1, reason: "Seen by an expert.", input: $input) { id } }`,
      { id, input: { ...content, narrative: 'Hummingbird feathers', lines } },
    );
    expect(await found({ search: 'quetzal' })).toEqual([]);
    expect(await found({ search: 'hummingbird' })).toEqual(['feathers']);
    expect(await found({ search: 'worked' })).toEqual(['feathers']);
    await kenya.do(`mutation ($id: UUID!) { withdrawViolation(id: $id, expectedVersion: 2, reason: "Done.") { id } }`, {
      id,
    });
  });
});

describe('pages', () => {
  let busy: string;
  const log = async (): Promise<string> => {
    const input = violationInput(busy, customs, { sharing: { level: 'GREEN' } });
    await coordinator.do(LOG, { input });
    return input.id as string;
  };
  const pageOf = (variables: Input = {}, person = hub): Promise<Page> =>
    person.do<Page>(LIST, { id: busy, ...variables });
  let coordinator: Person;
  let first: readonly string[];

  beforeAll(async () => {
    busy = (await scene.operation(hub)).id;
    coordinator = await scene.join(hub, busy, 'KE', customs);
    await scene.join(hub, busy, 'TZ', navy);
    await scene.move(hub, busy, 'OPERATIONAL');
    const logged: string[] = [];
    for (let count = 0; count < 9; count += 1) logged.push(await log());
    first = logged.reverse();
  });

  test('of any size give the same records in the same order, each once', async () => {
    for (const size of [1, 2, 4, 8, 9, 10, 200]) {
      const ids: string[] = [];
      let after: string | null = null;
      for (;;) {
        const told: Page = await pageOf({ first: size, after });
        expect(told.edges.length).toBe(Math.min(size, first.length - ids.length));
        expect(told.totalCount).toBe(first.length);
        ids.push(...told.edges.map(({ node }) => node.id));
        expect(told.pageInfo).toEqual({
          hasNextPage: ids.length < first.length,
          hasPreviousPage: after !== null,
          startCursor: told.edges[0]?.cursor,
          endCursor: told.edges.at(-1)?.cursor,
        });
        after = told.pageInfo.endCursor;
        if (!told.pageInfo.hasNextPage) break;
      }
      expect(ids).toEqual(first);
    }
  });

  test('stay correct while records arrive, are corrected and are withdrawn', async () => {
    const before = (await pageOf({ first: 200 })).edges.map(({ node }) => node.id);
    const arrived: string[] = [];
    const arriving = (async () => {
      for (let count = 0; count < 20; count += 1) arrived.push(await log());
    })();
    const ids: string[] = [];
    let after: string | null = null;
    do {
      const told: Page = await pageOf({ first: 2, after });
      ids.push(...told.edges.map(({ node }) => node.id));
      after = told.pageInfo.hasNextPage ? told.pageInfo.endCursor : null;
      const [changed] = told.edges;
      if (changed)
        await coordinator.do(
          `mutation ($id: UUID!) { changeSharing(id: $id, expectedVersion: 1, reason: "x", sharing: { level: AMBER_STRICT }) { id } }`,
          { id: changed.node.id },
        );
    } while (after !== null);
    await arriving;
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.slice(-before.length)).toEqual(before);
    const now = await pageOf({ first: 200 });
    expect(now.edges.map(({ node }) => node.id)).toEqual([...arrived.reverse(), ...before]);
    expect(now.totalCount).toBe(arrived.length + before.length);
  });

  test('go on from a record that was withdrawn, or that the viewer no longer sees', async () => {
    const [newest, second, third] = (await pageOf({ first: 3 })).edges;
    const id = second?.node.id;
    await coordinator.do(
      `mutation ($id: UUID!) { withdrawViolation(id: $id, expectedVersion: 1, reason: "x") { id } }`,
      { id: newest?.node.id },
    );
    const { version } = await coordinator.do<{ version: number }>(
      `query ($id: UUID!) { violation(id: $id) { version } }`,
      { id },
    );
    await coordinator.do(
      `mutation ($id: UUID!, $version: Int!) { changeSharing(id: $id, expectedVersion: $version, reason: "x", sharing: { level: RED }) { id } }`,
      { id, version },
    );
    expect((await pageOf({ first: 1, after: newest?.cursor })).edges[0]?.node.id).toBe(third?.node.id);
    expect((await pageOf({ first: 1, after: second?.cursor })).edges[0]?.node.id).toBe(third?.node.id);
    expect((await pageOf({ first: 1 })).edges[0]?.node.id).toBe(third?.node.id);
    expect((await pageOf({ first: 1 }, coordinator)).edges[0]?.node.id).toBe(id);
  });

  test('have the same cursors for every viewer and filter, which tell nothing of a place in the list', async () => {
    const ofHub = await pageOf({ first: 200 });
    const ofKenya = new Map(
      (await pageOf({ first: 200, filter: { withdrawn: null } }, coordinator)).edges.map(({ cursor, node }) => [
        node.id,
        cursor,
      ]),
    );
    for (const { cursor, node } of ofHub.edges) expect(ofKenya.get(node.id)).toBe(cursor);
    expect(new Set(ofHub.edges.map(({ cursor }) => cursor.length)).size).toBe(1);
    for (const { cursor, node } of ofHub.edges) {
      expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(new RegExp(`^[0-9]+$|${node.id}`));
    }
  });

  test.each([0, -1, 201, 2_147_483_647])('of %i records are refused', async (size) => {
    expect(await hub.refused(LIST, { id: busy, first: size })).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'first', rule: 'range' }],
    });
  });

  test('that begin after no cursor of this list are refused', async () => {
    const other = await page(hub);
    const { headCursor } = await hub.do<{ headCursor: string }>(
      `query ($id: UUID!) { operation(id: $id) { headCursor } }`,
      { id: busy },
    );
    const own = (await pageOf({ first: 1 })).pageInfo.endCursor ?? '';
    for (const after of [
      '',
      'x',
      '5',
      other.pageInfo.endCursor,
      headCursor,
      `${own}=`,
      `${own} `,
      own.slice(0, -1),
      'é',
      'A'.repeat(5000),
    ]) {
      expect(await hub.refused(LIST, { id: busy, after })).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: [{ path: 'after', rule: 'cursor' }],
      });
    }
  });
});

describe('what is wrong with a question', () => {
  test('is told in one answer', async () => {
    const refusal = await kenya.refused(LIST, {
      id: operationId,
      first: 0,
      after: 'x',
      filter: {
        countries: ['KE', 'UK'],
        origins: ['XX'],
        destinations: ['ZZ', 'QQ'],
        concerning: ['EU'],
        commodities: ['household-wast'],
        search: 'x'.repeat(501),
      },
    });
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.fields?.map(({ path }) => path).sort()).toEqual([
      'after',
      'filter.commodities.0',
      'filter.concerning.0',
      'filter.countries.1',
      'filter.destinations.1',
      'filter.origins.0',
      'filter.search',
      'first',
    ]);
    const messages = Object.fromEntries((refusal.fields ?? []).map(({ path, message }) => [path, message]));
    expect(messages['filter.countries.1']).toContain('GB');
    expect(messages['filter.commodities.0']).toContain('household-waste');
  });

  test.each(['search', 'cargoUnit'])('is the field, where %s holds what no database takes', async (field) => {
    for (const text of ['a\u0000', '\ud800']) {
      expect(await kenya.refused(LIST, { id: operationId, filter: { [field]: text } })).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: [{ path: `filter.${field}` }],
      });
    }
  });
});

describe('who has no part in the operation', () => {
  test('finds no list, as where there is no operation', async () => {
    const absent = await hub.refused(LIST, { id: v7() });
    expect(absent).toMatchObject({ code: 'NOT_FOUND' });
    await hub.do(`mutation ($id: UUID!) { inviteCountries(operationId: $id, countries: ["OM"]) { id } }`, {
      id: operationId,
    });
    for (const person of [
      await scene.person(null),
      await scene.person(null, { role: 'ADMINISTRATOR' }),
      await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'OM' }),
      await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'KE' }),
    ]) {
      expect(await person.refused(LIST, { id: operationId })).toEqual(absent);
      expect(await person.refused(LIST, { id: operationId, first: 0, after: 'x' })).toEqual(absent);
    }
  });
});
