import { io, type Socket } from 'socket.io-client';
import { v7 } from 'uuid';

import { type Muster, startMuster, until } from '../setup/index.js';
import { ADD, LINK, photo, send, settledAs } from '../setup/attachments.js';
import { officerOf, reported, rulesOf } from '../setup/ports.js';
import { containerNumber, LOG, Scene, violationInput } from '../setup/scene.js';
import { answered, asking, forAll, wholeOf } from './access/asking.js';
import { everybody, only, openHouse } from './access/matrix.js';
import { type Makers, type Marked, RecordMaker, ROUTE } from './access/records.js';
import { AccessTables, type Level, LEVELS } from './access/tables.js';
import { COUNTRIES, type House, sightOf, type Viewer } from './access/viewers.js';

let muster: Muster;
let scene: Scene;
let tables: AccessTables;
let house: House;
let viewers: Viewer[];
let makers: Makers;
let maker: RecordMaker;
const sockets: Socket[] = [];

const SHARE = `mutation ($id: UUID!, $version: Int!, $sharing: SharingInput!) {
  changeSharing(id: $id, expectedVersion: $version, reason: "As the test needs it.", sharing: $sharing) { version } }`;
const DECIDE = `mutation ($id: UUID!, $version: Int!) {
  decideSeizure(id: $id, expectedVersion: $version, accept: false, reason: "As the test needs it.") { version } }`;

beforeAll(async () => {
  [muster, tables] = await Promise.all([startMuster(), AccessTables.read()]);
  scene = await Scene.open(muster);
  ({ house } = await openHouse(scene));
  viewers = await everybody(scene, house, tables);
  makers = {
    coordinator: only(viewers, 'own', 'coordinator').person,
    author: only(viewers, 'own', 'author'),
    reporter: only(viewers, 'own', 'reporter'),
  };
  maker = new RecordMaker(house, makers, viewers);
}, 120_000);

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const sees = (viewer: Viewer, level: Level, author: Viewer): boolean =>
  sightOf(tables, viewer, author === viewer).sees[level];

/**
 * What a viewer may ask of an operation, but for its figures, which have tests of their own. Each field may be null, so that the errors of
 * one do not take the others with them.
 */
const EVERYTHING = `query ($id: UUID!) {
  operation(id: $id) { id version phase headCursor readiness findings { id } participations { id status certifiedAt coordinators { id } } }
  operations { id version phase headCursor readiness }
  operationFeed(operationId: $id, first: 500) { cursor hasMore events { cursor kind subjectId country payload } }
  all: violations(operationId: $id, first: 200, filter: { withdrawn: null, exercise: null }) { ...Page }
  found: violations(operationId: $id, filter: { search: "waste" }) { ...Page }
  concerning: violations(operationId: $id, filter: { concerning: ["TZ"] }) { ...Page }
  seizures(operationId: $id, first: 200) { totalCount edges { cursor node { id version } } pageInfo { hasNextPage endCursor } }
  auditLog(operationId: $id, first: 200) { edges { cursor node { id action subjectId version } } pageInfo { hasNextPage endCursor } }
  portUnits { id postings { id } } }
  fragment Page on ViolationConnection { totalCount edges { cursor node { id version } } pageInfo { hasNextPage endCursor } }`;

async function snapshots(of: readonly Viewer[]): Promise<Map<Viewer, string>> {
  const taken = new Map<Viewer, string>();
  await forAll(of, async (viewer) => {
    const { status, data, errors } = await asking(muster.url, viewer.person, EVERYTHING, { id: house.operationId });
    // Fields are answered side by side, so their errors come in any order.
    taken.set(viewer, JSON.stringify([status, data, errors.map((error) => JSON.stringify(error)).sort()]));
  });
  return taken;
}

test('a record that is hidden changes nothing that may be asked, whatever becomes of it', async () => {
  const steps: readonly (readonly [string, Level, Viewer, () => Promise<unknown>])[] = [
    ['a violation of the author', 'RED', makers.author, () => maker.log('h0', 'logged', 'RED')],
    ['a report that waits', 'RED', makers.reporter, () => maker.reported('h1', 'RED', false)],
    ['a report that was accepted', 'RED', makers.reporter, () => maker.reported('h2', 'RED', true)],
    ['a violation that was withdrawn', 'RED', makers.author, () => maker.withdrawn('h3', 'RED')],
    ['a violation of the country', 'AMBER_STRICT', makers.author, () => maker.log('h4', 'logged', 'AMBER_STRICT')],
    ['a report of the country that waits', 'AMBER_STRICT', makers.reporter, () => maker.reported('h5', 'CLEAR', false)],
    [
      'a report that was rejected',
      'AMBER_STRICT',
      makers.reporter,
      async () => {
        const { id } = await maker.reported('h6', 'GREEN', false);
        await makers.coordinator.do(DECIDE, { id, version: 1 });
      },
    ],
    [
      'a sharing that stays narrow',
      'AMBER_STRICT',
      makers.author,
      async () => {
        const { id } = await maker.log('h7', 'narrowed', 'AMBER_STRICT');
        await makers.author.person.do(SHARE, { id, version: 2, sharing: { level: 'RED' } });
        await makers.author.person.do(SHARE, { id, version: 3, sharing: { level: 'AMBER_STRICT' } });
      },
    ],
  ];
  let known = new Map<Viewer, string>();
  for (const [what, level, author, make] of steps) {
    const blind = viewers.filter((viewer) => !sees(viewer, level, author));
    const before = new Map([...(await snapshots(blind.filter((viewer) => !known.has(viewer)))), ...known]);
    await make();
    const after = await snapshots(blind);
    const changed = blind.filter((viewer) => before.get(viewer) !== after.get(viewer));
    expect([what, changed.map(({ name }) => name)]).toEqual([what, []]);
    known = after;
  }
}, 120_000);

