import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import exifr from 'exifr';
import pg from 'pg';
import sharp from 'sharp';
import { v7 } from 'uuid';

import {
  ADD,
  ATTACHMENTS,
  begin,
  download,
  fileOf,
  LINK,
  type LocalFile,
  photo,
  SEIZURE_ATTACHMENTS,
  send,
  settledAs,
  sha256,
  type ToldRecord,
  tus,
} from '../setup/attachments.js';
import { describeWithClamd, prepareClamd, type TestClamd, VIRUS } from '../setup/clamd.js';
import { type Muster, startMuster, until } from '../setup/index.js';
import { openPorts, type Ports, reported } from '../setup/ports.js';
import { LOG, type Person, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';

let folder: string;
let muster: Muster;
let scene: Scene;
let ports: Ports;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-test-attachments-'));
  muster = await startMuster({ env: { DATA_DIR: folder } });
  scene = await Scene.open(muster);
  ports = await openPorts(scene);
}, 120_000);

afterAll(async () => {
  await scene?.close();
  await muster?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A violation of Kenya, seen by all of the operation unless another sharing is given. */
async function logged(
  files: readonly LocalFile[],
  change: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly id: string; readonly version: number }> {
  const attachments = files.map(({ listed }) => listed);
  return ports.kenya.do(LOG, {
    input: violationInput(ports.operationId, ports.agencies.KE, {
      attachments,
      sharing: { level: 'GREEN' },
      ...change,
    }),
  });
}

const sendTo = (recordId: string, file: LocalFile, person: Person = ports.kenya, part?: number): Promise<string> =>
  send({ recordId, file, url: muster.url, token: person.token, ...(part === undefined ? {} : { part }) });

/** A record with one attachment that has passed. */
async function withReady(
  file: LocalFile,
  change: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly id: string; readonly version: number }> {
  const record = await logged([file], change);
  await sendTo(record.id, file);
  await settledAs(ports.kenya, record.id, file.listed.id, 'READY');
  return record;
}

const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R/Info<</Author(Somebody)>>>>\n%%EOF\n',
);

describe('a report that lists attachments', () => {
  test('is taken at once, and is incomplete until all have come and passed', async () => {
    const [one, other] = [await photo(), fileOf(Buffer.from('seal broken\n'), 'note.txt', 'text/plain')];
    const record = await logged([one, other]);
    const atFirst = await ports.kenya.do<ToldRecord>(ATTACHMENTS, { id: record.id });
    expect(atFirst).toMatchObject({ complete: false, attachments: [{ status: 'AWAITED' }, { status: 'AWAITED' }] });
    expect(atFirst.attachments[0]).toMatchObject({ ...one.listed, mediaType: null });

    await sendTo(record.id, one, ports.kenya, 64 * 1024);
    await settledAs(ports.kenya, record.id, one.listed.id, 'READY');
    expect(await ports.kenya.do<ToldRecord>(ATTACHMENTS, { id: record.id })).toMatchObject({ complete: false });

    await sendTo(record.id, other);
    await settledAs(ports.kenya, record.id, other.listed.id, 'READY');
    expect(await ports.kenya.do<ToldRecord>(ATTACHMENTS, { id: record.id })).toMatchObject({ complete: true });
  });

  test('without any is complete', async () => {
    const record = await logged([]);
    expect(await ports.kenya.do(ATTACHMENTS, { id: record.id })).toEqual({ complete: true, attachments: [] });
  });

  test('sent again in another order is the same report, and with another list a conflict', async () => {
    const files = [await photo(), await photo()];
    const id = v7();
    const input = violationInput(ports.operationId, ports.agencies.KE, { id });
    const attachments = files.map(({ listed }) => listed);
    await ports.kenya.do(LOG, { input: { ...input, attachments } });
    await ports.kenya.do(LOG, { input: { ...input, attachments: [...attachments].reverse() } });
    const rows = await scene.sql(`SELECT FROM attachments WHERE record_id = $1`, [id]);
    expect(rows).toHaveLength(2);
    for (const other of [attachments.slice(1), [], undefined]) {
      const refusal = await ports.kenya.refused(LOG, { input: { ...input, attachments: other } });
      expect(refusal.code).toBe('CONFLICT');
    }
  });

  test('with none, null or an empty list is one report', async () => {
    const input = violationInput(ports.operationId, ports.agencies.KE);
    for (const more of [{}, { attachments: null }, { attachments: [] }]) {
      await ports.kenya.do(LOG, { input: { ...input, ...more } });
    }
  });

  test('is told all that is wrong with the list at once', async () => {
    const good = fileOf(Buffer.from('x'), 'x.txt').listed;
    const attachments = [
      { ...good, sha256: 'abc' },
      { ...good, size: 0 },
      { ...good, id: v7(), size: 50 * 1024 * 1024 + 1 },
      { ...good, id: v7(), name: '../../etc/passwd' },
      { ...good, id: v7(), name: ' ' },
    ];
    const refusal = await ports.kenya.refused(LOG, {
      input: violationInput(ports.operationId, ports.agencies.KE, { attachments }),
    });
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.fields?.map(({ path, rule }) => `${path} ${rule}`).sort()).toEqual([
      'input.attachments.0.sha256 sha256',
      'input.attachments.1.id unique',
      'input.attachments.1.size range',
      'input.attachments.2.size range',
      'input.attachments.3.name name',
      'input.attachments.4.name required',
    ]);
  });

  test('takes no more than twenty', async () => {
    const attachments = Array.from({ length: 21 }, () => fileOf(Buffer.from('x'), 'x.txt').listed);
    const refusal = await ports.kenya.refused(LOG, {
      input: violationInput(ports.operationId, ports.agencies.KE, { attachments }),
    });
    expect(refusal.fields).toMatchObject([{ path: 'input.attachments', rule: 'length' }]);
  });

  test('of a port unit has its attachments before and after it is accepted', async () => {
    const file = await photo();
    const id = v7();
    const input = seizureInput(ports.operationId, ports.mombasa, { id, attachments: [file.listed] });
    await ports.officer.do(REPORT, { input });
    await ports.officer.do(REPORT, { input });
    await sendTo(id, file, ports.officer);
    await settledAs(ports.officer, id, file.listed.id, 'READY', { query: SEIZURE_ATTACHMENTS });
    await settledAs(ports.kenya, id, file.listed.id, 'READY');
    const { bytes } = await download(ports.officer, muster.url, id, file.listed.id, true);
    expect(sha256(bytes)).toBe(file.listed.sha256);
  });

  test('of a port unit that waits for its decision shows them to its country and the hub alone', async () => {
    const file = await photo();
    const cargoUnit = { container: 'MSKU6011672' };
    await reported(ports.officer, ports.operationId, ports.mombasa, { cargoUnit });
    const attachments = [file.listed];
    const waiting = await reported(ports.officer, ports.operationId, ports.mombasa, {
      cargoUnit,
      attachments,
      sharing: { level: 'GREEN' },
    });
    expect(waiting.status).toBe('NEEDS_REVIEW');
    await sendTo(waiting.id, file, ports.officer);
    await settledAs(ports.hub, waiting.id, file.listed.id, 'READY', { query: SEIZURE_ATTACHMENTS });
    await download(ports.hub, muster.url, waiting.id, file.listed.id);
    const refusal = await ports.tanzania.refused(LINK, { recordId: waiting.id, id: file.listed.id });
    expect(refusal.code).toBe('NOT_FOUND');
  });
});

