import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse } from 'csv-parse/sync';
import exceljs from 'exceljs';
import pg from 'pg';
import { io } from 'socket.io-client';
import { v7 } from 'uuid';

import { type Muster, type Program, startMuster, until } from '../setup/index.js';
import {
  beginExport,
  download,
  EXPORT_QUERY,
  EXPORT_REPORTS,
  exported,
  exportOf,
  EXPORTS,
  fileOf,
  objectsOf,
  type ToldExport,
} from '../setup/exports.js';
import { type Desk, importFile } from '../setup/imports.js';
import { openPorts, type Ports, reported } from '../setup/ports.js';
import { day, hours, LOG, type Person, type Refusal, Scene, violationInput } from '../setup/scene.js';

let muster: Muster;
let scene: Scene;
let ports: Ports;
/** Where files are kept, and where they are made. */
let folder: string;
let beside: string;
/** In place of one that a test killed. */
let newWorker: Program | undefined;

function workerOf(): Program {
  const worker = newWorker ?? muster.worker;
  if (!worker) throw new Error('No worker runs.');
  return worker;
}

beforeAll(async () => {
  [folder, beside] = [await mkdtemp(join(tmpdir(), 'muster-test-')), await mkdtemp(join(tmpdir(), 'muster-test-'))];
  muster = await startMuster({ env: { DATA_DIR: folder, TMPDIR: beside } });
  scene = await Scene.open(muster);
});

beforeEach(async () => {
  ports = await openPorts(scene);
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
  for (const path of [folder, beside]) await rm(path, { recursive: true });
});

interface Told {
  readonly id: string;
  readonly version: number;
  readonly country: string;
  readonly narrative: string | null;
  readonly withdrawn: boolean;
  readonly sharing: { readonly level: string; readonly addCountries: string[] | null };
}

const KEEPER = { KE: 'kenya', TZ: 'tanzania' } as const;

/** Logs a violation of a country; gives its id. */
async function log(country: 'KE' | 'TZ', change: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const input = violationInput(ports.operationId, ports.agencies[country], {
    consignment: {
      transportMode: 'MARITIME',
      direction: 'IMPORT',
      route: { origin: 'NL', transit: ['OM'], destination: country },
      cargoUnits: [{ container: 'CSQU3054383' }, { vehicle: 'KBA 123A' }],
    },
    place: { unlocode: country === 'KE' ? 'KEMBA' : 'TZDAR' },
    ...change,
  });
  return (await ports[KEEPER[country]].do<{ id: string }>(LOG, { input })).id;
}

const LIST = `query ($id: UUID!, $filter: ViolationFilter, $after: String) { violations(operationId: $id, first: 200, after: $after, filter: $filter) {
  edges { cursor node { id version operationId country agency { id name kind country } unit { id name } source scene detectedAt timeZone
    place { unlocode latitude longitude name country } crimeArea nature detection
    consignment { transportMode direction route { origin transit destination } billOfLading } lines { agreement quantity unit quantityKg valueUsd }
    valueUsd quantityKg persons companies sharing { level addCountries leaveOutCountries } useRestriction narrative late exercise withdrawn
    withdrawalReason recordedAt } } pageInfo { hasNextPage } } }`;

/** All that a person is told by the list. */
async function listed(person: Person, filter: object = { withdrawn: null, exercise: null }): Promise<Told[]> {
  const page = await person.do<{ edges: { node: Told }[] }>(LIST, { id: ports.operationId, filter });
  return page.edges.map(({ node }) => node);
}

/** Records of both countries at each level, told to others, left out and named; a withdrawn one and one from a port unit. */
async function fill(): Promise<void> {
  for (const country of ['KE', 'TZ'] as const) {
    const other = country === 'KE' ? 'TZ' : 'KE';
    for (const level of ['RED', 'AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR']) await log(country, { sharing: { level } });
    await log(country, { sharing: { level: 'AMBER', addCountries: [other] }, narrative: `For ${other}.` });
    await log(country, { sharing: { level: 'GREEN', leaveOutCountries: [other] } });
    await log(country, { sharing: { level: 'RED', nameUserIds: [ports.hub.id] } });
  }
  await ports.kenya.do(WITHDRAW, { id: await log('KE', { sharing: { level: 'GREEN' } }), version: 1 });
  await reported(ports.officer, ports.operationId, ports.mombasa, { sharing: { level: 'AMBER' } });
}

const WITHDRAW = `mutation ($id: UUID!, $version: Int!) { withdrawViolation(id: $id, expectedVersion: $version, reason: "A test.") { id } }`;
const SHARE = `mutation ($id: UUID!, $version: Int!, $sharing: SharingInput!) {
  changeSharing(id: $id, expectedVersion: $version, reason: "A test.", sharing: $sharing) { id version } }`;

