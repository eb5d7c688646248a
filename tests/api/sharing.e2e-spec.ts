import { v7 } from 'uuid';

import { type Muster, startMuster } from '../setup/index.js';
import { day, LOG, type Person, Scene, violationInput } from '../setup/scene.js';

type Input = Readonly<Record<string, unknown>>;

interface Sharing {
  readonly level: string;
  readonly addCountries: readonly string[] | null;
  readonly leaveOutCountries: readonly string[] | null;
  readonly nameUserIds: readonly string[] | null;
}

interface Told {
  readonly id: string;
  readonly version: number;
  readonly sharing: Sharing;
}

interface FeedEvent {
  readonly cursor: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly payload: { readonly record?: Told & { readonly persons: number } };
}

interface Feed {
  readonly cursor: string;
  readonly hasMore: boolean;
  readonly events: readonly FeedEvent[];
}

const SHARING = `sharing { level addCountries leaveOutCountries nameUserIds }`;
const READ = `query ($id: UUID!) { violation(id: $id) { id version persons ${SHARING} } }`;
const LIST = `query ($id: UUID!, $filter: ViolationFilter) {
  violations(operationId: $id, filter: $filter) { totalCount edges { node { id ${SHARING} } } } }`;
const FEED = `query ($id: UUID!, $after: String, $first: Int! = 500) {
  operationFeed(operationId: $id, after: $after, first: $first) { cursor hasMore events { cursor kind subjectId payload } } }`;
const TREND = `query ($query: TrendQuery!) { violationTrends(query: $query) { cells { key value suppressed perturbed } } }`;
const SHARE = `mutation ($id: UUID!, $version: Int!, $sharing: SharingInput!) {
  changeSharing(id: $id, expectedVersion: $version, reason: "As the test needs it.", sharing: $sharing) { id version ${SHARING} } }`;

const LEVELS = ['RED', 'AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR'] as const;
type Level = (typeof LEVELS)[number];

/** Each record has a crime area of its own, so that a figure by crime area counts one record. */
const CRIME_AREA: Readonly<Record<Level, string>> = {
  RED: 'POLLUTION',
  AMBER_STRICT: 'WILDLIFE',
  AMBER: 'FISHERIES',
  GREEN: 'DRUGS',
  CLEAR: 'ARMS',
};

/** Who may see a record of which level; the record is Kenya's, concerns Tanzania, the Netherlands and the Emirates. */
const INSIDE = {
  'a coordinator of the owner': LEVELS,
  'another coordinator of the owner': LEVELS,
  'the author': LEVELS,
  'a colleague of the author': ['AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR'],
  'a port unit officer of the owner': ['AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR'],
  'an analyst of the owner': ['AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR'],
  'the hub': ['AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR'],
  'the hub of this operation alone': ['AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR'],
  'an analyst of the hub': ['AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR'],
  'a coordinator of a country concerned': ['AMBER', 'GREEN', 'CLEAR'],
  'an officer of a country concerned': ['AMBER', 'GREEN', 'CLEAR'],
  'an analyst of a country concerned': ['AMBER', 'GREEN', 'CLEAR'],
  'a coordinator of a country added': ['AMBER', 'GREEN', 'CLEAR'],
  'a country concerned and left out': ['CLEAR'],
  'another participant': ['GREEN', 'CLEAR'],
  'a person named on the record': ['RED', 'GREEN', 'CLEAR'],
  'an observer': ['GREEN', 'CLEAR'],
  'an observer of a country left out': ['CLEAR'],
} as const satisfies Readonly<Record<string, readonly Level[]>>;
type Insider = keyof typeof INSIDE;
const INSIDERS = Object.keys(INSIDE) as Insider[];

/** They may open what is CLEAR by its id, as anyone with an account may. */
const OUTSIDERS = [
  'a contact point of a country invited, concerned and added',
  'a country that declined, concerned and added',
  'a country that withdrew, concerned and added',
  'an administrator',
  'the hub of another operation',
  'an account without a role',
  'a person named on the record without a role',
] as const;
type Outsider = (typeof OUTSIDERS)[number];

