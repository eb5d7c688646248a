import type { Standing } from '#identity';

/** Below so many records behind it, a protected figure is not told. */
export const FEWEST = 3;

/**
 * From which figures of an operation something is hidden. It is the same for all figures of the country, or of all countries but the
 * viewer's own: marks that followed single records would tell of them.
 */
export interface Protection {
  /** Countries whose people the viewer is one of. */
  readonly people: readonly string[];
  /** Those of them that have a record which is hidden from the viewer. */
  readonly own: readonly string[];
  /** Whether any other country has one. */
  readonly others: boolean;
}

export const UNPROTECTED: Protection = { people: [], own: [], others: false };

/** How figures of an operation are protected. @param marked as the database tells it: countries of the viewer's own, and null for all others */
export function protectionOf(marked: readonly (string | null)[], standing: Standing): Protection {
  return {
    people: standing.people,
    own: marked.filter((country) => country !== null),
    others: marked.includes(null),
  };
}

/** Whether figures of these countries could take in a hidden record. @param countries null for all */
export function isProtected({ people, own, others }: Protection, countries: readonly string[] | null): boolean {
  if (countries === null) return others || own.length > 0;
  return countries.some((country) => (people.includes(country) ? own.includes(country) : others));
}
