import { v7 } from 'uuid';

import { graphql, type Muster, startMuster } from '../setup/index.js';
import { type Person, type Refusal, Scene } from '../setup/scene.js';

interface Findings {
  readonly id: string;
  readonly title: string;
  readonly asOf: string;
}

const PUBLISH = `mutation ($id: UUID!, $title: String! = "Routes by Oman", $text: String! = "Waste moves by Salalah.", $asOf: String!) {
  publishFindings(operationId: $id, title: $title, text: $text, asOf: $asOf) { id title text asOf author { id email } publishedAt } }`;
const READ = `query ($id: UUID!) { operation(id: $id) { headCursor findings { id title text asOf author { id email } publishedAt } } }`;
const FEED = `query ($id: UUID!) { operationFeed(operationId: $id) { events { kind subjectId payload } } }`;

let muster: Muster;
let scene: Scene;
let hub: Person;
let analyst: Person;
let kenya: Person;
let tanzania: Person;
let agencies: Record<'KE' | 'TZ', string>;
let operationId: string;

beforeAll(async () => {
  muster = await startMuster({ worker: false });
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  analyst = await scene.person(null, { role: 'ANALYST' });
  agencies = { KE: await scene.agency('KE'), TZ: await scene.agency('TZ', 'POLICE') };
});

beforeEach(async () => {
  operationId = (await scene.operation(hub)).id;
  kenya = await scene.join(hub, operationId, 'KE', agencies.KE);
  tanzania = await scene.join(hub, operationId, 'TZ', agencies.TZ);
  await scene.move(hub, operationId, 'OPERATIONAL');
  await scene.move(hub, operationId, 'POST_OPERATIONAL');
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const read = (person: Person): Promise<{ headCursor: string; findings: Findings[] }> =>
  person.do(READ, { id: operationId });

const publish = async (person: Person, change: object = {}): Promise<Findings> =>
  person.do(PUBLISH, { id: operationId, asOf: (await read(person)).headCursor, ...change });

const told = async (person: Person): Promise<object[]> =>
  (await person.do<{ events: { kind: string }[] }>(FEED, { id: operationId })).events.filter(
    ({ kind }) => kind === 'operation.findings-published',
  );

const paths = ({ fields }: Refusal): string[] => (fields ?? []).map(({ path }) => path).sort();

test('what the hub or its analysts found is published with its author and cursor, newest first', async () => {
  const asOf = (await read(hub)).headCursor;
  const first = await publish(analyst, { asOf });
  expect(first).toMatchObject({
    title: 'Routes by Oman',
    text: 'Waste moves by Salalah.',
    asOf,
    author: { id: analyst.id },
  });
  const second = await publish(hub, { title: 'Ports of the north' });
  for (const person of [hub, analyst, kenya, tanzania]) {
    expect((await read(person)).findings.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(await told(person)).toMatchObject([
      { subjectId: operationId, payload: { record: { id: operationId } } },
      { subjectId: operationId },
    ]);
  }
  const entries = await scene.sql<{ actor_id: string; subject_id: string }>(
    `SELECT actor_id, subject_id FROM audit_entries WHERE operation_id = $1 AND action = 'operation.findings-published' ORDER BY id`,
    [operationId],
  );
  expect(entries).toEqual([
    { actor_id: analyst.id, subject_id: first.id },
    { actor_id: hub.id, subject_id: second.id },
  ]);
});

test('countries and observers read them; who is only invited, has declined or withdrew, and the administrator do not', async () => {
  const { id } = await publish(hub);
  const people = {
    officer: await scene.person(agencies.KE, { role: 'AGENCY_OFFICER', operationId, country: 'KE' }),
    observer: await scene.person(null, { role: 'OBSERVER', operationId }),
    analyst: await scene.person(agencies.KE, { role: 'ANALYST', operationId, country: 'KE' }),
  };
  for (const person of Object.values(people)) expect((await read(person)).findings).toMatchObject([{ id }]);

  await scene.move(hub, operationId, 'OPERATIONAL');
  await hub.do(`mutation ($id: UUID!) { inviteCountries(operationId: $id, countries: ["OM"]) { id } }`, {
    id: operationId,
  });
  const invited = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'OM' });
  const contactPoint = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'KE' });
  const administrator = await scene.person(null, { role: 'ADMINISTRATOR' });
  for (const person of [invited, contactPoint, administrator]) {
    expect((await read(person)).findings).toEqual([]);
    expect(await told(person)).toEqual([]);
  }
  for (const person of Object.values(people)) expect(await told(person)).toHaveLength(1);

  const { participations } = await hub.do<{ participations: { id: string; country: string }[] }>(
    `query ($id: UUID!) { operation(id: $id) { participations { id country } } }`,
    { id: operationId },
  );
  const ofTanzania = participations.find(({ country }) => country === 'TZ')?.id;
  await tanzania.do(
    `mutation ($id: UUID!) { withdrawParticipation(participationId: $id, reason: "No ships") { id } }`,
    { id: ofTanzania },
  );
  expect((await tanzania.refused(READ, { id: operationId })).code).toBe('NOT_FOUND');
});

test('only the hub and its analysts publish, which comes before phase and fields', async () => {
  await scene.move(hub, operationId, 'CLOSED');
  const ofKenya = await scene.person(agencies.KE, { role: 'ANALYST', operationId, country: 'KE' });
  const observer = await scene.person(null, { role: 'OBSERVER', operationId });
  const elsewhere = await scene.person(null, { role: 'ANALYST', operationId: (await scene.operation(hub)).id });
  const wrong = { id: operationId, title: '', text: '', asOf: 'x' };
  for (const person of [kenya, ofKenya, observer])
    expect((await person.refused(PUBLISH, wrong)).code).toBe('FORBIDDEN');
  const hidden = await elsewhere.refused(PUBLISH, wrong);
  expect(hidden).toEqual(await elsewhere.refused(PUBLISH, { ...wrong, id: v7() }));
  expect(hidden.code).toBe('NOT_FOUND');
  const { errors } = await graphql(muster.graphqlUrl, PUBLISH, wrong);
  expect(errors[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  expect(await hub.refused(PUBLISH, wrong)).toMatchObject({ code: 'PHASE', phase: 'CLOSED' });
});

test('all that is wrong with the fields comes in one answer, and nothing is published', async () => {
  const other = await scene.operation(hub);
  const { headCursor } = await hub.do<{ headCursor: string }>(READ, { id: other.id });
  for (const asOf of ['x', '', headCursor]) {
    const refusal = await hub.refused(PUBLISH, { id: operationId, title: ' ', text: '', asOf });
    expect([refusal.code, paths(refusal)]).toEqual(['BAD_USER_INPUT', ['asOf', 'text', 'title']]);
  }
  expect((await read(hub)).findings).toEqual([]);
  expect(await told(hub)).toEqual([]);
});

test('the address of the author is told to the author alone', async () => {
  const published = await publish(analyst);
  expect(published).toMatchObject({ author: { id: analyst.id, email: analyst.email } });
  expect((await read(kenya)).findings).toMatchObject([{ author: { id: analyst.id, email: null } }]);
});
