import fc from 'fast-check';
import { v7 } from 'uuid';

import { type Muster, startMuster, until } from '../setup/index.js';
import { containerNumber, day, LOG, type Person, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';

type Input = Readonly<Record<string, unknown>>;

interface Told {
  readonly id: string;
  readonly version: number;
  readonly persons?: number;
}

const LOG_ALL = `mutation ($input: LogViolationInput!) { logViolation(input: $input) {
  id version persons withdrawn narrative sharing { level } lines { quantity } recordedAt } }`;
const SHARE = `mutation ($id: UUID!, $version: Int!, $sharing: SharingInput!) {
  changeSharing(id: $id, expectedVersion: $version, reason: "x", sharing: $sharing) { id version } }`;

let muster: Muster;
let scene: Scene;
let hub: Person;
let kenya: Person;
let tanzania: Person;
let officer: Person;
let operationId: string;
let customs: string;
let navy: string;
let unitId: string;

beforeAll(async () => {
  muster = await startMuster({ api: 2 });
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  customs = await scene.agency('KE');
  navy = await scene.agency('TZ', 'NAVY');
  operationId = (await scene.operation(hub)).id;
  kenya = await scene.join(hub, operationId, 'KE', customs);
  tanzania = await scene.join(hub, operationId, 'TZ', navy);
  unitId = await scene.unit('KE', 'KEMBA', [customs]);
  officer = await scene.person(customs, { role: 'PORT_UNIT_OFFICER', operationId, country: 'KE', unitId });
  await scene.post(officer.id, unitId, customs, '2020-01-01');
  await scene.move(hub, operationId, 'OPERATIONAL');
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

/** The same person at the two api processes in turn. */
function atEach(person: Person): (turn: number) => Person {
  return (turn) => {
    const { url } = muster.apis[turn % muster.apis.length] ?? muster;
    return scene.speaker(person.id, person.email, person.token, `${url}/graphql`);
  };
}

/** How often a record stands in each table that a report is written to. */
async function traces(id: string): Promise<Readonly<Record<string, number>>> {
  const [row] = await scene.sql<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM record_ids WHERE id = $1) AS ids,
       (SELECT count(*)::int FROM violations WHERE id = $1) AS violations,
       (SELECT count(*)::int FROM violation_versions WHERE violation_id = $1) AS versions,
       (SELECT count(*)::int FROM violation_lines WHERE violation_id = $1) AS lines,
       (SELECT count(*)::int FROM cargo_units WHERE record_id = $1) AS units,
       (SELECT count(*)::int FROM figures WHERE record_id = $1) AS figures,
       (SELECT count(*)::int FROM feed_events WHERE subject_id = $1) AS events,
       (SELECT count(*)::int FROM audit_entries WHERE subject_id = $1) AS audited`,
    [id],
  );
  return row ?? {};
}
const ONCE = { ids: 1, violations: 1, versions: 1, lines: 1, units: 1, figures: 1, events: 1, audited: 1 };

describe('the same id with the same content', () => {
  test('is stored once and gets the record as it is now: corrected, shared otherwise, withdrawn', async () => {
    const input = violationInput(operationId, customs, { persons: 2 });
    const { id, operationId: _operation, sharing: _sharing, ...content } = input;
    const first = await kenya.do<Told>(LOG_ALL, { input });
    expect(await kenya.do(LOG_ALL, { input })).toEqual(first);
    expect(await traces(id as string)).toEqual(ONCE);
    await kenya.do(
      `mutation ($id: UUID!, $input: CorrectViolationInput!) {
         correctViolation(id: $id, expectedVersion: 1, reason: "More.", input: $input) { id } }`,
      { id, input: { ...content, persons: 9 } },
    );
    expect(await kenya.do(LOG_ALL, { input })).toMatchObject({ id, version: 2, persons: 9 });
    await kenya.do(SHARE, { id, version: 2, sharing: { level: 'RED' } });
    expect(await kenya.do(LOG_ALL, { input })).toMatchObject({ version: 3, sharing: { level: 'RED' } });
    await kenya.do(`mutation ($id: UUID!) { withdrawViolation(id: $id, expectedVersion: 3, reason: "x") { id } }`, {
      id,
    });
    expect(await kenya.do(LOG_ALL, { input })).toMatchObject({ version: 4, withdrawn: true });
  });

  test('gets it from a colleague of the same country, too', async () => {
    const input = violationInput(operationId, customs);
    const colleague = await scene.person(customs, { role: 'AGENCY_OFFICER', operationId, country: 'KE' });
    await kenya.do(LOG, { input });
    expect(await colleague.do(LOG, { input })).toMatchObject({ id: input.id, version: 1 });
    expect(await traces(input.id as string)).toEqual(ONCE);
  });

  test('gets it whatever the phase is by then, when a new report is refused', async () => {
    const past = await scene.operation(hub, { codeName: 'Past' });
    const coordinator = await scene.join(hub, past.id, 'KE', customs);
    await scene.join(hub, past.id, 'UG', await scene.agency('UG'));
    const drill = violationInput(past.id, customs, { exercise: true });
    await coordinator.do(LOG, { input: drill });
    await scene.move(hub, past.id, 'OPERATIONAL');
    const input = violationInput(past.id, customs);
    await coordinator.do(LOG, { input });
    for (const phase of ['OPERATIONAL', 'POST_OPERATIONAL', 'CLOSED']) {
      if (phase !== 'OPERATIONAL') await scene.move(hub, past.id, phase);
      expect(await coordinator.do(LOG, { input })).toMatchObject({ id: input.id, version: 1 });
      expect(await coordinator.do(LOG, { input: drill })).toMatchObject({ id: drill.id, exercise: true });
      expect(await coordinator.refused(LOG, { input: { ...drill, id: v7() } })).toMatchObject({ code: 'PHASE', phase });
    }
    expect(await coordinator.refused(LOG, { input: { ...input, id: v7() } })).toMatchObject({
      code: 'PHASE',
      phase: 'CLOSED',
    });
    expect(await coordinator.refused(LOG, { input: { ...input, persons: 7 } })).toMatchObject({ code: 'CONFLICT' });
  });

  test('gets it though it would be refused as a new one by then: the window has moved on', async () => {
    const input = violationInput(operationId, customs, { detectedAt: `${day(-10)}T09:00:00Z` });
    await kenya.do(LOG, { input });
    await scene.sql(`UPDATE operations SET operational_starts_on = $2, reporting_deadline = $2 WHERE id = $1`, [
      operationId,
      day(-5),
    ]);
    try {
      expect(await kenya.do(LOG, { input })).toMatchObject({ id: input.id });
      expect(await kenya.refused(LOG, { input: { ...input, id: v7() } })).toMatchObject({ code: 'PHASE' });
    } finally {
      await scene.sql(`UPDATE operations SET operational_starts_on = $2, reporting_deadline = $3 WHERE id = $1`, [
        operationId,
        day(-10),
        day(40),
      ]);
    }
  });

  test('of a seizure gets its receipt with the status of now, and one violation', async () => {
    const input = seizureInput(operationId, unitId);
    expect(await officer.do(REPORT, { input })).toMatchObject({ id: input.id, status: 'RECEIVED' });
    const receipt = await until(async () => {
      const told = await officer.do<{ status: string }>(REPORT, { input });
      return told.status === 'RECEIVED' ? undefined : told;
    });
    expect(receipt).toMatchObject({ id: input.id, status: 'ACCEPTED' });
    expect(await traces(input.id as string)).toMatchObject({
      ids: 1,
      violations: 1,
      versions: 1,
      units: 1,
      figures: 1,
      events: 1,
    });
  });
});

describe('the same id with other content', () => {
  const base = (): Input =>
    violationInput(operationId, customs, {
      offenceFrom: day(-5),
      vessel: { imo: '9074729', name: 'Nordic Star' },
      grading: { source: 'A', information: 'ONE' },
      narrative: 'As seen.',
      sharing: { level: 'AMBER', addCountries: ['UG', 'TZ'], nameUserIds: [] },
    });

  test.each<[string, (input: Input) => Input]>([
    ['another agency', () => ({ agencyId: 'police' })],
    ['another scene', () => ({ scene: 'SITE', consignment: null })],
    [
      'another second',
      ({ detectedAt }) => ({ detectedAt: new Date(Date.parse(detectedAt as string) - 1000).toISOString() }),
    ],
    ['another zone', () => ({ timeZone: 'Africa/Kampala' })],
    ['another day of offence', () => ({ offenceFrom: day(-4) })],
    ['an end of the offence', () => ({ offenceTo: day(-3) })],
    ['another place', () => ({ place: { unlocode: 'KENBO' } })],
    ['another crime area', () => ({ crimeArea: 'OTHER' })],
    ['another nature', () => ({ nature: 'ADMINISTRATIVE' })],
    ['another way of detection', () => ({ detection: 'CHANCE' })],
    [
      'another order of transit',
      ({ consignment }) => ({
        consignment: { ...(consignment as Input), route: { origin: 'NL', transit: ['AE', 'OM'], destination: 'KE' } },
      }),
    ],
    [
      'another container',
      ({ consignment }) => ({
        consignment: { ...(consignment as Input), cargoUnits: [{ container: containerNumber() }] },
      }),
    ],
    ['a bill of lading', ({ consignment }) => ({ consignment: { ...(consignment as Input), billOfLading: 'B1' } })],
    ['another vessel', () => ({ vessel: { imo: '9074729', name: 'Nordic Stars' } })],
    ['another quantity', ({ lines }) => ({ lines: [{ ...(lines as Input[])[0], quantity: '22.51' }] })],
    [
      'the same quantity in another unit',
      ({ lines }) => ({ lines: [{ ...(lines as Input[])[0], quantity: '22500', unit: 'KG' }] }),
    ],
    ['another basis', ({ lines }) => ({ lines: [{ ...(lines as Input[])[0], basis: 'WEIGHED' }] })],
    ['one more line', ({ lines }) => ({ lines: [...(lines as Input[]), ...(lines as Input[])] })],
    ['nobody counted in place of nothing said', () => ({ companies: 0 })],
    ['another level', () => ({ sharing: { level: 'GREEN', addCountries: ['UG', 'TZ'] } })],
    ['one country less', () => ({ sharing: { level: 'AMBER', addCountries: ['UG'] } })],
    ['another use', () => ({ useRestriction: 'NO_ONWARD' })],
    ['no grading', () => ({ grading: null })],
    ['other words', () => ({ narrative: 'As seen!' })],
    ['a rehearsal', () => ({ exercise: true })],
    ['what is wrong in itself', () => ({ lines: [], timeZone: 'x' })],
  ])('is a conflict: %s', async (_, change) => {
    const input = base();
    await kenya.do(LOG, { input });
    const changed = change(input);
    const other =
      changed.agencyId === 'police' ? { ...changed, agencyId: await scene.agency('KE', 'POLICE') } : changed;
    expect(await kenya.refused(LOG, { input: { ...input, ...other } })).toMatchObject({ code: 'CONFLICT' });
    expect(await kenya.do(LOG_ALL, { input })).toMatchObject({ version: 1, narrative: 'As seen.' });
    expect(await traces(input.id as string)).toEqual(ONCE);
  });

  test('is a conflict in another operation of the country, and as a report of another kind', async () => {
    const other = await scene.operation(hub, { codeName: 'Other' });
    const coordinator = await scene.join(hub, other.id, 'KE', customs);
    await scene.join(hub, other.id, 'UG', await scene.agency('UG'));
    await scene.move(hub, other.id, 'OPERATIONAL');
    const input = violationInput(operationId, customs);
    await kenya.do(LOG, { input });
    expect(await coordinator.refused(LOG, { input: { ...input, operationId: other.id } })).toMatchObject({
      code: 'CONFLICT',
    });
    const { id } = await officer.do<Told>(REPORT, { input: seizureInput(operationId, unitId) });
    expect(await kenya.refused(LOG, { input: violationInput(operationId, customs, { id }) })).toMatchObject({
      code: 'CONFLICT',
    });
    expect(await officer.refused(REPORT, { input: seizureInput(operationId, unitId, { id: input.id }) })).toMatchObject(
      { code: 'CONFLICT' },
    );
  });
});

describe('an id that another country used', () => {
  test('is not usable, and nothing more is said: not of what, not whether the content is the same, nor what else is wrong', async () => {
    const seen = violationInput(operationId, customs, { sharing: { level: 'CLEAR' } });
    const hidden = violationInput(operationId, customs, { sharing: { level: 'RED' } });
    await kenya.do(LOG, { input: seen });
    await kenya.do(LOG, { input: hidden });
    const { id: ofSeizure } = await officer.do<Told>(REPORT, { input: seizureInput(operationId, unitId) });
    const refusals = [];
    for (const input of [
      { ...seen, agencyId: navy },
      { ...hidden, agencyId: navy },
      { ...hidden, agencyId: navy, lines: [], timeZone: 'x', exercise: true },
      violationInput(operationId, navy, { id: ofSeizure }),
    ]) {
      refusals.push(await tanzania.refused(LOG, { input }));
    }
    const [refusal] = refusals;
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: 'input.id' }] });
    expect(refusal?.fields).toHaveLength(1);
    expect(refusal?.message).toMatch(/not usable/);
    for (const other of refusals) expect(other).toEqual(refusal);
    expect(JSON.stringify(refusal)).not.toMatch(/KE|Kenya|RED|CLEAR|operation/);
  });
});

describe('one id on fifty connections at the same instant', () => {
  test('is stored once, and everybody gets the record', async () => {
    const input = violationInput(operationId, customs);
    const kenyaAt = atEach(kenya);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => kenyaAt(index).do<Told>(LOG_ALL, { input })),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await traces(input.id as string)).toEqual(ONCE);
  });

  test('with two contents is stored with one of them, and the other is a conflict for all who sent it', async () => {
    const input = violationInput(operationId, customs);
    const kenyaAt = atEach(kenya);
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const persons = index % 3 === 0 ? 5 : 6;
        const { data, errors } = await kenyaAt(index).ask<{ logViolation?: Told | null }>(LOG_ALL, {
          input: { ...input, persons },
        });
        return { persons, stored: data.logViolation?.persons, code: errors[0]?.extensions?.code };
      }),
    );
    const [row] = await scene.sql<{ persons: number }>('SELECT persons FROM violations WHERE id = $1', [input.id]);
    for (const { persons, stored, code } of answers) {
      expect([stored, code]).toEqual(persons === row?.persons ? [persons, undefined] : [undefined, 'CONFLICT']);
    }
    expect(await traces(input.id as string)).toEqual(ONCE);
  });

  test('from two countries is the one who came first, and not usable for the other', async () => {
    const input = violationInput(operationId, customs);
    const [kenyaAt, tanzaniaAt] = [atEach(kenya), atEach(tanzania)];
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const isKenya = index % 4 < 2;
        const agencyId = isKenya ? customs : navy;
        const { errors } = await (isKenya ? kenyaAt : tanzaniaAt)(index).ask(LOG_ALL, {
          input: { ...input, agencyId },
        });
        return { agencyId, code: errors[0]?.extensions?.code };
      }),
    );
    const [row] = await scene.sql<{ agency_id: string }>('SELECT agency_id FROM violations WHERE id = $1', [input.id]);
    for (const { agencyId, code } of answers)
      expect(code).toBe(agencyId === row?.agency_id ? undefined : 'BAD_USER_INPUT');
    expect(await traces(input.id as string)).toEqual(ONCE);
  });

  test('as a seizure is acknowledged to all, and becomes one violation', async () => {
    const input = seizureInput(operationId, unitId);
    const officerAt = atEach(officer);
    const receipts = await Promise.all(
      Array.from({ length: 50 }, (_, index) => officerAt(index).do<Told>(REPORT, { input })),
    );
    expect(new Set(receipts.map(({ id }) => id))).toEqual(new Set([input.id]));
    await until(async () => (await traces(input.id as string)).violations === 1);
    expect(await traces(input.id as string)).toMatchObject({
      ids: 1,
      violations: 1,
      versions: 1,
      units: 1,
      figures: 1,
    });
  });
});

describe('the same content', () => {
  const content = {
    detectedAt: `${day(-2)}T08:30:00.500Z`,
    offenceFrom: day(-9),
    place: { unlocode: 'KEMBA', latitude: -4, longitude: 39.5, name: 'Shed 7' },
    consignment: {
      transportMode: 'MARITIME',
      direction: 'IMPORT',
      route: { origin: 'NL', transit: [], destination: 'KE' },
      cargoUnits: [{ container: 'CSQU3054383' }, { postalItem: 'RR473124829GB' }, { airWaybill: '02012345675' }],
      billOfLading: 'MAEU1',
    },
    vessel: { imo: '9074729', name: 'Nordic Star' },
    lines: [
      {
        agreement: 'BASEL',
        commodity: 'household-waste',
        hsCode: '382510',
        quantity: '22.5',
        unit: 'TONNE',
        value: '10',
        currency: 'USD',
      },
      { agreement: 'CITES', commodity: 'ivory-raw', quantity: '100', unit: 'PIECE', netWeightKg: '12.125' },
    ],
    narrative: 'As seen.',
    sharing: { level: 'RED', addCountries: ['OM', 'TZ', 'UG'], leaveOutCountries: ['NL'] },
  };

  const either = <Value>(...values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);
  /** The field written so, or not at all. */
  const maybe = (field: string, ...values: readonly unknown[]): fc.Arbitrary<Input> =>
    either<Input>({}, ...values.map((value) => ({ [field]: value })));
  const blanks = (text: string): fc.Arbitrary<string> => either(text, ` ${text}`, `${text}\n`, `\t${text}  `);
  const cased = (text: string): fc.Arbitrary<string> => either(text, text.toLowerCase(), text.toUpperCase());
  /** With zeros that say nothing before and after. */
  const decimal = (text: string): fc.Arbitrary<string> =>
    fc.tuple(fc.nat(3), fc.nat(5)).map(([before, after]) => {
      const pointed = text.includes('.') || after === 0 ? text : `${text}.`;
      return `${'0'.repeat(before)}${pointed}${'0'.repeat(after)}`;
    });
  /** The same set: in any order, and some of it said twice. */
  const set = (values: readonly string[]): fc.Arbitrary<string[]> =>
    fc
      .shuffledSubarray([...values, ...values], { minLength: values.length })
      .map((said) => [...new Set([...said, ...values]), ...said]);
  const instant = (iso: string): fc.Arbitrary<string> =>
    fc.tuple(fc.integer({ min: -1439, max: 1439 }), either('', '00', '9')).map(([minutes, finer]) => {
      const local = new Date(Date.parse(iso) + minutes * 60_000).toISOString().replace('Z', finer);
      const [hour, minute] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) =>
        String(part).padStart(2, '0'),
      );
      return minutes === 0 && finer === '' ? iso : `${local}${minutes < 0 ? '-' : '+'}${hour}:${minute}`;
    });
  const object = (
    fields: Readonly<Record<string, fc.Arbitrary<unknown>>>,
    ...more: readonly fc.Arbitrary<Input>[]
  ): fc.Arbitrary<Input> =>
    fc
      .tuple(fc.record(fields), fc.tuple(...more))
      .map(([told, others]) => Object.assign({}, told, ...others) as Input)
      .chain((whole) =>
        fc
          .shuffledSubarray(Object.entries(whole), { minLength: Object.keys(whole).length })
          .map((entries) => Object.fromEntries(entries)),
      );
  const always = (value: unknown): fc.Arbitrary<unknown> => fc.constant(value);

  const [waste, ivory] = content.lines;
  const rewritten = (base: Input): fc.Arbitrary<Input> =>
    object(
      {
        id: cased(base.id as string),
        operationId: cased(base.operationId as string),
        agencyId: cased(base.agencyId as string),
        scene: always('CONSIGNMENT'),
        detectedAt: instant(content.detectedAt),
        timeZone: always(base.timeZone),
        offenceFrom: always(content.offenceFrom),
        place: object({
          unlocode: either('KEMBA', 'ke mba', ' KE MBA '),
          latitude: either(-4, -4.0),
          longitude: always(39.5),
          name: blanks(content.place.name),
        }),
        crimeArea: always(base.crimeArea),
        nature: always(base.nature),
        detection: always(base.detection),
        consignment: object({
          transportMode: always('MARITIME'),
          direction: always('IMPORT'),
          route: object({ origin: always('NL'), destination: always('KE') }, maybe('transit', null, [])),
          cargoUnits: fc.tuple(
            object(
              { container: either('CSQU3054383', 'csqu 305438 3', 'CSQU-305438-3') },
              maybe('asMarked', false, true),
              maybe('vehicle', null),
            ),
            object({ postalItem: either('RR473124829GB', 'rr 473 124 829 gb') }),
            object({ airWaybill: either('02012345675', '020-12345675', '020 1234 5675') }, maybe('container', null)),
          ),
          billOfLading: either('MAEU1', ' MAEU1', 'MAEU1  '),
        }),
        vessel: object(
          { imo: either('9074729', 'IMO 9074729', 'imo9074729'), name: blanks(content.vessel.name) },
          maybe('flag', null),
          maybe('voyage', null, '', ' '),
        ),
        lines: fc.tuple(
          object(
            {
              agreement: always(waste?.agreement),
              commodity: blanks('household-waste'),
              hsCode: either('382510', '3825.10', '3825 10'),
              quantity: decimal('22.5'),
              unit: always('TONNE'),
              value: decimal('10'),
              currency: either('USD', 'usd', ' Usd '),
            },
            maybe('basis', 'ESTIMATED'),
            maybe('valueBasis', 'ESTIMATED'),
            maybe('netWeightKg', null),
            maybe('agreementReference', null, '', '  '),
          ),
          object(
            {
              agreement: always(ivory?.agreement),
              commodity: always('ivory-raw'),
              quantity: decimal('100'),
              unit: always('PIECE'),
              netWeightKg: decimal('12.125'),
            },
            maybe('value', null),
            maybe('currency', null, ''),
            maybe('hsCode', null, ''),
          ),
        ),
        persons: always(base.persons),
        companies: always(base.companies),
        narrative: blanks(content.narrative),
        sharing: object(
          { level: always('RED'), addCountries: set(['OM', 'TZ', 'UG']), leaveOutCountries: set(['NL']) },
          maybe('nameUserIds', null, []),
        ),
      },
      maybe('offenceTo', null),
      maybe('grading', null),
      maybe('useRestriction', 'NONE'),
      maybe('exercise', false),
    );

  test('is the same however it is written: zeros, cases, blanks, offsets, orders of sets, null, absent or default', async () => {
    const base = violationInput(operationId, customs, content);
    const first = await kenya.do<Told>(LOG_ALL, { input: base });
    await fc.assert(
      fc.asyncProperty(rewritten(base), async (input) => {
        expect(await kenya.do(LOG_ALL, { input })).toEqual(first);
      }),
      { numRuns: 60 },
    );
    expect(await traces(base.id as string)).toMatchObject({ ids: 1, violations: 1, versions: 1, events: 1 });
  });

  test('is kept as a SHA-256, the same for every writing of it and another for other content', async () => {
    const hashes = new Set<string>();
    for (const quantity of ['22.5', '22.50', '0022.5']) {
      const id = v7();
      await kenya.do(LOG, {
        input: violationInput(operationId, customs, { ...content, id, lines: [{ ...waste, quantity }] }),
      });
      const [row] = await scene.sql<{ hash: string }>(
        `SELECT encode(content_hash, 'hex') AS hash FROM record_ids WHERE id = $1`,
        [id],
      );
      hashes.add(row?.hash ?? '');
    }
    expect([...hashes]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });
});
