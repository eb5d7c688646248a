import type { Standing } from '#identity';
import { prepared, type Tx } from '#platform';

import type { Viewpoint } from './viewpoints.js';

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

/** How figures of an operation are protected from whoever has entered it, up to all that the viewer may know of. */
export async function protectionOf(tx: Tx, { operationId, known }: Viewpoint, standing: Standing): Promise<Protection> {
  if (standing.hub) return UNPROTECTED;
  const [row] = await prepared<{ own: string[]; others: boolean }>(
    tx,
    `SELECT own, others FROM figure_protection($1, $2)`,
    [operationId, known],
  );
  return { people: standing.people, own: row?.own ?? [], others: row?.others ?? true };
}

/** Whether figures of these countries could take in a hidden record. @param countries null for all */
export function isProtected({ people, own, others }: Protection, countries: readonly string[] | null): boolean {
  if (countries === null) return others || own.length > 0;
  return countries.some((country) => (people.includes(country) ? own.includes(country) : others));
}
