import { io, type Socket } from 'socket.io-client';
import { v7 } from 'uuid';

import { until } from '../setup/index.js';
import { type Answer, codeIn, forAll, wholeOf } from './access/asking.js';
import { Matrix } from './access/matrix.js';
import { OPERATION_PROBES, PLATFORM_PROBES, RECORD_PROBES } from './access/probes.js';
import { mark, type Marked } from './access/records.js';
import { doorsInSource, everythingOf, fieldsOf } from './access/selections.js';
import { answerFor, listed } from './access/tables.js';
import { holds, isMeant, isNamed, type Viewer } from './access/viewers.js';

let matrix: Matrix;
let isOpen = false;
const sockets: Socket[] = [];

beforeAll(async () => {
  matrix = await Matrix.open();
  isOpen = true;
}, 120_000);

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});

afterAll(async () => {
  // Where it could not be opened, there is nothing to tell or to close.
  if (!isOpen) return;
  const { tried, leaks, viewers, records } = matrix;
  process.stdout.write(
    `access matrix: ${viewers.length} viewers, ${records.length} records, ${tried} cells tried, ${leaks.length} leaks\n`,
  );
  await matrix.close();
});

/** What a test found, and nothing of the tests before it. */
async function nothingIsWrong(work: () => Promise<void>): Promise<void> {
  const { wrong, leaks } = matrix;
  const before = [wrong.length, leaks.length];
  await work();
  expect({ leaks: leaks.slice(before[1]).slice(0, 20), wrong: wrong.slice(before[0]).slice(0, 40) }).toEqual({
    leaks: [],
    wrong: [],
  });
}

test('every query, mutation, socket message and route is named in a table, and nothing else is', async () => {
  const { tables, schema } = matrix;
  const { messages, routes } = await doorsInSource();
  const isField = (name: string): boolean => !name.includes(' ');
  const named = [...tables.names].filter(isField).sort();
  expect(named).toEqual([...new Set([...fieldsOf(schema), ...messages])].sort());
  const served = routes.flatMap((route) =>
    route.startsWith('ALL ')
      ? ['HEAD', 'PATCH', 'DELETE', 'POST'].map((method) => route.replace('ALL', method))
      : [route],
  );
  const toldOf = tables.routes.map(({ route }) => route);
  // The upload itself takes POST, and one upload the rest.
  const isServed = (route: string): boolean => !/^POST .*:id$|^(HEAD|PATCH|DELETE) .*upload$/.test(route);
  expect(toldOf.sort()).toEqual(served.filter(isServed).sort());
});

test('whoever may not see a record is told by every field that it is not there; the others are told what the table says', async () => {
  await nothingIsWrong(async () => {
    const { viewers, tables, records, house } = matrix;
    await forAll(viewers, async (viewer, at) => {
      for (const [nth, row] of tables.records.entries()) {
        const field = row.field ?? '';
        if (field.startsWith('POST ')) continue;
        const probe = RECORD_PROBES[field];
        if (!probe) throw new Error(`How is ${field} asked?`);
        const mayAsk = holds(viewer, listed(row.roles));
        const none = await matrix.ask(viewer, probe({ id: v7(), attachmentId: v7() }, viewer, house), field);
        matrix.check(mayAsk ? (row.hidden ?? '') : 'FORBIDDEN', codeOf(none), `${field} of nothing as ${viewer.name}`);
        const asked = isAskedAll(viewer) ? records : records.filter((_, index) => (index + at + nth) % 5 === 0);
        for (const record of asked) {
          const where = `${field} of ${record.code} (${record.variant} ${record.level}) as ${viewer.name}`;
          const answer = await matrix.ask(viewer, probe(record, viewer, house), where);
          const sees = matrix.sees(viewer, record) && listed(row.knows).includes(record.kind);
          const seen = isMayOf(viewer, record, row.may ?? '') ? row['seen and may'] : row.seen;
          matrix.check(mayAsk ? ((sees ? seen : row.hidden) ?? '') : 'FORBIDDEN', codeOf(answer), where);
          if (!sees || !mayAsk) matrix.same(wholeOf(answer), wholeOf(none), where);
        }
      }
    });
  });
}, 180_000);

