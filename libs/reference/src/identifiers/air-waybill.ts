import { compact, counted, refuseNonAscii } from './ascii.js';
import { refused, taken, wrongCheckDigit } from './checked.js';
import type { Checked } from './checked.js';

/**
 * Checks a master air waybill (IATA resolution 600a): three digits of the airline, seven of a serial, and the serial's remainder by 7. Spaces and hyphens
 * are taken (`020-12345675`, `020 1234 5675`); eleven digits are stored, as text, for the first may be 0. The check is weak: the airline's prefix
 * takes no part in it.
 */
export function checkAirWaybill(text: string): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const value = compact(text);
  if (!/^[0-9]{11}$/.test(value)) return refused('form', explainForm(value));
  const right = Number(value.slice(3, 10)) % 7;
  if (Number(value.charAt(10)) === right) return taken(value);
  return wrongCheckDigit(`${value.slice(0, 3)}-${value.slice(3, 10)}`, right, value.charAt(10), value);
}

function explainForm(value: string): string {
  const form = 'An air waybill is eleven digits, such as 020-12345675';
  if (!/^[0-9]+$/.test(value)) return `${form}.`;
  const other =
    value.length === 10 || value.length === 12 ? " A house waybill or a courier's own number does not go here." : '';
  return `${form}; this one has ${counted(value.length, 'digit')}.${other}`;
}
