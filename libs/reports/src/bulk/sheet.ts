import type { Readable } from 'node:stream';

import { badInput, type MusterError } from '#platform';

/** What stands in a cell: text, or a number of a spreadsheet as its exact decimal. */
export type Cell = string | { readonly number: string };

export interface SheetRow {
  /** As spreadsheets count, the header being the first. */
  readonly number: number;
  readonly cells: readonly Cell[];
}

/** A file as rows of cells. Empty rows are left out. */
export interface Sheet {
  readonly header: readonly string[];
  /** Days are counted from 1904. */
  readonly is1904: boolean;
  /** To be read once, from the beginning. */
  readonly rows: AsyncIterable<SheetRow>;
  /** Lets the file go, for who does not read it to its end. */
  close(): Promise<void>;
}

/** Opens the bytes of a file, each time from its beginning. */
export type OpenFile = () => Promise<Readable>;

/** Bounds of what is read, whatever a file says of itself. */
export const LIMITS = {
  rows: 250_000,
  columns: 200,
  /** Characters of a cell, as many as a spreadsheet allows. */
  cell: 32_767,
  /** Characters of a line of NDJSON. */
  line: 1_000_000,
  /** Characters of all rows: a workbook has each text once, however many cells show it. */
  text: 200 * 1024 ** 2,
} as const;

/** A file that can't be read on, with how to mend it. */
export function unreadable(rule: string, message: string): MusterError {
  return badInput([{ path: 'file', rule, message }]);
}

export function textOf(cell: Cell | undefined): string {
  return typeof cell === 'object' ? cell.number : (cell ?? '');
}

/** Whether a row has anything in it; where it has more than a file may have, the file is refused. */
export function isFilled({ number, cells }: SheetRow): boolean {
  if (number > LIMITS.rows + 1) throw unreadable('rows', `A file has at most ${LIMITS.rows} rows: send it in parts.`);
  if (cells.length > LIMITS.columns) {
    throw unreadable('columns', `Row ${number} has ${cells.length} cells; a row has at most ${LIMITS.columns}.`);
  }
  const long = cells.findIndex((cell) => textOf(cell).length > LIMITS.cell);
  if (long >= 0) throw unreadable('cell', `Row ${number}, cell ${long + 1} holds more than ${LIMITS.cell} characters.`);
  return cells.some((cell) => textOf(cell).trim() !== '');
}

/** Takes the first row that has anything in it for the header. */
export async function sheetOf(rows: AsyncIterable<SheetRow>, is1904: () => boolean = () => false): Promise<Sheet> {
  const iterator = rows[Symbol.asyncIterator]();
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    if (!isFilled(next.value)) continue;
    const header = next.value.cells.map((cell) => textOf(cell).trim());
    const close = async (): Promise<void> => void (await iterator.return?.());
    return { header, is1904: is1904(), rows: filled({ [Symbol.asyncIterator]: () => iterator }), close };
  }
  throw unreadable('empty', 'The file is empty: its first row names the columns.');
}

async function* filled(rows: AsyncIterable<SheetRow>): AsyncGenerator<SheetRow> {
  let length = 0;
  for await (const row of rows) {
    if (!isFilled(row)) continue;
    length += row.cells.reduce((sum, cell) => sum + textOf(cell).length, 0);
    if (length > LIMITS.text) throw unreadable('size', 'The cells hold too much text: send the file in parts.');
    yield row;
  }
}
