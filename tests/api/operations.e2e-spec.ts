import { v7 } from 'uuid';

import { graphql, type Muster, startMuster } from '../setup/index.js';
import { day, LOG, type Person, type Refusal, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';

interface Operation {
  readonly id: string;
  readonly version: number;
  readonly phase: string;
  readonly readiness: readonly string[];
  readonly headCursor: string;
}

interface AuditEntry {
  readonly action: string;
  readonly actor_id: string | null;
  readonly subject_id: string;
  readonly version: number | null;
  readonly details: Readonly<Record<string, unknown>>;
}

const FRAME = `id version kind codeName objectives phase crimeAreas timeZone operationalStartsOn operationalEndsOn reportingDeadline`;
const CREATE = `mutation ($input: CreateOperationInput!) { createOperation(input: $input) { ${FRAME} } }`;
const UPDATE = `mutation ($id: UUID!, $version: Int!, $reason: String! = "As the test needs it.", $input: UpdateOperationInput!) {
  updateOperation(id: $id, expectedVersion: $version, reason: $reason, input: $input) { ${FRAME} } }`;
const MOVE = `mutation ($id: UUID!, $to: OperationPhase!, $version: Int!, $reason: String) {
  moveOperation(id: $id, to: $to, expectedVersion: $version, reason: $reason) { id version phase } }`;
const INVITE = `mutation ($id: UUID!, $countries: [CountryCode!]!) { inviteCountries(operationId: $id, countries: $countries) { id country } }`;
const ANSWER = `mutation ($input: AnswerInvitationInput!) { answerInvitation(input: $input) { status } }`;
const INDICATORS = `mutation ($id: UUID!, $codes: [String!]!) { setRiskIndicators(operationId: $id, codes: $codes) { code category text } }`;
const READ = `query ($id: UUID!) { operation(id: $id) { ${FRAME} readiness headCursor } }`;
const FEED = `query ($id: UUID!, $after: String) { operationFeed(operationId: $id, after: $after) { cursor hasMore events { kind subjectId country payload } } }`;

let muster: Muster;
let scene: Scene;
let hub: Person;
let analyst: Person;
let stranger: Person;
let agencies: Record<'KE' | 'TZ', string>;

beforeAll(async () => {
  muster = await startMuster({ worker: false });
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  analyst = await scene.person(null, { role: 'ANALYST' });
  agencies = { KE: await scene.agency('KE'), TZ: await scene.agency('TZ', 'POLICE') };
  stranger = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'PE' });
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const frame = (change: object = {}): Record<string, unknown> => ({
  codeName: 'Thunder',
  crimeAreas: ['POLLUTION'],
  timeZone: 'Africa/Nairobi',
  operationalStartsOn: day(-10),
  operationalEndsOn: day(20),
  reportingDeadline: day(40),
  ...change,
});

const read = (person: Person, id: string): Promise<Operation> => person.do<Operation>(READ, { id });

const kinds = async (person: Person, id: string): Promise<string[]> =>
  (await person.do<{ events: { kind: string }[] }>(FEED, { id })).events.map(({ kind }) => kind);

const audited = (id: string, action: string): Promise<AuditEntry[]> =>
  scene.sql(
    `SELECT action, actor_id, subject_id, version, details FROM audit_entries WHERE operation_id = $1 AND action = $2 ORDER BY id`,
    [id, action],
  );

const paths = ({ fields }: Refusal): string[] => (fields ?? []).map(({ path }) => path).sort();

/** An operation with two countries that are ready. */
async function ready(change: object = {}): Promise<{ id: string; kenya: Person; tanzania: Person }> {
  const { id } = await scene.operation(hub, { ...change });
  const kenya = await scene.join(hub, id, 'KE', agencies.KE);
  const tanzania = await scene.join(hub, id, 'TZ', agencies.TZ);
  return { id, kenya, tanzania };
}

describe('creation', () => {
  test('an operation begins in preparation, at version 1, with an event and an audit entry', async () => {
    const input = frame({ objectives: 'Find waste', crimeAreas: ['WILDLIFE', 'OZONE'] });
    const created = await hub.do<Operation>(CREATE, { input });
    expect(created).toMatchObject({ ...input, version: 1, kind: 'TIME_BOUND', phase: 'PREPARATION' });
    expect(await hub.do(READ, { id: created.id })).toMatchObject(created);
    expect(await kinds(hub, created.id)).toEqual(['operation.created']);
    expect(await audited(created.id, 'operation.created')).toMatchObject([
      { actor_id: hub.id, subject_id: created.id, version: 1 },
    ]);
  });

  test('a standing operation has neither last day nor deadline', async () => {
    const input = frame({ kind: 'STANDING', operationalEndsOn: null, reportingDeadline: null });
    expect(await hub.do(CREATE, { input })).toMatchObject({
      kind: 'STANDING',
      operationalEndsOn: null,
      reportingDeadline: null,
    });
    const refusal = await hub.refused(CREATE, { input: frame({ kind: 'STANDING' }) });
    expect([refusal.code, paths(refusal)]).toEqual([
      'BAD_USER_INPUT',
      ['input.operationalEndsOn', 'input.reportingDeadline'],
    ]);
  });

  test('all that is wrong with the fields comes in one answer', async () => {
    const wrong = frame({
      codeName: ' ',
      crimeAreas: [],
      timeZone: 'Africa/Atlantis',
      operationalStartsOn: day(5),
      operationalEndsOn: day(4),
      reportingDeadline: day(3),
    });
    const refusal = await hub.refused(CREATE, { input: wrong });
    expect([refusal.code, paths(refusal)]).toEqual([
      'BAD_USER_INPUT',
      ['input.codeName', 'input.crimeAreas', 'input.operationalEndsOn', 'input.reportingDeadline', 'input.timeZone'],
    ]);
    const withoutDays = frame({ operationalEndsOn: null, reportingDeadline: undefined });
    expect(paths(await hub.refused(CREATE, { input: withoutDays }))).toEqual([
      'input.operationalEndsOn',
      'input.reportingDeadline',
    ]);
  });

  test('the window may be one day, and the deadline its last day', async () => {
    const oneDay = { operationalStartsOn: day(1), operationalEndsOn: day(1), reportingDeadline: day(1) };
    expect(await hub.do(CREATE, { input: frame(oneDay) })).toMatchObject(oneDay);
  });

  test('what GraphQL itself refuses comes before everything else, as one error with every field', async () => {
    const wrong = frame({
      crimeAreas: ['POLLUTION', 'PIRACY'],
      operationalStartsOn: '2026-02-30',
      reportingDeadline: 'soon',
    });
    const { errors } = await graphql(muster.graphqlUrl, CREATE, { input: wrong });
    expect(errors).toHaveLength(1);
    const refusal = { message: '', ...errors[0]?.extensions } as unknown as Refusal;
    expect([refusal.code, paths(refusal)]).toEqual([
      'BAD_USER_INPUT',
      ['input.crimeAreas.1', 'input.operationalStartsOn', 'input.reportingDeadline'],
    ]);
  });
});

describe('who may', () => {
  test('whoever is not signed in is UNAUTHENTICATED, whatever else is wrong', async () => {
    const input = frame({ codeName: '' });
    for (const [query, variables] of [
      [CREATE, { input }],
      [UPDATE, { id: v7(), version: 7, reason: '', input: { codeName: '' } }],
      [MOVE, { id: v7(), to: 'CLOSED', version: 7 }],
      [INVITE, { id: v7(), countries: [] }],
      [INDICATORS, { id: v7(), codes: ['?'] }],
      [READ, { id: v7() }],
    ] as const) {
      for (const token of [undefined, 'no.such.token']) {
        const { errors } = await graphql(muster.graphqlUrl, query, variables, token);
        expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['UNAUTHENTICATED']);
      }
    }
  });

  test('only the hub changes an operation; its analysts and the countries are FORBIDDEN, before version, phase and fields', async () => {
    const { id, kenya } = await ready();
    const observer = await scene.person(null, { role: 'OBSERVER', operationId: id });
    const administrator = await scene.person(null, { role: 'ADMINISTRATOR' });
    for (const person of [analyst, kenya, observer, administrator]) {
      for (const [query, variables] of [
        [CREATE, { input: frame({ codeName: '' }) }],
        [UPDATE, { id, version: 99, reason: '', input: { codeName: '' } }],
        [MOVE, { id, to: 'CLOSED', version: 99 }],
        [INVITE, { id, countries: ['QQ'] }],
        [INDICATORS, { id, codes: ['?'] }],
      ] as const) {
        expect((await person.refused(query, variables)).code).toBe('FORBIDDEN');
      }
    }
    expect(await read(hub, id)).toMatchObject({ version: 1, phase: 'PREPARATION', codeName: 'Operation of a test' });
  });

  test('an operation that one may not know reads like one that is not there', async () => {
    const { id } = await ready();
    const answers = async (operationId: string): Promise<string> => {
      const refusals: Refusal[] = [];
      for (const query of [READ, FEED, `query ($id: UUID!) { riskIndicators(operationId: $id) { code } }`]) {
        refusals.push(await stranger.refused(query, { id: operationId }));
      }
      return JSON.stringify(refusals);
    };
    const [hidden, absent] = [await answers(id), await answers(v7())];
    expect(hidden).toBe(absent);
    expect(JSON.parse(hidden)).toMatchObject([{ code: 'NOT_FOUND' }, { code: 'NOT_FOUND' }, { code: 'NOT_FOUND' }]);
    expect(hidden).not.toContain(id);
    expect((await hub.refused(UPDATE, { id: v7(), version: 1, reason: '', input: {} })).code).toBe('NOT_FOUND');
    const known = await stranger.do<{ id: string }[]>(`{ operations { id } }`);
    expect(known.map((operation) => operation.id)).not.toContain(id);
  });

  test('the list holds what one may know, and of one phase where it is asked so', async () => {
    const { id, kenya } = await ready();
    await hub.do(INVITE, { id, countries: ['OM'] });
    const invited = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'OM' });
    const observer = await scene.person(null, { role: 'OBSERVER', operationId: id });
    const list = async (person: Person, phase?: string): Promise<string[]> =>
      (
        await person.do<{ id: string }[]>(`query ($phase: OperationPhase) { operations(phase: $phase) { id } }`, {
          phase,
        })
      ).map((operation) => operation.id);
    for (const person of [hub, analyst, kenya, invited, observer]) {
      expect(await list(person)).toContain(id);
      expect(await list(person, 'PREPARATION')).toContain(id);
      expect(await list(person, 'OPERATIONAL')).not.toContain(id);
    }
    expect(await list(observer)).toEqual([id]);
  });
});

