import { v7 } from 'uuid';

import { type Muster, startMuster } from '../setup/index.js';
import { DECIDE, officerOf, openPorts, type Ports, reported, rulesOf, settled } from '../setup/ports.js';
import {
  containerNumber,
  day,
  hours,
  LOG,
  type Person,
  REPORT,
  Scene,
  SEIZURE,
  seizureInput,
  violationInput,
} from '../setup/scene.js';

type Input = Readonly<Record<string, unknown>>;

let muster: Muster;
let scene: Scene;
let ports: Ports;

beforeAll(async () => {
  muster = await startMuster();
  scene = await Scene.open(muster);
  ports = await openPorts(scene);
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

/** A report of Mombasa that is right but for what is changed. */
const report = (change: Input = {}): Input => seizureInput(ports.operationId, ports.mombasa, change);

const stored = async (id: unknown): Promise<number> => {
  const [row] = await scene.sql<{ count: number }>(
    `SELECT (SELECT count(*) FROM seizures WHERE id = $1)::int + (SELECT count(*) FROM record_ids WHERE id = $1)::int AS count`,
    [id],
  );
  return row?.count ?? 0;
};

describe('at the door', () => {
  const wrongDigits: readonly [string, Input, string, string][] = [
    [
      'a container (ISO 6346)',
      { container: 'CSQU 305438 4' },
      'input.cargoUnit.container',
      'The check digit of CSQU305438 is 3, not 4.',
    ],
    [
      'an air waybill (IATA)',
      { airWaybill: '020-12345674' },
      'input.cargoUnit.airWaybill',
      'The check digit of 020-1234567 is 5, not 4.',
    ],
    [
      'a rail wagon (UIC)',
      { railWagon: '21 81 2471 217-4' },
      'input.cargoUnit.railWagon',
      'The check digit of 21812471217 is 3, not 4.',
    ],
    [
      'a postal item (UPU S10)',
      { postalItem: 'RR473124828GB' },
      'input.cargoUnit.postalItem',
      'The check digit of RR47312482 is 9, not 8.',
    ],
  ];

  test.each(wrongDigits)('the right check digit of %s is told', async (_, cargoUnit, path, message) => {
    const input = report({ cargoUnit });
    const refusal = await ports.officer.refused(REPORT, { input });
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.fields).toEqual([
      { path, rule: 'check-digit', message: expect.stringContaining(message) as unknown },
    ]);
    expect(await stored(input['id'])).toBe(0);
  });

  test('a postal item with nine as its digit, and each other kind of unit rightly numbered, is taken', async () => {
    for (const cargoUnit of [
      { postalItem: 'RR473124829GB' },
      { airWaybill: '020-12345675' },
      { railWagon: '21 81 2471 217-3' },
      { vehicle: 'KBX 123A' },
    ]) {
      expect((await reported(ports.officer, ports.operationId, ports.mombasa, { cargoUnit })).status).toBe('ACCEPTED');
    }
  });

  test('every wrong field comes in one answer, and nothing is stored', async () => {
    const input = report({
      id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
      cargoUnit: { container: 'CSQU3054384' },
      sizeType: '9',
      vessel: { imo: '9074728', flag: 'QQ' },
      declaredGoods: '  ',
      riskIndicators: ['container.seal-broken', 'no-such-indicator'],
      detectedAt: hours(-24 * 30),
      timeZone: 'Africa/Mombasa-on-Sea',
      route: { origin: 'QN', transit: ['KE', 'QN'], destination: 'KE' },
      lines: [
        { agreement: 'BASEL', commodity: 'household-wast', quantity: '0', unit: 'TONNE' },
        {
          agreement: 'BASEL',
          commodity: 'household-waste',
          quantity: '1',
          unit: 'TONNE',
          value: '10',
          currency: 'USX',
        },
      ],
      persons: -1,
      agencyIds: [ports.agencies.wildlife, v7()],
      sharing: { level: 'AMBER', addCountries: ['QP'], leaveOutCountries: ['KE'] },
    });
    const { code, fields = [] } = await ports.officer.refused(REPORT, { input });
    expect(code).toBe('BAD_USER_INPUT');
    expect(new Set(fields.map(({ path }) => path))).toEqual(
      new Set([
        'input.id',
        'input.cargoUnit.container',
        'input.sizeType',
        'input.vessel.imo',
        'input.vessel.flag',
        'input.declaredGoods',
        'input.riskIndicators.0',
        'input.riskIndicators.1',
        'input.detectedAt',
        'input.timeZone',
        'input.route.origin',
        'input.route.transit.1',
        'input.route.destination',
        'input.lines.0.commodity',
        'input.lines.0.quantity',
        'input.lines.1.currency',
        'input.persons',
        'input.agencyIds.1',
        'input.sharing.addCountries.0',
        'input.sharing.leaveOutCountries.0',
      ]),
    );
    const said = (path: string): string | undefined => fields.find((field) => field.path === path)?.message;
    expect(said('input.vessel.imo')).toContain('The check digit of 907472 is 9, not 8.');
    expect(said('input.lines.0.commodity')).toContain('household-waste');
    expect(await stored(input['id'])).toBe(0);
  });

  test('exactly one number is given for the one cargo unit', async () => {
    const both = { container: containerNumber(), vehicle: 'KBX 123A' };
    for (const cargoUnit of [both, {}]) {
      const { fields } = await ports.officer.refused(REPORT, { input: report({ cargoUnit }) });
      expect(fields?.map(({ path, rule }) => [path, rule])).toEqual([['input.cargoUnit', 'one-of']]);
    }
  });

  test('a wrong check digit that is really marked so is taken, to review', async () => {
    const cargoUnit = { container: 'CSQU3054384', asMarked: true };
    const seizure = await reported(ports.officer, ports.operationId, ports.mombasa, { cargoUnit });
    expect(seizure).toMatchObject({
      status: 'NEEDS_REVIEW',
      violation: null,
      cargoUnit: { container: 'CSQU3054384', asMarked: true },
    });
    expect(rulesOf(seizure)).toContain('as-marked');
  });

  test('marked so, a right number is like any other, and one of the wrong form is still refused', async () => {
    const right = { container: containerNumber(), asMarked: true };
    const seizure = await reported(ports.officer, ports.operationId, ports.mombasa, { cargoUnit: right });
    expect(seizure.status).toBe('ACCEPTED');
    const formless = { container: 'CSQU30543', asMarked: true };
    const { fields } = await ports.officer.refused(REPORT, { input: report({ cargoUnit: formless }) });
    expect(fields?.map(({ path, rule }) => [path, rule])).toEqual([['input.cargoUnit.container', 'form']]);
  });

  test('a detection more than 26 hours ahead is refused', async () => {
    const { fields } = await ports.officer.refused(REPORT, { input: report({ detectedAt: hours(26.1) }) });
    expect(fields?.map(({ path, rule }) => [path, rule])).toEqual([['input.detectedAt', 'future']]);
  });

  test('a report is refused in another phase, with the phase', async () => {
    const early = await openPorts(scene, { phase: 'PREPARATION' });
    const input = seizureInput(early.operationId, early.mombasa);
    expect(await early.officer.refused(REPORT, { input })).toMatchObject({ code: 'PHASE', phase: 'PREPARATION' });
    expect(await stored(input['id'])).toBe(0);
  });
});

describe('the reporter', () => {
  test('is posted to the unit: any other unit, known or not, is FORBIDDEN, whatever else is wrong', async () => {
    const other = await scene.unit('KE', 'KELAU', [ports.agencies.KE]);
    for (const unitId of [v7(), other, ports.darEsSalaam]) {
      const input = report({ unitId, cargoUnit: { container: 'CSQU3054384' } });
      const refusal = await ports.officer.refused(REPORT, { input });
      expect(refusal.code).toBe('FORBIDDEN');
      expect(refusal.fields).toBeUndefined();
      expect(await stored(input['id'])).toBe(0);
    }
  });

  test('is told the same of a unit that is there and of one that is not', async () => {
    const known = await ports.officer.refused(REPORT, { input: report({ unitId: ports.darEsSalaam }) });
    const unknown = await ports.officer.refused(REPORT, { input: report({ unitId: v7() }) });
    expect(unknown).toEqual(known);
  });

  test('is an officer of the unit: coordinators, the hub and an officer with a grant but no posting are FORBIDDEN', async () => {
    const { operationId, mombasa, agencies, kenya, hub } = ports;
    const grant = { role: 'PORT_UNIT_OFFICER', operationId, country: 'KE', unitId: mombasa };
    const unposted = await scene.person(agencies.KE, grant);
    for (const person of [kenya, hub, unposted]) {
      expect((await person.refused(REPORT, { input: report() })).code).toBe('FORBIDDEN');
    }
  });

  test('is posted on the day of detection, the first and the last day included', async () => {
    const { operationId, mombasa, agencies } = ports;
    const posted = await officerOf(scene, operationId, 'KE', mombasa, agencies.KE, [day(-6), day(-4)]);
    const at = (fromToday: number): string => `${day(fromToday)}T12:00:00+03:00`;
    for (const [fromToday, isTaken] of [
      [-7, false],
      [-6, true],
      [-5, true],
      [-4, true],
      [-3, false],
    ] as const) {
      const { errors } = await posted.ask(REPORT, { input: report({ detectedAt: at(fromToday) }) });
      expect([fromToday, errors.map(({ extensions }) => extensions?.code)]).toEqual([
        fromToday,
        isTaken ? [] : ['FORBIDDEN'],
      ]);
    }
  });

  test("is posted by days of the operation's own time zone", async () => {
    const { operationId, mombasa, agencies } = ports;
    const posted = await officerOf(scene, operationId, 'KE', mombasa, agencies.KE, [day(-4), day(-4)]);
    // Shortly after midnight in Nairobi it is still the day before in UTC.
    const codes = [];
    for (const detectedAt of [`${day(-4)}T00:30:00+03:00`, `${day(-4)}T23:59:59+03:00`, `${day(-3)}T00:30:00+03:00`]) {
      const { errors } = await posted.ask(REPORT, { input: report({ detectedAt }) });
      codes.push(errors[0]?.extensions?.code ?? 'taken');
    }
    expect(codes).toEqual(['taken', 'taken', 'FORBIDDEN']);
  });

  test('of a country that withdrew is outside, while what came before is settled and stays', async () => {
    const { operationId, hub, tanzania, neighbour, darEsSalaam } = await openPorts(scene);
    const before = await reported(neighbour, operationId, darEsSalaam, { route: { origin: 'NL', destination: 'TZ' } });
    const { participations } = await hub.do<{ participations: { id: string; country: string }[] }>(
      `query ($id: UUID!) { operation(id: $id) { participations { id country } } }`,
      { id: operationId },
    );
    await tanzania.do(
      `mutation ($id: UUID!) { withdrawParticipation(participationId: $id, reason: "Other duties.") { status } }`,
      {
        id: participations.find(({ country }) => country === 'TZ')?.id,
      },
    );
    const input = seizureInput(operationId, darEsSalaam);
    expect((await neighbour.refused(REPORT, { input })).code).toBe('NOT_FOUND');
    expect((await neighbour.refused(SEIZURE, { id: before.id })).code).toBe('NOT_FOUND');
    expect(await hub.do(SEIZURE, { id: before.id })).toMatchObject({ status: 'ACCEPTED', country: 'TZ' });
  });

  test('from outside the operation finds nothing', async () => {
    const elsewhere = await openPorts(scene);
    const refusal = await elsewhere.officer.refused(REPORT, { input: report() });
    const absent = await elsewhere.officer.refused(REPORT, { input: report({ operationId: v7() }) });
    expect(refusal.code).toBe('NOT_FOUND');
    expect(absent).toEqual(refusal);
  });
});

describe('a report sent again', () => {
  test('in other words for the same content gets the receipt as it is now', async () => {
    const input = report({ cargoUnit: { container: 'MSCU6639870' } });
    const first = await ports.officer.do<{ receivedAt: string }>(REPORT, { input });
    await settled(ports.officer, String(input['id']));
    const again = {
      ...input,
      cargoUnit: { container: 'mscu 663987-0', asMarked: false, vehicle: null },
      lines: [
        { agreement: 'BASEL', commodity: 'household-waste', quantity: '20.00', unit: 'TONNE', basis: 'ESTIMATED' },
      ],
      detection: 'RISK_PROFILE',
      riskIndicators: [],
      exercise: false,
    };
    expect(await ports.officer.do(REPORT, { input: again })).toEqual({ ...first, id: input['id'], status: 'ACCEPTED' });
    expect(await ports.ranger.do(REPORT, { input: again })).toMatchObject({
      status: 'ACCEPTED',
      receivedAt: first.receivedAt,
    });
    expect(await stored(input['id'])).toBe(2);
  });

  test('with other content is a conflict, and so is the id of a violation', async () => {
    const input = report();
    await ports.officer.do(REPORT, { input });
    expect((await ports.officer.refused(REPORT, { input: { ...input, foundGoods: 'Tyres' } })).code).toBe('CONFLICT');
    const logged = violationInput(ports.operationId, ports.agencies.KE);
    await ports.kenya.do(LOG, { input: logged });
    expect((await ports.officer.refused(REPORT, { input: report({ id: logged['id'] }) })).code).toBe('CONFLICT');
  });

  test('by another country is refused as not usable, and learns nothing', async () => {
    const input = report();
    await ports.officer.do(REPORT, { input });
    const theirs = { ...input, unitId: ports.darEsSalaam };
    const refusal = await ports.neighbour.refused(REPORT, { input: theirs });
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: 'input.id' }] });
    expect(JSON.stringify(refusal)).not.toMatch(/\bKE\b|Kenya|Mombasa|already|used|conflict/i);
  });

  test('is answered in whatever phase by then, where a new one is refused', async () => {
    const { operationId, mombasa, officer, hub, kenya, tanzania } = await openPorts(scene, {
      input: { operationalStartsOn: day(-20), operationalEndsOn: day(-1), reportingDeadline: day(5) },
    });
    const input = seizureInput(operationId, mombasa, { detectedAt: hours(-72) });
    await officer.do(REPORT, { input });
    await settled(officer, String(input['id']));
    await scene.move(hub, operationId, 'POST_OPERATIONAL');
    for (const coordinator of [kenya, tanzania]) await certify(coordinator, operationId);
    await scene.move(hub, operationId, 'CLOSED');
    expect(await officer.do(REPORT, { input })).toMatchObject({ id: input['id'], status: 'ACCEPTED' });
    expect((await officer.refused(REPORT, { input: { ...input, foundGoods: 'Tyres' } })).code).toBe('CONFLICT');
    expect(await officer.refused(REPORT, { input: { ...input, id: v7() } })).toMatchObject({
      code: 'PHASE',
      phase: 'CLOSED',
    });
  });
});