const records = (file: Buffer): Record<string, string>[] =>
  parse<Record<string, string>>(file, { columns: true, bom: true });

async function sheetOf(file: Buffer): Promise<Record<string, exceljs.CellValue>[]> {
  const book = new exceljs.Workbook();
  await book.xlsx.load(file as never);
  const [sheet] = book.worksheets;
  const rows: Record<string, exceljs.CellValue>[] = [];
  const header: string[] = [];
  sheet?.eachRow((row, number) => {
    if (number === 1) row.eachCell((cell, at) => (header[at] = cell.text));
    else rows.push(Object.fromEntries(header.flatMap((name, at) => (name ? [[name, row.getCell(at).value]] : []))));
  });
  return rows;
}

const LINES = [
  {
    agreement: 'BASEL',
    commodity: 'household-waste',
    quantity: '22.50',
    unit: 'TONNE',
    value: '10.5',
    currency: 'USD',
  },
  { agreement: 'BASEL', commodity: 'household-waste', quantity: '12345678901234.567', unit: 'PIECE' },
];

test.each(['CSV', 'XLSX', 'NDJSON'])('%s holds what the list tells, one row for each line of goods', async (format) => {
  const place = { name: '=1+1', latitude: -4.05, longitude: 39.66 };
  const first = await log('KE', { lines: LINES, place, narrative: '=HYPERLINK("x")', detectedAt: hours(-3) });
  const second = await log('KE', { sharing: { level: 'RED' } });
  const told = await exportOf(ports.kenya, ports.operationId, { format });
  const rowsInAll = format === 'NDJSON' ? 2 : 3;
  expect(told).toMatchObject({
    status: 'DONE',
    failure: null,
    recordsInAll: 2,
    recordsWritten: 2,
    rowsWritten: rowsInAll,
    url: expect.stringContaining('/exports/download?link=') as unknown,
  });
  const response = await download(muster.url, told);
  expect(response.headers.get('content-disposition')).toContain(`.${format.toLowerCase()}`);
  const file = Buffer.from(await response.arrayBuffer());
  expect(file).toHaveLength(told.size ?? 0);
  if (format === 'NDJSON') {
    const objects = await objectsOf<Told & { lines: object[]; place: object }>(muster.url, told);
    expect(objects.map(({ id }) => id)).toEqual([second, first]);
    expect(objects[1]).toMatchObject({ place, narrative: '=HYPERLINK("x")', lines: LINES });
    return;
  }
  const rows: Record<string, unknown>[] = format === 'CSV' ? records(file) : await sheetOf(file);
  expect(rows.map(({ reference, id }) => [reference, id])).toEqual([
    [second, second],
    [first, first],
    [first, first],
  ]);
  const number = (text: string): string | number => (format === 'CSV' ? text : Number(text));
  expect(rows[1]).toMatchObject({
    narrative: `'=HYPERLINK("x")`,
    place: `'=1+1`,
    latitude: number('-4.05'),
    quantity: number('22.50'),
    valueUsd: number('10.50'),
    persons: number('2'),
    sharingLevel: 'AMBER',
    country: 'KE',
    version: number('1'),
    commodityName: expect.any(String) as unknown,
    container: 'CSQU3054383',
    withdrawn: 'NO',
  });
  // More digits than a spreadsheet keeps stay text; and who adds persons up counts them once.
  expect(rows[2]).toMatchObject({ quantity: '12345678901234.567', persons: format === 'CSV' ? '' : null });
});

test('each viewer gets in the file what the list tells that viewer: the same records with the same fields', async () => {
  await fill();
  const { operationId } = ports;
  const viewers = {
    kenya: ports.kenya,
    tanzania: ports.tanzania,
    officer: ports.officer,
    neighbour: ports.neighbour,
    hub: ports.hub,
    analyst: await scene.person(null, { role: 'ANALYST', operationId }),
    observer: await scene.person(null, { role: 'OBSERVER', operationId }),
    observerOfKenya: await scene.person(null, { role: 'OBSERVER', operationId, country: 'KE' }),
  };
  const counts: Record<string, number> = {};
  for (const [name, person] of Object.entries(viewers)) {
    const told = await exportOf(person, operationId);
    const objects = await objectsOf<Told>(muster.url, told);
    const list = await listed(person);
    expect(objects.map(({ id }) => id)).toEqual(list.map(({ id }) => id));
    objects.forEach((object, index) => {
      expect(object).toMatchObject(list[index] ?? {});
      expect(JSON.stringify(object)).not.toContain('nameUserIds');
    });
    counts[name] = list.length;
  }
  expect(new Set(Object.values(counts)).size).toBeGreaterThan(3);
});