describe('updates', () => {
  test('what is left out stays, null takes the objectives away, and the reason is in the audit log', async () => {
    const { id } = await scene.operation(hub, { objectives: 'Find waste' });
    const changed = await hub.do(UPDATE, {
      id,
      version: 1,
      reason: 'More days',
      input: { operationalEndsOn: day(30) },
    });
    expect(changed).toMatchObject({
      version: 2,
      codeName: 'Operation of a test',
      objectives: 'Find waste',
      operationalEndsOn: day(30),
    });
    expect(await hub.do(UPDATE, { id, version: 2, input: { objectives: null, crimeAreas: ['ARMS'] } })).toMatchObject({
      version: 3,
      objectives: null,
      crimeAreas: ['ARMS'],
      operationalEndsOn: day(30),
    });
    expect(await kinds(hub, id)).toEqual(['operation.created', 'operation.updated', 'operation.updated']);
    const entries = await audited(id, 'operation.updated');
    expect(entries).toMatchObject([{ actor_id: hub.id, version: 2 }, { version: 3 }]);
    expect(JSON.stringify(entries[0]?.details)).toContain('More days');
  });

  test('a stale version comes before the phase, the phase before the fields, and the fields all at once', async () => {
    const { id } = await ready();
    for (const phase of ['OPERATIONAL', 'POST_OPERATIONAL', 'CLOSED']) await scene.move(hub, id, phase);
    const wrong = { id, reason: ' ', input: { codeName: '', crimeAreas: [], operationalEndsOn: day(-20) } };
    expect((await hub.refused(UPDATE, { ...wrong, version: 1 })).code).toBe('CONFLICT');
    expect(await hub.refused(UPDATE, { ...wrong, version: 4 })).toMatchObject({ code: 'PHASE', phase: 'CLOSED' });
    const open = await scene.operation(hub);
    const refusal = await hub.refused(UPDATE, { ...wrong, id: open.id, version: 1 });
    expect([refusal.code, paths(refusal)]).toEqual([
      'BAD_USER_INPUT',
      ['input.codeName', 'input.crimeAreas', 'input.operationalEndsOn', 'reason'],
    ]);
    expect(await read(hub, open.id)).toMatchObject({ version: 1, codeName: 'Operation of a test' });
  });

  test('a standing operation gets no last day', async () => {
    const { id } = await scene.operation(hub, { kind: 'STANDING', operationalEndsOn: null, reportingDeadline: null });
    const refusal = await hub.refused(UPDATE, { id, version: 1, input: { operationalEndsOn: day(3) } });
    expect([refusal.code, paths(refusal)]).toEqual(['BAD_USER_INPUT', ['input.operationalEndsOn']]);
  });

  test('of many changes made at once on one version, one is taken and the others are a conflict', async () => {
    const { id } = await ready();
    const outcomes = await Promise.all([
      ...Array.from({ length: 6 }, (_, turn) =>
        hub.ask(UPDATE, { id, version: 1, input: { codeName: `Turn ${turn}` } }),
      ),
      ...Array.from({ length: 4 }, () => hub.ask(MOVE, { id, version: 1, to: 'OPERATIONAL' })),
    ]);
    const codes = outcomes.map(({ errors }) => errors[0]?.extensions?.code ?? 'taken');
    expect(codes.sort()).toEqual([...Array.from({ length: 9 }, () => 'CONFLICT'), 'taken']);
    expect(await read(hub, id)).toMatchObject({ version: 2 });
    const events = await kinds(hub, id);
    expect(events.filter((kind) => kind === 'operation.updated' || kind === 'operation.phase-moved')).toHaveLength(1);
  });
});

