import { v7 } from 'uuid';

import { graphql, type Muster, startMuster } from '../setup/index.js';
import { day, LOG, type Person, type Refusal, Scene, VIOLATION, violationInput } from '../setup/scene.js';

interface Participation {
  readonly id: string;
  readonly country: string;
  readonly status: string;
  readonly leadAgency: { readonly id: string } | null;
  readonly coordinators: readonly { readonly id: string; readonly email: string | null }[];
}

interface FeedEvent {
  readonly kind: string;
  readonly subjectId: string;
  readonly country: string | null;
  readonly payload: { readonly record?: Readonly<Record<string, unknown>> };
}

const PARTICIPATION = `id country status leadAgency { id } coordinators { id email } certifiedAt certifiedAsOf`;
const INVITE = `mutation ($id: UUID!, $countries: [CountryCode!]!) { inviteCountries(operationId: $id, countries: $countries) { ${PARTICIPATION} } }`;
const ANSWER = `mutation ($input: AnswerInvitationInput!) { answerInvitation(input: $input) { ${PARTICIPATION} } }`;
const WITHDRAW = `mutation ($id: UUID!, $reason: String! = "The ships are needed at home.") {
  withdrawParticipation(participationId: $id, reason: $reason) { ${PARTICIPATION} } }`;
const OPERATION = `query ($id: UUID!) { operation(id: $id) { id participations { ${PARTICIPATION} } } }`;
const FEED = `query ($id: UUID!) { operationFeed(operationId: $id) { events { kind subjectId country payload } } }`;
const FIND = `query ($id: UUID!) { violation(id: $id) { ${VIOLATION} } }`;
const LIST = `query ($id: UUID!) { violations(operationId: $id) { totalCount edges { node { id } } } }`;
const COUNT = `query ($query: TrendQuery!) { violationTrends(query: $query) { cells { value } } }`;

let muster: Muster;
let scene: Scene;
let hub: Person;
let agencies: Record<'KE' | 'TZ', string>;
let operationId: string;

beforeAll(async () => {
  muster = await startMuster({ worker: false });
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  agencies = { KE: await scene.agency('KE'), TZ: await scene.agency('TZ', 'POLICE') };
});

