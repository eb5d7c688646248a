import { refuseNonAscii } from './ascii.js';
import { refused, taken } from './checked.js';
import type { Checked } from './checked.js';

/**
 * Identifiers without a world-wide form: printable ASCII, trimmed, compared as written, of a length. The limits of seal (35) and bill of lading (70) are
 * those of the UN/EDIFACT elements 9308 and 1154; that of a Basel notification (40) is Muster's own.
 */
function opaque(name: string, longest: number): (text: string) => Checked {
  return (text) => {
    const foreign = refuseNonAscii(text);
    if (foreign) return foreign;
    const value = text.trim();
    if (value.length >= 1 && value.length <= longest) return taken(value);
    return refused(
      'form',
      `${name} has 1 to ${longest} characters${value === '' ? '' : `; this one has ${value.length}`}.`,
    );
  };
}

/** Checks the number on a seal. */
export const checkSeal = opaque('The number of a seal', 35);

/** Checks the number of a bill of lading. */
export const checkBillOfLading = opaque('The number of a bill of lading', 70);

/** Checks the number of a CITES permit: 1 to 35 characters by the CITES electronic permit message; no world-wide pattern is known. */
export const checkCitesPermit = opaque('The number of a CITES permit', 35);

/** Checks a Basel notification number, as block 3 of the notification document has it: copied exactly, punctuation included. */
export const checkBaselNotification = opaque('A Basel notification number', 40);