describe('the gate into OPERATIONAL', () => {
  test('two countries must have accepted, which no reason waives', async () => {
    const { id } = await scene.operation(hub);
    const refused = (reason?: string): Promise<Refusal> =>
      hub.refused(MOVE, { id, to: 'OPERATIONAL', version: 1, reason });
    expect(await refused()).toMatchObject({
      code: 'PHASE',
      phase: 'PREPARATION',
      missing: [expect.stringContaining('two countries')],
    });
    await scene.join(hub, id, 'KE', agencies.KE);
    const [oman] = await hub.do<{ id: string }[]>(INVITE, { id, countries: ['OM'] });
    const omani = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'OM' });
    expect((await refused('It must begin')).missing).toHaveLength(1);
    await omani.do(ANSWER, { input: { participationId: oman?.id, accept: false } });
    expect((await refused('It must begin')).missing).toHaveLength(1);
    await scene.join(hub, id, 'TZ', agencies.TZ);
    expect((await read(hub, id)).readiness).toEqual([]);
    expect(await hub.do(MOVE, { id, to: 'OPERATIONAL', version: 1 })).toMatchObject({
      phase: 'OPERATIONAL',
      version: 2,
    });
  });

  test('every accepted country names a lead agency and a coordinator, which no reason waives', async () => {
    const { id, tanzania } = await ready();
    const [oman] = await hub.do<{ id: string }[]>(INVITE, { id, countries: ['OM'] });
    const omani = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'OM' });
    await omani.do(ANSWER, { input: { participationId: oman?.id, accept: true } });
    const administrator = await scene.person(null, { role: 'ADMINISTRATOR' });
    const [grant] = await scene.sql<{ id: string }>(`SELECT id FROM grants WHERE user_id = $1 AND operation_id = $2`, [
      tanzania.id,
      id,
    ]);
    await administrator.do(`mutation ($id: UUID!) { endGrant(id: $id) }`, { id: grant?.id });
    const expected = [expect.stringMatching(/OM.*lead agency/), expect.stringMatching(/TZ.*coordinator/)];
    expect(await hub.refused(MOVE, { id, to: 'OPERATIONAL', version: 1, reason: 'It must begin' })).toMatchObject({
      code: 'PHASE',
      missing: expected,
    });
    expect((await read(hub, id)).readiness).toEqual(expected);
    await omani.do(ANSWER, {
      input: { participationId: oman?.id, accept: true, leadAgencyId: await scene.agency('OM') },
    });
    const [participation] = (
      await hub.do<{ participations: { id: string; country: string }[] }>(
        `query ($id: UUID!) { operation(id: $id) { participations { id country } } }`,
        { id },
      )
    ).participations.filter(({ country }) => country === 'TZ');
    await tanzania.do(ANSWER, {
      input: { participationId: participation?.id, accept: true, leadAgencyId: agencies.TZ },
    });
    expect((await read(hub, id)).readiness).toEqual([]);
  });

  test('before the window begins only a reason opens it', async () => {
    const { id, kenya } = await ready({ operationalStartsOn: day(1) });
    const waits = [expect.stringContaining(day(1))];
    expect((await read(kenya, id)).readiness).toEqual(waits);
    for (const reason of [undefined, '', '  ']) {
      expect(await hub.refused(MOVE, { id, to: 'OPERATIONAL', version: 1, reason })).toMatchObject({
        code: 'PHASE',
        missing: waits,
      });
    }
    expect(await hub.do(MOVE, { id, to: 'OPERATIONAL', version: 1, reason: 'The ships are here' })).toMatchObject({
      version: 2,
    });
    const [entry] = await audited(id, 'operation.phase-moved');
    expect(entry).toMatchObject({
      actor_id: hub.id,
      version: 2,
      details: { from: 'PREPARATION', to: 'OPERATIONAL', reason: 'The ships are here' },
    });
  });
});