interface SocketEvent {
  readonly cursor: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly payload: unknown;
}

/** Follows the operation from now on, or from a cursor. */
async function following(viewer: Viewer, message: object): Promise<SocketEvent[]> {
  const events: SocketEvent[] = [];
  const auth = { token: viewer.person.token };
  const socket = io(`${muster.url}/live`, { auth, path: '/socket.io', forceNew: true, reconnection: false });
  sockets.push(socket);
  socket.on('event', (event: SocketEvent) => events.push(event));
  const isLive = new Promise((resolve) => socket.once('live', resolve));
  expect(await socket.timeout(10_000).emitWithAck('follow', { operationId: house.operationId, ...message })).toEqual({
    ok: true,
  });
  await isLive;
  return events;
}

test('the live feed tells each record as it comes to those who see it, and to those who no longer do that it is gone', async () => {
  const inside = viewers.filter(({ place }) => place === 'inside');
  const told = new Map<Viewer, SocketEvent[]>();
  await forAll(inside, async (viewer) => {
    told.set(viewer, await following(viewer, { fromNow: true }));
  });
  const head = await makers.coordinator.do<{ headCursor: string }>(
    `query ($id: UUID!) { operation(id: $id) { headCursor } }`,
    { id: house.operationId },
  );

  const records: Marked[] = [];
  for (const [index, level] of LEVELS.entries()) records.push(await maker.log(`l${index}`, 'narrowed', level));
  const narrowed = records.filter(({ level }) => level !== 'RED' && level !== 'AMBER_STRICT');
  for (const { id } of narrowed) {
    await makers.author.person.do(SHARE, { id, version: 2, sharing: { level: 'AMBER_STRICT' } });
  }
  // After it, everybody who follows has heard all that came before.
  const fence = await maker.log('l9', 'logged', 'CLEAR');
  const isTold = (events: readonly SocketEvent[]): boolean =>
    events.filter(({ subjectId }) => subjectId === fence.id).length === 2;

  for (const [viewer, events] of told) {
    await until(() => isTold(events), { what: `the last record is told to ${viewer.name}` });
    for (const record of records) {
      const kinds = events.filter(({ subjectId }) => subjectId === record.id).map(({ kind }) => kind);
      const seen = sees(viewer, record.level, record.author);
      const isNarrowed = narrowed.includes(record);
      const still = isNarrowed ? sees(viewer, 'AMBER_STRICT', record.author) : seen;
      // Whoever is behind is told as it is when the event is told, not as it was.
      const isRight = still
        ? kinds.includes('violation.logged') && !kinds.includes('violation.gone')
        : seen
          ? kinds.at(-1) === 'violation.gone'
          : kinds.length === 0;
      expect([viewer.name, record.level, kinds, isRight]).toEqual([viewer.name, record.level, kinds, true]);
    }
    const gone = events.filter(({ kind }) => kind === 'violation.gone');
    expect(gone.map(({ payload }) => payload)).toEqual(gone.map(() => ({})));
  }

  // Who comes later with an old cursor is told nothing of what the record was.
  const formerly = inside.filter(
    (viewer) => sees(viewer, 'GREEN', makers.author) && !sees(viewer, 'AMBER_STRICT', makers.author),
  );
  expect(formerly.length).toBeGreaterThan(10);
  await forAll(formerly, async (viewer) => {
    const events = await following(viewer, { after: head.headCursor });
    await until(() => isTold(events), { what: `the last record is told to ${viewer.name}` });
    for (const { id } of narrowed) {
      const kinds = events.filter(({ subjectId }) => subjectId === id).map(({ kind }) => kind);
      expect([viewer.name, kinds.filter((kind) => kind !== 'violation.gone')]).toEqual([viewer.name, []]);
    }
  });
}, 120_000);

