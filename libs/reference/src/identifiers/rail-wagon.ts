import { compact, counted, refuseNonAscii } from './ascii.js';
import { refused, taken, wrongCheckDigit } from './checked.js';
import type { Checked } from './checked.js';

/**
 * Checks the number of a rail wagon (UIC 438, OTIF): twelve digits, the last by Luhn. Spaces and hyphens are taken (painted `21 81 2471 217-3`).
 * It misses the swap of 0 and 9 alone.
 */
export function checkRailWagon(text: string): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const value = compact(text);
  if (!/^[0-9]{12}$/.test(value)) return refused('form', explainForm(value));
  const stem = value.slice(0, 11);
  const right = luhnDigit(stem);
  return Number(value.charAt(11)) === right ? taken(value) : wrongCheckDigit(stem, right, value.charAt(11), value);
}

/** From the left 2, 1, 2, 1 …, sums of figures, up to the next ten: `21812471217` gives 3. */
function luhnDigit(stem: string): number {
  const sum = [...stem].reduce((total, digit, place) => {
    const product = Number(digit) * (place % 2 === 0 ? 2 : 1);
    return total + (product > 9 ? product - 9 : product);
  }, 0);
  return (10 - (sum % 10)) % 10;
}

function explainForm(value: string): string {
  const form = 'A rail wagon is twelve digits, such as 21 81 2471 217-3';
  if (!/^[0-9]+$/.test(value)) return `${form}; wagons of North America, which have letters, do not go here.`;
  const other: Readonly<Record<number, string>> = {
    8: ' Wagons of the 1520 mm railways, which have eight, do not go here.',
    11: ' Wagons of India, which have eleven, do not go here.',
  };
  return `${form}; this one has ${counted(value.length, 'digit')}.${other[value.length] ?? ''}`;
}