describe('the gates behind it', () => {
  test('the window must have ended before POST_OPERATIONAL, or the hub gives a reason', async () => {
    const { id } = await ready({ operationalEndsOn: day(0) });
    await scene.move(hub, id, 'OPERATIONAL');
    expect(await hub.refused(MOVE, { id, to: 'POST_OPERATIONAL', version: 2 })).toMatchObject({
      code: 'PHASE',
      phase: 'OPERATIONAL',
      missing: [expect.stringContaining(day(0))],
    });
    await hub.do(UPDATE, { id, version: 2, input: { operationalEndsOn: day(-1) } });
    expect((await read(hub, id)).readiness).toEqual([]);
    expect(await hub.do(MOVE, { id, to: 'POST_OPERATIONAL', version: 3 })).toMatchObject({
      phase: 'POST_OPERATIONAL',
      version: 4,
    });
  });

  test('it is closed when every accepted country has certified, or the hub gives a reason', async () => {
    const { id, kenya } = await ready();
    const wildlife = await scene.join(hub, id, 'OM', await scene.agency('OM'));
    await scene.move(hub, id, 'OPERATIONAL');
    await scene.move(hub, id, 'POST_OPERATIONAL');
    const { participations } = await hub.do<{ participations: { id: string; country: string }[] }>(
      `query ($id: UUID!) { operation(id: $id) { participations { id country } } }`,
      { id },
    );
    const idOf = (country: string): string | undefined => participations.find((each) => each.country === country)?.id;
    await wildlife.do(
      `mutation ($id: UUID!) { withdrawParticipation(participationId: $id, reason: "No ships") { status } }`,
      { id: idOf('OM') },
    );
    await kenya.do(
      `mutation ($id: UUID!, $asOf: String!) { certifyFigures(participationId: $id, asOf: $asOf) { status } }`,
      {
        id: idOf('KE'),
        asOf: (await read(kenya, id)).headCursor,
      },
    );
    expect(await hub.refused(MOVE, { id, to: 'CLOSED', version: 3 })).toMatchObject({
      code: 'PHASE',
      phase: 'POST_OPERATIONAL',
      missing: [expect.stringContaining('TZ')],
    });
    expect(await hub.do(MOVE, { id, to: 'CLOSED', version: 3, reason: 'Tanzania is silent' })).toMatchObject({
      phase: 'CLOSED',
    });
  });

  test('a report that waits keeps it open, whatever the reason, and that is told to the hub alone', async () => {
    const { id, kenya } = await ready();
    const unitId = await scene.unit('KE', 'KEMBA', [agencies.KE]);
    const officer = await scene.person(agencies.KE, {
      role: 'PORT_UNIT_OFFICER',
      operationId: id,
      country: 'KE',
      unitId,
    });
    await scene.post(officer.id, unitId, agencies.KE, '2020-01-01');
    await scene.move(hub, id, 'OPERATIONAL');
    await officer.do(REPORT, { input: seizureInput(id, unitId) });
    await scene.move(hub, id, 'POST_OPERATIONAL');
    const refusal = await hub.refused(MOVE, { id, to: 'CLOSED', version: 3, reason: 'Enough' });
    expect(refusal).toMatchObject({ code: 'PHASE', missing: [expect.stringContaining('report')] });
    const waits = refusal.missing?.[0];
    expect((await read(hub, id)).readiness).toContain(waits);
    expect((await read(kenya, id)).readiness).not.toContain(waits);
  });

  test('no phase is left out, and the phase that it has is no move', async () => {
    const { id } = await ready();
    for (const to of ['PREPARATION', 'POST_OPERATIONAL', 'CLOSED']) {
      expect(await hub.refused(MOVE, { id, to, version: 1, reason: 'Now' })).toMatchObject({
        code: 'PHASE',
        phase: 'PREPARATION',
      });
    }
    await scene.move(hub, id, 'OPERATIONAL');
    expect((await hub.refused(MOVE, { id, to: 'CLOSED', version: 2, reason: 'Now' })).code).toBe('PHASE');
    expect(await read(hub, id)).toMatchObject({ version: 2, phase: 'OPERATIONAL' });
  });

  test('a stale version comes before the gate', async () => {
    const { id } = await scene.operation(hub);
    for (const to of ['OPERATIONAL', 'CLOSED']) {
      expect((await hub.refused(MOVE, { id, to, version: 2 })).code).toBe('CONFLICT');
    }
  });
});

