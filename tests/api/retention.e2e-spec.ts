import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { Audit } from '#audit';
import { Feed, FeedReaders } from '#feed';
import { Clock, Cursors, Database } from '#platform';
import { RetentionRun } from '#reports';
import { Recount } from '#trends';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';

import { roleUrls } from '../../apps/launcher/role-urls.js';
import { DiskObjects } from '../../libs/reports/src/attachments/disk-objects.js';
import { type Muster, ROOT, startMuster, until } from '../setup/index.js';
import { day, LOG, type Person, REPORT, Scene, SEIZURE, seizureInput, violationInput } from '../setup/scene.js';

interface Exported {
  readonly id: string;
  readonly content: string;
  readonly sha256: string;
  readonly audit: string;
  readonly exported: boolean;
  readonly held: boolean;
}

interface Due {
  readonly dueOn: string | null;
  readonly noticedAt: string | null;
  readonly graceEndsAt: string | null;
  readonly countries: readonly Readonly<Record<'country' | 'due' | 'anonymised' | 'held' | 'exported', unknown>>[];
}

/** Stands in every text that tells more of a record than figures do. */
const MARK = 'Zanzibarite';

const FRAME = `query ($id: UUID!) { operation(id: $id) { version retentionMonths closedAt recordsDueOn headCursor } }`;
const SET = `mutation ($id: UUID!, $version: Int!, $months: Int!) {
  setRetention(id: $id, expectedVersion: $version, reason: "As agreed.", months: $months) { retentionMonths } }`;
const DUE = `query ($id: UUID!) { retentionDue(operationId: $id) { dueOn noticedAt graceEndsAt countries { country due anonymised held exported } } }`;
const EXPORT = `query ($id: UUID!, $country: CountryCode!, $first: Int! = 100, $after: UUID) {
  retentionExport(operationId: $id, country: $country, first: $first, after: $after) { id content sha256 audit exported held } }`;
const CONFIRM = `mutation ($id: UUID!, $country: CountryCode!, $receipts: [RetentionReceiptInput!]!) {
  confirmRetentionExport(operationId: $id, country: $country, receipts: $receipts) }`;
const HOLD = `mutation ($id: UUID!) { setLegalHold(recordId: $id, reason: "A court case.") { recordId reason endedAt } }`;
const RELEASE = `mutation ($id: UUID!) { endLegalHold(recordId: $id, reason: "The case is closed.") { recordId endedAt } }`;
const READ = `query ($id: UUID!) { violation(id: $id) { id narrative place { unlocode name } persons valueUsd
  vessel { imo name flag } consignment { billOfLading route { origin transit destination } cargoUnits { container } }
  lines { quantityKg commodity { code } } versions { version reason author { id } changes } } }`;
const CORRECT = `mutation ($id: UUID!, $version: Int!, $input: CorrectViolationInput!) {
  correctViolation(id: $id, expectedVersion: $version, reason: "${MARK} was written wrongly.", input: $input) { version } }`;
const SHARE = `mutation ($id: UUID!, $version: Int!, $sharing: SharingInput!) {
  changeSharing(id: $id, expectedVersion: $version, reason: "As the test needs it.", sharing: $sharing) { version } }`;
const TREND = `query ($query: TrendQuery!) { violationTrends(query: $query) { cells { key value } linesLeftOut } }`;
const LOGGED = `query ($id: UUID!, $subject: UUID) { auditLog(operationId: $id, subjectId: $subject, first: 200) {
  edges { node { action part subjectId details } } } }`;

let muster: Muster;
let folder: string;
let worker: string;
let source: DataSource;
let objects: DiskObjects;
let recounting: Recount;
let retention: RetentionRun;
let scene: Scene;
let hub: Person;
let customs: string;
let unitId: string;
let operationId: string;
let coordinator: Person;
let officer: Person;
let portOfficer: Person;
let tanzania: Person;

