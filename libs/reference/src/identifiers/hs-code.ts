import { refuseNonAscii } from './ascii.js';
import { refused, taken } from './checked.js';
import type { Checked, Refused } from './checked.js';

/** Editions of the Harmonized System that Muster tells apart. */
export type HsEdition = '2017' | '2022';

/** Subheadings that an edition took away, with where their goods went. */
const WITHDRAWN_IN_2022: ReadonlyMap<string, string> = new Map([
  ['854810', 'heading 8549'],
  ['290331', '2903.62'],
  ['290339', '2903.41 to 2903.69'],
  ['382471', 'heading 3827'],
  ['382472', 'heading 3827'],
  ['382473', 'heading 3827'],
  ['382474', 'heading 3827'],
  ['382475', 'heading 3827'],
  ['382476', 'heading 3827'],
  ['382477', 'heading 3827'],
  ['382478', 'heading 3827'],
  ['382479', 'heading 3827'],
]);

/** Codes of goods with what a national tariff adds to the six digits of the Harmonized System. */
export interface GoodsCode {
  /** Chapter, heading or subheading: 2, 4 or 6 digits. */
  readonly hs: string;
  /** Further digits of the national tariff, or an empty text. */
  readonly national: string;
}

/** The edition in force on a day: HS 2022 since 2022-01-01. */
export function hsEditionOn(day: string): HsEdition {
  return day < '2022-01-01' ? '2017' : '2022';
}

/**
 * Checks the form of a code of the Harmonized System: chapter (2 digits), heading (4) or subheading (6), with or without a dot (`3827.61`). Always text: as a
 * number `0106.11` loses its zero. A form that the list lacks is unknown, not wrong; subheadings known to be withdrawn from the edition are refused.
 */
export function checkHsCode(text: string, edition: HsEdition = '2022'): Checked {
  const read = readDigits(text, /^[0-9]{2}(?:[. ]?[0-9]{2}){0,2}$|^[0-9]{4}[. ]?[0-9]{2}$/);
  return read.ok ? judge(read.value, edition) : read;
}

/** Checks a code as goods are declared by: as {@link checkHsCode}, and up to six further digits of a national tariff, which are kept apart. */
export function checkGoodsCode(text: string, edition: HsEdition = '2022'): Checked<GoodsCode> {
  const read = readDigits(text, /^[0-9]{2}(?:[. ]?[0-9]{2}){0,5}$/);
  if (!read.ok) return read;
  const hs = judge(read.value.slice(0, 6), edition);
  return hs.ok ? taken({ hs: hs.value, national: read.value.slice(6) }) : hs;
}

function readDigits(text: string, form: RegExp): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const trimmed = text.trim();
  return form.test(trimmed) ? taken(trimmed.replace(/[. ]/g, '')) : explainForm(trimmed);
}

function explainForm(text: string): Refused {
  const form = 'A code of the Harmonized System is 2, 4 or 6 digits, such as 3827.61';
  const digits = text.replace(/[. ]/g, '');
  if (!/^[0-9]+$/.test(digits)) return refused('form', `${form}.`);
  if (digits.length % 2 === 1)
    return refused('form', `${form}; with an odd number of digits one is missing: was a leading zero lost?`);
  if (digits.length > 6) return refused('form', `${form}; cut what a national tariff adds after six.`);
  return refused('form', `${form}.`);
}

function judge(code: string, edition: HsEdition): Checked {
  const chapter = code.slice(0, 2);
  if (chapter === '00')
    return refused('range', 'There is no chapter 00 in the Harmonized System: chapters run from 01 to 97.');
  if (chapter === '77') return refused('range', 'Chapter 77 of the Harmonized System is reserved and holds no goods.');
  const moved = edition === '2022' ? WITHDRAWN_IN_2022.get(code) : undefined;
  if (moved) return refused('withdrawn', `${code} was withdrawn in HS 2022: see ${moved}.`);
  return taken(code);
}