describe('moving back', () => {
  test('it takes a reason, skips phases, and stands in the audit log and the feed of each who takes part', async () => {
    const { id, kenya } = await ready();
    for (const phase of ['OPERATIONAL', 'POST_OPERATIONAL', 'CLOSED']) await scene.move(hub, id, phase);
    for (const reason of [undefined, ' ']) {
      const refusal = await hub.refused(MOVE, { id, to: 'OPERATIONAL', version: 4, reason });
      expect([refusal.code, paths(refusal)]).toEqual(['BAD_USER_INPUT', ['reason']]);
    }
    expect(await hub.do(MOVE, { id, to: 'OPERATIONAL', version: 4, reason: 'A ship was missed' })).toMatchObject({
      phase: 'OPERATIONAL',
      version: 5,
    });
    expect(await hub.do(MOVE, { id, to: 'PREPARATION', version: 5, reason: 'All anew' })).toMatchObject({
      phase: 'PREPARATION',
    });
    const moves = (await audited(id, 'operation.phase-moved')).map(({ details }) => [details.from, details.to]);
    expect(moves).toEqual([
      ['PREPARATION', 'OPERATIONAL'],
      ['OPERATIONAL', 'POST_OPERATIONAL'],
      ['POST_OPERATIONAL', 'CLOSED'],
      ['CLOSED', 'OPERATIONAL'],
      ['OPERATIONAL', 'PREPARATION'],
    ]);
    for (const person of [hub, analyst, kenya]) {
      expect((await kinds(person, id)).filter((kind) => kind === 'operation.phase-moved')).toHaveLength(5);
    }
  });

  test('the same gates stand on the way forward again', async () => {
    const { id } = await ready({ operationalStartsOn: day(1) });
    await scene.move(hub, id, 'OPERATIONAL');
    await scene.move(hub, id, 'PREPARATION');
    expect((await hub.refused(MOVE, { id, to: 'OPERATIONAL', version: 3 })).code).toBe('PHASE');
  });
});

