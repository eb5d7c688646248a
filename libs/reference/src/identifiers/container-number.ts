import { compact, counted, refuseNonAscii } from './ascii.js';
import { refused, taken, wrongCheckDigit } from './checked.js';
import type { Checked } from './checked.js';

/**
 * Checks the number of a freight container (ISO 6346): owner code of three letters, category U, J or Z, six digits, check digit. Lower case,
 * spaces and hyphens are taken (painted `CSQU 305438 3`). A number whose remainder is 10 is right and noted: owners are advised against it.
 */
export function checkContainerNumber(text: string): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const value = compact(text);
  if (!/^[A-Z]{4}[0-9]{7}$/.test(value)) return refused('form', explainForm(value));
  const category = value.charAt(3);
  if ('ABDEK'.includes(category)) {
    return refused(
      'category',
      `Category ${category} is that of a swap body (EN 13044), which is not a freight container: give the vehicle instead.`,
    );
  }
  if (!'UJZ'.includes(category)) {
    return refused('category', `The fourth letter of a container number is U, J or Z, not ${category}.`);
  }
  const stem = value.slice(0, 10);
  const remainder = containerRemainder(stem);
  const right = String(remainder % 10);
  if (value.charAt(10) !== right) return wrongCheckDigit(stem, right, value.charAt(10), value);
  return taken(value, remainder === 10 ? 'remainder-10' : undefined);
}

/**
 * The sum of ISO 6346 by modulo 11, from which the check digit is taken: letters count 10 to 38 without multiples of 11, each place weighs twice the
 * one before. A remainder of 10 is written 0, so two numbers may share a digit: a match is a hint, a mismatch is an error.
 * @param stem the ten characters before the digit, upper case: `CSQU305438` gives 3
 */
export function containerRemainder(stem: string): number {
  return [...stem].reduce((sum, character, place) => sum + letterValue(character) * 2 ** place, 0) % 11;
}

function letterValue(character: string): number {
  if (/[0-9]/.test(character)) return Number(character);
  const position = character.charCodeAt(0) - 'A'.charCodeAt(0) + 10;
  // B would be 11, L 22, V 33: the standard leaves these out.
  return position + Math.floor((position - 1) / 10);
}

function explainForm(value: string): string {
  const form = 'A container number is four letters and seven digits, such as CSQU 305438 3';
  if (value === '') return `${form}.`;
  if (/^[A-Z]{4}[0-9]{6}$/.test(value)) return `${form}: the check digit, painted apart or in a box, is missing.`;
  if (/^[A-Z]{3}[0-9]{7}$/.test(value)) return `${form}: the fourth letter (U, J or Z) is missing.`;
  if (value.length === 11 && /^[A-Z]{4}[0-9OIL]{7}$/.test(value))
    return `${form}: write the digits 0 and 1 in place of the letters O, I and L.`;
  if (value.length !== 11) return `${form}; this one has ${counted(value.length, 'character')} instead of 11.`;
  return `${form}.`;
}
