import { refuseNonAscii } from './ascii.js';
import { refused, taken, wrongCheckDigit } from './checked.js';
import type { Checked } from './checked.js';

const SHIP_WEIGHTS = [7, 6, 5, 4, 3, 2];
const COMPANY_WEIGHTS = [8, 6, 4, 2, 9, 7];

/**
 * Checks a ship's IMO number: seven digits, alone or after `IMO`; the seven digits are stored. The check is weak: it misses a digit that is off by 5
 * under an even weight, so a pass is no proof.
 */
export function checkImoNumber(text: string): Checked {
  const read = readImo(
    text,
    "A ship's IMO number is seven digits, the first not 0, such as IMO 9074729, without spaces between the digits.",
  );
  if (!read.ok) return read;
  const { value } = read;
  const right = weighted(value, SHIP_WEIGHTS) % 10;
  if (Number(value.charAt(6)) === right) return read;
  const isCompany = companyDigit(value) === Number(value.charAt(6));
  const hint = isCompany ? 'It is right as the IMO number of a company, which is another thing.' : '';
  return wrongCheckDigit(value.slice(0, 6), right, value.charAt(6), value, hint);
}

/** Checks the IMO number of a company or registered owner: written as a ship's, with other weights. */
export function checkImoCompanyNumber(text: string): Checked {
  const read = readImo(text, "A company's IMO number is seven digits, the first not 0.");
  if (!read.ok) return read;
  const right = companyDigit(read.value);
  if (Number(read.value.charAt(6)) === right) return read;
  return wrongCheckDigit(read.value.slice(0, 6), right, read.value.charAt(6), read.value);
}

function readImo(text: string, form: string): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const digits = /^(?:IMO[ -]?)?([1-9][0-9]{6})$/i.exec(text.trim())?.[1];
  return digits === undefined ? refused('form', form) : taken(digits);
}

function companyDigit(value: string): number {
  return (11 - (weighted(value, COMPANY_WEIGHTS) % 11)) % 10;
}

function weighted(value: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, place) => sum + weight * Number(value.charAt(place)), 0);
}