test('the filter is the one of the list, and what is wrong with it is told', async () => {
  await fill();
  for (const filter of [
    { countries: ['TZ'], withdrawn: null },
    { withdrawn: true },
    { search: 'For' },
    {},
    { cargoUnit: 'CSQU3054383', detectedFrom: hours(-5), detectedTo: hours(1) },
  ]) {
    const objects = await objectsOf<Told>(muster.url, await exportOf(ports.kenya, ports.operationId, { filter }));
    const list = await listed(ports.kenya, filter);
    expect(list.length).toBeGreaterThan(0);
    expect(objects.map(({ id }) => id)).toEqual(list.map(({ id }) => id));
  }
  const input = { id: 'x', operationId: ports.operationId, format: 'CSV', filter: { commodities: ['moon-dust'] } };
  const refused = await ports.kenya.refused(EXPORT_REPORTS, { input: { ...input, id: crypto.randomUUID() } });
  expect(refused.fields?.map(({ path }) => path)).toEqual(['input.id', 'input.filter.commodities.0']);
});

test("nobody learns of another person's export: no list, no id, no file, no event", async () => {
  const colleague = await scene.person(ports.agencies.KE, {
    role: 'NATIONAL_COORDINATOR',
    country: 'KE',
    operationId: ports.operationId,
  });
  await log('KE');
  const told = await exportOf(ports.kenya, ports.operationId);
  const outsider = await scene.person(null);
  for (const person of [colleague, ports.hub, ports.tanzania, outsider]) {
    const hidden = await person.refused(EXPORT_QUERY, { id: told.id });
    expect(hidden).toEqual(await person.refused(EXPORT_QUERY, { id: v7() }));
    expect(hidden.code).toBe('NOT_FOUND');
  }
  const input = { id: told.id, operationId: ports.operationId, format: 'NDJSON' };
  expect((await colleague.refused(EXPORT_REPORTS, { input })).fields?.map(({ rule }) => rule)).toEqual(['unusable']);
  expect((await ports.kenya.do<ToldExport[]>(EXPORTS, { id: ports.operationId })).map(({ id }) => id)).toEqual([
    told.id,
  ]);
  for (const person of [colleague, ports.hub]) expect(await person.do(EXPORTS, { id: ports.operationId })).toEqual([]);
  expect((await outsider.refused(EXPORTS, { id: ports.operationId })).code).toBe('NOT_FOUND');
  const kinds = async (person: Person): Promise<string[]> => {
    const page = await person.do<{ events: { kind: string }[] }>(
      `query ($id: UUID!) { operationFeed(operationId: $id, first: 500) { events { kind payload } } }`,
      { id: ports.operationId },
    );
    return page.events.map(({ kind }) => kind).filter((kind) => kind.startsWith('export.'));
  };
  expect(await kinds(ports.kenya)).toEqual(['export.begun', 'export.progressed', 'export.finished']);
  for (const person of [colleague, ports.hub, ports.tanzania]) expect(await kinds(person)).toEqual([]);
});

test('its progress comes by the live feed to its author alone', async () => {
  const colleague = await scene.person(ports.agencies.KE, {
    role: 'NATIONAL_COORDINATOR',
    country: 'KE',
    operationId: ports.operationId,
  });
  await log('KE');
  interface Heard {
    readonly kind: string;
    readonly subjectId: string;
    readonly payload: { readonly record?: ToldExport };
  }
  const heard = new Map<Person, Heard[]>();
  const sockets = [ports.kenya, colleague].map((person) => {
    const events: Heard[] = [];
    heard.set(person, events);
    const socket = io(`${muster.url}/live`, { auth: { token: person.token }, transports: ['websocket'] });
    socket.on('event', (event: Heard) => events.push(event));
    return socket;
  });
  try {
    for (const socket of sockets) {
      await until(() => socket.connected);
      await socket.emitWithAck('follow', { operationId: ports.operationId });
    }
    const told = await exportOf(ports.kenya, ports.operationId);
    const last = await log('KE');
    for (const events of heard.values()) await until(() => events.some(({ subjectId }) => subjectId === last));
    const exports = (person: Person): Heard[] =>
      (heard.get(person) ?? []).filter(({ kind }) => kind.startsWith('export.'));
    expect(exports(ports.kenya).map(({ kind }) => kind)).toEqual([
      'export.begun',
      'export.progressed',
      'export.finished',
    ]);
    expect(exports(ports.kenya).at(-1)?.payload.record).toMatchObject({ id: told.id, status: 'DONE', url: null });
    expect(exports(colleague)).toEqual([]);
  } finally {
    for (const socket of sockets) socket.disconnect();
  }
});

