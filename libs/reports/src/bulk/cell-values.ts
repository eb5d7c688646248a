import { DateScalar, DateTimeScalar, type Faults, isTimeZone } from '#platform';

import type { Column } from './columns.js';
import { type DateReader, ISO_DATES, readerOf, serialTime } from './date-formats.js';
import { readDecimal } from './decimals.js';
import type { Names } from './names.js';
import type { Cell } from './sheet.js';
import { instantIn, type LocalTime } from './zoned-time.js';

/** How a file writes its values. */
export interface Spelling {
  readonly timeZone: string;
  readonly dateFormat: string | null;
  readonly decimalComma: boolean;
  /** Days that stand as numbers are counted from 1904. */
  readonly is1904: boolean;
}

const LONGEST_COUNT = 9;
const YES = ['yes', 'y', 'true', '1', 'x'];
const NO = ['no', 'n', 'false', '0', ''];
const DIGIT_CODES: Readonly<Record<string, string>> = { '1': 'ONE', '2': 'TWO', '3': 'THREE', '4': 'FOUR' };

/** Reads the cells of a file; what can't be read is noted with how to mend it, and undefined. */
export class CellReader {
  private readonly readers: readonly DateReader[];

  constructor(
    private readonly names: Names,
    private readonly spelling: Spelling,
  ) {
    const { dateFormat } = spelling;
    this.readers = dateFormat === null ? [ISO_DATES] : [readerOf(dateFormat), ISO_DATES];
  }

  /** @param path where the value stands in the input, for the fault */
  read(faults: Faults, path: string, column: Column, cell: Cell): unknown {
    const text = (typeof cell === 'object' ? cell.number : cell).trim();
    if (text === '') return undefined;
    const fail = (rule: string, message: string): undefined => {
      faults.add(path, rule, message);
      return undefined;
    };
    if (text.includes('\u0000') || !text.isWellFormed())
      return fail('text', 'Leave out what is no character of a text.');
    switch (column.kind) {
      case 'text':
      case 'place':
        return text;
      case 'instant':
        return this.instant(cell, text) ?? fail('date', `"${text}" is no day and time: ${this.formats} is read.`);
      case 'day': {
        const time = this.time(cell, text);
        return time ? dayOf(time) : fail('date', `"${text}" is no day: ${this.formats} is read.`);
      }
      case 'decimal':
      case 'degrees': {
        const read = readDecimal(text, typeof cell === 'object' ? false : this.spelling.decimalComma);
        if ('fault' in read) return fail('decimal', read.fault);
        return column.kind === 'decimal' ? read.value : Number(read.value);
      }
      case 'count':
        if (!/^[0-9]+$/.test(text) || text.length > LONGEST_COUNT)
          return fail('count', `"${text}" is no whole number.`);
        return Number(text);
      case 'code': {
        const code = text.toUpperCase().replace(/[\s-]+/g, '_');
        const found = [code, DIGIT_CODES[code]].find((each) => each !== undefined && column.codes?.includes(each));
        return found ?? fail('code', `"${text}" is none of ${column.codes?.join(', ') ?? ''}.`);
      }
      case 'country':
        return this.names.country(text) ?? fail('country', this.names.explainCountry(text));
      case 'countries': {
        const parts = listOf(text);
        const codes = parts.map((part) => this.names.country(part));
        const wrong = parts.filter((_, index) => codes[index] === undefined);
        if (wrong.length > 0) return fail('country', wrong.map((part) => this.names.explainCountry(part)).join(' '));
        return codes;
      }
      case 'commodity':
        return this.names.commodity(text);
      case 'list':
        return listOf(text);
      case 'flag':
        if (YES.includes(text.toLowerCase())) return true;
        return NO.includes(text.toLowerCase()) ? false : fail('flag', 'Write YES or NO.');
    }
  }

  place(text: string): string | undefined {
    return this.names.place(text);
  }

  private get formats(): string {
    const { dateFormat } = this.spelling;
    return dateFormat === null ? 'YYYY-MM-DD HH:mm' : `${dateFormat} or YYYY-MM-DD HH:mm`;
  }

  private instant(cell: Cell, text: string): Date | undefined {
    const time = this.time(cell, text);
    if (time) return isTimeZone(this.spelling.timeZone) ? instantIn(this.spelling.timeZone, time) : undefined;
    try {
      return DateTimeScalar.parseValue(text.replace(/^([0-9]{4}-[0-9]{2}-[0-9]{2}) /, '$1T'));
    } catch {
      return undefined;
    }
  }

  private time(cell: Cell, text: string): LocalTime | undefined {
    if (typeof cell === 'object') return serialTime(cell.number, this.spelling.is1904);
    for (const reader of this.readers) {
      const time = reader(text);
      if (time) return time;
    }
    return undefined;
  }
}

function dayOf({ year, month, day }: LocalTime): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return DateScalar.parseValue(`${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`);
}

function listOf(text: string): string[] {
  return text
    .split(/[;,|>\r\n]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