beforeAll(async () => {
  muster = await startMuster();
  folder = await mkdtemp(join(tmpdir(), 'muster-retention-'));
  worker = roleUrls(muster.databaseUrl).worker;
  source = await new DataSource({ type: 'postgres', url: worker }).initialize();
  objects = new DiskObjects(folder);
  const [clock, cursors, database] = [new Clock(), new Cursors(source), new Database(source)];
  await cursors.onModuleInit();
  recounting = new Recount(database, new Feed(clock, cursors, new FeedReaders()));
  const settings = { folder, s3: undefined, most: 1, largest: 1, clamdUrl: undefined };
  retention = new RetentionRun(database, clock, recounting, new Audit(clock), objects, settings);
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  customs = await scene.agency('KE');
  unitId = await scene.unit('KE', 'KEMBA', [customs]);
});

beforeEach(async () => {
  operationId = (await scene.operation(hub)).id;
  coordinator = await scene.join(hub, operationId, 'KE', customs);
  tanzania = await scene.join(hub, operationId, 'TZ', await scene.agency('TZ'));
  officer = await scene.person(customs, { role: 'AGENCY_OFFICER', operationId, country: 'KE' });
  portOfficer = await scene.person(customs, { role: 'PORT_UNIT_OFFICER', operationId, country: 'KE', unitId });
  await scene.post(portOfficer.id, unitId, customs, day(-100));
});

// A later run of the command looks at every operation that is due.
afterEach(() => scene.sql(`UPDATE operations SET closed_at = now() WHERE phase = 'CLOSED'`));

afterAll(async () => {
  await source.destroy();
  await scene.close();
  await muster.stop();
  await rm(folder, { recursive: true, force: true });
});

const telling = {
  narrative: `${MARK}, said the mate.`,
  place: { unlocode: 'KEMBA', name: MARK },
  vessel: { name: MARK, flag: 'PA' },
  consignment: {
    transportMode: 'MARITIME',
    direction: 'IMPORT',
    route: { origin: 'NL', transit: ['OM'], destination: 'KE' },
    cargoUnits: [{ container: 'CSQU3054383' }],
    billOfLading: MARK,
  },
};

async function log(change: Readonly<Record<string, unknown>> = {}, by = officer, agencyId = customs): Promise<string> {
  const input = violationInput(operationId, agencyId, { ...telling, ...change });
  return (await by.do<{ id: string }>(LOG, { input })).id;
}

async function report(change: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const goods = { declaredGoods: MARK, foundGoods: MARK, carrier: MARK, seals: [MARK], narrative: MARK };
  const input = seizureInput(operationId, unitId, { ...goods, ...change });
  const { id } = await portOfficer.do<{ id: string }>(REPORT, { input });
  await until(async () => {
    const { status } = await portOfficer.do<{ status: string }>(SEIZURE, { id });
    return status !== 'RECEIVED';
  });
  return id;
}

async function close(): Promise<void> {
  await scene.move(hub, operationId, 'POST_OPERATIONAL');
  await scene.move(hub, operationId, 'CLOSED');
}

/** Puts the move to CLOSED back, so that the records are due since a year. */
async function age(): Promise<void> {
  await scene.sql(`UPDATE operations SET closed_at = now() - interval '72 months' WHERE id = $1`, [operationId]);
}

async function letGraceEnd(): Promise<void> {
  await scene.sql(`UPDATE retention_notices SET noticed_at = noticed_at - interval '91 days' WHERE operation_id = $1`, [
    operationId,
  ]);
}

const AGREES: readonly unknown[] = [];
const recount = (cursor?: string): Promise<unknown[]> => recounting.run(operationId, cursor);

/** Runs it as the worker would, under the worker's role, and says what it did. */
async function run(): Promise<string> {
  const { noticed, anonymised, erased } = await retention.run();
  return `${noticed} due, ${anonymised} anonymised, ${erased} erased`;
}

const exportAll = (by = coordinator, country = 'KE'): Promise<Exported[]> =>
  by.do(EXPORT, { id: operationId, country });