/** Those whose answers differ from field to field are asked about every record; of the others each about every fifth, another one each time. */
const isAskedAll = ({ relation, word }: Viewer): boolean =>
  ['coordinator', 'author', 'reporter'].includes(word) && relation === 'own'
    ? true
    : relation === 'hub' && word === 'officer';

/** Whether somebody who sees a record is among those who may. */
function isMayOf(viewer: Viewer, record: Marked, may: string): boolean {
  const isCoordinator = viewer.relation === 'own' && viewer.word === 'coordinator';
  switch (may) {
    case 'all':
      return true;
    case 'keepers':
      return isCoordinator || record.author === viewer;
    case 'deciders':
      return isCoordinator || (viewer.relation === 'hub' && holds(viewer, ['HUB']));
    case 'coordinators':
      return isCoordinator;
    default:
      throw new Error(`docs/access.md: who is meant by ${may}?`);
  }
}

/** `record` for an answer without an error. */
function codeOf(answer: Answer): string {
  const code = codeIn(answer);
  return code === 'found' ? 'record' : code;
}

test('uploads are begun by keepers alone, and to others a hidden record is no record', async () => {
  await nothingIsWrong(async () => {
    const { viewers, tables, records } = matrix;
    const row = tables.records.find(({ field }) => field === 'POST /attachments/upload');
    const statuses: Record<string, number> = { BAD_USER_INPUT: 400, FORBIDDEN: 403, NOT_FOUND: 404 };
    await forAll(viewers, async (viewer, at) => {
      const nothing = await upload(viewer, v7(), v7());
      for (const record of isAskedAll(viewer) ? records : records.filter((_, index) => (index + at) % 5 === 0)) {
        const where = `POST /attachments/upload of ${record.code} as ${viewer.name}`;
        const answer = await upload(viewer, record.id, record.attachmentId);
        const sees = matrix.sees(viewer, record);
        const seen = isMayOf(viewer, record, row?.may ?? '') ? row?.['seen and may'] : row?.seen;
        matrix.check(String(statuses[(sees ? seen : row?.hidden) ?? '']), String(answer.status), where);
        if (!sees) matrix.same(wholeOf(answer), wholeOf(nothing), where);
      }
    });
  });
}, 120_000);

/** Begins an upload with a size that is not the one listed. */
function upload(viewer: Viewer | undefined, recordId: string, id: string): Promise<Answer> {
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const headers = {
    'tus-resumable': '1.0.0',
    'upload-length': '7',
    'upload-metadata': `recordId ${encode(recordId)},id ${encode(id)}`,
  };
  return matrix.fetch(viewer, '/attachments/upload', { method: 'POST', headers }, 'POST /attachments/upload');
}

test('of a record that is seen, each is told what the table says', async () => {
  await nothingIsWrong(async () => {
    const { viewers, records, schema, tables } = matrix;
    const owner = viewers.find(({ relation, word }) => relation === 'own' && word === 'coordinator');
    const whole = async (viewer: Viewer, type: 'Violation' | 'Seizure'): Promise<Map<string, unknown>> => {
      const known = records.filter(({ kind }) => kind !== (type === 'Violation' ? 'waiting reports' : 'violations'));
      const query = `query (${known.map((_, index) => `$r${index}: UUID!`).join(', ')}) { ${known
        .map((_, index) => `r${index}: ${type.toLowerCase()}(id: $r${index}) { ...Whole }`)
        .join(' ')} } fragment Whole on ${type} ${everythingOf(schema, type)}`;
      const variables = Object.fromEntries(known.map(({ id }, index) => [`r${index}`, id]));
      const answer = await matrix.ask(viewer, { query, variables }, `everything of each ${type}`);
      return new Map(known.map(({ code }, index) => [code, answer.data[`r${index}`] ?? null]));
    };
    for (const type of ['Violation', 'Seizure'] as const) {
      const rows = tables.told.filter(({ what = '' }) => what.startsWith(`${type}.`));
      const all = owner ? await whole(owner, type) : new Map<string, unknown>();
      for (const { what = '' } of rows) {
        const isThere = [...all.values()].some((record) => valuesAt(record, what).length > 0);
        matrix.check('some', isThere ? 'some' : 'none', `${what} in the records of this test`);
      }
      await forAll(viewers, async (viewer) => {
        const told = await whole(viewer, type);
        for (const record of records.filter(({ code }) => told.has(code))) {
          const where = `${type} ${record.code} as ${viewer.name}`;
          matrix.check(String(matrix.sees(viewer, record)), String(told.get(record.code) !== null), where);
          if (!matrix.sees(viewer, record)) continue;
          for (const row of rows) {
            const what = row.what ?? '';
            const isTold =
              row[matrix.isOfOwner(viewer) ? "the owner's people" : isOfHub(viewer) ? 'the hub' : 'others'];
            const expected = isTold === 'yes' ? valuesAt(all.get(record.code), what) : [];
            matrix.check(worded(expected), worded(valuesAt(told.get(record.code), what)), `${what} of ${where}`);
          }
        }
      });
    }
  });
}, 120_000);

