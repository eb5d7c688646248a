import { Readable } from 'node:stream';

import fc from 'fast-check';
import { stringify } from 'csv-stringify/sync';
import { validate, version } from 'uuid';

import { columnAt, COLUMNS, columnNamed } from './columns.js';
import { openCsv } from './csv-sheet.js';
import { isDateFormat, ISO_DATES, readerOf, serialTime } from './date-formats.js';
import { readDecimal } from './decimals.js';
import { asWritten, harmless } from './harmless.js';
import { openNdjson } from './ndjson-sheet.js';
import { idFrom } from './report-id.js';
import type { OpenFile } from './sheet.js';
import { instantIn } from './zoned-time.js';

const fileOf =
  (...parts: readonly (Buffer | string)[]): OpenFile =>
  () =>
    Promise.resolve(
      Readable.from(
        parts.map((part) => Buffer.from(part)),
        { objectMode: false },
      ),
    );

const decimals = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 19n }), fc.stringMatching(/^[0-9]{0,9}$/))
  .map(([isNegative, whole, digits]) => `${isNegative ? '-' : ''}${whole}${digits === '' ? '' : `.${digits}`}`);

describe('decimals', () => {
  test('every exact decimal is read as it is, with a point, a comma, or marks between its thousands', () => {
    fc.assert(
      fc.property(decimals, (text) => {
        const [whole = '', digits] = text.split('.');
        const grouped = (mark: string): string => whole.replace(/\B(?=(\d{3})+$)/g, mark);
        expect(readDecimal(text, false)).toEqual({ value: text });
        expect(readDecimal(text.replace('.', ','), true)).toEqual({ value: text });
        expect(readDecimal(`${grouped(' ')}${digits === undefined ? '' : `.${digits}`}`, false)).toEqual({
          value: text,
        });
        if (digits === undefined) return;
        expect(readDecimal(`${grouped(',')}.${digits}`, false)).toEqual({ value: text });
        expect(readDecimal(`${grouped('.')},${digits}`, true)).toEqual({ value: text });
      }),
    );
  });

  test.each([
    ['1,234', false],
    ['1.234', true],
    ['12,5', false],
    ['22 50', false],
    ['1 234 5', false],
    ['1234 567', false],
    ['1e3', false],
    ['7 kg', false],
    ['0x10', false],
    ['.5', false],
    ['1.0000000001', false],
    ['123456789012345678901', false],
  ])('%s is not guessed (decimal comma: %s)', (text, decimalComma) => {
    expect(readDecimal(text, decimalComma)).toHaveProperty('fault');
  });
});

const times = fc.record({
  year: fc.integer({ min: 1, max: 9999 }),
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
  hour: fc.integer({ min: 0, max: 23 }),
  minute: fc.integer({ min: 0, max: 59 }),
  second: fc.integer({ min: 0, max: 59 }),
});
const two = (part: number): string => String(part).padStart(2, '0');
const four = (part: number): string => String(part).padStart(4, '0');

