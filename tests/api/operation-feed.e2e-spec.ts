import { type Muster, startMuster } from '../setup/index.js';
import { LOG, type Person, Scene, violationInput } from '../setup/scene.js';

interface FeedEvent {
  readonly cursor: string;
  readonly kind: string;
  readonly subjectId: string;
}

interface FeedPage {
  readonly cursor: string;
  readonly hasMore: boolean;
  readonly events: readonly FeedEvent[];
}

const FEED = `query ($id: UUID!, $after: String, $first: Int! = 200) {
  operationFeed(operationId: $id, after: $after, first: $first) { cursor hasMore events { cursor kind subjectId payload } } }`;

let muster: Muster;
let scene: Scene;
let hub: Person;
let kenya: Person;
let tanzania: Person;
let operationId: string;

beforeAll(async () => {
  muster = await startMuster({ worker: false });
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  const agencies = { KE: await scene.agency('KE'), TZ: await scene.agency('TZ') };
  operationId = (await scene.operation(hub)).id;
  kenya = await scene.join(hub, operationId, 'KE', agencies.KE);
  tanzania = await scene.join(hub, operationId, 'TZ', agencies.TZ);
  await scene.move(hub, operationId, 'OPERATIONAL');
  for (const level of ['GREEN', 'AMBER_STRICT', 'RED', 'GREEN', 'AMBER_STRICT']) {
    await kenya.do(LOG, { input: violationInput(operationId, agencies.KE, { sharing: { level } }) });
  }
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const feed = (person: Person, variables: object = {}): Promise<FeedPage> =>
  person.do<FeedPage>(FEED, { id: operationId, ...variables });

test('pages of any size give the same events in the same order, each once', async () => {
  for (const person of [hub, kenya, tanzania]) {
    const whole = await feed(person);
    expect(whole).toMatchObject({ hasMore: false, cursor: whole.events.at(-1)?.cursor });
    for (const first of [1, 2, 3, whole.events.length]) {
      const events: FeedEvent[] = [];
      let page: FeedPage | undefined;
      while (page?.hasMore !== false) {
        page = await feed(person, { first, after: page?.cursor });
        expect(page.events.length).toBeLessThanOrEqual(first);
        events.push(...page.events);
      }
      expect(events).toEqual(whole.events);
    }
  }
});

test('whoever may not see an event is told neither it nor that there is more', async () => {
  const [ofHub, ofKenya, ofTanzania] = [await feed(hub), await feed(kenya), await feed(tanzania)];
  const logged = ({ events }: FeedPage): number => events.filter(({ kind }) => kind === 'violation.logged').length;
  expect([logged(ofHub), logged(ofKenya), logged(ofTanzania)]).toEqual([4, 5, 2]);
  const lastSeen = ofTanzania.events.at(-1)?.cursor;
  expect(ofKenya.events.at(-1)?.cursor).not.toBe(lastSeen);
  expect(await feed(tanzania, { after: lastSeen })).toEqual({ cursor: lastSeen, hasMore: false, events: [] });
  expect(await feed(tanzania, { first: ofTanzania.events.length })).toMatchObject({ hasMore: false });
});

test('the cursor of an event is the same for every reader, and so is headCursor of who may see it', async () => {
  const [ofHub, ofKenya] = [await feed(hub), await feed(kenya)];
  const cursors = new Map(ofKenya.events.map(({ cursor, subjectId, kind }) => [`${kind} ${subjectId}`, cursor]));
  for (const { cursor, subjectId, kind } of ofHub.events) expect(cursors.get(`${kind} ${subjectId}`)).toBe(cursor);
  const { headCursor } = await tanzania.do<{ headCursor: string }>(
    `query ($id: UUID!) { operation(id: $id) { headCursor } }`,
    { id: operationId },
  );
  expect(headCursor).toBe((await feed(tanzania)).cursor);
});

test('a contact point of an invited country reads the frame, and no record', async () => {
  await hub.do(`mutation ($id: UUID!) { inviteCountries(operationId: $id, countries: ["OM"]) { id } }`, {
    id: operationId,
  });
  const contact = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'OM' });
  const kinds = (await feed(contact)).events.map(({ kind }) => kind);
  expect(kinds).toContain('operation.phase-moved');
  expect(kinds.filter((kind) => kind.startsWith('violation'))).toEqual([]);
});

test('what is wrong with first and after comes in one answer, and only to those who may know the operation', async () => {
  for (const first of [0, -1, 501]) {
    const refusal = await hub.refused(FEED, { id: operationId, first, after: 'x' });
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.fields?.map(({ path }) => path).sort()).toEqual(['after', 'first']);
  }
  const other = await scene.operation(hub);
  const cursor = (await hub.do<FeedPage>(FEED, { id: other.id })).cursor;
  expect(await hub.refused(FEED, { id: operationId, after: cursor })).toMatchObject({
    code: 'BAD_USER_INPUT',
    fields: [{ path: 'after' }],
  });
  expect(await kenya.refused(FEED, { id: other.id, first: 0, after: 'x' })).toMatchObject({ code: 'NOT_FOUND' });
});