async function certify(coordinator: Person, operationId: string): Promise<void> {
  const { headCursor, participations } = await coordinator.do<{
    headCursor: string;
    participations: { id: string; coordinators: { id: string }[] }[];
  }>(`query ($id: UUID!) { operation(id: $id) { headCursor participations { id coordinators { id } } } }`, {
    id: operationId,
  });
  const own = participations.find(({ coordinators }) => coordinators.some(({ id }) => id === coordinator.id));
  await coordinator.do(
    `mutation ($id: UUID!, $asOf: String!) { certifyFigures(participationId: $id, asOf: $asOf) { certifiedAt } }`,
    {
      id: own?.id,
      asOf: headCursor,
    },
  );
}

test('a receipt names the report, its status and the instant of its arrival', async () => {
  const before = new Date().toISOString();
  const input = report();
  const receipt = await ports.officer.do<{ receivedAt: string }>(REPORT, { input });
  expect(receipt).toEqual({ id: input['id'], status: 'RECEIVED', receivedAt: expect.any(String) as unknown });
  expect(receipt.receivedAt >= before && receipt.receivedAt <= new Date().toISOString()).toBe(true);
  const { receivedAt } = await ports.hub.do<{ receivedAt: string }>(
    `query ($id: UUID!) { seizure(id: $id) { receivedAt } }`,
    {
      id: input['id'],
    },
  );
  expect(receivedAt).toBe(receipt.receivedAt);
});

