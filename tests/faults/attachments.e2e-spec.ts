import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  ATTACHMENTS,
  begin,
  download,
  fileOf,
  type LocalFile,
  photo,
  send,
  settledAs,
  type ToldRecord,
  tus,
} from '../setup/attachments.js';
import { type Muster, startMuster, until } from '../setup/index.js';
import { openPorts, type Ports } from '../setup/ports.js';
import { LOG, Scene, violationInput } from '../setup/scene.js';

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

const record = async (file: LocalFile): Promise<string> => {
  const input = violationInput(ports.operationId, ports.agencies.KE, { attachments: [file.listed] });
  return (await ports.kenya.do<{ id: string }>(LOG, { input })).id;
};

/** A file of words that nobody could confuse with each other. */
const words = (megabytes: number): LocalFile => {
  const lines = Array.from({ length: megabytes * 65_536 }, (_, line) => String(line).padStart(15, '.'));
  return fileOf(Buffer.from(`${lines.join('\n')}\n`), 'words.txt');
};

const uploadId = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/** A body that comes in parts and never ends by itself: a line that is slow. */
function slowly(bytes: Buffer, part = 64 * 1024, pause = 50): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      controller.enqueue(new Uint8Array(bytes.subarray(at, at + part)));
      at += part;
    },
  });
}

