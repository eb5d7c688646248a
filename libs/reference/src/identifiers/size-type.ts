import { compact, refuseNonAscii, shown } from './ascii.js';
import { refused, taken } from './checked.js';
import type { Checked } from './checked.js';

/**
 * Checks the size and type of a container (ISO 6346): four characters, of length, height and type, such as `22G1` or `45R1`; type groups (`22GP`) and
 * the older four digits (`2210`) are in use and taken. Never part of the number.
 */
export function checkSizeType(text: string): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const value = compact(text);
  if (/^[1-9A-P][0-9A-Z]{3}$/.test(value)) return taken(value);
  return refused(
    'form',
    `Size and type of a container are four letters and digits, such as 22G1 or 45R1; ${shown(text)} is not.`,
  );
}