describe('an accepted report', () => {
  test('is a violation of its id: a consignment at the place of the unit, of the home agency of its reporter', async () => {
    const { id } = await reported(ports.ranger, ports.operationId, ports.mombasa, {
      agencyIds: [ports.agencies.KE],
      billOfLading: 'MEDU1234567',
      vessel: { imo: '9074729', name: 'Test', flag: 'PA' },
      narrative: 'Bales behind a wall of tyres.',
      cargoUnit: { container: 'TGHU7599330' },
      route: { origin: 'NL', transit: ['OM'], destination: 'KE' },
    });
    const violation = await ports.kenya.do(
      `query ($id: UUID!) { violation(id: $id) { id version source scene country late exercise
         unit { id } agency { id } place { unlocode country } vessel { imo name flag } narrative
         consignment { transportMode direction billOfLading route { origin transit destination } cargoUnits { container asMarked } }
         lines { commodity { code } quantity quantityKg } quantityKg sharing { level } } }`,
      { id },
    );
    expect(violation).toEqual({
      id,
      version: 1,
      source: 'PORT_UNIT',
      scene: 'CONSIGNMENT',
      country: 'KE',
      late: false,
      exercise: false,
      unit: { id: ports.mombasa },
      agency: { id: ports.agencies.wildlife },
      place: { unlocode: 'KEMBA', country: 'KE' },
      vessel: { imo: '9074729', name: 'Test', flag: 'PA' },
      narrative: 'Bales behind a wall of tyres.',
      consignment: {
        transportMode: 'MARITIME',
        direction: 'IMPORT',
        billOfLading: 'MEDU1234567',
        route: { origin: 'NL', transit: ['OM'], destination: 'KE' },
        cargoUnits: [{ container: 'TGHU7599330', asMarked: false }],
      },
      lines: [{ commodity: { code: 'household-waste' }, quantity: '20', quantityKg: '20000' }],
      quantityKg: '20000',
      sharing: { level: 'AMBER_STRICT' },
    });
  });

  test('carries notes on a remainder of 10, an unknown HS code and goods that are not those declared', async () => {
    const line = { agreement: 'BASEL', commodity: 'household-waste', quantity: '1', unit: 'TONNE' };
    const note = async (change: Input): Promise<string[]> => {
      const alike = { declaredGoods: 'Household waste', foundGoods: ' household  WASTE ' };
      const seizure = await reported(ports.officer, ports.operationId, ports.mombasa, { ...alike, ...change });
      expect(seizure.status).toBe('ACCEPTED');
      return rulesOf(seizure);
    };
    expect(await note({})).toEqual([]);
    expect(await note({ cargoUnit: { container: 'CSQU1000080' } })).toEqual(['remainder-10']);
    expect(await note({ lines: [{ ...line, hsCode: '392690' }] })).toEqual(['unknown-hs']);
    expect(await note({ foundGoods: 'Pangolin scales' })).toEqual(['goods-differ']);
  });

  test('is told in the feed as seizure.accepted alone', async () => {
    const { id } = await reported(ports.officer, ports.operationId, ports.mombasa);
    const kinds = await scene.sql(`SELECT kind FROM feed_events WHERE subject_id = $1`, [id]);
    expect(kinds).toEqual([{ kind: 'seizure.accepted' }]);
  });

  test('names its risk indicators where the operation has them', async () => {
    await ports.hub.do(
      `mutation ($id: UUID!, $codes: [String!]!) { setRiskIndicators(operationId: $id, codes: $codes) { code } }`,
      {
        id: ports.operationId,
        codes: ['container.dog-alert'],
      },
    );
    const { id } = await reported(ports.officer, ports.operationId, ports.mombasa, {
      riskIndicators: ['container.dog-alert'],
    });
    const seizure = await ports.hub.do(`query ($id: UUID!) { seizure(id: $id) { riskIndicators { code category } } }`, {
      id,
    });
    expect(seizure).toEqual({ riskIndicators: [{ code: 'container.dog-alert', category: 'container' }] });
    const { fields } = await ports.officer.refused(REPORT, {
      input: report({ riskIndicators: ['container.seal-broken'] }),
    });
    expect(fields?.map(({ path }) => path)).toEqual(['input.riskIndicators.0']);
  });
});

