import exceljs from 'exceljs';
import { Decimal } from 'decimal.js';
import unzipper from 'unzipper';

import { asWritten } from './harmless.js';
import { type Cell, LIMITS, type OpenFile, type Sheet, type SheetRow, sheetOf, unreadable } from './sheet.js';

/** Bytes of a workbook's parts as they are unpacked; the strings that cells share are kept in memory while it is read. */
const UNPACKED = { all: 1024 ** 3, strings: 32 * 1024 ** 2, parts: 2_000 } as const;
/** Bytes of a part that is read into memory as a whole, and of what stands there between the beginnings of two rows. */
const WHOLE_PARTS = new Map([
  ['xl/workbook.xml', 4 * 1024 ** 2],
  ['xl/_rels/workbook.xml.rels', 4 * 1024 ** 2],
  ['xl/sharedStrings.xml', UNPACKED.strings],
]);
const LONGEST_ROW = 16 * 1024 ** 2;
/** As many digits as spreadsheets keep and show of a number. */
const DIGITS = 15;

const Exact = Decimal.clone({ precision: 40 });

/** Reads the first sheet of a workbook. Formulas count as what they gave when the workbook was saved. */
export async function openXlsx(open: OpenFile): Promise<Sheet> {
  await assertBounded(open);
  const reader = new exceljs.stream.xlsx.WorkbookReader(await open(), {
    sharedStrings: 'cache',
    styles: 'ignore',
    hyperlinks: 'ignore',
    worksheets: 'emit',
  });
  return sheetOf(rowsOf(reader), () => is1904(reader));
}

async function* rowsOf(reader: exceljs.stream.xlsx.WorkbookReader): AsyncGenerator<SheetRow> {
  const sheets = reader[Symbol.asyncIterator]();
  try {
    const first = await sheets.next();
    if (first.done === true) return;
    for await (const row of first.value) yield { number: row.number, cells: cellsOf(row) };
  } finally {
    // To the end even where nobody reads on: what the reader has put into a file of its own is removed only then.
    while ((await sheets.next().catch(() => ({ done: true }))).done !== true);
  }
}

function cellsOf(row: exceljs.Row): Cell[] {
  const { length } = row.values as readonly unknown[];
  if (length > LIMITS.columns + 1) throw unreadable('columns', `A row has at most ${LIMITS.columns} cells.`);
  return Array.from({ length: Math.max(0, length - 1) }, (_, index) => cellOf(row.getCell(index + 1).value));
}

function cellOf(value: exceljs.CellValue): Cell {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return { number: numberText(value) };
  if (typeof value === 'string') return asWritten(value);
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (value instanceof Date) return value.toISOString();
  if ('result' in value || 'formula' in value || 'sharedFormula' in value) {
    const result = 'result' in value ? value.result : undefined;
    return typeof result === 'number' && Number.isNaN(result) ? '' : cellOf(result);
  }
  if ('richText' in value) return asWritten(value.richText.map(({ text }) => text).join(''));
  if ('hyperlink' in value) return asWritten(value.text);
  return 'error' in value ? value.error : '';
}

/** A number as the spreadsheet shows it; what a sum of binary fractions leaves behind the last of its digits is none of the number. */
function numberText(value: number): string {
  return new Exact(String(value)).toSignificantDigits(DIGITS).toFixed();
}

function is1904(reader: exceljs.stream.xlsx.WorkbookReader): boolean {
  const { properties } = reader as unknown as { readonly properties?: { readonly model?: { date1904?: boolean } } };
  return properties?.model?.date1904 === true;
}

/**
 * Unpacks a workbook once and counts, before anything of it is kept: what is small may become large without end.
 * @throws BAD_USER_INPUT where it is none, or larger than may be
 */
async function assertBounded(open: OpenFile): Promise<void> {
  const file = await open();
  const parts = unzipper.Parse({ forceStream: true });
  file.on('error', (error) => parts.destroy(error));
  file.pipe(parts);
  let [all, count, hasSheet] = [0, 0, false];
  try {
    for await (const entry of parts) {
      const isSheet = entry.path.startsWith('xl/worksheets/');
      hasSheet ||= isSheet;
      const most = WHOLE_PARTS.get(entry.path) ?? UNPACKED.all;
      const rows = isSheet ? new RowLengths() : undefined;
      let size = 0;
      if (++count > UNPACKED.parts) throw tooLarge();
      for await (const chunk of entry) {
        size += chunk.length;
        all += chunk.length;
        if (all > UNPACKED.all || size > most) throw tooLarge();
        rows?.assertBounded(chunk);
      }
    }
  } catch (error) {
    if (
      error instanceof Error &&
      /signature|zip|unexpected end|FILE_ENDED|inflate|header|block|distance/i.test(error.message)
    ) {
      throw notWorkbook();
    }
    throw error;
  } finally {
    file.destroy();
  }
  if (!hasSheet) throw notWorkbook();
}

/** Looks at a sheet as it is unpacked: its reader keeps a row until the row's end, which a sheet need not have. */
class RowLengths {
  private length = 0;
  private rest = '';

  assertBounded(chunk: Buffer): void {
    const text = this.rest + chunk.toString('latin1');
    // Comments, instructions and the like could hold the beginning of a row that is none; no spreadsheet program writes them there.
    if (/<!|<\?(?!xml)[^]{3}/.test(text)) throw notWorkbook();
    const last = text.lastIndexOf('<row');
    this.length = last < 0 ? this.length + chunk.length : text.length - last;
    if (this.length > LONGEST_ROW) throw tooLarge();
    this.rest = text.slice(-10);
  }
}

function tooLarge(): Error {
  return unreadable('size', 'Unpacked, the workbook is too large: send it in parts, or as CSV.');
}

function notWorkbook(): Error {
  return unreadable('form', 'This is no workbook of the format XLSX, or it was damaged on its way.');
}