describe('standing operations', () => {
  test('once begun they stay operational, whatever the reason, and take reports without being late', async () => {
    const { id, kenya } = await ready({
      kind: 'STANDING',
      operationalStartsOn: day(-400),
      operationalEndsOn: null,
      reportingDeadline: null,
    });
    await scene.move(hub, id, 'OPERATIONAL');
    expect(await hub.refused(MOVE, { id, to: 'POST_OPERATIONAL', version: 2, reason: 'Enough' })).toMatchObject({
      code: 'PHASE',
      phase: 'OPERATIONAL',
      missing: [expect.any(String)],
    });
    expect((await read(hub, id)).readiness).toHaveLength(1);
    for (const detectedAt of [`${day(-399)}T12:00:00Z`, `${day(-1)}T12:00:00Z`]) {
      expect(await kenya.do(LOG, { input: violationInput(id, agencies.KE, { detectedAt }) })).toMatchObject({
        late: false,
      });
    }
    expect(
      (await kenya.refused(LOG, { input: violationInput(id, agencies.KE, { detectedAt: `${day(-402)}T12:00:00Z` }) }))
        .code,
    ).toBe('BAD_USER_INPUT');
  });
});

describe('risk indicators', () => {
  const vocabulary = async (count: number): Promise<string[]> =>
    (await scene.sql<{ code: string }>(`SELECT code FROM risk_indicators ORDER BY code LIMIT $1`, [count])).map(
      ({ code }) => code,
    );

  test('the hub chooses them, in its order, and whoever knows the operation reads them', async () => {
    const { id, kenya } = await ready();
    await hub.do(INVITE, { id, countries: ['OM'] });
    const invited = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'OM' });
    const [one = '', two = '', three = ''] = await vocabulary(3);
    const codesOf = (rows: readonly { code: string }[]): string[] => rows.map(({ code }) => code);
    expect(codesOf(await hub.do(INDICATORS, { id, codes: [three, one, three] }))).toEqual([three, one]);
    expect(codesOf(await hub.do(INDICATORS, { id, codes: [two, three] }))).toEqual([two, three]);
    for (const person of [hub, analyst, kenya, invited]) {
      const seen = await person.do<{ code: string; category: string; text: string }[]>(
        `query ($id: UUID!) { riskIndicators(operationId: $id) { code category text } }`,
        { id },
      );
      expect(codesOf(seen)).toEqual([two, three]);
      for (const { category, text } of seen) {
        expect(category).not.toMatch(/fiscal|tax|duty|revenue/i);
        expect(text).not.toBe('');
      }
    }
    expect(await audited(id, 'operation.risk-indicators-set')).toMatchObject([
      { actor_id: hub.id },
      { details: { codes: [two, three] } },
    ]);
    expect(await hub.do(INDICATORS, { id, codes: [] })).toEqual([]);
  });

  test('every unknown code comes in one answer, and nothing is changed', async () => {
    const { id } = await scene.operation(hub);
    const [one = ''] = await vocabulary(1);
    await hub.do(INDICATORS, { id, codes: [one] });
    const refusal = await hub.refused(INDICATORS, { id, codes: ['no.such', one, ''] });
    expect([refusal.code, paths(refusal)]).toEqual(['BAD_USER_INPUT', ['codes.0', 'codes.2']]);
    expect(await hub.do(`query ($id: UUID!) { riskIndicators(operationId: $id) { code } }`, { id })).toEqual([
      { code: one },
    ]);
  });
});