test('an export is begun once, however often it is asked for, and each has an id of its own', async () => {
  await log('KE');
  const input = { id: v7(), operationId: ports.operationId, format: 'CSV', filter: { countries: ['KE'] } };
  const [one, other] = await Promise.all([1, 2].map(() => ports.kenya.do<ToldExport>(EXPORT_REPORTS, { input })));
  expect(one?.id).toBe(other?.id);
  const done = await exported(ports.kenya, input.id);
  expect(await ports.kenya.do<ToldExport>(EXPORT_REPORTS, { input })).toMatchObject({
    status: 'DONE',
    size: done.size,
  });
  expect((await ports.kenya.refused(EXPORT_REPORTS, { input: { ...input, filter: {} } })).code).toBe('CONFLICT');
  const events = await scene.sql(`SELECT FROM feed_events WHERE operation_id = $1 AND kind = 'export.begun'`, [
    ports.operationId,
  ]);
  expect(events).toHaveLength(1);
});

const KEPT = join('attachments', 'exports');

/** The runs of an export that a file may be left of. */
async function runsOf(id: string): Promise<string[]> {
  const rows = await scene.sql<{ run: string }>(`SELECT run_id AS run FROM export_files WHERE export_id = $1`, [id]);
  return rows.map(({ run }) => run);
}

describe('a file that was made is given out', () => {
  const status = async (told: ToldExport): Promise<[number, string | undefined]> => {
    const response = await download(muster.url, told);
    if (response.ok) return [response.status, undefined];
    return [response.status, ((await response.json()) as { code: string }).code];
  };

  test('no more once a record in it was narrowed for its author, and again when it is widened', async () => {
    const id = await log('TZ', { sharing: { level: 'GREEN' } });
    const other = await log('TZ', { sharing: { level: 'AMBER_STRICT' } });
    const [kenyas, hubs] = [
      await exportOf(ports.kenya, ports.operationId, { format: 'CSV' }),
      await exportOf(ports.hub, ports.operationId, { format: 'CSV' }),
    ];
    // What the file does not hold changes nothing.
    await ports.tanzania.do(SHARE, { id: other, version: 1, sharing: { level: 'RED' } });
    expect(await status(kenyas)).toEqual([200, undefined]);
    expect(await status(hubs)).toEqual([409, 'CONFLICT']);
    await ports.tanzania.do(SHARE, { id, version: 1, sharing: { level: 'AMBER_STRICT' } });
    expect(await status(kenyas)).toEqual([409, 'CONFLICT']);
    expect((await download(muster.url, kenyas)).headers.get('content-disposition')).toBeNull();
    const anew = await exportOf(ports.kenya, ports.operationId, { format: 'CSV' });
    expect(records(await fileOf(muster.url, anew))).toEqual([]);
    await ports.tanzania.do(SHARE, { id, version: 2, sharing: { level: 'GREEN' } });
    expect(await status(kenyas)).toEqual([200, undefined]);
  });

  test('no more once its author stands otherwise in the operation, and to nobody outside of it', async () => {
    await log('KE');
    const told = await exportOf(ports.officer, ports.operationId);
    expect(await status(told)).toEqual([200, undefined]);
    await scene.grant(ports.officer.id, {
      role: 'NATIONAL_COORDINATOR',
      country: 'KE',
      operationId: ports.operationId,
    });
    expect(await status(told)).toEqual([409, 'CONFLICT']);
    await scene.sql(`UPDATE grants SET ended_at = now() WHERE user_id = $1`, [ports.officer.id]);
    expect(await status(told)).toEqual([404, 'NOT_FOUND']);
    expect((await ports.officer.refused(EXPORT_QUERY, { id: told.id })).code).toBe('NOT_FOUND');
  });

  test('no more once its author has no session, or a record in it is anonymised', async () => {
    const id = await log('KE');
    const told = await exportOf(ports.kenya, ports.operationId);
    await scene.sql(`UPDATE violations SET anonymised_at = now() WHERE operation_id = $1 AND id = $2`, [
      ports.operationId,
      id,
    ]);
    expect(await status(told)).toEqual([409, 'CONFLICT']);
    // Whatever the clocks said: what tells is what its page was read as.
    await scene.sql(`UPDATE violations SET anonymised_at = now() - interval '1 day' WHERE operation_id = $1`, [
      ports.operationId,
    ]);
    expect(await status(told)).toEqual([409, 'CONFLICT']);
    const late = await exportOf(ports.kenya, ports.operationId);
    expect(await status(late)).toEqual([200, undefined]);
    await scene.sql(`UPDATE sessions SET ended_at = now() WHERE user_id = $1`, [ports.kenya.id]);
    expect(await status(late)).toEqual([404, 'NOT_FOUND']);
    expect((await fetch(`${muster.url}/exports/download?link=made.up`)).status).toBe(404);
  });

  test('for a day, and is then removed', async () => {
    await log('KE');
    const [stuck, old, young] = [
      await exportOf(ports.kenya, ports.operationId),
      await exportOf(ports.kenya, ports.operationId),
      await exportOf(ports.kenya, ports.operationId),
    ];
    await scene.sql(`UPDATE exports SET expires_at = now() - interval '1 minute' WHERE id = ANY ($1)`, [
      [old.id, stuck.id],
    ]);
    expect(await status(old)).toEqual([404, 'NOT_FOUND']);
    // One that can't be removed keeps none of the others.
    const [{ path } = { path: '' }] = (await runsOf(stuck.id)).map((run) => ({ path: join(folder, KEPT, run) }));
    await rm(path);
    await mkdir(path);
    // Left by a run that died between its file and its end, a day ago.
    const lost = crypto.randomUUID();
    await writeFile(join(folder, KEPT, lost), 'Of a run that died.');
    await scene.sql(`INSERT INTO export_files VALUES ($1, $2, $3, now() - interval '25 hours')`, [
      ports.operationId,
      young.id,
      lost,
    ]);
    const worker = await muster.add('worker');
    await until(async () => {
      const rows = await scene.sql(`SELECT FROM exports WHERE id = $1 AND file_removed_at IS NOT NULL`, [old.id]);
      return rows.length === 1;
    });
    await until(async () => !(await readdir(join(folder, KEPT))).includes(lost));
    await until(async () => (await runsOf(young.id)).length === 1);
    await worker.stop();
    expect(await runsOf(old.id)).toEqual([]);
    expect(await scene.sql(`SELECT FROM export_records WHERE export_id = $1`, [old.id])).toEqual([]);
    expect((await ports.kenya.do<ToldExport>(EXPORT_QUERY, { id: old.id })).url).toBeNull();
    expect(await status(young)).toEqual([200, undefined]);
  });
});