beforeEach(async () => {
  operationId = (await scene.operation(hub)).id;
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const invite = (...countries: string[]): Promise<Participation[]> => hub.do(INVITE, { id: operationId, countries });

const contact = (country: string, agencyId: string | null = null): Promise<Person> =>
  scene.person(agencyId, { role: 'NATIONAL_COORDINATOR', country });

const participations = async (person: Person): Promise<readonly Participation[]> =>
  (await person.do<{ participations: Participation[] }>(OPERATION, { id: operationId })).participations;

async function participationOf(country: string): Promise<Participation> {
  const found = (await participations(hub)).find((each) => each.country === country);
  if (!found) throw new Error(`${country} was never invited`);
  return found;
}

const events = async (person: Person, kind: string): Promise<FeedEvent[]> =>
  (await person.do<{ events: FeedEvent[] }>(FEED, { id: operationId })).events.filter((event) => event.kind === kind);

const audited = (
  action: string,
): Promise<{ actor_id: string; subject_id: string; details: Record<string, unknown> }[]> =>
  scene.sql(
    `SELECT actor_id, subject_id, details FROM audit_entries WHERE operation_id = $1 AND action = $2 ORDER BY id`,
    [operationId, action],
  );

const paths = ({ fields }: Refusal): string[] => (fields ?? []).map(({ path }) => path).sort();

const counted = async (): Promise<string | undefined> =>
  (
    await hub.do<{ cells: { value: string }[] }>(COUNT, {
      query: { operationIds: [operationId], measure: 'VIOLATIONS', groupBy: [] },
    })
  ).cells[0]?.value;

describe('invitations', () => {
  test('countries are invited in the order given, with an event and an audit entry each', async () => {
    const invited = await invite('TZ', 'KE', 'TZ');
    expect(invited.map(({ country, status }) => [country, status])).toEqual([
      ['TZ', 'INVITED'],
      ['KE', 'INVITED'],
    ]);
    const told = await events(hub, 'participation.invited');
    expect(told.map(({ subjectId, country }) => [country, subjectId])).toEqual(
      invited.map(({ id, country }) => [country, id]),
    );
    expect(told[0]?.payload.record).toMatchObject({ id: invited[0]?.id, country: 'TZ', status: 'INVITED' });
    expect((await audited('participation.invited')).map((entry) => [entry.actor_id, entry.subject_id])).toEqual(
      invited.map(({ id }) => [hub.id, id]),
    );
  });

  test('a country that was invited or has accepted stays as it is, without another event', async () => {
    const [first] = await invite('KE');
    const kenyan = await contact('KE');
    await kenyan.do(ANSWER, { input: { participationId: first?.id, accept: true, leadAgencyId: agencies.KE } });
    const again = await invite('TZ', 'KE', 'TZ');
    await invite('TZ');
    expect(again.map(({ country, status }) => [country, status])).toEqual([
      ['TZ', 'INVITED'],
      ['KE', 'ACCEPTED'],
    ]);
    expect(again[1]?.id).toBe(first?.id);
    expect(await events(hub, 'participation.invited')).toHaveLength(2);
  });

  test('a country that is invited twice at the same moment is invited once', async () => {
    const [one, other] = await Promise.all([invite('KE', 'TZ'), invite('TZ', 'KE')]);
    expect(one.map(({ id }) => id).sort()).toEqual(other.map(({ id }) => id).sort());
    expect(await events(hub, 'participation.invited')).toHaveLength(2);
  });

  test('every code that is no country comes in one answer, and nobody is invited', async () => {
    const refusal = await hub.refused(INVITE, { id: operationId, countries: ['KE', 'XZ', 'QQ', 'ZZ'] });
    expect([refusal.code, paths(refusal)]).toEqual(['BAD_USER_INPUT', ['countries.1', 'countries.2', 'countries.3']]);
    expect((await hub.refused(INVITE, { id: operationId, countries: [] })).fields).toMatchObject([
      { path: 'countries' },
    ]);
    expect(await participations(hub)).toEqual([]);
  });

  test('an invited country reads the frame and who takes part, and no record', async () => {
    const kenya = await scene.join(hub, operationId, 'KE', agencies.KE);
    await scene.join(hub, operationId, 'TZ', agencies.TZ);
    const omani = await contact('OM');
    expect((await omani.refused(OPERATION, { id: operationId })).code).toBe('NOT_FOUND');
    await invite('OM');
    await scene.move(hub, operationId, 'OPERATIONAL');
    const input = violationInput(operationId, agencies.KE, { sharing: { level: 'GREEN' } });
    await kenya.do(LOG, { input });
    expect((await participations(omani)).map(({ country }) => country)).toEqual(['KE', 'OM', 'TZ']);
    expect((await omani.refused(FIND, { id: input.id })).code).toBe('NOT_FOUND');
    expect(await events(omani, 'violation.logged')).toEqual([]);
    expect(await events(omani, 'participation.answered')).toHaveLength(2);
    const [code] = [await omani.ask<{ violations: { totalCount: number } }>(LIST, { id: operationId })].map(
      ({ data, errors }) => errors[0]?.extensions?.code ?? data.violations.totalCount,
    );
    expect(['NOT_FOUND', 'FORBIDDEN', 0]).toContain(code);
  });
});

describe('participations of several operations', () => {
  const TWICE = `{ operations { id participations { ${PARTICIPATION} } } again: operations { id participations { id } } }`;

  interface Listed {
    readonly id: string;
    readonly participations: readonly Participation[];
  }

  test('stand each with its own operation, by country', async () => {
    const invited = await invite('TZ', 'KE');
    const other = await scene.operation(hub);
    const [ofOther] = await hub.do<Participation[]>(INVITE, { id: other.id, countries: ['KE'] });
    const empty = await scene.operation(hub);
    const { data, errors } = await hub.ask<{ operations: Listed[]; again: Listed[] }>(TWICE);
    expect(errors).toEqual([]);
    for (const list of [data.operations, data.again]) {
      const idsOf = (id: string): string[] | undefined =>
        list.find((operation) => operation.id === id)?.participations.map((participation) => participation.id);
      expect(idsOf(operationId)).toEqual([invited[1]?.id, invited[0]?.id]);
      expect(idsOf(other.id)).toEqual([ofOther?.id]);
      expect(idsOf(empty.id)).toEqual([]);
    }
  });

  test('are read anew after each change of one request', async () => {
    const { id, version } = await scene.operation(hub);
    const change = `updateOperation(id: $id, reason: "A test", input: { codeName: "Renamed" }`;
    const { data, errors } = await hub.ask<Record<'before' | 'after', Listed>>(
      `mutation ($id: UUID!, $version: Int!, $next: Int!) {
        before: ${change}, expectedVersion: $version) { participations { country } }
        inviteCountries(operationId: $id, countries: ["KE"]) { id }
        after: ${change}, expectedVersion: $next) { participations { country } } }`,
      { id, version, next: version + 1 },
    );
    expect(errors).toEqual([]);
    expect([data.before.participations, data.after.participations]).toEqual([[], [{ country: 'KE' }]]);
  });
});

describe('answers', () => {
  test('who answers is the coordinator, where nobody is named', async () => {
    const [invited] = await invite('KE');
    const kenyan = await contact('KE', agencies.KE);
    for (const coordinatorUserIds of [undefined, null, []]) {
      const input = { participationId: invited?.id, accept: true, leadAgencyId: agencies.KE, coordinatorUserIds };
      expect(await kenyan.do(ANSWER, { input })).toMatchObject({
        id: invited?.id,
        status: 'ACCEPTED',
        leadAgency: { id: agencies.KE },
        coordinators: [{ id: kenyan.id }],
      });
    }
    const { grants } = await kenyan.do<{ grants: object[] }>(`{ me { grants { role operationId country } } }`);
    expect(grants).toContainEqual({ role: 'NATIONAL_COORDINATOR', operationId, country: 'KE' });
  });

  test('who is named coordinates, and who answered only knows the operation', async () => {
    const [invited] = await invite('KE');
    await scene.join(hub, operationId, 'TZ', agencies.TZ);
    const [minister, named] = [await contact('KE', agencies.KE), await scene.person(agencies.KE)];
    expect((await named.refused(OPERATION, { id: operationId })).code).toBe('NOT_FOUND');
    await minister.do(ANSWER, {
      input: { participationId: invited?.id, accept: true, leadAgencyId: agencies.KE, coordinatorUserIds: [named.id] },
    });
    expect((await participationOf('KE')).coordinators.map(({ id }) => id)).toEqual([named.id]);
    await scene.move(hub, operationId, 'OPERATIONAL');
    const input = violationInput(operationId, agencies.KE, { sharing: { level: 'AMBER_STRICT' } });
    expect((await minister.refused(LOG, { input })).code).toBe('FORBIDDEN');
    await named.do(LOG, { input });
    expect((await minister.refused(FIND, { id: input.id })).code).toBe('NOT_FOUND');
    expect((await minister.refused(WITHDRAW, { id: invited?.id })).code).toBe('FORBIDDEN');
    expect(await minister.do(OPERATION, { id: operationId })).toMatchObject({ id: operationId });
  });

  test('a country answers again to change its lead agency and coordinators, and the old ones lose it at once', async () => {
    await scene.join(hub, operationId, 'TZ', agencies.TZ);
    const kenya = await scene.join(hub, operationId, 'KE', agencies.KE);
    await scene.move(hub, operationId, 'OPERATIONAL');
    const next = await scene.person(agencies.KE);
    const police = await scene.agency('KE', 'POLICE');
    const { id } = await participationOf('KE');
    const answered = await kenya.do<Participation>(ANSWER, {
      input: { participationId: id, accept: true, leadAgencyId: police, coordinatorUserIds: [next.id] },
    });
    expect(answered).toMatchObject({ status: 'ACCEPTED', leadAgency: { id: police }, coordinators: [{ id: next.id }] });
    expect((await kenya.refused(LOG, { input: violationInput(operationId, agencies.KE) })).code).toBe('FORBIDDEN');
    await next.do(LOG, { input: violationInput(operationId, agencies.KE) });
    expect(await events(hub, 'participation.answered')).toHaveLength(3);
    expect(await audited('participation.answered')).toMatchObject([{}, {}, { actor_id: kenya.id, subject_id: id }]);
  });

  test('only a coordinator of the country answers; a stranger does not find the invitation', async () => {
    const [, kenya] = await invite('TZ', 'KE');
    const input = { participationId: kenya?.id, accept: true, leadAgencyId: v7(), coordinatorUserIds: [v7()] };
    const tanzanian = await contact('TZ');
    for (const person of [tanzanian, hub]) expect((await person.refused(ANSWER, { input })).code).toBe('FORBIDDEN');
    const peruvian = await contact('PE');
    const hidden = await peruvian.refused(ANSWER, { input });
    const absent = await peruvian.refused(ANSWER, { input: { ...input, participationId: v7() } });
    expect(hidden).toEqual(absent);
    expect(hidden.code).toBe('NOT_FOUND');
    const { errors } = await graphql(muster.graphqlUrl, ANSWER, { input });
    expect(errors[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    expect(await participationOf('KE')).toMatchObject({ status: 'INVITED', coordinators: [] });
  });

  test('all that is wrong with an answer comes at once, and nothing is accepted', async () => {
    const [invited] = await invite('KE');
    const kenyan = await contact('KE');
    const [tanzanian, officer] = [await scene.person(agencies.TZ), await scene.person(agencies.KE)];
    const refusal = await kenyan.refused(ANSWER, {
      input: {
        participationId: invited?.id,
        accept: true,
        leadAgencyId: agencies.TZ,
        coordinatorUserIds: [tanzanian.id, officer.id, v7()],
      },
    });
    expect([refusal.code, paths(refusal)]).toEqual([
      'BAD_USER_INPUT',
      ['input.coordinatorUserIds.0', 'input.coordinatorUserIds.2', 'input.leadAgencyId'],
    ]);
    expect(await participationOf('KE')).toMatchObject({ status: 'INVITED', leadAgency: null, coordinators: [] });
    expect(await events(hub, 'participation.answered')).toEqual([]);
  });

  test('the addresses of coordinators are told to themselves alone', async () => {
    const kenya = await scene.join(hub, operationId, 'KE', agencies.KE);
    const tanzania = await scene.join(hub, operationId, 'TZ', agencies.TZ);
    const emails = async (person: Person): Promise<unknown> =>
      (await participations(person)).map(({ coordinators }) => coordinators[0]?.email);
    expect(await emails(kenya)).toEqual([kenya.email, null]);
    expect(await emails(tanzania)).toEqual([null, tanzania.email]);
    expect(await emails(hub)).toEqual([null, null]);
    const administrator = await scene.person(null, { role: 'ADMINISTRATOR' });
    expect(await emails(administrator)).toEqual([kenya.email, tanzania.email]);
    const answered = await events(hub, 'participation.answered');
    expect(JSON.stringify(answered)).not.toContain(kenya.email);
  });
});

describe('a country that declined', () => {
  test('is outside until it is invited again, by the same participation', async () => {
    const [invited] = await invite('KE');
    const kenyan = await contact('KE', agencies.KE);
    const input = { participationId: invited?.id, accept: false, reason: 'No ships' };
    expect(await kenyan.do(ANSWER, { input })).toMatchObject({
      status: 'DECLINED',
      leadAgency: null,
      coordinators: [],
    });
    expect(await audited('participation.answered')).toMatchObject([{ actor_id: kenyan.id, subject_id: invited?.id }]);
    for (const query of [OPERATION, FEED, LIST]) {
      expect((await kenyan.refused(query, { id: operationId })).code).toBe('NOT_FOUND');
    }
    expect((await kenyan.refused(ANSWER, { input: { ...input, accept: true } })).code).toBe('NOT_FOUND');
    expect((await kenyan.do<{ id: string }[]>(`{ operations { id } }`)).map(({ id }) => id)).not.toContain(operationId);

    expect(await invite('KE')).toMatchObject([{ id: invited?.id, status: 'INVITED' }]);
    expect(await events(hub, 'participation.invited')).toHaveLength(2);
    await kenyan.do(ANSWER, { input: { participationId: invited?.id, accept: true, leadAgencyId: agencies.KE } });
    expect(await participations(kenyan)).toMatchObject([{ status: 'ACCEPTED', coordinators: [{ id: kenyan.id }] }]);
    expect((await events(kenyan, 'participation.answered')).map(({ subjectId }) => subjectId)).toEqual([
      invited?.id,
      invited?.id,
    ]);
  });

  test('an accepted country does not decline, it withdraws', async () => {
    const kenya = await scene.join(hub, operationId, 'KE', agencies.KE);
    const { id } = await participationOf('KE');
    expect(await kenya.refused(ANSWER, { input: { participationId: id, accept: false } })).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.accept' }],
    });
    expect((await participationOf('KE')).status).toBe('ACCEPTED');
  });
});

describe('an answer of a country that is not invited', () => {
  /** A contact point that knows the operation still, as it observes it. */
  const knowing = (country: string): Promise<Person> =>
    scene.person(agencies.KE, { role: 'NATIONAL_COORDINATOR', country }, { role: 'OBSERVER', operationId });

  const refusedAnswer = async (person: Person, id: string | undefined, accept: boolean): Promise<void> => {
    expect(await person.refused(ANSWER, { input: { participationId: id, accept } })).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.participationId', rule: 'not-invited' }],
    });
  };

  test('that declined is refused, until it is invited again', async () => {
    const [invited] = await invite('KE');
    const kenyan = await knowing('KE');
    const accept = { input: { participationId: invited?.id, accept: true, leadAgencyId: agencies.KE } };
    await kenyan.do(ANSWER, { input: { participationId: invited?.id, accept: false } });
    for (const answer of [true, false]) await refusedAnswer(kenyan, invited?.id, answer);
    expect(await participationOf('KE')).toMatchObject({ status: 'DECLINED', coordinators: [] });
    expect(await events(hub, 'participation.answered')).toHaveLength(1);
    await invite('KE');
    expect(await kenyan.do(ANSWER, accept)).toMatchObject({ status: 'ACCEPTED', coordinators: [{ id: kenyan.id }] });
  });

  test('that withdrew is refused, and it stays outside', async () => {
    await scene.join(hub, operationId, 'KE', agencies.KE);
    const kenyan = await knowing('KE');
    const { id } = await participationOf('KE');
    await hub.do(WITHDRAW, { id });
    for (const answer of [true, false]) await refusedAnswer(kenyan, id, answer);
    expect((await participationOf('KE')).status).toBe('WITHDRAWN');
  });
});

