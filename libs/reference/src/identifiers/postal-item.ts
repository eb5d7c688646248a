import { compact, counted, refuseNonAscii } from './ascii.js';
import { refused, taken, wrongCheckDigit } from './checked.js';
import type { Checked } from './checked.js';
import { checkCountryCode } from './country-code.js';

const WEIGHTS = [8, 6, 4, 2, 3, 5, 9, 7];

/**
 * Checks the number of a postal item (UPU S10): two letters, eight digits, check digit, two letters of the country (ISO 3166-1) whose post took it in.
 * Lower case, spaces and hyphens are taken (printed `RR 473 124 829 GB`). The letters take no part in the sum.
 */
export function checkPostalItem(text: string): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const value = compact(text);
  if (!/^[A-Z]{2}[0-9]{9}[A-Z]{2}$/.test(value)) return refused('form', explainForm(value));
  const country = checkCountryCode(value.slice(11));
  if (!country.ok)
    return refused('country', `A postal item ends with the country whose post took it in. ${country.message}`);
  const right = checkDigit(value.slice(2, 10));
  if (Number(value.charAt(10)) === right) return taken(value);
  return wrongCheckDigit(value.slice(0, 10), right, value.charAt(10), value);
}

function checkDigit(digits: string): number {
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(digits.charAt(place)), 0);
  const difference = 11 - (sum % 11);
  if (difference === 10) return 0;
  return difference === 11 ? 5 : difference;
}

function explainForm(value: string): string {
  const form = 'A postal item is two letters, nine digits and two letters, such as RR 473 124 829 GB';
  return /^[A-Z0-9]+$/.test(value)
    ? `${form}: thirteen characters; this one has ${counted(value.length, 'character')}.`
    : `${form}.`;
}