async function confirmAll(): Promise<Exported[]> {
  const records = await exportAll();
  const receipts = records.map(({ id, sha256 }) => ({ id, sha256 }));
  await coordinator.do(CONFIRM, { id: operationId, country: 'KE', receipts });
  return records;
}

const ended = (): Promise<{ action: string; subject_id: string; details: { sha256: string; exported: boolean } }[]> =>
  scene.sql(
    `SELECT action, subject_id, details FROM audit_entries WHERE operation_id = $1 AND action IN ('retention.anonymised', 'retention.erased')
     AND part = 'retention' ORDER BY id`,
    [operationId],
  );

describe('the clock of an operation', () => {
  test('starts when it closes, stops when it is moved back, and starts anew; all who take part are told', async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    expect(await officer.do(FRAME, { id: operationId })).toMatchObject({
      retentionMonths: 60,
      closedAt: null,
      recordsDueOn: null,
    });
    await close();
    await age();
    const first = await officer.do<{ version: number; closedAt: string }>(FRAME, { id: operationId });
    await scene.move(hub, operationId, 'POST_OPERATIONAL');
    expect(await tanzania.do(FRAME, { id: operationId })).toMatchObject({ closedAt: null, recordsDueOn: null });
    await scene.move(hub, operationId, 'CLOSED');
    const again = await tanzania.do<{ version: number; closedAt: string; recordsDueOn: string }>(FRAME, {
      id: operationId,
    });
    expect(again.closedAt > first.closedAt).toBe(true);
    expect(again.recordsDueOn.slice(0, 4)).toBe(String(Number(day(0).slice(0, 4)) + 5));

    await hub.do(SET, { id: operationId, version: again.version, months: 120 });
    const longer = await tanzania.do<{ recordsDueOn: string }>(FRAME, { id: operationId });
    expect(longer.recordsDueOn.slice(0, 4)).toBe(String(Number(day(0).slice(0, 4)) + 10));
  });

  test('has a period that the hub sets, within bounds', async () => {
    const { fields } = await hub.refused(SET, { id: operationId, version: 1, months: 11 });
    expect(fields).toMatchObject([{ path: 'months', rule: 'range' }]);
    expect((await coordinator.refused(SET, { id: operationId, version: 1, months: 24 })).code).toBe('FORBIDDEN');
    expect((await hub.refused(SET, { id: operationId, version: 7, months: 24 })).code).toBe('CONFLICT');
  });
});

describe('what is due', () => {
  test('is counted for coordinators of their own country alone, and the hub is told when', async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    await log({ sharing: { level: 'RED' } });
    const held = await log();
    await log(
      {},
      tanzania,
      (await scene.sql<{ id: string }>(`SELECT id FROM agencies WHERE country = 'TZ'`)).at(-1)?.id,
    );
    await coordinator.do(HOLD, { id: held });
    await close();
    await age();
    await confirmAll();
    const counts = { due: 2, anonymised: 0, held: 1, exported: 2 };
    expect((await coordinator.do<Due>(DUE, { id: operationId })).countries).toEqual([{ country: 'KE', ...counts }]);
    expect((await tanzania.do<Due>(DUE, { id: operationId })).countries).toEqual([
      { country: 'TZ', due: 1, anonymised: 0, held: 0, exported: 0 },
    ]);
    const toHub = await hub.do<Due>(DUE, { id: operationId });
    expect(toHub).toMatchObject({ dueOn: expect.any(String) as string, countries: [] });
    expect((await officer.refused(DUE, { id: operationId })).code).toBe('FORBIDDEN');
    const stranger = await scene.person(await scene.agency('BR'), { role: 'NATIONAL_COORDINATOR', country: 'BR' });
    expect((await stranger.refused(DUE, { id: operationId })).code).toBe('NOT_FOUND');
  });

  test('tells the hub the same when the grace is over, whether or not something is held', async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    const [held] = [await log(), await log()];
    await coordinator.do(HOLD, { id: held });
    await close();
    await age();
    await run();
    await letGraceEnd();
    expect(await run()).toBe('0 due, 1 anonymised, 0 erased');
    const withHold = await hub.do<Due>(DUE, { id: operationId });
    await coordinator.do(RELEASE, { id: held });
    expect(await run()).toBe('0 due, 1 anonymised, 0 erased');
    expect(await hub.do<Due>(DUE, { id: operationId })).toEqual(withHold);
  });

  test('is noticed once, and the grace runs from then', async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    await log();
    await close();
    expect(await run()).toEqual('0 due, 0 anonymised, 0 erased');
    await age();
    expect(await run()).toEqual('1 due, 0 anonymised, 0 erased');
    const { dueOn, noticedAt, graceEndsAt } = await coordinator.do<Due>(DUE, { id: operationId });
    expect(dueOn && dueOn < day(0)).toBe(true);
    expect(Date.parse(graceEndsAt ?? '') - Date.parse(noticedAt ?? '')).toBe(90 * 86_400_000);
    expect(await run()).toEqual('0 due, 0 anonymised, 0 erased');
    await letGraceEnd();
    expect(await run()).toEqual('0 due, 1 anonymised, 0 erased');
    expect((await coordinator.do<Due>(DUE, { id: operationId })).countries).toMatchObject([{ due: 0, anonymised: 1 }]);
  });
});