test('whoever loses the right in the middle gets no file, and the part that was made is gone', async () => {
  await log('KE');
  // Between the door and the worker.
  await scene.sql(`CREATE FUNCTION change_rights() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    UPDATE grants SET ended_at = now() WHERE user_id = NEW.author_id AND role = 'PORT_UNIT_OFFICER'; RETURN NULL; END $$`);
  await scene.sql(`CREATE TRIGGER change_rights AFTER INSERT ON exports FOR EACH ROW EXECUTE FUNCTION change_rights()`);
  let ids: string[];
  try {
    await scene.grant(ports.ranger.id, { role: 'OBSERVER', operationId: ports.operationId });
    const input = { id: v7(), operationId: ports.operationId, format: 'CSV' };
    ids = [input.id];
    await ports.ranger.ask(EXPORT_REPORTS, { input });
    const outside = { ...input, id: v7() };
    ids.push(outside.id);
    await ports.officer.ask(EXPORT_REPORTS, { input: outside });
  } finally {
    await scene.sql(`DROP FUNCTION change_rights CASCADE`);
  }
  const ended = await until(async () => {
    const rows = await scene.sql<{ status: string; failure: string; file_size: null; records_written: number }>(
      `SELECT status, failure, file_size, records_written FROM exports WHERE id = ANY ($1) AND finished_at IS NOT NULL`,
      [ids],
    );
    return rows.length === 2 ? rows : undefined;
  });
  for (const row of ended) {
    expect(row).toMatchObject({ status: 'FAILED', file_size: null, records_written: 0 });
    expect(row.failure).toContain('Your part in the operation has changed');
  }
  expect((await ports.ranger.do<ToldExport>(EXPORT_QUERY, { id: ids[0] })).failure).toContain('make it anew');
  expect(await scene.sql(`SELECT FROM export_records WHERE export_id = ANY ($1)`, [ids])).toEqual([]);
  for (const id of ids) await until(async () => (await runsOf(id)).length === 0);
});

test('a file waits until it is recorded who is told what it holds', async () => {
  await log('KE');
  await scene.sql(
    `CREATE FUNCTION not_recorded() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'Not now.'; END $$`,
  );
  await scene.sql(`CREATE TRIGGER not_recorded BEFORE INSERT ON readings FOR EACH ROW EXECUTE FUNCTION not_recorded()`);
  let id: string;
  try {
    id = await beginExport(ports.kenya, ports.operationId);
    await until(async () => {
      const rows = await scene.sql(`SELECT FROM outbox WHERE subject_id = $1 AND last_error LIKE '%be recorded%'`, [
        id,
      ]);
      return rows.length === 1;
    });
  } finally {
    await scene.sql(`DROP FUNCTION not_recorded CASCADE`);
  }
  await until(async () => (await runsOf(id)).length === 0);
  await scene.sql(`UPDATE outbox SET due_at = now() WHERE subject_id = $1`, [id]);
  expect(await exported(ports.kenya, id)).toMatchObject({ status: 'DONE', recordsWritten: 1 });
});