function patchSlowly(url: string, token: string, bytes: Buffer, from = 0): Promise<Response> {
  return fetch(url, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${token}`,
      'tus-resumable': '1.0.0',
      'upload-offset': String(from),
      'content-type': 'application/offset+octet-stream',
    },
    body: slowly(bytes.subarray(from)),
    duplex: 'half',
  });
}

/** Bytes of an upload that have come, as the server says. */
async function offsetOf(url: string, token: string): Promise<number> {
  const head = await tus(url, 'HEAD', token);
  if (head.status !== 200) throw new Error(`HEAD: ${head.status}`);
  return Number(head.headers.get('upload-offset'));
}

const elsewhere = (url: string, server: string): string => new URL(new URL(url).pathname, server).href;

test('an upload whose server is killed in the middle is gone on with at another, and nothing of it is lost', async () => {
  const file = words(3);
  const recordId = await record(file);
  const dying = await muster.add('api');
  const url = await begin(dying.url, ports.kenya.token, recordId, file);
  const sending = patchSlowly(url, ports.kenya.token, file.bytes).catch(() => 'broken');
  const onDisk = join(folder, 'attachments', 'uploads', uploadId(url));
  await until(async () => (await stat(onDisk)).size > 500_000, { what: 'a part has come' });
  await dying.kill('SIGKILL');
  expect(await sending).toBe('broken');

  const { url: other } = await muster.add('api');
  const at = elsewhere(url, other);
  const offset = await offsetOf(at, ports.kenya.token);
  expect(offset).toBeGreaterThan(500_000);
  expect(offset).toBeLessThan(file.bytes.length);
  const rest = await tus(
    at,
    'PATCH',
    ports.kenya.token,
    { 'upload-offset': String(offset) },
    file.bytes.subarray(offset),
  );
  expect(rest.status).toBe(204);
  await settledAs(ports.kenya, recordId, file.listed.id, 'READY');
  const { bytes } = await download(ports.kenya, other, recordId, file.listed.id, true);
  expect(bytes.equals(file.bytes)).toBe(true);
}, 60_000);

test('a request that hangs lets go for the next one, also at another server', async () => {
  const file = words(2);
  const recordId = await record(file);
  const { url: other } = await muster.add('api');
  const url = await begin(muster.url, ports.kenya.token, recordId, file);
  const hanging = patchSlowly(url, ports.kenya.token, file.bytes.subarray(0, 300_000)).catch(() => undefined);
  const offset = await until(() => offsetOf(elsewhere(url, other), ports.kenya.token), { what: 'a part has come' });
  await hanging;
  const rest = file.bytes.subarray(offset);
  const answer = await tus(url, 'PATCH', ports.kenya.token, { 'upload-offset': String(offset) }, rest);
  expect(answer.status).toBe(204);
  await settledAs(ports.kenya, recordId, file.listed.id, 'READY');
}, 60_000);

test('an upload stops when its token ends, and goes on with a new one', async () => {
  const file = words(8);
  const recordId = await record(file);
  const { token } = await scene.signIn(ports.kenya.email);
  const url = await begin(muster.url, token, recordId, file);
  const sending = patchSlowly(url, token, file.bytes, 0).catch(() => undefined);
  const onDisk = join(folder, 'attachments', 'uploads', uploadId(url));
  await until(async () => (await stat(onDisk)).size > 0, { what: 'a part has come' });
  await scene.speaker(ports.kenya.id, ports.kenya.email, token).do(`mutation { signOut }`);
  await sending;
  expect((await tus(url, 'HEAD', token)).status).toBe(401);
  const offset = await offsetOf(url, ports.kenya.token);
  expect(offset).toBeGreaterThan(0);
  expect(offset).toBeLessThan(file.bytes.length);
  const rest = file.bytes.subarray(offset);
  const answer = await tus(url, 'PATCH', ports.kenya.token, { 'upload-offset': String(offset) }, rest);
  expect(answer.status).toBe(204);
  await settledAs(ports.kenya, recordId, file.listed.id, 'READY');
}, 60_000);

test('an upload that was whole when its server died is finished by whoever asks for it', async () => {
  const file = words(1);
  const recordId = await record(file);
  const url = await begin(muster.url, ports.kenya.token, recordId, file);
  const half = file.bytes.length / 2;
  await tus(url, 'PATCH', ports.kenya.token, { 'upload-offset': '0' }, file.bytes.subarray(0, half));
  // The last bytes reached the disk, and the process died before it looked at them.
  await appendFile(join(folder, 'attachments', 'uploads', uploadId(url)), file.bytes.subarray(half));
  expect(await offsetOf(url, ports.kenya.token)).toBe(file.bytes.length);
  await settledAs(ports.kenya, recordId, file.listed.id, 'READY');
});

test('several uploads of one attachment at once, at two servers, bring it once and whole', async () => {
  const file = await photo();
  const recordId = await record(file);
  const { url: other } = await muster.add('api');
  const token = ports.kenya.token;
  const sendings = [muster.url, other, muster.url].map((url) => send({ recordId, file, url, token, part: 40_000 }));
  await Promise.all(sendings);
  await settledAs(ports.kenya, recordId, file.listed.id, 'READY');
  const { bytes } = await download(ports.kenya, muster.url, recordId, file.listed.id, true);
  expect(bytes.equals(file.bytes)).toBe(true);
  const received = await scene.sql(
    `SELECT FROM audit_entries WHERE subject_id = $1 AND action = 'attachment.received'`,
    [recordId],
  );
  expect(received).toHaveLength(1);
  await until(
    async () => (await scene.sql(`SELECT FROM attachment_uploads WHERE record_id = $1`, [recordId])).length === 0,
  );
}, 60_000);

test('what has come while no worker runs, or when it is killed, is looked at by the next', async () => {
  await muster.worker?.kill('SIGKILL');
  const files = [await photo(), await photo(), fileOf(Buffer.from('words'), 'x.txt')];
  const input = violationInput(ports.operationId, ports.agencies.KE, {
    attachments: files.map(({ listed }) => listed),
  });
  const { id } = await ports.kenya.do<{ id: string }>(LOG, { input });
  for (const file of files) await send({ recordId: id, file, url: muster.url, token: ports.kenya.token });
  expect(await ports.kenya.do<ToldRecord>(ATTACHMENTS, { id })).toMatchObject({
    attachments: [{ status: 'RECEIVED' }, { status: 'RECEIVED' }, { status: 'RECEIVED' }],
  });
  await muster.add('worker');
  await until(async () => (await ports.kenya.do<ToldRecord>(ATTACHMENTS, { id })).complete, { limit: 30_000 });
}, 60_000);

test('what ended the worker three times is refused, and not looked at again', async () => {
  await muster.worker?.kill('SIGKILL');
  const file = await photo();
  const id = await record(file);
  await send({ recordId: id, file, url: muster.url, token: ports.kenya.token });
  await scene.sql(`UPDATE outbox SET attempts = 3 WHERE kind = 'attachment.examine'`);
  await muster.add('worker');
  expect(await settledAs(ports.kenya, id, file.listed.id, 'REFUSED')).toMatchObject({ refusal: 'UNREADABLE' });
}, 60_000);

test('uploads that nobody went on with for a day are swept with all they left', async () => {
  const [old, young] = [words(1), words(1)];
  const urls: string[] = [];
  for (const file of [old, young]) {
    const url = await begin(muster.url, ports.kenya.token, await record(file), file);
    await tus(url, 'PATCH', ports.kenya.token, { 'upload-offset': '0' }, file.bytes.subarray(0, 1_000));
    urls.push(url);
  }
  const [gone = '', kept = ''] = urls;
  await scene.sql(`UPDATE attachment_uploads SET created_at = created_at - interval '25 hours' WHERE id = $1`, [
    uploadId(gone),
  ]);
  await muster.add('worker'); // it sweeps when it starts
  const left = (): Promise<string[]> => readdir(join(folder, 'attachments', 'uploads'));
  await until(async () => !(await left()).some((name) => name.startsWith(uploadId(gone))));
  expect(await left()).toEqual(expect.arrayContaining([uploadId(kept)]));
  expect((await tus(gone, 'HEAD', ports.kenya.token)).status).toBe(404);
  expect(await offsetOf(kept, ports.kenya.token)).toBe(1_000);
}, 60_000);