describe('the export', () => {
  test('gives each whole record with its versions, its report and its entries, under its SHA-256', async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    const id = await log({ sharing: { level: 'RED' } });
    const {
      id: _,
      operationId: __,
      sharing: ___,
      exercise: ____,
      ...content
    } = violationInput(operationId, customs, telling);
    await officer.do(CORRECT, { id, version: 1, input: { ...content, persons: 5 } });
    const seizure = await report();
    await close();
    const records = await exportAll();
    expect(records.map((record) => record.id)).toEqual([id, seizure]);
    for (const { content: line, sha256 } of records) {
      expect(createHash('sha256').update(line).digest('hex')).toBe(sha256);
      expect(line).not.toContain('\n');
    }
    const [first, second] = records.map(({ content: line }) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({
      violation: { narrative: telling.narrative, persons: 5 },
      versions: [{ version: 1 }, { version: 2, reason: `${MARK} was written wrongly.` }],
      seizure: null,
      cargoUnits: [{ number: 'CSQU3054383' }],
    });
    expect(second).toMatchObject({ violation: { source: 'PORT_UNIT' }, seizure: { found_goods: MARK } });
    expect(JSON.parse(records[0]?.audit ?? '')).toMatchObject([
      { action: 'violation.logged' },
      { action: 'violation.corrected' },
    ]);
    const page = await coordinator.do<Exported[]>(EXPORT, { id: operationId, country: 'KE', first: 1, after: id });
    expect(page.map((record) => record.id)).toEqual([seizure]);
  });

  test("goes to the owner's coordinators alone, once the operation has closed", async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    const id = await log();
    const variables = { id: operationId, country: 'KE' };
    expect((await coordinator.refused(EXPORT, variables)).code).toBe('PHASE');
    await close();
    expect((await tanzania.refused(EXPORT, variables)).code).toBe('NOT_FOUND');
    expect((await tanzania.refused(CONFIRM, { ...variables, receipts: [] })).code).toBe('NOT_FOUND');
    expect((await officer.refused(EXPORT, variables)).code).toBe('FORBIDDEN');
    expect((await hub.refused(EXPORT, variables)).code).toBe('FORBIDDEN');
    expect(await exportAll(tanzania, 'TZ')).toEqual([]);
    const [record] = await exportAll();
    const { fields } = await tanzania.refused(CONFIRM, {
      id: operationId,
      country: 'TZ',
      receipts: [{ id, sha256: record?.sha256 }],
    });
    expect(fields).toMatchObject([{ path: 'receipts.0.id', rule: 'record' }]);
  });

  test('is done when the owner has confirmed each record in the form that it has', async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    const id = await log();
    await close();
    await age();
    const [record] = await exportAll();
    const receipts = [{ id, sha256: record?.sha256 }];
    await coordinator.do(SHARE, { id, version: 1, sharing: { level: 'RED' } });
    const { fields } = await coordinator.refused(CONFIRM, { id: operationId, country: 'KE', receipts });
    expect(fields).toMatchObject([{ path: 'receipts.0.sha256', rule: 'changed' }]);
    await confirmAll();
    await coordinator.do(SHARE, { id, version: 2, sharing: { level: 'GREEN' } });
    expect(await exportAll()).toMatchObject([{ exported: false }]);
    expect(await run()).toContain('0 anonymised');
    await confirmAll();
    expect(await exportAll()).toMatchObject([{ exported: true }]);
    expect(await run()).toContain('1 anonymised');
    const { edges } = await coordinator.do<{ edges: { node: { action: string } }[] }>(LOGGED, {
      id: operationId,
      subject: id,
    });
    expect(edges.map(({ node }) => node.action)).toContain('retention.exported');
  });
});

