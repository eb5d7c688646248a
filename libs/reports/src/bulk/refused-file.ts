import type { WriteStream } from 'node:fs';

import { NOTES } from './columns.js';
import { FileFormat } from './job.js';
import { writeObjects, writeTable } from './made-file.js';
import type { RefusedRow } from './row-errors.js';
import { type Cell, textOf } from './sheet.js';

export const REFUSED_PATH = '/imports/refused';

/** Writes the rows that were refused as they came, each with its number and its errors, in the format of the upload. */
export function writeRefused(
  format: FileFormat,
  header: readonly string[],
  rows: AsyncIterable<RefusedRow>,
  file: WriteStream,
): Promise<void> {
  if (format === FileFormat.NDJSON) return writeObjects(objects(rows), file);
  const kept = header.map((name, at) => ({ name, at })).filter(({ name }) => !isNote(name));
  const titles = [...kept.map(({ name }) => name), NOTES.row, NOTES.errors];
  const table = tableOf(
    titles,
    kept.map(({ at }) => at),
    rows,
  );
  return writeTable(format, 'Refused', table, file);
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

async function* objects(rows: AsyncIterable<RefusedRow>): AsyncGenerator<object> {
  for await (const { number, cells, errors } of rows) {
    yield { ...asObject(textOf(cells[0])), [NOTES.row]: number, [NOTES.errors]: errors };
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
