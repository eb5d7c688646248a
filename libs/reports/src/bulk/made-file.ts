import { createHash } from 'node:crypto';
import type { WriteStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { stringify } from 'csv-stringify';

import { harmless } from './harmless.js';
import { FileFormat } from './job.js';
import { type Cell, textOf } from './sheet.js';

export const MEDIA_TYPES: Readonly<Record<FileFormat, string>> = {
  [FileFormat.CSV]: 'text/csv; charset=utf-8',
  [FileFormat.XLSX]: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  [FileFormat.NDJSON]: 'application/x-ndjson',
};

/** A file that was made beside the database, until it is kept in the store. */
export interface MadeFile {
  readonly size: number;
  readonly sha256: Buffer;
  readonly open: () => Readable;
}

/** Bytes read at once. */
const CHUNK = 256 * 1024;

/**
 * Makes a file, which is there while `use` works, whatever becomes of it. It has no name in its folder: what it tells is gone with the process,
 * however that ends.
 */
export async function withMadeFile<T>(
  write: (file: WriteStream) => Promise<void>,
  use: (file: MadeFile) => Promise<T>,
): Promise<T> {
  const { writing, reading } = await openNameless();
  const file = writing.createWriteStream();
  try {
    await write(file);
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of chunksOf(reading)) {
      hash.update(chunk);
      size += chunk.length;
    }
    return await use({
      size,
      sha256: hash.digest(),
      open: () => Readable.from(chunksOf(reading), { objectMode: false }),
    });
  } finally {
    file.destroy();
    await reading.close();
  }
}

async function openNameless(): Promise<{ readonly writing: FileHandle; readonly reading: FileHandle }> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-file-'));
  const path = join(folder, 'rows');
  try {
    const writing = await open(path, 'wx', 0o600);
    return { writing, reading: await open(path, 'r') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The bytes of a file from its beginning, wherever others of its readers are. */
async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Writes rows, the header first, as CSV or as a workbook; none is held for longer than it takes to write it. */
export async function writeTable(
  format: FileFormat.CSV | FileFormat.XLSX,
  title: string,
  rows: AsyncIterable<readonly Cell[]>,
  file: WriteStream,
): Promise<void> {
  if (format === FileFormat.CSV) {
    const texts = (async function* () {
      for await (const cells of rows) yield cells.map((cell) => harmless(textOf(cell)));
    })();
    // With the mark by which spreadsheets know UTF-8.
    return pipeline(Readable.from(texts), stringify({ bom: true, record_delimiter: 'windows' }), file);
  }
  // It takes memory and time to load: only where it is used.
  const { writeXlsx } = await import('./xlsx-file.js');
  return writeXlsx(file, title, rows);
}

/** Writes objects as NDJSON. */
export function writeObjects(objects: AsyncIterable<object>, file: WriteStream): Promise<void> {
  const lines = (async function* () {
    for await (const object of objects) yield `${JSON.stringify(object)}\n`;
  })();
  return pipeline(Readable.from(lines), file);
}