describe('who sees a report', () => {
  const reporter = `query ($id: UUID!) { seizure(id: $id) { id reportedBy { id } sharing { level addCountries } } }`;

  test('who reported it is told to the owning country alone', async () => {
    const { id } = await reported(ports.officer, ports.operationId, ports.mombasa, {
      sharing: { level: 'GREEN', addCountries: ['NL'] },
    });
    const own = { id, reportedBy: { id: ports.officer.id }, sharing: { level: 'GREEN', addCountries: ['NL'] } };
    expect(await ports.kenya.do(reporter, { id })).toEqual(own);
    expect(await ports.ranger.do(reporter, { id })).toEqual(own);
    const others = { id, reportedBy: null, sharing: { level: 'GREEN', addCountries: null } };
    expect(await ports.hub.do(reporter, { id })).toEqual(others);
    expect(await ports.tanzania.do(reporter, { id })).toEqual(others);
  });

  test.each([
    ['AMBER', 'CSQU3054380'],
    ['GREEN', 'CSQU3054381'],
    ['CLEAR', 'CSQU3054382'],
  ])("before its acceptance a report of %s is its own country's and the hub's", async (level, container) => {
    const { id, version } = await reported(ports.officer, ports.operationId, ports.mombasa, {
      cargoUnit: { container, asMarked: true },
      route: { origin: 'NL', transit: ['TZ'], destination: 'KE' },
      sharing: { level },
    });
    for (const person of [ports.kenya, ports.ranger, ports.hub]) {
      expect(await person.do(reporter, { id })).toMatchObject({ id });
    }
    const hidden = await ports.tanzania.refused(reporter, { id });
    expect(hidden).toEqual(await ports.tanzania.refused(reporter, { id: v7() }));
    expect(hidden.code).toBe('NOT_FOUND');
    await ports.kenya.do(DECIDE, { id, version, accept: true, reason: 'It is painted so.' });
    expect(await ports.tanzania.do(reporter, { id })).toMatchObject({ id });
  });

  test('one that is RED is seen by its author, the coordinators and those named, accepted or not', async () => {
    for (const asMarked of [false, true]) {
      const container = asMarked ? 'CSQU3054385' : containerNumber();
      const { id } = await reported(ports.officer, ports.operationId, ports.mombasa, {
        cargoUnit: { container, asMarked },
        sharing: { level: 'RED', nameUserIds: [ports.tanzania.id] },
      });
      for (const person of [ports.officer, ports.kenya, ports.tanzania]) {
        expect(await person.do(reporter, { id })).toMatchObject({ id });
      }
      for (const person of [ports.ranger, ports.hub, ports.neighbour]) {
        expect((await person.refused(reporter, { id })).code).toBe('NOT_FOUND');
      }
    }
  });
});