describe('a country that withdrew', () => {
  let kenya: Person;
  let tanzania: Person;
  let officer: Person;
  let clear: Record<string, unknown>;
  let green: Record<string, unknown>;
  let tanzanian: Record<string, unknown>;

  beforeEach(async () => {
    kenya = await scene.join(hub, operationId, 'KE', agencies.KE);
    tanzania = await scene.join(hub, operationId, 'TZ', agencies.TZ);
    officer = await scene.person(agencies.KE, { role: 'AGENCY_OFFICER', operationId, country: 'KE' });
    await scene.move(hub, operationId, 'OPERATIONAL');
    clear = violationInput(operationId, agencies.KE, { sharing: { level: 'CLEAR' } });
    green = violationInput(operationId, agencies.KE, { sharing: { level: 'GREEN' } });
    tanzanian = violationInput(operationId, agencies.TZ, { sharing: { level: 'GREEN' } });
    await kenya.do(LOG, { input: clear });
    await officer.do(LOG, { input: green });
    await tanzania.do(LOG, { input: tanzanian });
  });

  test('is outside at once, but for CLEAR records opened by id', async () => {
    const { id } = await participationOf('KE');
    expect(await officer.do(FIND, { id: tanzanian.id })).toMatchObject({ id: tanzanian.id });
    expect(await kenya.do(WITHDRAW, { id })).toMatchObject({ id, country: 'KE', status: 'WITHDRAWN' });
    for (const person of [kenya, officer]) {
      for (const query of [OPERATION, FEED, LIST]) {
        expect((await person.refused(query, { id: operationId })).code).toBe('NOT_FOUND');
      }
      expect((await person.refused(FIND, { id: green.id })).code).toBe('NOT_FOUND');
      expect((await person.refused(FIND, { id: tanzanian.id })).code).toBe('NOT_FOUND');
      expect(await person.do(FIND, { id: clear.id })).toMatchObject({ id: clear.id });
      // Not even a report that is sent again, nor a new one.
      for (const input of [green, violationInput(operationId, agencies.KE)]) {
        expect((await person.refused(LOG, { input })).code).toBe('NOT_FOUND');
      }
      const trend = { operationIds: [operationId], measure: 'VIOLATIONS', groupBy: [] };
      expect((await person.refused(COUNT, { query: trend })).code).toBe('NOT_FOUND');
    }
    for (const query of [
      WITHDRAW,
      `mutation ($id: UUID!) { certifyFigures(participationId: $id, asOf: "x") { id } }`,
    ]) {
      expect((await kenya.refused(query, { id })).code).toBe('NOT_FOUND');
    }
    const change = `mutation ($id: UUID!) { withdrawViolation(id: $id, expectedVersion: 1, reason: "Gone") { id } }`;
    expect((await kenya.refused(change, { id: green.id })).code).toBe('NOT_FOUND');
  });

  test('leaves its past reports, which are still seen and counted', async () => {
    const { id } = await participationOf('KE');
    expect(await counted()).toBe('3');
    await kenya.do(WITHDRAW, { id });
    expect(await counted()).toBe('3');
    for (const person of [hub, tanzania]) {
      expect(await person.do(FIND, { id: green.id })).toMatchObject({ id: green.id, withdrawn: false, country: 'KE' });
      expect(await person.do(LIST, { id: operationId })).toMatchObject({ totalCount: 3 });
    }
  });

  test('is told of to the others, with its reason kept in the audit log', async () => {
    const { id } = await participationOf('KE');
    await hub.do(WITHDRAW, { id, reason: 'Its ministry asked us' });
    for (const person of [hub, tanzania]) {
      expect(await events(person, 'participation.withdrawn')).toMatchObject([
        { subjectId: id, country: 'KE', payload: { record: { id, status: 'WITHDRAWN' } } },
      ]);
    }
    const [entry] = await audited('participation.withdrawn');
    expect(entry).toMatchObject({ actor_id: hub.id, subject_id: id });
    expect(JSON.stringify(entry?.details)).toContain('Its ministry asked us');
  });

  test('is not invited again', async () => {
    const { id } = await participationOf('KE');
    await kenya.do(WITHDRAW, { id });
    expect(await hub.refused(INVITE, { id: operationId, countries: ['OM', 'KE'] })).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'countries.1' }],
    });
    expect((await participations(hub)).map(({ country }) => country)).toEqual(['KE', 'TZ']);
  });

  test('is withdrawn by its coordinator or the hub alone, with a reason, once it has accepted', async () => {
    const { id } = await participationOf('KE');
    const analyst = await scene.person(null, { role: 'ANALYST' });
    const observer = await scene.person(null, { role: 'OBSERVER', operationId });
    for (const person of [tanzania, officer, analyst, observer]) {
      expect((await person.refused(WITHDRAW, { id, reason: '' })).code).toBe('FORBIDDEN');
    }
    const stranger = await contact('PE');
    expect(await stranger.refused(WITHDRAW, { id })).toEqual(await stranger.refused(WITHDRAW, { id: v7() }));
    expect(await kenya.refused(WITHDRAW, { id, reason: ' ' })).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'reason' }],
    });
    const [oman] = await invite('OM');
    expect((await hub.refused(WITHDRAW, { id: oman?.id })).code).toBe('BAD_USER_INPUT');
    expect((await participationOf('KE')).status).toBe('ACCEPTED');
    await hub.do(WITHDRAW, { id });
    expect((await hub.refused(WITHDRAW, { id })).code).toBe('BAD_USER_INPUT');
    expect(await events(hub, 'participation.withdrawn')).toHaveLength(1);
  });
});

test('people of a country that declined by another operation still know the ones that invited them', async () => {
  const [here] = await invite('KE');
  const kenyan = await contact('KE', agencies.KE);
  await kenyan.do(ANSWER, { input: { participationId: here?.id, accept: false } });
  const other = await scene.operation(hub, { operationalStartsOn: day(3) });
  await hub.do(INVITE, { id: other.id, countries: ['KE'] });
  expect((await kenyan.do<{ id: string }[]>(`{ operations { id } }`)).map(({ id }) => id)).toContain(other.id);
  expect(await kenyan.do(OPERATION, { id: other.id })).toMatchObject({ id: other.id });
});