describe('the head cursor', () => {
  test('it is the last event that the viewer may see, and nothing comes after it for any of them', async () => {
    const { id, kenya, tanzania } = await ready();
    await hub.do(INVITE, { id, countries: ['OM'] });
    const invited = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'OM' });
    const administrator = await scene.person(null, { role: 'ADMINISTRATOR' });
    const observer = await scene.person(null, { role: 'OBSERVER', operationId: id });
    await scene.move(hub, id, 'OPERATIONAL');
    await kenya.do(LOG, { input: violationInput(id, agencies.KE, { sharing: { level: 'RED' } }) });
    const heads: string[] = [];
    for (const person of [hub, analyst, kenya, tanzania, invited, administrator, observer]) {
      const { headCursor } = await read(person, id);
      const page = await person.do<{ cursor: string; hasMore: boolean; events: unknown[] }>(FEED, {
        id,
        after: headCursor,
      });
      expect(page).toEqual({ cursor: headCursor, hasMore: false, events: [] });
      heads.push(headCursor);
    }
    const [ofHub, , ofKenya, ofTanzania] = heads;
    expect(ofKenya).not.toBe(ofTanzania);
    expect(ofHub).toBe(ofTanzania);
  });

  test('one who may see no event gets a cursor from before the first, for the feed and for figures', async () => {
    const { id, kenya } = await ready();
    await scene.move(hub, id, 'OPERATIONAL');
    await kenya.do(LOG, { input: violationInput(id, agencies.KE, { sharing: { level: 'AMBER_STRICT' } }) });
    // Every event of the frame is seen by all who know the operation: taken away here, only those of records are left.
    await scene.sql(`DELETE FROM feed_events WHERE operation_id = $1 AND kind NOT LIKE 'violation.%'`, [id]);
    const observer = await scene.person(null, { role: 'OBSERVER', operationId: id });
    const { headCursor } = await read(observer, id);
    expect(await observer.do(FEED, { id })).toMatchObject({ events: [], hasMore: false });
    expect(await observer.do(FEED, { id, after: headCursor })).toEqual({
      events: [],
      hasMore: false,
      cursor: headCursor,
    });
    const { asOf } = await observer.do<{ asOf: { cursor: string }[] }>(
      `query ($query: TrendQuery!) { violationTrends(query: $query) { asOf { operationId cursor } } }`,
      { query: { operationIds: [id], measure: 'VIOLATIONS', groupBy: [] } },
    );
    expect(asOf).toEqual([{ operationId: id, cursor: headCursor }]);
    const other = await scene.operation(hub);
    expect((await observer.refused(FEED, { id, after: (await read(hub, other.id)).headCursor })).code).toBe(
      'BAD_USER_INPUT',
    );
  });
});

test('the summary counts the countries ever invited, those that accepted, and those that customs lead', async () => {
  const { id, tanzania } = await ready();
  await hub.do(INVITE, { id, countries: ['OM', 'AE'] });
  const omani = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'OM' });
  const { participations } = await hub.do<{ participations: { id: string; country: string }[] }>(
    `query ($id: UUID!) { operation(id: $id) { participations { id country } } }`,
    { id },
  );
  const idOf = (country: string): string | undefined => participations.find((each) => each.country === country)?.id;
  await omani.do(ANSWER, { input: { participationId: idOf('OM'), accept: false } });
  const summary = `query ($id: UUID!) { operation(id: $id) { summary { countriesInvited countriesAccepted customsLedCountries } } }`;
  expect(await hub.do(summary, { id })).toEqual({
    summary: { countriesInvited: 4, countriesAccepted: 2, customsLedCountries: 1 },
  });
  await tanzania.do(
    `mutation ($id: UUID!) { withdrawParticipation(participationId: $id, reason: "No ships") { status } }`,
    { id: idOf('TZ') },
  );
  expect(await hub.do(summary, { id })).toEqual({
    summary: { countriesInvited: 4, countriesAccepted: 1, customsLedCountries: 1 },
  });
});
