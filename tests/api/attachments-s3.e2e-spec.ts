import {
  ATTACHMENTS,
  begin,
  download,
  fileOf,
  photo,
  send,
  settledAs,
  type ToldRecord,
  tus,
} from '../setup/attachments.js';
import { type Muster, startMuster } from '../setup/index.js';
import { openPorts, type Ports } from '../setup/ports.js';
import { startS3, type TestS3 } from '../setup/s3.js';
import { LOG, Scene, violationInput } from '../setup/scene.js';

let s3: TestS3;
let muster: Muster;
let scene: Scene;
let ports: Ports;

beforeAll(async () => {
  s3 = await startS3();
  muster = await startMuster({ api: 2, env: s3.env });
  scene = await Scene.open(muster);
  ports = await openPorts(scene);
}, 120_000);

afterAll(async () => {
  await scene?.close();
  await muster?.stop();
  await s3?.stop();
});

test('in an S3-compatible store attachments come, are shared and are kept as on a disk', async () => {
  const [picture, note] = [await photo(), fileOf(Buffer.from('0123456789'), 'x.txt')];
  const attachments = [picture.listed, note.listed];
  const input = violationInput(ports.operationId, ports.agencies.KE, { attachments, sharing: { level: 'GREEN' } });
  const { id } = await ports.kenya.do<{ id: string }>(LOG, { input });
  const { token } = ports.kenya;
  await send({ recordId: id, file: picture, url: muster.url, token, part: 100_000 });

  const wrong = Buffer.from('9876543210');
  await expect(send({ recordId: id, file: note, url: muster.url, token, bytes: wrong })).rejects.toThrow('460');
  // In two parts, each at another server.
  const url = await begin(muster.url, token, id, note);
  const other = new URL(new URL(url).pathname, muster.apis[1]?.url).href;
  expect((await tus(url, 'PATCH', token, { 'upload-offset': '0' }, note.bytes.subarray(0, 4))).status).toBe(204);
  expect((await tus(other, 'HEAD', token)).headers.get('upload-offset')).toBe('4');
  expect((await tus(other, 'PATCH', token, { 'upload-offset': '4' }, note.bytes.subarray(4))).status).toBe(204);

  for (const file of [picture, note]) await settledAs(ports.kenya, id, file.listed.id, 'READY');
  expect(await ports.kenya.do<ToldRecord>(ATTACHMENTS, { id })).toMatchObject({ complete: true });
  const original = await download(ports.kenya, muster.url, id, picture.listed.id, true);
  expect(original.bytes.equals(picture.bytes)).toBe(true);
  const shared = await download(ports.tanzania, muster.url, id, picture.listed.id);
  expect(shared.response.status).toBe(200);
  expect(shared.bytes.includes('Telltale')).toBe(false);
}, 60_000);
