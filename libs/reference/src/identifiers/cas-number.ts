import { refuseNonAscii } from './ascii.js';
import { refused, taken, wrongCheckDigit } from './checked.js';
import type { Checked } from './checked.js';

/** Checks a CAS Registry Number: two to seven digits, two, and a check digit, with both hyphens or none; stored with them (`7732-18-5`). */
export function checkCasNumber(text: string): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const parts = /^([1-9][0-9]{1,6})(-?)([0-9]{2})\2([0-9])$/.exec(text.trim());
  if (!parts) {
    return refused(
      'form',
      'A CAS number is two to seven digits, two digits and one, with hyphens between, such as 7732-18-5, and no leading zero.',
    );
  }
  const [, first = '', , second = '', given = ''] = parts;
  const value = `${first}-${second}-${given}`;
  const right =
    [...`${first}${second}`].reverse().reduce((sum, digit, place) => sum + Number(digit) * (place + 1), 0) % 10;
  return Number(given) === right ? taken(value) : wrongCheckDigit(`${first}-${second}`, right, given, value);
}