describe('the list of reports', () => {
  let own: Ports;
  let second: string;
  const ids: string[] = [];
  const at = (hour: number): string => `${day(-3)}T${String(hour).padStart(2, '0')}:00:00.000+03:00`;

  const LIST = `query ($id: UUID!, $filter: SeizureFilter, $first: Int! = 50, $after: String) {
    seizures(operationId: $id, filter: $filter, first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id reportedBy { id } } } } }`;
  interface List {
    readonly totalCount: number;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    readonly edges: readonly {
      readonly cursor: string;
      readonly node: { readonly id: string; readonly reportedBy: unknown };
    }[];
  }

  const list = (person: Person, variables: Input = {}): Promise<List> =>
    person.do<List>(LIST, { id: own.operationId, ...variables });

  /** The numbers of the reports in the list, in its order; the count must agree. */
  const found = async (filter: Input, person = own.kenya): Promise<number[]> => {
    const { edges, totalCount } = await list(person, { filter });
    expect(totalCount).toBe(edges.length);
    return edges.map(({ node }) => ids.indexOf(node.id));
  };

  beforeAll(async () => {
    own = await openPorts(scene);
    second = await scene.unit('KE', 'KELAU', [own.agencies.KE]);
    const there = await officerOf(scene, own.operationId, 'KE', second, own.agencies.KE);
    const reports: readonly [Person, string, Input][] = [
      [own.officer, own.mombasa, { detectedAt: at(8), cargoUnit: { container: 'MSCU6639870' } }],
      [own.officer, own.mombasa, { detectedAt: at(9), cargoUnit: { container: 'CSQU3054384', asMarked: true } }],
      [own.ranger, own.mombasa, { detectedAt: at(10), cargoUnit: { airWaybill: '020-12345675' } }],
      [there, second, { detectedAt: at(11), sharing: { level: 'GREEN' } }],
      [own.neighbour, own.darEsSalaam, { detectedAt: at(12), route: { origin: 'NL', destination: 'TZ' } }],
    ];
    for (const [person, unitId, change] of reports)
      ids.push((await reported(person, own.operationId, unitId, change)).id);
  });

  test('holds what the viewer may see, newest received first, and counts no more', async () => {
    expect(await found({})).toEqual([3, 2, 1, 0]);
    expect(await found({}, own.hub)).toEqual([4, 3, 2, 1, 0]);
    expect(await found({}, own.tanzania)).toEqual([4, 3]);
  });

  test('is filtered by status, unit, reporter, cargo unit and time of detection', async () => {
    expect(await found({ statuses: ['NEEDS_REVIEW'] })).toEqual([1]);
    expect(await found({ statuses: ['NEEDS_REVIEW', 'ACCEPTED'] })).toEqual([3, 2, 1, 0]);
    expect(await found({ statuses: ['REJECTED'] })).toEqual([]);
    expect(await found({ unitIds: [second] })).toEqual([3]);
    expect(await found({ unitIds: [second, own.mombasa] })).toEqual([3, 2, 1, 0]);
    expect(await found({ mine: true }, own.officer)).toEqual([1, 0]);
    expect(await found({ mine: false }, own.officer)).toEqual([3, 2]);
    expect(await found({ cargoUnit: 'mscu 663987-0' })).toEqual([0]);
    expect(await found({ cargoUnit: 'CSQU 305438 4' })).toEqual([1]);
    expect(await found({ cargoUnit: '020 1234 5675' })).toEqual([2]);
    expect(await found({ detectedFrom: at(9) })).toEqual([3, 2, 1]);
    expect(await found({ detectedTo: at(10) })).toEqual([1, 0]);
    expect(await found({ detectedFrom: at(9), detectedTo: at(11), mine: true }, own.ranger)).toEqual([2]);
  });

  test('tells who reported to the owning country alone', async () => {
    const { edges } = await list(own.hub);
    expect(edges.map(({ node }) => node.reportedBy)).toEqual([null, null, null, null, null]);
    const mine = await list(own.tanzania);
    expect(mine.edges.map(({ node }) => node.reportedBy)).toEqual([{ id: own.neighbour.id }, null]);
  });

  test('is read in pages that stay right while reports arrive', async () => {
    const first = await list(own.hub, { first: 2 });
    expect(first.edges.map(({ node }) => ids.indexOf(node.id))).toEqual([4, 3]);
    expect(first.pageInfo.hasNextPage).toBe(true);
    ids.push((await reported(own.officer, own.operationId, own.mombasa)).id);
    const next = await list(own.hub, { first: 2, after: first.pageInfo.endCursor });
    expect(next.edges.map(({ node }) => ids.indexOf(node.id))).toEqual([2, 1]);
    const last = await list(own.hub, { first: 2, after: next.pageInfo.endCursor });
    expect(last.edges.map(({ node }) => ids.indexOf(node.id))).toEqual([0]);
    expect(last.pageInfo.hasNextPage).toBe(false);
  });

  test('gives 1 to 200 at once, of an operation that the asker is in', async () => {
    for (const first of [0, 201]) {
      expect((await own.hub.refused(LIST, { id: own.operationId, first })).fields?.map(({ path }) => path)).toEqual([
        'first',
      ]);
    }
    const refusal = await ports.officer.refused(LIST, { id: own.operationId });
    expect(refusal.code).toBe('NOT_FOUND');
    expect(await ports.officer.refused(LIST, { id: v7() })).toEqual(refusal);
  });
});

test('an exercise is taken in the preparation alone, meets only exercises and is never counted', async () => {
  const { operationId, mombasa, officer, hub } = await openPorts(scene, { phase: 'PREPARATION' });
  const container = containerNumber();
  const exercise = { exercise: true, cargoUnit: { container }, detectedAt: hours(-24 * 60) };
  expect((await reported(officer, operationId, mombasa, exercise)).status).toBe('ACCEPTED');
  const second = await reported(officer, operationId, mombasa, exercise);
  expect(rulesOf(second)).toContain('same-unit');
  const { summary } = await hub.do<{ summary: unknown }>(
    `query ($id: UUID!) { operation(id: $id) { summary { violations seizures } } }`,
    {
      id: operationId,
    },
  );
  expect(summary).toEqual({ violations: 0, seizures: 0 });

  await scene.move(hub, operationId, 'OPERATIONAL');
  const late = seizureInput(operationId, mombasa, exercise);
  expect(await officer.refused(REPORT, { input: late })).toMatchObject({ code: 'PHASE', phase: 'OPERATIONAL' });
  const real = await reported(officer, operationId, mombasa, { cargoUnit: { container } });
  expect(real.status).toBe('ACCEPTED');
});