/** Brings many violations of Kenya in. */
async function bringMany(count: number): Promise<void> {
  const header =
    'detectedAt,scene,crimeArea,nature,detection,place,commodity,agreement,quantity,unit,narrative,sharingLevel';
  const rows = Array.from(
    { length: count },
    (_, index) =>
      `${day(-1)} 08:30,SITE,POLLUTION,CRIMINAL,CHANCE,KEMBA,household-waste,BASEL,1,KG,Case ${index},GREEN`,
  );
  const desk = { url: muster.url, person: ports.kenya, operationId: ports.operationId, agencyId: ports.agencies.KE };
  const done = await importFile(desk, 'many.csv', Buffer.from([header, ...rows].join('\n')));
  expect(done.rowsTaken).toBe(count);
}

/** Runs SQL as soon as an export has written its second page. */
async function atSecondPage<T>(statement: string, work: () => Promise<T>): Promise<T> {
  await scene.sql(`CREATE FUNCTION second_page() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN ${statement}; RETURN NULL; END $$`);
  await scene.sql(
    `CREATE TRIGGER second_page AFTER INSERT ON export_records FOR EACH ROW WHEN (NEW.page = 1) EXECUTE FUNCTION second_page()`,
  );
  try {
    return await work();
  } finally {
    await scene.sql(`DROP FUNCTION second_page CASCADE`);
  }
}

/** Holds an export up at its second page while the test does something. @param key of a lock, the test's own */
async function stopped(
  key: number,
  work: (begin: (change: Readonly<Record<string, unknown>>) => Promise<string>) => Promise<string>,
): Promise<string> {
  const lock = new pg.Client({ connectionString: muster.databaseUrl });
  await lock.connect();
  try {
    await lock.query(`SELECT pg_advisory_lock(${key})`);
    return await atSecondPage(`PERFORM pg_advisory_xact_lock_shared(${key})`, async () => {
      try {
        return await work(async (change) => {
          const id = await beginExport(ports.kenya, ports.operationId, change);
          await until(async () => {
            const waiting = await scene.sql(`SELECT FROM pg_locks WHERE objid = ${key} AND NOT granted`);
            return waiting.length > 0;
          });
          return id;
        });
      } finally {
        await lock.query(`SELECT pg_advisory_unlock(${key})`);
      }
    });
  } finally {
    await lock.end();
  }
}