describe('a record whose time has come', () => {
  test('keeps its figures and nothing that tells who, which ship, which container or in whose words', async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    const id = await log({ sharing: { level: 'GREEN', leaveOutCountries: ['OM'] } });
    const withdrawn = await log();
    await officer.do(
      `mutation ($id: UUID!) { withdrawViolation(id: $id, expectedVersion: 1, reason: "${MARK}") { id } }`,
      {
        id: withdrawn,
      },
    );
    const seizure = await report();
    const { headCursor } = await hub.do<{ headCursor: string }>(FRAME, { id: operationId });
    const later = await log({ persons: 7 });
    await coordinator.do(SHARE, { id: later, version: 1, sharing: { level: 'RED', nameUserIds: [tanzania.id] } });
    await close();
    await age();
    const query = { operationIds: [operationId], measure: 'VALUE_USD', groupBy: ['CRIME_AREA', 'ORIGIN_COUNTRY'] };
    const figures = [await hub.do(TREND, { query }), await coordinator.do(TREND, { query })];
    const exported = await confirmAll();
    expect(await run()).toContain('4 anonymised, 0 erased');

    expect(await recount()).toEqual(AGREES);
    expect(await recount(headCursor)).toEqual(AGREES);
    expect([await hub.do(TREND, { query }), await coordinator.do(TREND, { query })]).toEqual(figures);
    expect(await tanzania.do(READ, { id })).toMatchObject({
      narrative: null,
      place: { unlocode: null, name: null },
      persons: 2,
      valueUsd: '1000',
      vessel: { imo: null, name: null, flag: 'PA' },
      consignment: { billOfLading: null, route: { origin: 'NL', transit: [], destination: 'KE' }, cargoUnits: [] },
      lines: [{ quantityKg: '22500', commodity: { code: 'household-waste' } }],
    });
    const own = await coordinator.do<{ versions: unknown }>(READ, { id });
    expect(own.versions).toEqual([{ version: 1, reason: null, author: null, changes: null }]);
    expect(await coordinator.do(SEIZURE, { id: seizure })).toMatchObject({ status: 'ACCEPTED', reportedBy: null });
    expect((await tanzania.refused(READ, { id: later })).code).toBe('NOT_FOUND');
    expect(await tablesThatHold(MARK)).toEqual([]);
    expect(await tablesThatHold('CSQU3054383')).toEqual([]);
    expect(await scene.sql(`SELECT FROM retention_receipts WHERE operation_id = $1`, [operationId])).toEqual([]);

    const entries = await ended();
    expect(entries.map(({ action, subject_id, details }) => [action, subject_id, details])).toEqual(
      exported.map((record) => ['retention.anonymised', record.id, { sha256: record.sha256, exported: true }]),
    );
  });

  test('is erased altogether where no figure rests on it, and the feed says nothing of it any more', async () => {
    const exercise = await log({ exercise: true });
    await scene.move(hub, operationId, 'OPERATIONAL');
    const rejected = await report({ cargoUnit: { container: 'CSQU3054384', asMarked: true } });
    await hub.do(
      `mutation ($id: UUID!) { decideSeizure(id: $id, expectedVersion: 1, accept: false, reason: "${MARK}") { status } }`,
      { id: rejected },
    );
    await close();
    await age();
    await run();
    await letGraceEnd();
    expect(await run()).toContain('0 anonymised, 2 erased');
    expect((await ended()).map(({ action, subject_id, details }) => [action, subject_id, details.exported])).toEqual([
      ['retention.erased', exercise, false],
      ['retention.erased', rejected, false],
    ]);
    expect((await coordinator.refused(READ, { id: exercise })).code).toBe('NOT_FOUND');
    expect((await coordinator.refused(SEIZURE, { id: rejected })).code).toBe('NOT_FOUND');
    const { events } = await coordinator.do<{ events: { subjectId: string }[] }>(
      `query ($id: UUID!) { operationFeed(operationId: $id) { events { subjectId } } }`,
      { id: operationId },
    );
    const told = events.map(({ subjectId }) => subjectId);
    expect([exercise, rejected].filter((id) => told.includes(id))).toEqual([]);
    expect(await recount()).toEqual(AGREES);
    expect(await tablesThatHold('CSQU3054384')).toEqual([]);
  });

  test('takes its attachments along', async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    const attachment = { id: v7(), name: `${MARK}.jpg`, size: 10, sha256: '00'.repeat(32), mediaType: 'image/jpeg' };
    const id = await log({ attachments: [attachment] });
    const objectId = v7();
    await scene.sql(
      `UPDATE attachments SET status = 'READY', scan = 'NOT_SCANNED', object_id = $2 WHERE record_id = $1`,
      [id, objectId],
    );
    for (const kind of ['originals', 'shared'] as const) {
      const content = Buffer.from(MARK);
      const sha256 = createHash('sha256').update(content).digest();
      await objects.keep(kind, objectId, { content: Readable.from([content]), size: content.length, sha256 });
      expect(await text(await objects.read(kind, objectId))).toBe(MARK);
    }
    await close();
    await age();
    await confirmAll();
    await run();
    expect(await scene.sql(`SELECT FROM attachments WHERE record_id = $1`, [id])).toEqual([]);
    expect(await scene.sql(`SELECT FROM erased_objects`)).toEqual([]);
    for (const kind of ['originals', 'shared'] as const) {
      await expect(objects.read(kind, objectId).then(text)).rejects.toThrow();
    }
  });

  test('can no longer be changed, held or exported', async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    const id = await log();
    await close();
    await age();
    await confirmAll();
    await run();
    expect((await coordinator.refused(SHARE, { id, version: 1, sharing: { level: 'GREEN' } })).code).toBe('CONFLICT');
    expect((await coordinator.refused(HOLD, { id })).code).toBe('CONFLICT');
    expect(await exportAll()).toEqual([]);
  });

  test('stays where figures and records do not agree', async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    const id = await log();
    await close();
    await age();
    await scene.sql(`UPDATE violations SET persons = 3 WHERE id = $1`, [id]);
    await confirmAll();
    expect((await retention.run()).refused).toEqual([operationId]);
    expect(await ended()).toEqual([]);
    await scene.sql(`UPDATE violations SET persons = 2 WHERE id = $1`, [id]);
  });
});

