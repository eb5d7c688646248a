import { isTime, type LocalTime } from './zoned-time.js';

/** Reads days and times that are written in one way. */
export type DateReader = (text: string) => LocalTime | undefined;

const TOKENS: Readonly<Record<string, readonly [field: keyof LocalTime, digits: string]>> = {
  YYYY: ['year', '[0-9]{4}'],
  MM: ['month', '[0-9]{1,2}'],
  DD: ['day', '[0-9]{1,2}'],
  HH: ['hour', '[0-9]{1,2}'],
  mm: ['minute', '[0-9]{2}'],
  ss: ['second', '[0-9]{2}'],
};
const TIME = '(?:[ T]+(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2}))?)?';
const DAY_1900 = Date.UTC(1899, 11, 30);
const DAY_1904 = Date.UTC(1904, 0, 1);
const LAST_SERIAL = 2_958_465; // the last day of the year 9999

/** YYYY-MM-DD, with a time after it or none. */
export const ISO_DATES = readerOf('YYYY-MM-DD');

/**
 * Whether a format says a day, and nothing twice.
 * @param format of YYYY, MM, DD, HH, mm and ss with what stands between them, such as `DD/MM/YYYY HH:mm`
 */
export function isDateFormat(format: string): boolean {
  const tokens: readonly string[] = format.match(/YYYY|MM|DD|HH|mm|ss/g) ?? [];
  const rest = format.replace(/YYYY|MM|DD|HH|mm|ss/g, '');
  return (
    format.length <= 40 &&
    ['YYYY', 'MM', 'DD'].every((token) => tokens.includes(token)) &&
    new Set(tokens).size === tokens.length &&
    tokens.includes('HH') === tokens.includes('mm') &&
    /^[-/. :,T]*$/.test(rest)
  );
}

/** A reader of one format; where it says no time, one may stand after the day. Without a time it is the beginning of the day. */
export function readerOf(format: string): DateReader {
  const pattern = format
    .replace(/[-/. :,]/g, (mark) => (mark === ' ' ? ' +' : `\\${mark}`))
    .replace(/YYYY|MM|DD|HH|mm|ss/g, (token) => {
      const [field, digits] = TOKENS[token] ?? ['year', ''];
      return `(?<${field}>${digits})`;
    });
  const expression = new RegExp(`^${pattern}${format.includes('HH') ? '' : TIME}$`);
  return (text) => {
    const groups = expression.exec(text.trim())?.groups;
    if (!groups) return undefined;
    const part = (field: keyof LocalTime): number => Number(groups[field] ?? 0);
    const time = {
      year: part('year'),
      month: part('month'),
      day: part('day'),
      hour: part('hour'),
      minute: part('minute'),
      second: part('second'),
    };
    return isTime(time) ? time : undefined;
  };
}

/**
 * The day and time that a spreadsheet keeps as a number: days since the end of 1899, or since 1904 as in old workbooks of the Mac. The day
 * 29 February 1900, which spreadsheets believe in, has no record to be of.
 */
export function serialTime(text: string, is1904: boolean): LocalTime | undefined {
  const serial = Number(text);
  if (!Number.isFinite(serial) || serial < (is1904 ? 0 : 61) || serial > LAST_SERIAL) return undefined;
  // To the second: an eighth of a day is no sum of powers of two.
  const at = new Date((is1904 ? DAY_1904 : DAY_1900) + Math.round(serial * 86_400) * 1000);
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
  };
}