describe('while a file is being made', () => {
  beforeEach(() => bringMany(650));

  test.each(['CSV', 'XLSX', 'NDJSON'])('a right that ends breaks it off, with nothing left: %s', async (format) => {
    await scene.grant(ports.officer.id, { role: 'OBSERVER', operationId: ports.operationId });
    const told = await atSecondPage(
      `UPDATE grants SET ended_at = now() WHERE user_id = '${ports.officer.id}' AND role = 'PORT_UNIT_OFFICER'`,
      () => exportOf(ports.officer, ports.operationId, { format }),
    );
    expect(told).toMatchObject({ status: 'FAILED', recordsInAll: 650, recordsWritten: 400, url: null, size: null });
    expect(await scene.sql(`SELECT FROM export_records WHERE export_id = $1`, [told.id])).toEqual([]);
  });

  test('what is narrowed before its page is left out, and after its page keeps the file from being given out', async () => {
    const order = `SELECT id FROM violations WHERE operation_id = '${ports.operationId}' AND sharing_level = 'GREEN' ORDER BY arrival`;
    const narrow = (which: string): string =>
      `UPDATE violations SET sharing_level = 'RED' WHERE operation_id = '${ports.operationId}' AND id = (${order} ${which} LIMIT 1)`;
    const all = await objectsOf<Told>(muster.url, await exportOf(ports.tanzania, ports.operationId));
    expect(all).toHaveLength(650);
    const begin = (statement: string): Promise<ToldExport> =>
      atSecondPage(statement, () => exportOf(ports.tanzania, ports.operationId));
    const less = await objectsOf<Told>(muster.url, await begin(narrow('')));
    expect(less.map(({ id }) => id)).toEqual(all.slice(0, -1).map(({ id }) => id));
    const late = await begin(narrow('DESC'));
    expect(late).toMatchObject({ status: 'DONE', recordsWritten: 649 });
    expect((await download(muster.url, late)).status).toBe(409);
  });

  test('none is lost and none is twice where records come and change meanwhile', async () => {
    const told = await atSecondPage(
      `UPDATE violations SET narrative = 'Changed.' WHERE operation_id = '${ports.operationId}'`,
      async () => {
        const id = await beginExport(ports.kenya, ports.operationId);
        await log('KE');
        return exported(ports.kenya, id);
      },
    );
    const objects = await objectsOf<Told>(muster.url, told);
    const ids = new Set(objects.map(({ id }) => id));
    expect(ids.size).toBe(objects.length);
    const list = await scene.sql<{ id: string }>(
      `SELECT id FROM violations WHERE operation_id = $1 ORDER BY arrival LIMIT 650`,
      [ports.operationId],
    );
    expect(list.every(({ id }) => ids.has(id))).toBe(true);
  });

  test.each(['CSV', 'XLSX', 'NDJSON'])(
    'a worker that is killed leaves nothing but what the next makes of it: %s',
    async (format) => {
      const id = await stopped(4711, async (begin) => {
        const begun = await begin({ format });
        await workerOf().kill('SIGKILL');
        expect(await readdir(beside)).toEqual([]);
        return begun;
      });
      // Its lease runs out by itself; the test does not wait for that.
      await scene.sql(`UPDATE outbox SET due_at = now() WHERE subject_id = $1`, [id]);
      newWorker = await muster.add('worker');
      const told = await exported(ports.kenya, id);
      expect(told).toMatchObject({ status: 'DONE', recordsWritten: 650, rowsWritten: 650 });
      const file = await fileOf(muster.url, told);
      const ids =
        format === 'NDJSON'
          ? (await objectsOf<Told>(muster.url, told)).map(({ id: each }) => each)
          : (format === 'CSV' ? records(file) : await sheetOf(file)).map(({ id: each }) => each);
      expect(new Set(ids).size).toBe(650);
      expect(ids).toHaveLength(650);
    },
  );

  test('of two workers that make one file only one comes to an end', async () => {
    let second: Program | undefined;
    const id = await stopped(4712, async (begin) => {
      const begun = await begin({});
      // As if the first had been silent for longer than its lease.
      await scene.sql(`UPDATE outbox SET due_at = now() WHERE subject_id = $1`, [begun]);
      second = await muster.add('worker');
      await until(async () => {
        const waiting = await scene.sql(
          `SELECT FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')`,
        );
        return waiting.length > 0;
      });
      return begun;
    });
    const told = await exported(ports.kenya, id);
    expect(told).toMatchObject({ status: 'DONE', recordsWritten: 650 });
    expect(await objectsOf<Told>(muster.url, told)).toHaveLength(650);
    await second?.stop();
    const ends = await scene.sql(`SELECT FROM audit_entries WHERE subject_id = $1 AND action = 'export.finished'`, [
      id,
    ]);
    expect(ends).toHaveLength(1);
    const [noted] = await scene.sql<{ count: number }>(
      `SELECT sum(cardinality(record_ids))::int AS count FROM export_records WHERE export_id = $1`,
      [id],
    );
    expect(noted?.count).toBe(650);
  });
});

test('an export that ended the worker again and again is given up, and says so', async () => {
  await scene.sql(`CREATE FUNCTION crashed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.attempts := 6; RETURN NEW; END $$`);
  await scene.sql(
    `CREATE TRIGGER crashed BEFORE INSERT ON outbox FOR EACH ROW WHEN (NEW.kind = 'export.make') EXECUTE FUNCTION crashed()`,
  );
  try {
    const told = await exportOf(ports.kenya, ports.operationId);
    expect(told).toMatchObject({ status: 'FAILED', url: null });
    expect(told.failure).toContain('could not be made');
  } finally {
    await scene.sql(`DROP FUNCTION crashed CASCADE`);
  }
});

test('each page is recorded as read by its author, and what was done with the file stands in the log', async () => {
  const id = await log('TZ', { sharing: { level: 'GREEN' } });
  const told = await exportOf(ports.kenya, ports.operationId, { filter: { search: 'waste' } });
  await fileOf(muster.url, told);
  const READERS = `query ($id: UUID!) { readersOf(recordId: $id) { kind country times } }`;
  const readers = await ports.tanzania.do<{ country: string | null }[]>(READERS, { id });
  expect(readers).toEqual(expect.arrayContaining([{ kind: 'COUNTRY', country: 'KE', times: 1 }]));
  const [reading] = await scene.sql<{ reader_ids: string[]; record_ids: string[]; filter: string }>(
    `SELECT reader_ids, record_ids, filter FROM readings WHERE operation_id = $1 AND what = 'export'`,
    [ports.operationId],
  );
  expect(reading).toMatchObject({ reader_ids: [ports.kenya.id], record_ids: [id] });
  expect(JSON.parse(reading?.filter ?? '{}')).toMatchObject({ search: 'waste' });
  const LOGGED = `query ($id: UUID!) { auditLog(operationId: $id, first: 100) { edges { node { action actor { id } } } } }`;
  const actions = async (person: Person): Promise<string[]> => {
    const page = await person.do<{ edges: { node: { action: string } }[] }>(LOGGED, { id: ports.operationId });
    return page.edges.map(({ node }) => node.action).filter((action) => action.startsWith('export.'));
  };
  // A country's coordinators know what its own people took away.
  expect(await actions(ports.kenya)).toEqual(['export.downloaded', 'export.begun']);
  expect(await actions(ports.tanzania)).toEqual([]);
  const stored = await scene.sql(`SELECT FROM audit_entries WHERE subject_id = $1 AND action = 'export.finished'`, [
    told.id,
  ]);
  expect(stored).toHaveLength(1);
});

