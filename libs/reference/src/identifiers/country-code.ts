import { iso31661 } from 'iso-3166';

import { refuseNonAscii, shown } from './ascii.js';
import { refused, taken } from './checked.js';
import type { Checked } from './checked.js';
import { OBSOLETE_ALPHA2, OBSOLETE_ALPHA3, explainObsolete } from './obsolete-countries.js';
import type { ObsoleteCountry } from './obsolete-countries.js';

const ALPHA3_OF = new Map(iso31661.map(({ alpha2, alpha3 }) => [alpha2, alpha3]));
const ALPHA2_OF = new Map(iso31661.map(({ alpha2, alpha3 }) => [alpha3, alpha2]));

/**
 * Checks a two-letter code against the 249 entries of ISO 3166-1 in force; lower case is taken. `XZ` (the high seas) and `ZZ` (unknown) are no countries:
 * where a route or a flag may be so, ask {@link isHighSeasOrUnknown} first.
 */
export function checkCountryCode(text: string): Checked {
  return check(text, ALPHA3_OF, OBSOLETE_ALPHA2, 'A country is the two letters of ISO 3166-1, such as KE', 2);
}

/** Checks a three-letter code of ISO 3166-1. */
export function checkCountryAlpha3(text: string): Checked {
  return check(text, ALPHA2_OF, OBSOLETE_ALPHA3, 'A three-letter country is one of ISO 3166-1, such as KEN', 3);
}

/** The two-letter code of a three-letter one in force: `KEN` gives `KE`. */
export function alpha2Of(alpha3: string): string | undefined {
  return ALPHA2_OF.get(alpha3);
}

/** Whether the code is one of the two that a route or a flag may hold beside countries: `XZ` the high seas, `ZZ` unknown. */
export function isHighSeasOrUnknown(code: string): boolean {
  return code === 'XZ' || code === 'ZZ';
}

function check(
  text: string,
  inForce: ReadonlyMap<string, string>,
  obsolete: ReadonlyMap<string, ObsoleteCountry>,
  form: string,
  length: number,
): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const code = text.trim().toUpperCase();
  if (code.length !== length || !/^[A-Z]+$/.test(code)) return refused('form', `${form}; ${shown(text)} is not.`);
  if (inForce.has(code)) return taken(code);
  const known = obsolete.get(code);
  return refused('country', known ? explainObsolete(code, known) : `${code} is no country of ISO 3166-1.`);
}