describe('a photo', () => {
  test('is shared without place, device, author and thumbnail, and turned upright', async () => {
    const file = await photo(600, 400);
    expect(await exifr.parse(file.bytes, true)).toMatchObject({
      Make: 'Telltale',
      latitude: expect.any(Number) as unknown,
    });
    const record = await withReady(file);
    const { response, bytes } = await download(ports.tanzania, muster.url, record.id, file.listed.id);
    expect(response.status).toBe(200);
    const all = { tiff: true, exif: true, gps: true, xmp: true, iptc: true, icc: true, jfif: false };
    expect(await exifr.parse(bytes, all).catch(() => undefined)).toBeUndefined();
    for (const word of ['Telltale', 'Snitch', 'Somebody', 'SN-4711', 'back gate', 'xmpmeta', 'GPS']) {
      expect(bytes.includes(word)).toBe(false);
    }
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 400, height: 600, format: 'jpeg' });
    const { shared, mediaType } = await settledAs(ports.tanzania, record.id, file.listed.id, 'READY');
    expect(mediaType).toBe('image/jpeg');
    expect(shared).toEqual({ mediaType: 'image/jpeg', size: bytes.length, sha256: sha256(bytes) });
  });

  test('is kept as it was sent, for the coordinators of its country and its author alone', async () => {
    const file = await photo();
    const agencyOfficer = await scene.person(ports.agencies.KE, {
      role: 'AGENCY_OFFICER',
      operationId: ports.operationId,
      country: 'KE',
    });
    const record = await agencyOfficer.do<{ id: string }>(LOG, {
      input: violationInput(ports.operationId, ports.agencies.KE, {
        attachments: [file.listed],
        sharing: { level: 'GREEN' },
      }),
    });
    await sendTo(record.id, file, agencyOfficer);
    await settledAs(ports.kenya, record.id, file.listed.id, 'READY');
    for (const keeper of [ports.kenya, agencyOfficer]) {
      const { bytes } = await download(keeper, muster.url, record.id, file.listed.id, true);
      expect(bytes.equals(file.bytes)).toBe(true);
    }
    for (const other of [ports.hub, ports.tanzania, ports.ranger]) {
      const asked = { recordId: record.id, id: file.listed.id, original: true };
      expect(await other.refused(LINK, asked)).toMatchObject({ code: 'FORBIDDEN' });
    }
  });

  test.each(['png', 'webp'] as const)('as %s stays one', async (format) => {
    const bytes = await sharp({ create: { width: 20, height: 10, channels: 4, background: '#123' } })
      .withExif({ IFD0: { Make: 'Telltale' } })
      .toFormat(format)
      .toBuffer();
    const file = fileOf(bytes, 'x.jpg', 'image/jpeg');
    const record = await withReady(file);
    const { response, bytes: shared } = await download(ports.tanzania, muster.url, record.id, file.listed.id);
    expect(response.headers.get('content-type')).toBe(`image/${format}`);
    expect(response.headers.get('content-disposition')).toContain(`filename="x.jpg.${format}"`);
    expect(shared.includes('Telltale')).toBe(false);
  });

  test('that unfolds to more than can be opened is refused', async () => {
    const bomb = await sharp({ create: { width: 12_000, height: 9_000, channels: 3, background: '#000' } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    const file = fileOf(bomb, 'bomb.png');
    const record = await logged([file]);
    await sendTo(record.id, file);
    expect(await settledAs(ports.kenya, record.id, file.listed.id, 'REFUSED')).toMatchObject({ refusal: 'UNREADABLE' });
  }, 60_000);

  test('that is damaged is refused', async () => {
    const { bytes } = await photo();
    const file = fileOf(bytes.subarray(0, bytes.length / 2), 'half.jpg');
    const record = await logged([file]);
    await sendTo(record.id, file);
    expect(await settledAs(ports.kenya, record.id, file.listed.id, 'REFUSED')).toMatchObject({ refusal: 'UNREADABLE' });
  });
});

