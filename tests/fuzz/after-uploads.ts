import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { download, fileOf, send, settledAs, tus } from '../setup/attachments.js';
import { until } from '../setup/index.js';
import type { Scene } from '../setup/scene.js';
import { TELLTALE } from './files.js';
import type { Left } from './uploads.js';
import { Dice } from './dice.js';
import type { UploadStage } from './upload-stage.js';

interface Row {
  readonly id: string;
  readonly record_id: string;
  readonly status: string;
  readonly refusal: string | null;
  readonly object_id: string | null;
  readonly size: number;
  readonly sha256: Buffer;
  readonly shared_size: number | null;
  readonly shared_sha256: Buffer | null;
}

/** How many of the attachments are opened by a link, as their readers do. */
const MOST_OPENED = 60;

/** Waits until the worker has looked at all that came, and gives what is wrong with what the cases left behind. */
export async function wrongAfterUploads(
  scene: Scene,
  stage: UploadStage,
  left: readonly Left[],
  folder: string,
): Promise<string[]> {
  await until(
    async () => (await scene.sql(`SELECT FROM attachments WHERE status IN ('RECEIVED', 'SCANNING')`)).length === 0,
    { limit: 60_000 + left.length * 100, what: 'the worker has looked at all attachments' },
  );
  const rows = await scene.sql<Row>(`SELECT * FROM attachments`);
  return [
    ...left.flatMap((each) => unexpected(each, rows)),
    ...(await Promise.all(rows.map((row) => wrongWith(row, folder)))).flat(),
    ...(await strayFiles(scene, rows, folder)),
    ...(await wrongForReaders(scene, left, rows)),
    ...(await disturbed(scene, stage)),
    ...(await notTaken(scene, stage)),
  ];
}

function unexpected({ id, recordId, expected, name, what }: Left, rows: readonly Row[]): string[] {
  const row = rows.find((each) => each.id === id && each.record_id === recordId);
  const is = row?.status === 'REFUSED' ? `REFUSED (${row.refusal})` : row?.status;
  const isRight = {
    READY: is === 'READY',
    PASSED: is === 'READY' || is === 'REFUSED (TYPE)' || is === 'REFUSED (UNREADABLE)',
    OTHER_CONTENT: is === 'REFUSED (OTHER_CONTENT)',
    AWAITED: is === 'AWAITED',
  }[expected];
  return isRight ? [] : [`${name}: ${what} is ${is}, and was to be ${expected}`];
}

/** An attachment's row and its objects say the same. */
async function wrongWith(row: Row, folder: string): Promise<string[]> {
  const { id, status, refusal, object_id: objectId, shared_size: sharedSize, shared_sha256: sharedSha256 } = row;
  const wrong: string[] = [];
  const hasCome = status === 'READY' || (status === 'REFUSED' && refusal !== 'OTHER_CONTENT');
  if (hasCome !== (objectId !== null)) wrong.push(`is ${status} (${refusal}) and has the original ${objectId}`);
  if (status !== 'READY' && sharedSize !== null) wrong.push(`is ${status} and has a shared copy`);
  const same = async (kind: string, size: number, sum: Buffer): Promise<void> => {
    const bytes = await readFile(join(folder, kind, objectId ?? '')).catch(() => Buffer.alloc(0));
    const isSame = bytes.length === size && createHash('sha256').update(bytes).digest().equals(sum);
    if (!isSame) wrong.push(`has other bytes in ${kind} than it says`);
  };
  if (objectId !== null) await same('originals', row.size, row.sha256);
  if (sharedSize !== null && sharedSha256 !== null) await same('shared', sharedSize, sharedSha256);
  return wrong.map((what) => `the attachment ${id} ${what}`);
}

/** Nothing lies in the folders that no row tells of. */
async function strayFiles(scene: Scene, rows: readonly Row[], folder: string): Promise<string[]> {
  const uploads = await scene.sql<{ id: string }>(`SELECT id FROM attachment_uploads`);
  const originals = rows.map(({ object_id: id }) => id);
  const shared = rows.filter((row) => row.shared_size !== null).map(({ object_id: id }) => id);
  const known: Readonly<Record<string, readonly (string | null)[]>> = {
    uploads: uploads.flatMap(({ id }) => [id, `${id}.json`]),
    originals,
    shared,
  };
  const stray = await Promise.all(
    Object.entries(known).map(async ([kind, names]) => {
      const set = new Set(names);
      return (await readdir(join(folder, kind))).filter((name) => !set.has(name)).map((name) => `${kind}/${name}`);
    }),
  );
  return stray.flat().map((path) => `${path} is a file that nothing tells of`);
}

/** Those who see a record open what is ready, and are told nothing of the device. */
async function wrongForReaders(scene: Scene, left: readonly Left[], rows: readonly Row[]): Promise<string[]> {
  const wrong: string[] = [];
  const ready = left.filter(({ id }) => rows.some((row) => row.id === id && row.shared_size !== null));
  for (const { keeper, recordId, id, name } of ready.slice(0, MOST_OPENED)) {
    const { response, bytes } = await download(keeper.person, scene.muster.url, recordId, id);
    const row = rows.find((each) => each.id === id);
    if (response.status !== 200 || bytes.length !== row?.shared_size) {
      wrong.push(`${name}: its shared copy was answered with ${response.status} and ${bytes.length} bytes`);
    }
    if (bytes.includes(TELLTALE)) wrong.push(`${name}: its shared copy tells of the device`);
    if (response.headers.get('content-disposition')?.startsWith('attachment;') !== true) {
      wrong.push(`${name}: its shared copy is shown in place`);
    }
  }
  return wrong;
}

/** Uploads of others go on where they stood. */
async function disturbed(scene: Scene, { foreign, kenya }: UploadStage): Promise<string[]> {
  const { url } = scene.muster;
  const wrong: string[] = [];
  for (const { recordId, file, path } of foreign) {
    const at = (await tus(`${url}${path}`, 'HEAD', kenya.token)).headers.get('upload-offset');
    if (at !== '0') wrong.push(`the upload of somebody else stands at ${at}`);
    const sent = await tus(`${url}${path}`, 'PATCH', kenya.token, { 'upload-offset': '0' }, file.bytes);
    if (sent.status !== 204) wrong.push(`the upload of somebody else goes on with ${sent.status}`);
    else await settledAs(kenya, recordId, file.listed.id, 'READY');
  }
  return wrong;
}

/** A right upload of each keeper still works. */
async function notTaken(scene: Scene, { keepers, maker }: UploadStage): Promise<string[]> {
  const { url } = scene.muster;
  for (const keeper of keepers) {
    const { person } = keeper;
    const { bytes, name } = maker.makeRight(new Dice(`after ${person.id}`));
    const file = fileOf(bytes, name);
    const recordId = await keeper.list([file]);
    await send({ recordId, file, url, token: person.token, part: 50 });
    await until(
      async () =>
        (await scene.sql(`SELECT FROM attachments WHERE id = $1 AND status = 'READY'`, [file.listed.id])).length > 0,
      { limit: 20_000, what: `a right upload of ${name} is READY` },
    );
  }
  return [];
}
