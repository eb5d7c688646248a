import { iso1A2Code } from '@rapideditor/country-coder';

import { checkCountryCode } from './identifiers/country-code.js';

/**
 * The country or territory that a point falls into (WGS 84, degrees), territorial sea included and some more: a hint, never proof. Undefined on the high seas
 * and where ISO 3166-1 has no code.
 */
export function countryOfPosition(latitude: number, longitude: number): string | undefined {
  const location: [number, number] = [longitude, latitude];
  // A territory with a code of its own (GP, HK) before the country that it belongs to.
  return (
    [iso1A2Code(location, { level: 'territory' }), iso1A2Code(location)].find(
      (code) => code !== null && checkCountryCode(code).ok,
    ) ?? undefined
  );
}