let muster: Muster;
let scene: Scene;
let operationId: string;
let police: string;
let people: Readonly<Record<Insider | Outsider, Person>>;
let sharing: Omit<Sharing, 'level'>;
const records = new Map<Level, string>();
const idOf = (level: Level): string => records.get(level) ?? '';

/** Between them, the records' routes concern everybody whom the rule speaks of. */
const route = { origin: 'TZ', transit: ['NL', 'AE', 'OM', 'BR'], destination: 'KE' };
const consignment = { transportMode: 'MARITIME', direction: 'IMPORT', route };

beforeAll(async () => {
  muster = await startMuster({ worker: false });
  scene = await Scene.open(muster);
  const hub = await scene.person(null, { role: 'HUB' });
  const customs = await scene.agency('KE');
  police = await scene.agency('KE', 'POLICE');
  operationId = (await scene.operation(hub)).id;
  const other = await scene.operation(hub, { codeName: 'Another' });
  const here = (role: string, country?: string): { role: string; operationId: string; country?: string } => ({
    role,
    operationId,
    ...(country === undefined ? {} : { country }),
  });
  const join = async (country: string): Promise<Person> =>
    scene.join(hub, operationId, country, await scene.agency(country));
  const invited = async (country: string): Promise<{ contact: Person; participationId: string }> => {
    const contact = await scene.person(await scene.agency(country), { role: 'NATIONAL_COORDINATOR', country });
    const [participation] = await hub.do<{ id: string }[]>(
      `mutation ($id: UUID!, $countries: [CountryCode!]!) { inviteCountries(operationId: $id, countries: $countries) { id } }`,
      { id: operationId, countries: [country] },
    );
    return { contact, participationId: participation?.id ?? '' };
  };

  const kenya = await join('KE');
  const declining = await invited('BR');
  await declining.contact.do(
    `mutation ($input: AnswerInvitationInput!) { answerInvitation(input: $input) { status } }`,
    {
      input: { participationId: declining.participationId, accept: false, reason: 'Not this year.' },
    },
  );
  const withdrawing = await join('AE');
  people = {
    'a coordinator of the owner': kenya,
    'another coordinator of the owner': await scene.person(customs, here('NATIONAL_COORDINATOR', 'KE')),
    'the author': await scene.person(police, here('AGENCY_OFFICER', 'KE')),
    'a colleague of the author': await scene.person(police, here('AGENCY_OFFICER', 'KE')),
    'a port unit officer of the owner': await scene.person(police, here('PORT_UNIT_OFFICER', 'KE')),
    'an analyst of the owner': await scene.person(customs, here('ANALYST', 'KE')),
    'the hub': hub,
    'the hub of this operation alone': await scene.person(null, here('HUB')),
    'an analyst of the hub': await scene.person(null, { role: 'ANALYST' }),
    'a coordinator of a country concerned': await join('TZ'),
    'an officer of a country concerned': await scene.person(
      await scene.agency('TZ', 'NAVY'),
      here('AGENCY_OFFICER', 'TZ'),
    ),
    'an analyst of a country concerned': await scene.person(null, here('ANALYST', 'TZ')),
    'a coordinator of a country added': await join('UG'),
    'a country concerned and left out': await join('NL'),
    'another participant': await join('ZA'),
    'a person named on the record': await scene.person(await scene.agency('ZA', 'NAVY'), here('AGENCY_OFFICER', 'ZA')),
    'an observer': await scene.person(null, here('OBSERVER')),
    'an observer of a country left out': await scene.person(null, here('OBSERVER', 'NL')),
    'a contact point of a country invited, concerned and added': (await invited('OM')).contact,
    'a country that declined, concerned and added': declining.contact,
    'a country that withdrew, concerned and added': withdrawing,
    'an administrator': await scene.person(null, { role: 'ADMINISTRATOR' }),
    'the hub of another operation': await scene.person(null, { role: 'HUB', operationId: other.id }),
    'an account without a role': await scene.person(null),
    'a person named on the record without a role': await scene.person(customs),
  };
  await scene.move(hub, operationId, 'OPERATIONAL');
  sharing = {
    addCountries: ['AE', 'BR', 'OM', 'UG'],
    leaveOutCountries: ['NL'],
    nameUserIds: [
      people['a person named on the record'].id,
      people['a person named on the record without a role'].id,
    ].sort(),
  };
  for (const level of LEVELS) {
    const input = violationInput(operationId, police, {
      crimeArea: CRIME_AREA[level],
      consignment,
      sharing: { level, ...sharing },
    });
    await people['the author'].do(LOG, { input });
    records.set(level, input.id as string);
  }
  const participation = await hub.do<{ participations: { id: string; country: string }[] }>(
    `query ($id: UUID!) { operation(id: $id) { participations { id country } } }`,
    { id: operationId },
  );
  await withdrawing.do(
    `mutation ($id: UUID!) { withdrawParticipation(participationId: $id, reason: "No people.") { id } }`,
    {
      id: participation.participations.find(({ country }) => country === 'AE')?.id,
    },
  );
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const feedOf = (person: Person, after?: string): Promise<Feed> => person.do<Feed>(FEED, { id: operationId, after });
const subjects = ({ events }: Feed, kind: string): string[] =>
  events.filter((event) => event.kind === kind).map(({ subjectId }) => subjectId);

/** The whole answer to somebody who asks for a record that is not there. */
async function answerToNothing(person: Person): Promise<unknown> {
  const answer = await person.ask(READ, { id: v7() });
  expect(answer.errors).toMatchObject([{ message: 'Not found.', extensions: { code: 'NOT_FOUND' } }]);
  return answer;
}

describe.each(INSIDERS)('%s', (who) => {
  const seen: readonly Level[] = INSIDE[who];
  const hidden = LEVELS.filter((level) => !seen.includes(level));

  test('opens what is shared so, and finds nothing else, as if it were not there', async () => {
    const person = people[who];
    const nothing = await answerToNothing(person);
    for (const level of seen)
      expect(await person.do<Told>(READ, { id: idOf(level) })).toMatchObject({ id: idOf(level), sharing: { level } });
    for (const level of hidden) expect(await person.ask(READ, { id: idOf(level) })).toEqual(nothing);
  });

  test('is told and counted the same in the list, by any filter', async () => {
    const list = (filter: Input): Promise<{ totalCount: number; edges: { node: { id: string } }[] }> =>
      people[who].do(LIST, { id: operationId, filter });
    const whole = await list({});
    expect(whole.edges.map(({ node }) => node.id).sort()).toEqual(seen.map(idOf).sort());
    expect(whole.totalCount).toBe(seen.length);
    for (const level of LEVELS) {
      const { totalCount, edges } = await list({ crimeAreas: [CRIME_AREA[level]], search: 'household' });
      expect([totalCount, edges.length]).toEqual(seen.includes(level) ? [1, 1] : [0, 0]);
    }
  });

  test('is told the same in the feed, with the record, and no count of the rest', async () => {
    const feed = await feedOf(people[who]);
    expect(subjects(feed, 'violation.logged').sort()).toEqual(seen.map(idOf).sort());
    expect(feed.hasMore).toBe(false);
    for (const { kind, subjectId, payload } of feed.events) {
      if (kind === 'violation.logged') expect(payload.record).toMatchObject({ id: subjectId, persons: 2 });
    }
    expect(subjects(feed, 'violation.gone')).toEqual([]);
  });

  test('gets figures that count nothing else', async () => {
    interface Cell {
      readonly key: readonly string[];
      readonly value: string | null;
      readonly suppressed: boolean;
      readonly perturbed: boolean;
    }
    const trend = async (groupBy: readonly string[], filter: Input = {}): Promise<readonly Cell[]> =>
      (
        await people[who].do<{ cells: readonly Cell[] }>(TREND, {
          query: { operationIds: [operationId], measure: 'VIOLATIONS', groupBy, filter },
        })
      ).cells;
    // The hub's figures are exact, and so are those of people who see all.
    const isExact = who.includes('the hub') || hidden.length === 0;
    const counted = isExact ? LEVELS : seen;
    /** Of an operation that hides something, no figure of fewer than three records is told, and of hidden ones alone there is none. */
    const figure = (key: readonly string[], records: number): Cell[] => {
      if (isExact) return [{ key, value: String(records), suppressed: false, perturbed: false }];
      if (records === 0) return [];
      const told = records >= 3;
      return [{ key, value: told ? String(records) : null, suppressed: !told, perturbed: told }];
    };
    const cells = await trend(['CRIME_AREA']);
    for (const level of LEVELS) {
      const cell = figure([CRIME_AREA[level]], counted.includes(level) ? 1 : 0);
      expect(cells.filter(({ key }) => key[0] === CRIME_AREA[level])).toEqual(cell);
      expect(await trend([], { crimeAreas: [CRIME_AREA[level]] })).toEqual(cell.map((each) => ({ ...each, key: [] })));
    }
    expect(cells).toHaveLength(counted.length);
    // Of three hidden records and more, a figure tells something: their number with noise, or none.
    const all = await trend([]);
    if (isExact || hidden.length < 3) expect(all).toEqual(figure([], counted.length));
    else expect(all.filter(({ perturbed, suppressed }) => !perturbed && !suppressed)).toEqual([]);
    const { summary } = await people[who].do<{ summary: Input }>(
      `query ($id: UUID!) { operation(id: $id) { summary { violations persons quantityKg protected } } }`,
      { id: operationId },
    );
    const told = isExact || counted.length >= 3;
    if (!isExact && hidden.length >= 3) {
      expect(summary).toMatchObject({ protected: true });
      return;
    }
    expect(summary).toEqual({
      violations: told ? counted.length : null,
      persons: told ? 2 * counted.length : null,
      quantityKg: told ? String(22_500 * counted.length) : null,
      protected: !isExact,
    });
  });

  test('learns who was added, left out and named only as one of the owning country', async () => {
    const isOwner = who.includes('owner') || who.includes('author');
    const told = isOwner ? sharing : { addCountries: null, leaveOutCountries: null, nameUserIds: null };
    const list = await people[who].do<{ edges: { node: Told }[] }>(LIST, { id: operationId, filter: {} });
    const feed = await feedOf(people[who]);
    for (const level of seen) {
      expect((await people[who].do<Told>(READ, { id: idOf(level) })).sharing).toEqual({ level, ...told });
      expect(list.edges.find(({ node }) => node.id === idOf(level))?.node.sharing).toEqual({ level, ...told });
      const event = feed.events.find(({ kind, subjectId }) => kind === 'violation.logged' && subjectId === idOf(level));
      expect(event?.payload.record?.sharing).toEqual({ level, ...told });
    }
  });
});

describe.each(OUTSIDERS)('%s', (who) => {
  test('opens what is CLEAR by its id, without its lists, and finds nothing else', async () => {
    const person = people[who];
    const nothing = await answerToNothing(person);
    for (const level of LEVELS) {
      if (level === 'CLEAR') {
        const { sharing: told } = await person.do<Told>(READ, { id: idOf(level) });
        expect(told).toEqual({ level, addCountries: null, leaveOutCountries: null, nameUserIds: null });
      } else expect(await person.ask(READ, { id: idOf(level) })).toEqual(nothing);
    }
  });

  test('gets no list, no figures and no event of a record', async () => {
    const person = people[who];
    for (const [query, variables] of [
      [LIST, { id: operationId, filter: { crimeAreas: ['ARMS'] } }],
      [TREND, { query: { operationIds: [operationId], measure: 'VIOLATIONS', groupBy: [] } }],
    ] as const) {
      expect(await person.refused(query, variables)).toEqual({ code: 'NOT_FOUND', message: 'Not found.' });
    }
    const { data, errors } = await person.ask<{ operationFeed: Feed | null }>(FEED, { id: operationId });
    expect(errors.every(({ extensions }) => extensions?.code === 'NOT_FOUND')).toBe(true);
    expect((data.operationFeed?.events ?? []).filter(({ kind }) => kind.startsWith('violation.'))).toEqual([]);
  });
});

describe('a change of who sees a record', () => {
  const log = async (change: Input = {}): Promise<{ id: string; content: Input }> => {
    const input = violationInput(operationId, police, { detectedAt: `${day(-1)}T09:00:00Z`, consignment, ...change });
    await people['the author'].do(LOG, { input });
    const { id, operationId: _operation, sharing: _sharing, ...content } = input;
    return { id: id as string, content };
  };

  /** Does something, and gives what each person is told of it who was told all before. */
  async function toldOf(
    doing: () => Promise<unknown>,
    ...who: readonly Insider[]
  ): Promise<Record<string, FeedEvent[]>> {
    const heads = new Map<Insider, string>();
    for (const name of who) heads.set(name, (await feedOf(people[name])).cursor);
    await doing();
    const told: Record<string, FeedEvent[]> = {};
    for (const name of who) {
      const feed = await feedOf(people[name], heads.get(name));
      if (feed.events.length === 0) expect(feed.cursor).toBe(heads.get(name));
      told[name] = [...feed.events];
    }
    return told;
  }
  /** Of what somebody sees for the first time, the past may be told as well. */
  const last = (told: Readonly<Record<string, readonly FeedEvent[]>>, who: Insider): unknown => told[who]?.at(-1);
  const gone = (id: string): Input => ({ kind: 'violation.gone', subjectId: id, payload: {} });

  test('that narrows takes effect at once, level by level, and says so to those who lost it and to nobody else', async () => {
    const { id } = await log({ sharing: { level: 'CLEAR' } });
    const owner = people['a coordinator of the owner'];
    const steps: [Level, readonly Insider[]][] = [
      ['GREEN', []],
      [
        'AMBER',
        [
          'another participant',
          'an observer',
          'an observer of a country left out',
          'a person named on the record',
          'a coordinator of a country added',
        ],
      ],
      [
        'AMBER_STRICT',
        [
          'a coordinator of a country concerned',
          'an officer of a country concerned',
          'a country concerned and left out',
          'an analyst of a country concerned',
        ],
      ],
      [
        'RED',
        [
          'the hub',
          'an analyst of the hub',
          'the hub of this operation alone',
          'a colleague of the author',
          'an analyst of the owner',
          'a port unit officer of the owner',
        ],
      ],
    ];
    const lost = new Set<Insider>();
    for (const [index, [level, losing]] of steps.entries()) {
      const told = await toldOf(() => owner.do(SHARE, { id, version: index + 1, sharing: { level } }), ...INSIDERS);
      for (const who of INSIDERS) {
        if (lost.has(who)) expect([who, told[who]]).toEqual([who, []]);
        else if (losing.includes(who)) expect(told[who]).toMatchObject([gone(id)]);
        else
          expect(told[who]).toMatchObject([
            { kind: 'violation.sharing-changed', payload: { record: { id, version: index + 2, sharing: { level } } } },
          ]);
        if (losing.includes(who)) expect(Object.keys(told[who]?.[0]?.payload ?? { wrong: 1 })).toEqual([]);
      }
      for (const who of losing) lost.add(who);
      for (const who of lost) {
        expect(await people[who].ask(READ, { id })).toEqual(await answerToNothing(people[who]));
        const all = await feedOf(people[who]);
        expect(
          all.events
            .filter(({ subjectId }) => subjectId === id)
            .map(({ kind }) => kind)
            .filter((kind) => kind !== 'violation.gone'),
        ).toEqual([]);
      }
    }
    expect(await people['an account without a role'].ask(READ, { id })).toMatchObject({
      errors: [{ extensions: { code: 'NOT_FOUND' } }],
    });
  });

  test('that widens tells it to those who see it now, and nothing is gone', async () => {
    const { id } = await log({ sharing: { level: 'RED' } });
    const owner = people['a coordinator of the owner'];
    const told = await toldOf(() => owner.do(SHARE, { id, version: 1, sharing: { level: 'GREEN' } }), ...INSIDERS);
    for (const who of INSIDERS) {
      expect(told[who]?.at(-1)).toMatchObject({ kind: 'violation.sharing-changed', payload: { record: { id } } });
      expect(told[who]?.map(({ kind }) => kind)).not.toContain('violation.gone');
    }
    expect(subjects(await feedOf(people['the hub']), 'violation.logged')).toContain(id);
  });

  test('by name alone is told to that country, that observer and that person alone', async () => {
    const { id } = await log({ sharing: { level: 'GREEN' } });
    const owner = people['a coordinator of the owner'];
    const share =
      (version: number, level: Level, lists: Input = {}) =>
      (): Promise<unknown> =>
        owner.do(SHARE, { id, version, sharing: { level, ...lists } });
    const two: readonly Insider[] = ['another participant', 'a coordinator of a country added'];
    const named: readonly Insider[] = ['a person named on the record', 'another participant'];

    const leftOut = await toldOf(share(1, 'GREEN', { leaveOutCountries: ['ZA'] }), ...two);
    expect(leftOut['another participant']).toMatchObject([gone(id)]);
    expect(last(leftOut, 'a coordinator of a country added')).toMatchObject({ payload: { record: { id } } });
    const added = await toldOf(share(2, 'AMBER', { addCountries: ['ZA'] }), ...two);
    expect(last(added, 'another participant')).toMatchObject({ payload: { record: { id } } });
    expect(added['a coordinator of a country added']).toMatchObject([gone(id)]);
    const person = people['a person named on the record'];
    const onePerson = await toldOf(share(3, 'RED', { nameUserIds: [person.id] }), ...named);
    expect(last(onePerson, 'a person named on the record')).toMatchObject({ payload: { record: { id } } });
    expect(onePerson['another participant']).toMatchObject([gone(id)]);
    const nobody = await toldOf(share(4, 'RED'), ...named);
    expect(nobody).toMatchObject({ 'a person named on the record': [gone(id)], 'another participant': [] });
  });

  test('comes of a correction, too, that changes the countries concerned', async () => {
    const { id, content } = await log({ sharing: { level: 'AMBER' } });
    const moved = { ...consignment, route: { origin: 'ZA', destination: 'KE' } };
    const correct = (): Promise<unknown> =>
      people['the author'].do(
        `mutation ($id: UUID!, $input: CorrectViolationInput!) {
           correctViolation(id: $id, expectedVersion: 1, reason: "It came from elsewhere.", input: $input) { id } }`,
        { id, input: { ...content, consignment: moved } },
      );
    const who = [
      'a coordinator of a country concerned',
      'another participant',
      'the hub',
      'a coordinator of a country added',
    ] as const;
    const told = await toldOf(correct, ...who);
    expect(told).toMatchObject({
      'a coordinator of a country concerned': [gone(id)],
      'the hub': [{ kind: 'violation.corrected' }],
      'a coordinator of a country added': [],
    });
    expect(last(told, 'another participant')).toMatchObject({
      kind: 'violation.corrected',
      payload: { record: { id, version: 2 } },
    });
    expect(await people['a coordinator of a country concerned'].refused(READ, { id })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await people['another participant'].do(READ, { id })).toMatchObject({ version: 2 });
  });

  test('of a flag or a place concerns the flag state and the country of the place', async () => {
    const concerned = people['a coordinator of a country concerned'];
    const at = async (change: Input): Promise<string> =>
      (
        await log({
          scene: 'VESSEL',
          consignment: null,
          place: { unlocode: 'KEMBA' },
          sharing: { level: 'AMBER' },
          ...change,
        })
      ).id;
    expect(await concerned.refused(READ, { id: await at({}) })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await concerned.do(READ, { id: await at({ vessel: { flag: 'TZ' } }) })).toMatchObject({ version: 1 });
    expect(await concerned.do(READ, { id: await at({ place: { unlocode: 'TZDAR' } }) })).toMatchObject({ version: 1 });
    expect(await concerned.do(READ, { id: await at({ place: { latitude: -6.8, longitude: 39.2 } }) })).toMatchObject({
      version: 1,
    });
    expect(
      await concerned.refused(READ, { id: await at({ place: { unlocode: 'XZTZA' }, vessel: { flag: 'ZZ' } }) }),
    ).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is not there for what a figure counts of it: a figure loses what was narrowed at once', async () => {
    const ask = async (who: Insider): Promise<unknown> => {
      const query = {
        operationIds: [operationId],
        measure: 'PERSONS',
        groupBy: ['CRIME_AREA'],
        filter: { crimeAreas: ['OZONE'] },
      };
      return (await people[who].do<{ cells: unknown }>(TREND, { query })).cells;
    };
    const ozone = { sharing: { level: 'GREEN' }, crimeArea: 'OZONE' };
    const { id } = await log(ozone);
    for (let more = 0; more < 3; more++) await log(ozone);
    expect(await ask('another participant')).toMatchObject([{ key: ['OZONE'], value: '8', perturbed: true }]);
    await people['the author'].do(SHARE, { id, version: 1, sharing: { level: 'RED' } });
    expect(await ask('another participant')).toMatchObject([{ key: ['OZONE'], value: '6', perturbed: true }]);
    expect(await ask('the hub')).toMatchObject([{ key: ['OZONE'], value: '8', perturbed: false }]);
  });
});

describe('what somebody is', () => {
  test('counts when it is asked: a role that was taken away, or a country that withdraws, sees nothing more', async () => {
    const kenya = people['a coordinator of the owner'];
    const officer = await scene.person(police);
    const grant = await scene.grant(officer.id, { role: 'AGENCY_OFFICER', operationId, country: 'KE' });
    expect(await officer.do(READ, { id: idOf('AMBER') })).toMatchObject({ id: idOf('AMBER') });
    await scene.sql('UPDATE grants SET ended_at = now() WHERE id = $1', [grant]);
    expect(await officer.ask(READ, { id: idOf('AMBER') })).toEqual(await answerToNothing(officer));
    expect(await officer.refused(LIST, { id: operationId })).toMatchObject({ code: 'NOT_FOUND' });

    const input = violationInput(operationId, police, { sharing: { level: 'AMBER', addCountries: ['UG'] } });
    await kenya.do(LOG, { input });
    const uganda = people['a coordinator of a country added'];
    expect(await uganda.do(READ, { id: input.id })).toMatchObject({ version: 1 });
    const { participations } = await uganda.do<{ participations: { id: string; country: string }[] }>(
      `query ($id: UUID!) { operation(id: $id) { participations { id country } } }`,
      { id: operationId },
    );
    await uganda.do(
      `mutation ($id: UUID!) { withdrawParticipation(participationId: $id, reason: "No people.") { status } }`,
      {
        id: participations.find(({ country }) => country === 'UG')?.id,
      },
    );
    expect(await uganda.ask(READ, { id: input.id })).toEqual(await answerToNothing(uganda));
    expect(await uganda.ask(READ, { id: v7() })).toEqual(await uganda.ask(READ, { id: idOf('GREEN') }));
    expect(await uganda.do(READ, { id: idOf('CLEAR') })).toMatchObject({ sharing: { level: 'CLEAR' } });
    expect(await uganda.refused(FEED, { id: operationId })).toMatchObject({ code: 'NOT_FOUND' });
  });
});
