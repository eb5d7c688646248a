import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable, Readable as NodeReadable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { stringify } from 'csv-stringify';

import { NOTES } from './columns.js';
import { harmless } from './harmless.js';
import { ImportFormat } from './import.js';
import type { RefusedRow } from './row-errors.js';
import { type Cell, textOf } from './sheet.js';

export const REFUSED_PATH = '/imports/refused';

export const MEDIA_TYPES: Readonly<Record<ImportFormat, string>> = {
  [ImportFormat.CSV]: 'text/csv; charset=utf-8',
  [ImportFormat.XLSX]: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  [ImportFormat.NDJSON]: 'application/x-ndjson',
};

/** A file that was made beside the database, until it is kept in the store. */
export interface MadeFile {
  readonly size: number;
  readonly sha256: Buffer;
  open(): Readable;
}

/**
 * Writes the rows that were refused as they came, each with its number and its errors, in the format of the upload. No row is held for longer than
 * it takes to write it. The file is there while `use` works.
 */
export async function withRefusedFile<T>(
  format: ImportFormat,
  header: readonly string[],
  rows: AsyncIterable<RefusedRow>,
  use: (file: MadeFile) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-refused-'));
  try {
    const path = join(folder, 'rows');
    await write(format, header, rows, path);
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size += chunk.length;
    }
    return await use({ size, sha256: hash.digest(), open: () => createReadStream(path) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(
  format: ImportFormat,
  header: readonly string[],
  rows: AsyncIterable<RefusedRow>,
  path: string,
): Promise<void> {
  const file = createWriteStream(path, { mode: 0o600 });
  if (format === ImportFormat.NDJSON) return pipeline(NodeReadable.from(objects(rows)), file);
  const kept = header.map((name, at) => ({ name, at })).filter(({ name }) => !isNote(name));
  const titles = [...kept.map(({ name }) => name), NOTES.row, NOTES.errors];
  const table = tableOf(
    titles,
    kept.map(({ at }) => at),
    rows,
  );
  if (format === ImportFormat.CSV) {
    const texts = (async function* () {
      for await (const cells of table) yield cells.map((cell) => harmless(textOf(cell)));
    })();
    // With the mark by which spreadsheets know UTF-8.
    return pipeline(NodeReadable.from(texts), stringify({ bom: true, record_delimiter: 'windows' }), file);
  }
  const { writeXlsx } = await import('./xlsx-file.js');
  return writeXlsx(file, 'Refused', table);
}

async function* tableOf(
  titles: readonly string[],
  places: readonly number[],
  rows: AsyncIterable<RefusedRow>,
): AsyncGenerator<readonly Cell[]> {
  yield titles;
  for await (const { number, cells, errors } of rows) {
    yield [...places.map((at) => cells[at] ?? ''), { number: String(number) }, errors];
  }
}

async function* objects(rows: AsyncIterable<RefusedRow>): AsyncGenerator<string> {
  for await (const { number, cells, errors } of rows) {
    const notes = { [NOTES.row]: number, [NOTES.errors]: errors };
    yield `${JSON.stringify({ ...asObject(textOf(cells[0])), ...notes })}\n`;
  }
}

/** A line that is no object is told as the text that it is. */
function asObject(line: string): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // below
  }
  return { line };
}

function isNote(name: string): boolean {
  return Object.values<string>(NOTES).includes(name.trim().toLowerCase());
}