test.each(LEVELS)(
  'a new report on the cargo unit of a record that is %s is settled by what its country sees',
  async (level) => {
    for (const relation of ['concerned', 'added', 'concerned, left out', 'left out', 'other participant']) {
      const viewer = only(viewers, relation, 'port unit officer');
      const container = containerNumber();
      const { operationId } = house;
      const { id } = await makers.author.person.do<{ id: string }>(LOG, {
        input: violationInput(operationId, makers.author.agencyId, {
          consignment: { transportMode: 'MARITIME', direction: 'IMPORT', route: ROUTE, cargoUnits: [{ container }] },
          sharing: maker.sharing(level),
        }),
      });
      const country = COUNTRIES[relation] ?? '';
      const report = async (unit: string): Promise<{ rules: string[]; text: string }> => {
        const change = { cargoUnit: { container: unit }, route: { origin: 'NL', destination: country } };
        const settled = await reported(viewer.person, operationId, viewer.unitId, change);
        const { id: own, violation, ...rest } = settled;
        const text = JSON.stringify({ ...rest, violation: violation !== null })
          .replaceAll(own, '')
          .replaceAll(unit, '');
        return { rules: rulesOf(settled), text };
      };
      const control = await report(containerNumber());
      const met = await report(container);
      const isSeen = sees(viewer, level, makers.author);
      expect([relation, met.rules]).toEqual([relation, [...control.rules, ...(isSeen ? ['same-unit'] : [])]]);
      if (!isSeen) expect(met.text).toBe(control.text);
      expect(met.text).not.toContain(id);
    }
  },
  60_000,
);

test('a link to an attachment opens nothing once its record is hidden, and a former viewer is told what nobody is', async () => {
  const file = await photo(60, 40);
  const record = await maker.log('d1', 'narrowed', 'GREEN');
  const { person: author } = makers.author;
  await author.do(ADD, { recordId: record.id, input: file.listed });
  await send({ recordId: record.id, file, url: muster.url, token: author.token });
  await settledAs(author, record.id, file.listed.id, 'READY');
  const former = only(viewers, 'other participant', 'agency officer').person;
  const { url } = await former.do<{ url: string }>(LINK, { recordId: record.id, id: file.listed.id });
  const open = async (link: string): Promise<Response> => fetch(new URL(link, muster.url));
  expect((await open(url)).status).toBe(200);

  await author.do(SHARE, { id: record.id, version: 2, sharing: { level: 'AMBER_STRICT' } });
  const gone = await answered(await open(url));
  const never = await answered(await open('/attachments/download?link=none'));
  expect(gone.status).toBe(404);
  expect(wholeOf(gone)).toBe(wholeOf(never));
  const ask = (recordId: string): Promise<unknown> => former.refused(LINK, { recordId, id: file.listed.id });
  expect(await ask(record.id)).toEqual(await ask(v7()));
}, 60_000);

test('an officer whose country withdraws, and one whose grant ends, are outside at once', async () => {
  const { operationId, agencies, units } = house;
  const record = await maker.log('e1', 'logged', 'GREEN');
  const officer = await officerOf(scene, operationId, 'AE', units.get('AE') ?? '', agencies.get('AE') ?? '');
  const ask = `query ($id: UUID!) { violation(id: $id) { id } }`;
  expect(await officer.do(ask, { id: record.id })).toEqual({ id: record.id });
  await scene.sql(`UPDATE grants SET ended_at = now() WHERE user_id = $1`, [officer.id]);
  expect(await officer.refused(ask, { id: record.id })).toEqual(await officer.refused(ask, { id: v7() }));
});

test('a country that has withdrawn sees of its own past records what the table says, and its old operation no more', async () => {
  const relation = 'own, since withdrawn';
  const { leftOperationId: operationId } = house;
  const author = only(viewers, relation, 'author');
  const ids = new Map<Level, string>();
  for (const level of LEVELS) {
    const input = violationInput(operationId, author.agencyId, { sharing: { level } });
    ids.set(level, (await author.person.do<{ id: string }>(LOG, { input })).id);
  }
  const [participation] = await scene.sql<{ id: string }>(
    `SELECT id FROM participations WHERE operation_id = $1 AND country = 'UG'`,
    [operationId],
  );
  await only(viewers, 'hub', 'officer').person.do(
    `mutation ($id: UUID!) { withdrawParticipation(participationId: $id, reason: "As the test needs it.") { id } }`,
    { id: participation?.id },
  );
  for (const { word, person } of [author, only(viewers, relation, 'coordinator')]) {
    const ask = (query: string, id: string): Promise<string> => asking(muster.url, person, query, { id }).then(wholeOf);
    const one = `query ($id: UUID!) { violation(id: $id) { id } }`;
    const absent = await ask(one, v7());
    for (const [level, id] of ids) {
      const isSeen = tables.sight(relation, word).sees[level];
      expect([word, level, (await ask(one, id)) !== absent]).toEqual([word, level, isSeen]);
    }
    for (const field of ['violations(operationId: $id) { totalCount }', 'operation(id: $id) { id }']) {
      expect(await ask(`query ($id: UUID!) { ${field} }`, operationId)).toBe(
        await ask(`query ($id: UUID!) { ${field} }`, v7()),
      );
    }
  }
});
