import { once } from 'node:events';
import type { Writable } from 'node:stream';

import exceljs from 'exceljs';

import { harmless } from './harmless.js';
import type { Cell } from './sheet.js';

/** Writes rows as a workbook of one sheet, without holding them. @throws what keeps the file from being written, such as a full disk */
export async function writeXlsx(file: Writable, name: string, rows: AsyncIterable<readonly Cell[]>): Promise<void> {
  const closed = once(file, 'close');
  closed.catch(() => undefined); // it is waited for at the end
  const workbook = new exceljs.stream.xlsx.WorkbookWriter({ stream: file, useStyles: false, useSharedStrings: false });
  const sheet = workbook.addWorksheet(name);
  for await (const cells of rows) {
    sheet.addRow(cells.map(valueOf)).commit();
    // The workbook's own stream lets nobody know.
    if (file.errored) throw file.errored;
    // What the sheet has written waits in memory for the file: it must be let through before the next.
    if (file.writableNeedDrain) await once(file, 'drain');
  }
  sheet.commit();
  // It waits for the file without end, where that fails.
  await Promise.race([workbook.commit(), closed]);
  if (!file.writableEnded) file.end();
  await closed;
}

export function valueOf(cell: Cell): string | number {
  return typeof cell === 'object' ? Number(cell.number) : harmless(cell);
}