describe('a legal hold', () => {
  test('keeps a record from anonymising until it is ended', async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    const [held, other] = [await log(), await log()];
    await expect(coordinator.do(HOLD, { id: held })).resolves.toEqual({
      recordId: held,
      reason: 'A court case.',
      endedAt: null,
    });
    await close();
    await age();
    await run();
    await letGraceEnd();
    await run();
    expect((await ended()).map(({ subject_id }) => subject_id)).toEqual([other]);
    await coordinator.do(RELEASE, { id: held });
    await run();
    expect((await ended()).map(({ subject_id }) => subject_id)).toEqual([other, held]);
    expect(await scene.sql(`SELECT FROM legal_holds WHERE record_id = $1`, [held])).toEqual([]);
    // What has ended and what has not would tell which records were held.
    const told = await hub.do<{ edges: { node: { action: string; subjectId: string | null } }[] }>(
      'query ($id: UUID!) { auditLog(operationId: $id, first: 100) { edges { node { action subjectId } } } }',
      { id: operationId },
    );
    const ofRecords = told.edges.filter(({ node: { subjectId } }) => [held, other].includes(subjectId ?? ''));
    expect(ofRecords.map(({ node }) => node.action)).toEqual(['violation.logged', 'violation.logged']);
  });

  test("is laid, ended and known by the owner's coordinators alone", async () => {
    await scene.move(hub, operationId, 'OPERATIONAL');
    const id = await log({ sharing: { level: 'GREEN' } });
    const absent = await tanzania.refused(HOLD, { id: v7() });
    expect(absent.code).toBe('NOT_FOUND');
    expect(await tanzania.refused(HOLD, { id })).toEqual(absent);
    expect((await officer.refused(HOLD, { id })).code).toBe('FORBIDDEN');
    expect((await hub.refused(HOLD, { id })).code).toBe('FORBIDDEN');
    expect((await coordinator.refused(RELEASE, { id })).code).toBe('NOT_FOUND');
    await coordinator.do(HOLD, { id });
    expect(await tanzania.refused(RELEASE, { id })).toEqual(absent);
    await close();
    expect((await hub.do<Due>(DUE, { id: operationId })).countries).toEqual([]);
  });
});