/** E-mail addresses are told to their person, whatever record they stand in. */
const worded = (values: readonly unknown[]): string =>
  JSON.stringify(values, (key, value: unknown) => (key === 'email' ? undefined : value));

const isOfHub = ({ relation, word }: Viewer): boolean => relation === 'hub' || word === 'analyst of the hub';

/** All values at a path such as `Violation.versions.reason`, without those that are null or empty. */
function valuesAt(record: unknown, path: string): unknown[] {
  return path
    .split('.')
    .slice(1)
    .reduce<unknown[]>(
      (values, name) =>
        values.flatMap((value): unknown[] => {
          const next = (value as Record<string, unknown> | null)?.[name];
          return Array.isArray(next) ? (next as unknown[]) : [next ?? null];
        }),
      [record],
    )
    .filter((value) => value !== null);
}

interface Page {
  readonly totalCount: number;
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const PAGE = `totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor }`;

test('lists, their counts, cursors and searches hold what is seen and no trace of the rest', async () => {
  await nothingIsWrong(async () => {
    const { viewers, house, records } = matrix;
    const [foreign] = [...house.agencies.values()].slice(1);
    await forAll(
      viewers.filter(({ place, relation }) => place === 'inside' && relation !== 'own, since withdrawn'),
      async (viewer) => {
        const visible = matrix.visible(viewer);
        const violations = visible.filter(({ kind }) => kind !== 'waiting reports');
        const seizures = visible.filter(({ kind }) => kind !== 'violations');
        // Each list in pages, then the filters side by side.
        const lists: readonly (readonly [string, readonly Marked[]])[] = [
          [
            'violations(operationId: $id, first: 9, after: $after, filter: { withdrawn: null, exercise: null })',
            violations,
          ],
          ['seizures(operationId: $id, first: 4, after: $after)', seizures],
        ];
        for (const [list, expected] of lists) await inPages(viewer, list, expected);
        const counted = violations.filter(({ variant }) => variant !== 'withdrawn');
        const owner = house.agencies.get('KE') ?? '';
        const filters: readonly (readonly [string, string, readonly Marked[]])[] = [
          ['violations', '{}', counted],
          ['violations', '{ withdrawn: true }', violations.filter(({ variant }) => variant === 'withdrawn')],
          ...['NL', 'OM', 'SC', 'MZ', 'TZ', 'KE'].map(
            (code) => ['violations', `{ concerning: ["${code}"] }`, counted] as const,
          ),
          ...['BR', 'ZA', 'AE'].map((code) => ['violations', `{ concerning: ["${code}"] }`, []] as const),
          ['violations', '{ countries: ["KE"] }', counted],
          ['violations', '{ countries: ["TZ"] }', []],
          ['violations', `{ agencyIds: ["${owner}"] }`, counted],
          ['violations', `{ agencyIds: ["${foreign ?? ''}"] }`, []],
          ['violations', '{ source: PORT_UNIT }', violations.filter(({ variant }) => variant === 'accepted')],
          ['seizures', '{ statuses: [NEEDS_REVIEW] }', seizures.filter(({ variant }) => variant === 'waiting')],
          ['seizures', '{ statuses: [RECEIVED, REJECTED] }', []],
          ['seizures', `{ unitIds: ["${house.units.get('KE') ?? ''}"] }`, seizures],
          ['seizures', '{ mine: true }', seizures.filter(({ author }) => author === viewer)],
        ];
        const query = `query ($id: UUID!) { ${filters
          .map(([field, filter], index) => `l${index}: ${field}(operationId: $id, filter: ${filter}) { ${PAGE} }`)
          .join(' ')} }`;
        const filtered = await matrix.ask(viewer, { query, variables: { id: house.operationId } }, 'filters');
        for (const [index, [field, filter, expected]] of filters.entries()) {
          checkPage(filtered.data[`l${index}`], expected, `${field} ${filter} as ${viewer.name}`);
        }

        // Each record by a word and by its container, all in one request.
        const searched = (field: string, known: readonly Marked[], filter: (record: Marked) => string): string =>
          known
            .map((record) => `${record.code}: ${field}(operationId: $id, filter: ${filter(record)}) { ${PAGE} }`)
            .join(' ');
        const violationsOf = records.filter(({ kind }) => kind !== 'waiting reports');
        const seizuresOf = records.filter(({ kind }) => kind !== 'violations');
        const searches: readonly (readonly [string, readonly Marked[], (record: Marked) => string])[] = [
          [
            'violations',
            violationsOf,
            ({ code }) => `{ withdrawn: null, search: "${mark(code, 'open', 'narrative')}" }`,
          ],
          ['violations', violationsOf, ({ container }) => `{ withdrawn: null, cargoUnit: "${container}" }`],
          ['seizures', seizuresOf, ({ container }) => `{ cargoUnit: "${container}" }`],
        ];
        for (const [field, known, filter] of searches) {
          const query = `query ($id: UUID!) { ${searched(field, known, filter)} }`;
          const answer = await matrix.ask(
            viewer,
            { query, variables: { id: house.operationId } },
            `search in ${field}`,
          );
          for (const record of known) {
            const where = `${field} by ${filter(record)} as ${viewer.name}`;
            checkPage(answer.data[record.code], matrix.sees(viewer, record) ? [record] : [], where);
          }
        }
      },
    );
  });
}, 120_000);

/** Follows a list from page to page. */
async function inPages(viewer: Viewer, list: string, expected: readonly Marked[]): Promise<void> {
  const where = `${list} as ${viewer.name}`;
  const size = Number(/first: (\d+)/.exec(list)?.[1]);
  const pages: Page[] = [];
  let after: string | null = null;
  do {
    const query = `query ($id: UUID!, $after: String) { list: ${list} { ${PAGE} } }`;
    const answer = await matrix.ask(viewer, { query, variables: { id: matrix.house.operationId, after } }, where);
    const page = answer.data.list as Page | undefined;
    if (!page) return matrix.check('found', codeIn(answer), where);
    pages.push(page);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  const ids = pages.flatMap(({ edges }) => edges.map(({ node }) => node.id));
  matrix.check(idsOf(expected), JSON.stringify([...ids].sort()), where);
  matrix.check(String(Math.max(1, Math.ceil(expected.length / size))), String(pages.length), `pages of ${where}`);
  for (const { totalCount } of pages)
    matrix.check(String(expected.length), String(totalCount), `totalCount of ${where}`);
}

/** A page that holds all of a list. */
function checkPage(answer: unknown, expected: readonly Marked[], where: string): void {
  const page = (answer ?? {}) as Partial<Page>;
  const ids = page.edges?.map(({ node }) => node.id).sort();
  matrix.check(
    JSON.stringify([expected.map(({ id }) => id).sort(), expected.length, false]),
    JSON.stringify([ids, page.totalCount, page.pageInfo?.hasNextPage]),
    where,
  );
}

const idsOf = (records: readonly Marked[]): string => JSON.stringify(records.map(({ id }) => id).sort());

interface FeedEvent {
  readonly cursor: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly country: string | null;
  readonly payload: unknown;
}

const EVENTS = `query ($id: UUID!, $after: String, $first: Int!) { operationFeed(operationId: $id, after: $after, first: $first) {
  cursor hasMore events { cursor kind subjectId country payload } } }`;

async function feed(viewer: Viewer, after: string | null, first: number): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for (let cursor = after; ;) {
    const variables = { id: matrix.house.operationId, after: cursor, first };
    const { data } = await viewer.person.ask<{
      operationFeed: { cursor: string; hasMore: boolean; events: FeedEvent[] };
    }>(EVENTS, variables);
    const page = data.operationFeed;
    events.push(...page.events);
    matrix.check(
      String(page.events.at(-1)?.cursor ?? cursor ?? page.cursor),
      page.cursor,
      `cursor of a page as ${viewer.name}`,
    );
    if (!page.hasMore) return events;
    matrix.check(String(first), String(page.events.length), `a page with more after it, as ${viewer.name}`);
    cursor = page.cursor;
  }
}

/** Looks through what somebody was told of what happened. */
function lookAtEvents(viewer: Viewer, events: readonly FeedEvent[], where: string): void {
  const gone = events.filter(({ kind }) => kind === 'violation.gone');
  matrix.look(viewer, JSON.stringify(events.filter((event) => !gone.includes(event))), where);
  for (const event of gone) {
    const record = matrix.records.find(({ id }) => id === event.subjectId);
    matrix.check('{}', JSON.stringify(event.payload), `violation.gone as ${viewer.name}`);
    matrix.look(viewer, JSON.stringify(event), where, { ids: false });
    if (!record || matrix.sees(viewer, record) || !matrix.saw(viewer, record)) {
      matrix.leaks.push(`${where} as ${viewer.name}: violation.gone of ${record?.code}`);
    }
  }
}

test('the feed tells what is seen, from the beginning and from an old cursor, and nothing of before a narrowing', async () => {
  await nothingIsWrong(async () => {
    const { viewers, house, oldCursors, records } = matrix;
    await forAll(
      viewers.filter(({ relation, place }) => place === 'inside' && relation !== 'own, since withdrawn'),
      async (viewer) => {
        const where = `the feed as ${viewer.name}`;
        const events = await feed(viewer, null, 500);
        lookAtEvents(viewer, events, where);
        for (const record of records) {
          const kinds = events.filter(({ subjectId }) => subjectId === record.id).map(({ kind }) => kind);
          const expected = matrix.sees(viewer, record) ? 'told' : matrix.saw(viewer, record) ? 'gone' : 'nothing';
          const actual = kinds.length === 0 ? 'nothing' : kinds.join() === 'violation.gone' ? 'gone' : 'told';
          matrix.check(
            expected,
            actual,
            `${record.code} (${record.variant} ${record.level}) in ${where}: ${kinds.join()}`,
          );
        }
        matrix.check(JSON.stringify(events), JSON.stringify(await feed(viewer, null, 3)), `pages of three of ${where}`);
        const old = oldCursors.get(viewer) ?? '';
        const later = await feed(viewer, old, 500);
        lookAtEvents(viewer, later, `${where} from an old cursor`);
        const isSuffix = JSON.stringify(events).endsWith(JSON.stringify(later).slice(1));
        matrix.check('true', String(isSuffix || later.length === 0), `${where} from an old cursor`);
        const told = events.filter(({ kind }) => kind === 'violation.gone').map(({ subjectId }) => subjectId);
        const toldLater = later.filter(({ kind }) => kind === 'violation.gone').map(({ subjectId }) => subjectId);
        matrix.check(
          JSON.stringify(told),
          JSON.stringify(toldLater),
          `violation.gone after an old cursor as ${viewer.name}`,
        );
        const { headCursor } = await viewer.person.do<{ headCursor: string }>(
          `query ($id: UUID!) { operation(id: $id) { headCursor } }`,
          { id: house.operationId },
        );
        matrix.check(events.at(-1)?.cursor ?? '', headCursor, `headCursor as ${viewer.name}`);
      },
    );
  });
}, 120_000);

test('the live feed tells the same, and lets nobody follow who does not take part', async () => {
  await nothingIsWrong(async () => {
    const { viewers, tables, house } = matrix;
    const row = (field: string): Readonly<Record<string, string>> =>
      tables.operation.find((each) => each.field === field) ?? {};
    await forAll(viewers, async (viewer) => {
      const socket = io(`${matrix.muster.url}/live`, {
        auth: { token: viewer.person.token },
        path: '/socket.io',
        forceNew: true,
        reconnection: false,
      });
      sockets.push(socket);
      const events: FeedEvent[] = [];
      let isLive = false;
      socket.on('event', ({ cursor, kind, subjectId, country, payload }: FeedEvent) =>
        events.push({ cursor, kind, subjectId, country, payload }),
      );
      socket.on('live', () => (isLive = true));
      const emit = async (message: string, body: object): Promise<string> => {
        const answer = (await socket.timeout(10_000).emitWithAck(message, body)) as { ok: boolean; code?: string };
        return answer.ok ? 'found' : JSON.stringify(answer);
      };
      const place = placeOf(viewer);
      const expected = (field: string): string => {
        const code = row(field)[place] ?? '';
        return code === 'found' ? code : JSON.stringify({ ok: false, code });
      };
      const answer = await emit('follow', { operationId: house.operationId });
      matrix.check(expected('follow'), answer, `follow as ${viewer.name}`);
      matrix.same(
        await emit('follow', { operationId: v7() }),
        JSON.stringify({ ok: false, code: 'NOT_FOUND' }),
        `follow as ${viewer.name}`,
      );
      if (answer === 'found') {
        await until(() => isLive, { what: `the past is told to ${viewer.name}` });
        lookAtEvents(viewer, events, 'the live feed');
        matrix.check(
          JSON.stringify(await feed(viewer, null, 500)),
          JSON.stringify(events),
          `the live feed as ${viewer.name}`,
        );
      }
      matrix.check(
        expected('unfollow'),
        await emit('unfollow', { operationId: house.operationId }),
        `unfollow as ${viewer.name}`,
      );
      matrix.check('found', await emit('unfollow', { operationId: v7() }), `unfollow of nothing as ${viewer.name}`);
      socket.disconnect();
    });
  });
}, 120_000);

/** How a viewer stands in the operation that is asked about. */
function placeOf(viewer: Viewer): 'inside' | 'frame' | 'outside' {
  return viewer.relation === 'own, since withdrawn' ? 'outside' : viewer.place;
}

test('an operation answers by how one stands in it; outside it is not there', async () => {
  await nothingIsWrong(async () => {
    const { viewers, tables, house, participations } = matrix;
    const participationId = participations.get(house.operationId) ?? '';
    await forAll(viewers, async (viewer) => {
      const place = placeOf(viewer);
      for (const row of tables.operation) {
        const field = row.field ?? '';
        if (field === 'follow' || field === 'unfollow') continue;
        const where = `${field} as ${viewer.name}`;
        if (field === 'operations') {
          const answer = await matrix.ask(viewer, { query: '{ operations { id } }', variables: {} }, where);
          const isListed = answer.text.includes(house.operationId);
          matrix.check(row[place] ?? '', isListed ? 'found' : 'absent', where);
          continue;
        }
        const probe = OPERATION_PROBES[field];
        if (!probe) throw new Error(`How is ${field} asked?`);
        const mayAsk = holds(viewer, listed(row.roles));
        const answer = await matrix.ask(viewer, probe(house.operationId, participationId, viewer), where);
        const expected = answerFor(row[place], isMeant(viewer, listed(row.may)));
        matrix.check(mayAsk ? expected : 'FORBIDDEN', codeIn(answer), where);
        if (place !== 'outside' && mayAsk) continue;
        const none = await matrix.ask(viewer, probe(v7(), v7(), viewer), where);
        matrix.same(wholeOf(answer), wholeOf(none), where);
      }
    });
  });
}, 120_000);

test('what concerns no record tells of none, and asks for the role that the table names', async () => {
  await nothingIsWrong(async () => {
    const { viewers, tables } = matrix;
    const { email } = viewers[0]?.person ?? { email: '' };
    await forAll([undefined, ...viewers], async (viewer) => {
      for (const row of tables.platform) {
        const field = row.field ?? '';
        const probe = PLATFORM_PROBES[field];
        if (!probe) throw new Error(`How is ${field} asked?`);
        const roles = listed(row.roles);
        const isPublic = roles.includes('public');
        if (viewer && (roles.includes('own') || isPublic)) continue;
        const where = `${field} as ${viewer?.name ?? 'nobody'}`;
        const answer = await matrix.ask(viewer, probe(matrix.house, email), where);
        const asPerson = (): string => {
          if (!viewer) return isPublic ? (row.answer ?? '') : 'UNAUTHENTICATED';
          if (!holds(viewer, roles)) return 'FORBIDDEN';
          return answerFor(row.answer, isMeant(viewer, listed(row.may)));
        };
        matrix.check(asPerson(), codeIn(answer), where);
      }
    });
  });
}, 120_000);

interface LogPage {
  readonly edges: readonly { readonly node: { readonly subjectId: string | null; readonly country: string | null } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const LOG = `edges { node { action subjectId version country part details actor { id name } } } pageInfo { hasNextPage endCursor }`;

test('the audit log holds entries about what its reader sees now, whatever it was when they were written', async () => {
  await nothingIsWrong(async () => {
    const { viewers, records, house } = matrix;
    const readers = viewers.filter(
      (viewer) => placeOf(viewer) === 'inside' && holds(viewer, ['HUB', 'NATIONAL_COORDINATOR']),
    );
    await forAll(readers, async (viewer) => {
      const isAllowed = isMeant(viewer, ['own coordinators', 'hub officers']);
      const ids = Object.fromEntries([...records.map(({ code, id }) => [code, id] as const), ['none', v7()]]);
      const query = `query ($id: UUID!, ${Object.keys(ids)
        .map((name) => `$${name}: UUID!`)
        .join(', ')}) { ${Object.keys(ids)
        .map((name) => `${name}: auditLog(operationId: $id, subjectId: $${name}, first: 9) { ${LOG} }`)
        .join(' ')} }`;
      const about = await matrix.ask(viewer, { query, variables: { id: house.operationId, ...ids } }, 'auditLog');
      for (const record of records) {
        const where = `auditLog about ${record.code} as ${viewer.name}`;
        const page = about.data[record.code] as LogPage | undefined;
        const isThere = isAllowed && matrix.sees(viewer, record);
        matrix.check(String(isThere), String((page?.edges.length ?? 0) > 0), where);
        if (!isThere) matrix.same(JSON.stringify(page), JSON.stringify(about.data.none), where);
      }
      let after: string | null = null;
      do {
        const whole = `query ($id: UUID!, $after: String) { log: auditLog(operationId: $id, first: 200, after: $after) { ${LOG} } }`;
        const answer = await matrix.ask(
          viewer,
          { query: whole, variables: { id: house.operationId, after } },
          'auditLog',
        );
        const page: LogPage | undefined = answer.data.log as LogPage | undefined;
        matrix.check('found', codeIn(answer), `auditLog as ${viewer.name}`);
        after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      } while (after !== null);
    });
  });
}, 60_000);

test('without a session nothing is answered, whatever the id', async () => {
  await nothingIsWrong(async () => {
    const { records, tables, house, viewers, participations } = matrix;
    const [viewer] = viewers;
    if (!viewer) throw new Error('There is nobody.');
    for (const [field, probe] of Object.entries(RECORD_PROBES)) {
      for (const record of records.slice(0, 5)) {
        matrix.check(
          'UNAUTHENTICATED',
          codeIn(await matrix.ask(undefined, probe(record, viewer, house), field)),
          field,
        );
      }
    }
    for (const [field, probe] of Object.entries(OPERATION_PROBES)) {
      const asked = probe(house.operationId, participations.get(house.operationId) ?? '', viewer);
      matrix.check('UNAUTHENTICATED', codeIn(await matrix.ask(undefined, asked, field)), field);
    }
    const socket = io(`${matrix.muster.url}/live`, {
      auth: { token: 'none' },
      path: '/socket.io',
      reconnection: false,
    });
    sockets.push(socket);
    const refused = await new Promise<unknown>((resolve) => {
      socket.on('connect_error', (error: Error & { data?: unknown }) => resolve(error.data));
      socket.on('connect', () => resolve('connected'));
    });
    matrix.check(JSON.stringify({ code: 'UNAUTHENTICATED' }), JSON.stringify(refused), 'a socket');
    for (const asViewer of [undefined, ...viewers]) {
      for (const row of tables.routes) {
        const [method = '', path = ''] = (row.route ?? '').split(' ');
        const expected = asViewer ? row['with one'] : row['without a session'];
        if (!/^\d+$/.test(expected ?? '')) continue;
        const init = {
          method,
          headers: {
            'tus-resumable': '1.0.0',
            'upload-offset': '0',
            ...(method === 'PATCH' ? { 'content-type': 'application/offset+octet-stream' } : {}),
          },
        };
        const answer = await matrix.fetch(asViewer, path.replace(':id', v7()).replace(':provider', 'none'), init, path);
        matrix.check(expected ?? '', String(answer.status), `${row.route} as ${asViewer?.name ?? 'nobody'}`);
      }
    }
    const none = await upload(undefined, v7(), v7());
    matrix.same(
      wholeOf(await upload(undefined, records[0]?.id ?? '', v7())),
      wholeOf(none),
      'upload without a session',
    );
  });
}, 60_000);

test('an id that another country used is not usable, and nothing more is told', async () => {
  await nothingIsWrong(async () => {
    const { viewers, records, tables, house } = matrix;
    const words = (field: string): string => tables.reused.find((row) => row.field === field)?.answer ?? '';
    const reporters = viewers.filter(({ place, relation }) => place === 'inside' && !relation.startsWith('own'));
    for (const [field, role] of [
      ['logViolation', 'AGENCY_OFFICER'],
      ['reportSeizure', 'PORT_UNIT_OFFICER'],
    ] as const) {
      await forAll(
        reporters.filter((viewer) => holds(viewer, [role])),
        async (viewer) => {
          const answers = new Set<string>();
          for (const record of records) {
            const where = `${field} with the id of ${record.code} as ${viewer.name}`;
            const probe = OPERATION_PROBES[field]?.(house.operationId, '', viewer);
            const input = probe?.variables.input as Record<string, unknown>;
            const lines = [{ agreement: 'BASEL', commodity: 'household-waste', quantity: '1', unit: 'KG' }];
            const asked = { query: probe?.query ?? '', variables: { input: { ...input, lines, id: record.id } } };
            const answer = await matrix.ask(viewer, asked, where);
            answers.add(wholeOf(answer));
            const rules = answer.errors[0]?.extensions?.fields?.map(({ rule }) => rule) ?? [];
            matrix.check(words(field), [codeIn(answer), ...rules].join(', '), where);
          }
          matrix.check('1', String(answers.size), `kinds of answers to ${field} with a used id as ${viewer.name}`);
        },
      );
    }
  });
}, 60_000);

test('those who are named and take part are the only ones who see RED beside the owner', () => {
  const seers = matrix.viewers.filter((viewer) =>
    matrix.records.some((record) => record.level === 'RED' && matrix.sees(viewer, record)),
  );
  const others = seers.filter((viewer) => viewer.relation !== 'own');
  expect(others.length).toBeGreaterThan(3);
  expect(others.every(isNamed)).toBe(true);
});

test('no cell leaked', () => {
  expect(matrix.tried).toBeGreaterThan(10_000);
  expect(matrix.leaks).toEqual([]);
});
