import { refuseNonAscii } from './ascii.js';
import { refused, taken } from './checked.js';
import type { Checked } from './checked.js';
import { checkCountryCode } from './country-code.js';
import { checkPosition } from './position.js';
import type { Position } from './position.js';

/**
 * Checks the form of a UN/LOCODE: a country of ISO 3166-1 (or `XZ`, international waters) and three characters A to Z or 2 to 9. Lower case and one
 * space after the country are taken (`KE MBA`); stored without it. Whether the place exists is for the list to say: a well-formed place that the list
 * lacks is unknown, not wrong.
 */
export function checkUnlocode(text: string): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const parts = /^([A-Z]{2}) ?([A-Z2-9]{3})$/.exec(text.trim().toUpperCase());
  if (!parts) {
    return refused(
      'form',
      'A UN/LOCODE is a country and three characters A to Z or 2 to 9 (never 0 or 1), such as KEMBA or KE MBA.',
    );
  }
  const [, country = '', place = ''] = parts;
  if (country !== 'XZ') {
    const checked = checkCountryCode(country);
    if (!checked.ok) return refused('country', `A UN/LOCODE begins with its country. ${checked.message}`);
  }
  return taken(country + place);
}

/** Reads the coordinates of a UN/LOCODE list, `ddmmN dddmmE` in whole minutes, into decimal degrees of six places: `0403S 03940E` is -4.05, 39.666667. */
export function readUnlocodeCoordinates(text: string): Checked<Position> {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const parts = /^([0-9]{2})([0-9]{2})([NS]) ([0-9]{3})([0-9]{2})([EW])$/.exec(text.trim());
  if (!parts) return refused('form', 'Coordinates of a UN/LOCODE are written ddmmN dddmmE, such as 0403S 03940E.');
  const [, latDegrees = '', latMinutes = '', north = '', lonDegrees = '', lonMinutes = '', east = ''] = parts;
  if (Number(latMinutes) > 59 || Number(lonMinutes) > 59) return refused('range', 'Minutes run from 00 to 59.');
  return checkPosition(degrees(latDegrees, latMinutes, north === 'N'), degrees(lonDegrees, lonMinutes, east === 'E'));
}

function degrees(whole: string, minutes: string, positive: boolean): number {
  const value = Math.round((Number(whole) + Number(minutes) / 60) * 1e6) / 1e6;
  return positive ? value : -value;
}