test('a run that is killed in the middle goes on where it stopped, and ends each record once', async () => {
  await scene.move(hub, operationId, 'OPERATIONAL');
  const ids: string[] = [];
  while (ids.length < 205) ids.push(...(await Promise.all(Array.from({ length: 5 }, () => log()))));
  ids.sort();
  await close();
  await age();
  await run();
  await letGraceEnd();
  // A lock on a record of the second batch stops the run between the two.
  const [blocker] = await scene.sql<{ pid: number }>(`SELECT pg_backend_pid() AS pid`);
  await scene.sql('BEGIN');
  await scene.sql(`SELECT FROM violations WHERE id = $1 FOR UPDATE`, [ids.at(-1)]);
  const child = spawn(process.execPath, [join(ROOT, 'dist/apps/console/main.js'), 'retention'], {
    env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'warn', DATA_DIR: folder, DATABASE_URL: worker },
    stdio: 'ignore',
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  await until(
    () =>
      scene
        .sql(`SELECT FROM pg_locks WHERE NOT granted AND $1 = ANY(pg_blocking_pids(pid))`, [blocker?.pid])
        .then(({ length }) => length),
    { limit: 60_000 },
  );
  child.kill('SIGKILL');
  await gone;
  await scene.sql('COMMIT');
  expect(await ended()).toHaveLength(200);

  // The server may not have noticed yet that the run is dead, and hold its lock.
  await until(async () => (await run()) !== '0 due, 0 anonymised, 0 erased');
  expect((await ended()).map(({ subject_id }) => subject_id)).toEqual(ids);
  expect(await recount()).toEqual(AGREES);
});

/** The tables of which some row holds a text, but for rows of other operations. */
async function tablesThatHold(text: string): Promise<string[]> {
  const tables = await scene.sql<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await scene.sql(
      `SELECT FROM (SELECT to_jsonb(t) AS row FROM "${name}" t) AS r
       WHERE row::text LIKE '%' || $1 || '%' AND coalesce(row ->> 'operation_id', $2) = $2 LIMIT 1`,
      [text, operationId],
    );
    if (rows.length > 0) found.push(name);
  }
  return found;
}