describe('days and times', () => {
  test('what is written in a format is read in it', () => {
    const orders = fc.shuffledSubarray(['YYYY', 'MM', 'DD'], { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(times, orders, fc.constantFrom('/', '-', '.', ' '), (time, order, mark) => {
        const format = `${order.join(mark)} HH:mm:ss`;
        const { year, month, day, hour, minute, second } = time;
        const words: Record<string, string> = { YYYY: four(year), MM: two(month), DD: two(day) };
        const text = `${order.map((token) => words[token]).join(mark)} ${two(hour)}:${two(minute)}:${two(second)}`;
        expect(isDateFormat(format)).toBe(true);
        expect(readerOf(format)(text)).toEqual(time);
      }),
    );
  });

  test.each(['2026-02-29', '2026-13-01', '2026-01-01 24:00', '26-01-01', '2026-01-01 10:60', '0000-01-01'])(
    '%s is no time',
    (text) => {
      expect(ISO_DATES(text)).toBeUndefined();
    },
  );

  test.each(['D/M/Y', 'YYYY-MM', 'YYYY-MM-DD HH', 'YYYY-MM-DD-DD', 'YYYY(.*)MM-DD', 'YYYY-MM-DD mm'])(
    '%s is no format',
    (format) => {
      expect(isDateFormat(format)).toBe(false);
    },
  );

  test('a spreadsheet keeps a time as a number of days, to the second', () => {
    const at = fc.integer({ min: Date.UTC(1904, 2, 1) / 1000, max: Date.UTC(9999, 0, 1) / 1000 });
    fc.assert(
      fc.property(at, fc.boolean(), (second, is1904) => {
        const serial = (second - Date.UTC(is1904 ? 1904 : 1899, is1904 ? 0 : 11, is1904 ? 1 : 30) / 1000) / 86_400;
        const time = serialTime(String(serial), is1904);
        const date = new Date(second * 1000);
        expect(time).toMatchObject({
          year: date.getUTCFullYear(),
          day: date.getUTCDate(),
          second: date.getUTCSeconds(),
        });
      }),
    );
    expect(serialTime('45000', false)).toMatchObject({ year: 2023, month: 3, day: 15 });
    expect(serialTime('43538', true)).toMatchObject({ year: 2023, month: 3, day: 15 });
  });

  test('clocks of a zone show the time that an instant was read from', () => {
    const zones = fc.constantFrom(
      'Africa/Nairobi',
      'Europe/Paris',
      'Pacific/Honolulu',
      'Pacific/Kiritimati',
      'Asia/Kolkata',
    );
    fc.assert(
      fc.property(times, zones, (time, timeZone) => {
        const { year, month, day, hour } = { ...time, year: 1950 + (time.year % 100) };
        // At noon no clock is set.
        const at = instantIn(timeZone, { ...time, year, hour: 12 });
        const shown = new Intl.DateTimeFormat('en-CA', {
          timeZone,
          dateStyle: 'short',
          timeStyle: 'medium',
          hourCycle: 'h23',
        }).format(at);
        expect(shown).toBe(`${four(year)}-${two(month)}-${two(day)}, 12:${two(time.minute)}:${two(time.second)}`);
        expect(hour).toBeLessThan(24);
      }),
    );
  });

  test('an hour that is shown twice is the first, and one that is leapt over is read as before the leap', () => {
    const at = (month: number, day: number): string =>
      instantIn('Europe/Paris', { year: 2026, month, day, hour: 2, minute: 30, second: 0 }).toISOString();
    expect(at(10, 25)).toBe('2026-10-25T00:30:00.000Z');
    expect(at(3, 29)).toBe('2026-03-29T01:30:00.000Z');
  });
});

describe('files', () => {
  const cells = fc.array(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 5 }), { maxLength: 8 });

  test('whatever is written as CSV is read again, by any separator and in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        cells,
        fc.constantFrom(',', ';', '\t'),
        fc.boolean(),
        fc.integer({ min: 1, max: 7 }),
        async (rows, delimiter, bom, size) => {
          const header = ['one', 'two', 'three', 'four', 'five'];
          const text = stringify([header, ...rows], { delimiter, bom, record_delimiter: 'windows', quoted: true });
          const bytes = Buffer.from(text);
          const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
            bytes.subarray(at * size, (at + 1) * size),
          );
          const sheet = await openCsv(fileOf(...parts));
          const read: string[][] = [];
          for await (const { cells: found } of sheet.rows) read.push(found.map(String));
          expect(sheet.header).toEqual(header);
          expect(read).toEqual(
            rows.filter((row) => row.some((cell) => cell.trim() !== '')).map((row) => row.map(asWritten)),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    ['UTF-8', Buffer.from('name\nZoë\n')],
    ['Windows-1252', Buffer.from('name\nZoë\n', 'latin1')],
    ['UTF-16', Buffer.from('\uFEFFname\nZoë\n', 'utf16le')],
  ])('%s is recognised', async (_, bytes) => {
    const sheet = await openCsv(fileOf(bytes));
    const read: unknown[] = [];
    for await (const row of sheet.rows) read.push(row);
    expect(read).toEqual([{ number: 2, cells: ['Zoë'] }]);
  });

  test('a quote that never ends is told with the line in which it stands', async () => {
    const read = async (): Promise<void> => {
      const sheet = await openCsv(fileOf('a,b\n1,2\n"3,4\n'));
      for await (const row of sheet.rows) expect(row.number).toBeGreaterThan(1);
    };
    await expect(read()).rejects.toThrow(/can't be read on as CSV: .*line 3/);
  });

  test('lines of NDJSON come one by one; one without an end is refused', async () => {
    const sheet = await openNdjson(fileOf('{"a":1}\n\n{"b":"', 'ü"}'));
    const read: unknown[] = [];
    for await (const row of sheet.rows) read.push(row);
    expect(read).toEqual([
      { number: 1, cells: ['{"a":1}'] },
      { number: 3, cells: ['{"b":"ü"}'] },
    ]);
    const endless = await openNdjson(fileOf(Buffer.alloc(1_100_000, 'x')));
    await expect(endless.rows[Symbol.asyncIterator]().next()).rejects.toThrow(/at most 1000000 characters/);
  });
});

test('no cell begins a formula, and each is read as it was written', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[=+\-@\t\r]/)), (text) => {
      expect(harmless(text)).not.toMatch(/^[=@\t\r]|^[+-](?![0-9]+([.,][0-9]+)?$)/);
      if (!/^'[=+\-@\t\r]/.test(text)) expect(asWritten(harmless(text))).toBe(text);
    }),
  );
});

test('an id is a UUIDv7 that the same words always give, and no others', () => {
  const operationId = '018f0000-0000-7000-8000-000000000001';
  const ids = new Set<string>();
  for (let word = 0; word < 500; word++) {
    const id = idFrom(operationId, 'KE', String(word));
    expect([validate(id), version(id), id.slice(0, 13)]).toEqual([true, 7, operationId.slice(0, 13)]);
    expect(idFrom(operationId, 'KE', String(word))).toBe(id);
    ids.add(id);
  }
  expect(ids.size).toBe(500);
  expect(idFrom(operationId, 'KE', '1,2')).not.toBe(idFrom(operationId, 'KE', '1', '2'));
});

test('columns have names and places of their own', () => {
  for (const column of COLUMNS) {
    expect(columnNamed(column.name.toUpperCase())).toBe(column);
    if (column.path !== null) expect(columnAt(column.path)).toBe(column);
  }
});
