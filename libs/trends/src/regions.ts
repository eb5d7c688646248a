import { NONE, UNKNOWN } from './dimensions.js';

/** The regions of one scheme, by the code of the country. */
export type Regions = Readonly<Record<string, string>>;

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** Every code that can stand in a record: its form is two capital letters. */
const CODES = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));

/**
 * Gives each code its region, in the keys of figures: NONE for the high seas (XZ) and where the scheme has none, UNKNOWN for ZZ.
 * @param regionOf the English name of a country's region in the scheme
 */
export function regionsBy(regionOf: (code: string) => string): Regions {
  const name = (code: string): string => (code === 'XZ' ? NONE : code === 'ZZ' ? UNKNOWN : regionOf(code));
  return Object.fromEntries(CODES.map((code) => [code, name(code)]));
}
