import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { PassThrough, Readable } from 'node:stream';

import exceljs from 'exceljs';

import { until } from '../../../../tests/setup/index.js';
import type { OpenFile } from './sheet.js';
import { openXlsx } from './xlsx-sheet.js';

const fileOf =
  (bytes: Buffer): OpenFile =>
  () =>
    Promise.resolve(Readable.from([bytes], { objectMode: false }));

async function workbook(rows: readonly (readonly exceljs.CellValue[])[], isInline = false): Promise<OpenFile> {
  if (isInline) {
    const chunks: Buffer[] = [];
    const stream = new PassThrough().on('data', (chunk: Buffer) => chunks.push(chunk));
    const writer = new exceljs.stream.xlsx.WorkbookWriter({ stream, useSharedStrings: false });
    const sheet = writer.addWorksheet('One');
    for (const cells of rows) sheet.addRow([...cells]).commit();
    await writer.commit();
    return fileOf(Buffer.concat(chunks));
  }
  const book = new exceljs.Workbook();
  book.addWorksheet('One').addRows(rows.map((cells) => [...cells]));
  book.addWorksheet('Two').addRows([['not', 'read']]);
  return fileOf(Buffer.from(await book.xlsx.writeBuffer()));
}

test('the rows of the first sheet alone are read, with their own numbers, and empty ones left out', async () => {
  const sheet = await openXlsx(await workbook([[], ['a', 'b'], [1.5, 'x'], [], [null, true]]));
  const rows: unknown[] = [];
  for await (const row of sheet.rows) rows.push(row);
  expect(sheet.header).toEqual(['a', 'b']);
  expect(rows).toEqual([
    { number: 3, cells: [{ number: '1.5' }, 'x'] },
    { number: 5, cells: ['', 'TRUE'] },
  ]);
});

test('a workbook whose rows nobody reads on is let go, and leaves no file behind', async () => {
  const own = async (): Promise<string[]> =>
    (await readdir(tmpdir())).filter((name) => name.startsWith(`tmp-${process.pid}`));
  const sheet = await openXlsx(await workbook(Array.from({ length: 5_000 }, (_, row) => ['a', row])));
  await sheet.close();
  // The reader removes what it wrote in its own time.
  await until(async () => (await own()).length === 0);
});

test('what is small and unpacks to more than may be is refused before it is read', async () => {
  const open = await workbook(Array.from({ length: 1_100 }, (_, row) => [`${row}${'x'.repeat(32_000)}`]));
  await expect(openXlsx(open)).rejects.toThrow(/too large/);
}, 30_000);

test('a row that does not end is refused before it is read', async () => {
  const open = await workbook([['a'], Array.from({ length: 600 }, (_, cell) => `${cell}${'x'.repeat(32_000)}`)], true);
  await expect(openXlsx(open)).rejects.toThrow(/too large/);
}, 30_000);

test.each([
  ['text', Buffer.from('reference,detectedAt\n')],
  ['nothing', Buffer.alloc(0)],
  ['a beginning alone', Buffer.from('PK\u0003\u0004')],
])('%s is no workbook', async (_, bytes) => {
  await expect(openXlsx(fileOf(bytes))).rejects.toThrow(/no workbook|damaged/);
});

test('a row of more cells than may be is refused', async () => {
  const sheet = await openXlsx(await workbook([['a'], Array.from({ length: 300 }, () => 'x')]));
  const read = async (): Promise<void> => {
    for await (const row of sheet.rows) expect(row).toBeUndefined();
  };
  await expect(read()).rejects.toThrow(/at most 200 cells/);
});