describe('what a file is', () => {
  test.each([
    ['a page', '<!doctype html><script>alert(1)</script>', 'photo.jpg', 'image/jpeg'],
    ['a drawing with scripts', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', 'x.png', 'image/png'],
    ['a program', `\x7fELF\x02\x01\x01${'\0'.repeat(64)}`, 'x.txt', 'text/plain'],
    ['an archive', 'PK\x03\x04\x14\0\0\0\0\0', 'x.pdf', 'application/pdf'],
    ['text of another encoding', Buffer.from([0x68, 0xe9, 0x20, 0xff]), 'x.txt', 'text/plain'],
  ])('is found from its content: %s is refused, whatever it is called', async (_what, content, name, mediaType) => {
    const file = fileOf(Buffer.isBuffer(content) ? content : Buffer.from(content, 'latin1'), name, mediaType);
    const record = await logged([file]);
    await sendTo(record.id, file);
    expect(await settledAs(ports.kenya, record.id, file.listed.id, 'REFUSED')).toMatchObject({
      refusal: 'TYPE',
      shared: null,
    });
    expect(await settledAs(ports.tanzania, record.id, file.listed.id, 'REFUSED')).toMatchObject({ refusal: null });
    const link = await ports.kenya.refused(LINK, { recordId: record.id, id: file.listed.id, original: true });
    expect(link.code).toBe('CONFLICT');
    // The same bytes would meet the same answer.
    await expect(sendTo(record.id, file)).rejects.toThrow('409');
  });

  test('a document has no copy for others, and its original goes to its country alone', async () => {
    const file = fileOf(PDF, 'bill of lading.pdf', 'application/pdf');
    const record = await withReady(file);
    expect(await settledAs(ports.tanzania, record.id, file.listed.id, 'READY')).toMatchObject({
      mediaType: 'application/pdf',
      shared: null,
    });
    const { response, bytes } = await download(ports.kenya, muster.url, record.id, file.listed.id, true);
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(bytes.equals(PDF)).toBe(true);
    for (const person of [ports.hub, ports.tanzania, ports.kenya]) {
      const refusal = await person.refused(LINK, { recordId: record.id, id: file.listed.id });
      expect(refusal.code).toBe('FORBIDDEN');
    }
  });
});

describe('an upload', () => {
  test('is refused where its SHA-256 is not the one listed, and may be sent anew', async () => {
    const file = fileOf(Buffer.from('the right words'), 'x.txt');
    const record = await logged([file]);
    const wrong = Buffer.from('the wrong words');
    const sending = send({ recordId: record.id, file, url: muster.url, token: ports.kenya.token, bytes: wrong });
    await expect(sending).rejects.toThrow('460');
    expect(await settledAs(ports.kenya, record.id, file.listed.id, 'REFUSED')).toMatchObject({
      refusal: 'OTHER_CONTENT',
    });
    await sendTo(record.id, file);
    await settledAs(ports.kenya, record.id, file.listed.id, 'READY');
  });

  test('of another size than listed is refused before a byte of it', async () => {
    const file = fileOf(Buffer.from('the right words'), 'x.txt');
    const record = await logged([file]);
    const bytes = Buffer.from('more than the right words');
    const sending = send({ recordId: record.id, file, url: muster.url, token: ports.kenya.token, bytes });
    await expect(sending).rejects.toThrow(/400.*listed with 15 bytes/s);
  });

  test('that is to be put together of others is refused, as one upload is one file', async () => {
    const file = fileOf(Buffer.from('the right words'), 'x.txt');
    const record = await logged([file]);
    const encode = (text: string): string => Buffer.from(text).toString('base64');
    const answer = await tus(`${muster.url}/attachments/upload`, 'POST', ports.kenya.token, {
      'upload-length': String(file.bytes.length),
      'upload-metadata': `recordId ${encode(record.id)},id ${encode(file.listed.id)}`,
      'upload-concat': 'final;/attachments/upload/one /attachments/upload/other',
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(/BAD_USER_INPUT.*Upload-Concat/);
  });

  test('that goes on longer than its size is refused while it comes', async () => {
    const file = fileOf(Buffer.from('the right words'), 'x.txt');
    const record = await logged([file]);
    const upload = await begin(muster.url, ports.kenya.token, record.id, file);
    const more = Buffer.alloc(1_000_000, 'x');
    const answer = await tus(upload, 'PATCH', ports.kenya.token, { 'upload-offset': '0' }, more);
    expect(answer.status).toBe(413);
    await sendTo(record.id, file);
    await settledAs(ports.kenya, record.id, file.listed.id, 'READY');
  });

  test('that was whole before is told so, and changes nothing', async () => {
    const file = await photo();
    const record = await logged([file]);
    const url = await sendTo(record.id, file);
    for (const offset of ['0', String(file.bytes.length)]) {
      const answer = await tus(url, 'PATCH', ports.kenya.token, { 'upload-offset': offset }, Buffer.from('x'));
      expect(answer.status).toBe(offset === '0' ? 409 : 204);
    }
    const head = await tus(url, 'HEAD', ports.kenya.token);
    expect(head.headers.get('upload-offset')).toBe(String(file.bytes.length));
    expect(await begin(muster.url, ports.kenya.token, record.id, file)).toBe(url);
    await settledAs(ports.kenya, record.id, file.listed.id, 'READY');
    expect(
      await scene.sql(`SELECT FROM audit_entries WHERE action = 'attachment.received' AND subject_id = $1`, [
        record.id,
      ]),
    ).toHaveLength(1);
  });

  test('that its sender ends is gone', async () => {
    const file = await photo();
    const record = await logged([file]);
    const url = await begin(muster.url, ports.kenya.token, record.id, file);
    const half = file.bytes.subarray(0, 1000);
    expect((await tus(url, 'PATCH', ports.kenya.token, { 'upload-offset': '0' }, half)).status).toBe(204);
    expect((await tus(url, 'DELETE', ports.kenya.token)).status).toBe(204);
    expect((await tus(url, 'HEAD', ports.kenya.token)).status).toBe(404);
    const id = url.slice(url.lastIndexOf('/') + 1);
    const left = await readdir(join(folder, 'attachments', 'uploads'));
    expect(left.filter((name) => name.startsWith(id))).toEqual([]);
  });

  test('that is ended while its last byte comes is not taken for whole, and can be sent anew', async () => {
    const file = await photo();
    const record = await logged([file]);
    const url = await begin(muster.url, ports.kenya.token, record.id, file);
    // Whoever seals it waits at the attachment, while its sender ends the upload.
    const holder = new pg.Client({ connectionString: muster.databaseUrl });
    await holder.connect();
    try {
      const { rows } = await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await holder.query('BEGIN');
      await holder.query(`SELECT FROM attachments WHERE record_id = $1 FOR UPDATE`, [record.id]);
      const bringing = tus(url, 'PATCH', ports.kenya.token, { 'upload-offset': '0' }, file.bytes);
      await until(
        async () =>
          (
            await scene.sql(`SELECT FROM pg_locks WHERE NOT granted AND $1 = ANY (pg_blocking_pids(pid))`, [
              rows[0]?.pid,
            ])
          ).length > 0,
      );
      expect((await tus(url, 'DELETE', ports.kenya.token)).status).toBe(204);
      await holder.query('COMMIT');
      expect((await bringing).status).toBe(404);
    } finally {
      await holder.end();
    }
    await sendTo(record.id, file);
    await settledAs(ports.kenya, record.id, file.listed.id, 'READY');
  });

  test('is the one that the path names, whatever stands in the query', async () => {
    const [file, other] = [await photo(), await photo()];
    const url = await begin(muster.url, ports.kenya.token, (await logged([file])).id, file);
    const otherUrl = await begin(muster.url, ports.kenya.token, (await logged([other])).id, other);
    const half = file.bytes.subarray(0, 1000);
    const asked = `${url}?x=/${otherUrl.slice(otherUrl.lastIndexOf('/') + 1)}`;
    expect((await tus(asked, 'PATCH', ports.kenya.token, { 'upload-offset': '0' }, half)).status).toBe(204);
    expect((await tus(url, 'HEAD', ports.kenya.token)).headers.get('upload-offset')).toBe('1000');
    expect((await tus(otherUrl, 'HEAD', ports.kenya.token)).headers.get('upload-offset')).toBe('0');
    for (const method of ['HEAD', 'PATCH', 'DELETE']) {
      const none = await tus(`${muster.url}/attachments/upload/none`, method, ports.kenya.token);
      expect(none.status).toBe(404);
    }
  });

  test('that is begun again and again leaves no more than three behind', async () => {
    const file = await photo();
    const record = await logged([file]);
    const ids: string[] = [];
    for (let time = 0; time < 5; time += 1) {
      const url = await begin(muster.url, ports.kenya.token, record.id, file);
      ids.push(url.slice(url.lastIndexOf('/') + 1));
    }
    const left = await readdir(join(folder, 'attachments', 'uploads'));
    expect(ids.filter((id) => left.some((name) => name.startsWith(id)))).toEqual(ids.slice(2));
    expect(await scene.sql(`SELECT FROM attachment_uploads WHERE record_id = $1`, [record.id])).toHaveLength(3);
  });

  test('is for those who keep the record: others may not, and who may not see it learns nothing', async () => {
    const file = await photo();
    const shared = await logged([file]);
    const hidden = await logged([file], { sharing: { level: 'RED' } });
    const url = await begin(muster.url, ports.kenya.token, hidden.id, file);
    await expect(sendTo(shared.id, file, ports.tanzania)).rejects.toThrow('403');
    const unknown = { ...file, listed: { ...file.listed, id: v7() } };
    const said = async (sending: Promise<unknown>): Promise<string> => {
      const error = await sending.then(
        () => new Error('it was taken'),
        (cause: unknown) => cause as Error,
      );
      return String(error.message).replace(/[0-9a-f-]{36}/g, 'ID');
    };
    const absent = await said(sendTo(v7(), file, ports.tanzania));
    expect(absent).toContain('404');
    expect(await said(sendTo(hidden.id, file, ports.tanzania))).toBe(absent);
    expect(await said(sendTo(hidden.id, file, ports.hub))).toBe(absent);
    expect(await said(sendTo(shared.id, unknown, ports.kenya))).toBe(absent);
    for (const method of ['HEAD', 'PATCH', 'DELETE']) {
      const [of, none] = await Promise.all(
        [url, url.replace(/[^/]+$/, v7())].map((each) =>
          tus(each, method, ports.tanzania.token, { 'upload-offset': '0' }),
        ),
      );
      expect(of?.status).toBe(404);
      expect(await of?.text()).toBe(await none?.text());
    }
    expect((await tus(url, 'HEAD', undefined)).status).toBe(401);
    expect((await tus(`${muster.url}/attachments/upload`, 'POST', undefined)).status).toBe(401);
  });

  test('lies in files of its own name that nobody else may open', async () => {
    const file = await photo();
    const record = await withReady(file);
    await begin(muster.url, ports.kenya.token, (await logged([file])).id, file);
    const [row] = await scene.sql<{ object_id: string }>(`SELECT object_id FROM attachments WHERE record_id = $1`, [
      record.id,
    ]);
    for (const kind of ['uploads', 'originals', 'shared']) {
      const path = join(folder, 'attachments', kind);
      expect((await stat(path)).mode & 0o777).toBe(0o700);
      const names = await readdir(path);
      if (kind !== 'uploads') expect(names).toContain(row?.object_id);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) {
        expect(name).toMatch(/^[0-9a-f-]{36}(\.json)?$/);
        expect((await stat(join(path, name))).mode & 0o777).toBe(0o600);
      }
    }
  });
});

describe('an attachment that is added later', () => {
  test('is of those who keep the record, sent again the same, and with other content a conflict', async () => {
    const { id: recordId } = await logged([]);
    const file = await photo();
    const input = file.listed;
    expect(await ports.tanzania.refused(ADD, { recordId, input })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await ports.hub.refused(ADD, { recordId, input })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await ports.hub.refused(ADD, { recordId: v7(), input })).toMatchObject({ code: 'NOT_FOUND' });
    const again = Array.from({ length: 5 }, () => ports.kenya.do<{ status: string }>(ADD, { recordId, input }));
    for (const added of await Promise.all(again)) expect(added).toEqual({ id: input.id, status: 'AWAITED' });
    const other = { ...input, name: 'other.jpg' };
    expect(await ports.kenya.refused(ADD, { recordId, input: other })).toMatchObject({ code: 'CONFLICT' });
    expect(await ports.kenya.do(ATTACHMENTS, { id: recordId })).toMatchObject({ complete: false });
    await sendTo(recordId, file);
    await settledAs(ports.kenya, recordId, input.id, 'READY');
    expect(await ports.kenya.do(ATTACHMENTS, { id: recordId })).toMatchObject({ complete: true });
  });

  test('is not the twenty-first, however many are added at once', async () => {
    const { id: recordId } = await logged([]);
    const added = await Promise.all(
      Array.from({ length: 25 }, () =>
        ports.kenya.ask(ADD, { recordId, input: fileOf(Buffer.from('x'), 'x.txt').listed }),
      ),
    );
    expect(added.filter(({ errors }) => errors.length === 0)).toHaveLength(20);
  });

  test('is not for a record that was withdrawn', async () => {
    const record = await logged([]);
    await withdraw(record);
    const refusal = await ports.kenya.refused(ADD, { recordId: record.id, input: (await photo()).listed });
    expect(refusal.code).toBe('CONFLICT');
  });
});

const withdraw = ({ id, version }: { readonly id: string; readonly version: number }): Promise<unknown> =>
  ports.kenya.do(
    `mutation ($id: UUID!, $version: Int!) { withdrawViolation(id: $id, expectedVersion: $version, reason: "As the test needs it.") { id } }`,
    { id, version },
  );

const narrow = ({ id, version }: { readonly id: string; readonly version: number }): Promise<unknown> =>
  ports.kenya.do(
    `mutation ($id: UUID!, $version: Int!) {
       changeSharing(id: $id, expectedVersion: $version, reason: "As the test needs it.", sharing: { level: AMBER_STRICT }) { id } }`,
    { id, version },
  );

describe('a link', () => {
  const linkOf = async (person: Person, recordId: string, { listed: { id } }: LocalFile): Promise<URL> => {
    const { url, expiresAt } = await person.do<{ url: string; expiresAt: string }>(LINK, { recordId, id });
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(5 * 60_000);
    return new URL(url, muster.url);
  };

  test('is for saving the file, and not for showing or running it in place', async () => {
    const file = fileOf(Buffer.from('a,b\n1,2\n'), 'Zoé "1".html');
    const record = await withReady(file);
    const { response } = await download(ports.tanzania, muster.url, record.id, file.listed.id);
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="Zo_ _1_.html.txt"; filename*=UTF-8''Zo%C3%A9%20%221%22.html.txt`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox') as unknown,
      'cache-control': 'private, no-store',
      'content-length': '8',
    });
  });

  test('gives a part of the file, and the whole where the part makes no sense', async () => {
    const file = fileOf(Buffer.from('0123456789'), 'x.txt');
    const record = await withReady(file);
    const url = await linkOf(ports.kenya, record.id, file);
    const part = async (range: string): Promise<[number, string]> => {
      const response = await fetch(url, { headers: { range } });
      return [response.status, await response.text()];
    };
    expect(await part('bytes=2-4')).toEqual([206, '234']);
    expect(await part('bytes=7-')).toEqual([206, '789']);
    expect(await part('bytes=-3')).toEqual([206, '789']);
    expect(await part('bytes=8-99')).toEqual([206, '89']);
    expect(await part('bytes=10-')).toEqual([416, '']);
    expect(await part('bytes=4-2')).toEqual([200, '0123456789']);
    expect(await part('bytes=0-1,3-4')).toEqual([200, '0123456789']);
  });

  test('ends with the session that it was made in', async () => {
    const file = fileOf(Buffer.from('words'), 'x.txt');
    const record = await withReady(file);
    const passing = await scene.person(ports.agencies.TZ, {
      role: 'NATIONAL_COORDINATOR',
      operationId: ports.operationId,
      country: 'TZ',
    });
    const url = await linkOf(passing, record.id, file);
    expect((await fetch(url)).status).toBe(200);
    await passing.do(`mutation { signOut }`);
    expect((await fetch(url)).status).toBe(404);
  });

  test('ends at once when the record is shared with fewer, and opens what was withdrawn for those who see it', async () => {
    const file = fileOf(Buffer.from('words'), 'x.txt');
    const record = await withReady(file);
    const [of, own] = [await linkOf(ports.tanzania, record.id, file), await linkOf(ports.kenya, record.id, file)];
    expect((await fetch(of)).status).toBe(200);
    await narrow(record);
    const gone = await fetch(of);
    expect(gone.status).toBe(404);
    expect((await fetch(own)).status).toBe(200);
    await withdraw({ ...record, version: record.version + 1 });
    expect((await fetch(own)).status).toBe(200);
    expect((await fetch(of)).status).toBe(404);
    const refusal = await ports.tanzania.refused(LINK, { recordId: record.id, id: file.listed.id });
    expect(refusal).toEqual(await ports.tanzania.refused(LINK, { recordId: v7(), id: file.listed.id }));
    expect(await gone.text()).toBe(await (await fetch(new URL('/attachments/download', muster.url))).text());
  });

  test('that was changed, or made up, opens nothing', async () => {
    const file = fileOf(Buffer.from('words'), 'x.txt');
    const record = await withReady(file);
    const url = await linkOf(ports.kenya, record.id, file);
    const link = url.searchParams.get('link') ?? '';
    const middle = Math.floor(link.length / 2);
    const other = link[middle] === 'A' ? 'B' : 'A';
    for (const wrong of [link.slice(0, middle) + other + link.slice(middle + 1), 'x', '', `${link}.`, 'a.b.c.d.e']) {
      const response = await fetch(new URL(`/attachments/download?link=${encodeURIComponent(wrong)}`, muster.url));
      expect(response.status).toBe(404);
    }
    expect((await fetch(new URL('/attachments/download?link=a&link=b', muster.url))).status).toBe(404);
  });

  test('is not for what has not come', async () => {
    const file = await photo();
    const record = await logged([file]);
    expect(await ports.kenya.refused(LINK, { recordId: record.id, id: file.listed.id })).toMatchObject({
      code: 'CONFLICT',
    });
  });

  test('for anyone with an account opens what is CLEAR', async () => {
    const file = fileOf(Buffer.from('words'), 'x.txt');
    const record = await withReady(file, { sharing: { level: 'CLEAR' } });
    const stranger = await scene.person(await scene.agency('FR'));
    const { bytes } = await download(stranger, muster.url, record.id, file.listed.id);
    expect(bytes.toString()).toBe('words');
  });
});

test('every step of an attachment, and everyone who opened it, is in the audit log', async () => {
  const file = fileOf(Buffer.from('words'), 'x.txt');
  const record = await withReady(file);
  await download(ports.tanzania, muster.url, record.id, file.listed.id);
  await download(ports.kenya, muster.url, record.id, file.listed.id, true);
  const entries = await scene.sql<{ action: string; actor_id: string | null; details: { original?: boolean } }>(
    `SELECT action, actor_id, details FROM audit_entries WHERE subject_id = $1 AND action LIKE 'attachment.%' ORDER BY id`,
    [record.id],
  );
  expect(entries.map(({ action, actor_id: by, details }) => [action, by, details.original])).toEqual([
    ['attachment.listed', ports.kenya.id, undefined],
    ['attachment.upload-began', ports.kenya.id, undefined],
    ['attachment.received', ports.kenya.id, undefined],
    ['attachment.ready', null, undefined],
    ['attachment.read', ports.tanzania.id, false],
    ['attachment.read', ports.kenya.id, true],
  ]);
});

test('without a virus scanner an attachment says that it was not scanned', async () => {
  const file = fileOf(Buffer.from('words'), 'x.txt');
  const record = await withReady(file);
  expect(await settledAs(ports.kenya, record.id, file.listed.id, 'READY')).toMatchObject({ scan: 'NOT_SCANNED' });
});

describeWithClamd('with a virus scanner', () => {
  let clamd: TestClamd;
  /** The house of the tests above, put back in its place at the end. */
  let house: [Muster, Scene];

  beforeAll(async () => {
    clamd = await prepareClamd();
    house = [muster, scene];
    muster = await startMuster({ env: { DATA_DIR: folder, CLAMD_URL: clamd.url } });
    scene = await Scene.open(muster);
    ports = await openPorts(scene);
  }, 120_000);

  afterAll(async () => {
    await scene.close();
    await muster.stop();
    [muster, scene] = house;
    await clamd?.remove();
  });

  test('an attachment waits for it as long as it is away, passes when it is clean, and is nobody’s when it is not', async () => {
    const [clean, infected] = [fileOf(Buffer.from('words'), 'x.txt'), fileOf(Buffer.from(`a ${VIRUS} b`), 'y.txt')];
    const record = await logged([clean, infected]);
    for (const file of [clean, infected]) await sendTo(record.id, file);
    for (const file of [clean, infected]) await settledAs(ports.kenya, record.id, file.listed.id, 'SCANNING');
    const refusal = await ports.kenya.refused(LINK, { recordId: record.id, id: clean.listed.id, original: true });
    expect(refusal.code).toBe('CONFLICT');

    await clamd.start();
    expect(await settledAs(ports.kenya, record.id, clean.listed.id, 'READY')).toMatchObject({ scan: 'CLEAN' });
    expect(await settledAs(ports.kenya, record.id, infected.listed.id, 'REFUSED')).toMatchObject({
      refusal: 'INFECTED',
    });
    for (const original of [true, false]) {
      const asked = { recordId: record.id, id: infected.listed.id, original };
      expect(await ports.kenya.refused(LINK, asked)).toMatchObject({ code: 'CONFLICT' });
    }
    const [entry] = await scene.sql<{ details: unknown }>(
      `SELECT details FROM audit_entries WHERE subject_id = $1 AND action = 'attachment.refused'`,
      [record.id],
    );
    expect(entry?.details).toMatchObject({
      reason: 'INFECTED',
      signature: expect.stringContaining('Muster.Test.Virus') as unknown,
    });
    expect(await ports.kenya.do<ToldRecord>(ATTACHMENTS, { id: record.id })).toMatchObject({ complete: false });
  }, 90_000);
});