test('where many exports of a person or a country wait or are kept, one more is told to come back', async () => {
  await log('KE');
  const { id } = await exportOf(ports.kenya, ports.operationId);
  const fake = (count: number, author: string, change: string): Promise<unknown> =>
    scene.sql(
      `INSERT INTO exports SELECT (jsonb_populate_record(x, to_jsonb(x) || ${change}
         || jsonb_build_object('id', gen_random_uuid(), 'author_id', $3::uuid))).* FROM exports x, generate_series(1, $2) WHERE x.id = $1`,
      [id, count, author],
    );
  const input = (): object => ({ id: v7(), operationId: ports.operationId, format: 'CSV' });
  const WAITS = `'{"status": "WAITING", "finished_at": null, "file_size": null, "expires_at": null}'::jsonb`;
  await fake(18, ports.kenya.id, `'{}'::jsonb`);
  await exportOf(ports.kenya, ports.operationId);
  const full = (await ports.kenya.refused(EXPORT_REPORTS, { input: input() })) as Refusal & {
    retryAfterSeconds: number;
  };
  expect(full.message).toContain('files of a person');
  // Until the oldest of them has had its day.
  expect(full.retryAfterSeconds).toBeGreaterThan(23 * 3600);
  await scene.sql(`UPDATE exports SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);
  await exportOf(ports.kenya, ports.operationId);
  await fake(3, ports.officer.id, WAITS);
  const refused = await ports.officer.refused(EXPORT_REPORTS, { input: input() });
  expect([refused.code, refused.message]).toEqual(['UNAVAILABLE', expect.stringContaining('exports of a person')]);
  await fake(17, v7(), WAITS);
  expect((await ports.ranger.refused(EXPORT_REPORTS, { input: input() })).message).toContain('of a country');
  // Who observes for a country takes none of its turns, nor of the hub's.
  const observer = await scene.person(null, { role: 'OBSERVER', operationId: ports.operationId, country: 'KE' });
  await exportOf(observer, ports.operationId);
  await fake(20, v7(), `${WAITS} || '{"lane": "XO"}'::jsonb`);
  expect((await observer.refused(EXPORT_REPORTS, { input: input() })).message).toContain('exports of observers');
  await exportOf(ports.hub, ports.operationId);
  await exportOf(ports.tanzania, ports.operationId);
  await scene.sql(`DELETE FROM exports WHERE operation_id = $1 AND status = 'WAITING'`, [ports.operationId]);
});

describe('what was exported can be imported', () => {
  test.each(['CSV', 'XLSX', 'NDJSON'])('as it is, from %s: all are repeats', async (format) => {
    await log('KE', {
      lines: LINES,
      place: { name: '=1+1', latitude: -4.05, longitude: 39.66 },
      narrative: '=x\n"y", z',
    });
    await log('KE', { detectedAt: `${day(-1)}T05:30:01.250Z`, grading: { source: 'A', information: 'TWO' } });
    await log('KE', {
      scene: 'VESSEL',
      consignment: null,
      vessel: { name: 'MV Example', flag: 'LR' },
      offenceFrom: day(-5),
      offenceTo: day(-3),
    });
    await log('KE', { sharing: { level: 'AMBER', addCountries: ['TZ'], leaveOutCountries: ['OM'] } });
    const told = await exportOf(ports.kenya, ports.operationId, { format });
    const desk: Desk = {
      url: muster.url,
      person: ports.kenya,
      operationId: ports.operationId,
      agencyId: ports.agencies.KE,
    };
    const done = await importFile(desk, `back.${format.toLowerCase()}`, await fileOf(muster.url, told), { format });
    expect([done.failure, done.status, done.rowsRefused, done.rowsTaken, done.rowsRepeated]).toEqual([
      null,
      'DONE',
      0,
      0,
      told.rowsWritten,
    ]);
  });
});
