import { compact, refuseNonAscii } from './ascii.js';
import { refused, taken } from './checked.js';
import type { Checked } from './checked.js';

const MID = '[2-7][0-9]{2}';
/** The forms of Recommendation ITU-R M.585. */
const FORMS = {
  ship: `${MID}[0-9]{6}`,
  group: `0${MID}[0-9]{5}`,
  'coast-station': `00${MID}[0-9]{4}`,
  aircraft: `111${MID}[0-9]{3}`,
  handheld: `8${MID}[0-9]{5}`,
  craft: `98${MID}[0-9]{4}`,
  'aid-to-navigation': `99${MID}[0-9]{4}`,
  distress: '97[024][0-9]{6}',
} as const;

export type MmsiForm = keyof typeof FORMS;

/** Checks a maritime radio identity (MMSI): nine digits in one of the forms of ITU-R M.585. It has no check digit. */
export function checkMmsi(text: string): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const value = compact(text);
  if (!/^[0-9]{9}$/.test(value)) return refused('form', 'An MMSI is nine digits, such as 353136000.');
  return mmsiForm(value) ? taken(value) : refused('range', `${value} is no MMSI: that of a ship begins with 2 to 7.`);
}

/** What the number belongs to; a field for a ship takes `ship` alone. */
export function mmsiForm(value: string): MmsiForm | undefined {
  return (Object.keys(FORMS) as MmsiForm[]).find((form) => new RegExp(`^${FORMS[form]}$`).test(value));
}
