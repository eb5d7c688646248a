import type { Faults } from '#platform';

import type { SharingContent } from '../records/content.js';
import type { SharingInput } from '../records/record.inputs.js';
import { SharingLevel } from '../vocabulary.js';

/** The widest sharing that a country lets its own people give to its records. */
export interface Limits {
  readonly highestLevel: SharingLevel;
  /** Countries whose people may be added or named; null where any may be. */
  readonly allowCountries: readonly string[] | null;
  /** Countries with which nothing is shared. */
  readonly denyCountries: readonly string[];
  /** Whether coordinators, who may otherwise go beyond it by changing the sharing with a reason, are held to it too. */
  readonly bindsCoordinators: boolean;
}

/** What a sharing is judged by, besides the sharing itself. */
export interface CeilingCase {
  /** Null where the country has set none. */
  readonly limits: Limits | null;
  readonly owner: string;
  /** The countries that the record concerns. */
  readonly concerned: readonly string[];
  /** The country of each person's home agency, by their id; null for those without one, such as the hub's. */
  readonly people: Readonly<Record<string, string | null>>;
}

/** From the narrowest to the widest. */
export const LEVELS = [
  SharingLevel.RED,
  SharingLevel.AMBER_STRICT,
  SharingLevel.AMBER,
  SharingLevel.GREEN,
  SharingLevel.CLEAR,
] as const;

/**
 * Judges a sharing against the owner's ceiling. A denied country must not be told by any way: not added, none of its people named, and
 * left out wherever the level alone would tell it. That is AMBER for a country concerned, and GREEN for every country: one that takes
 * no part yet may accept later.
 * @param path such as `input.sharing`
 */
export function judgeCeiling(faults: Faults, path: string, sharing: SharingInput, by: CeilingCase): void {
  const { limits, owner, concerned, people } = by;
  if (!limits) return;
  sharing.addCountries?.forEach((code, index) => {
    const wrong = whyNotWith(code, owner, limits);
    if (wrong !== undefined) faults.add(`${path}.addCountries.${index}`, 'ceiling', wrong);
  });
  sharing.nameUserIds?.forEach((id, index) => {
    const home = people[id] ?? owner;
    const wrong = home === owner ? undefined : whyNotWith(home, owner, limits);
    if (wrong !== undefined) faults.add(`${path}.nameUserIds.${index}`, 'ceiling', wrong);
  });
  const most = LEVELS.indexOf(limits.highestLevel);
  if (LEVELS.indexOf(sharing.level) > most) {
    const allowed = LEVELS.slice(0, most + 1).join(', ');
    faults.add(`${path}.level`, 'ceiling', `${owner} does not let its people share so widely: choose ${allowed}.`);
    return;
  }
  const missing = toldByLevel(sharing.level, limits, concerned).filter(
    (code) => !sharing.leaveOutCountries?.includes(code),
  );
  if (missing.length > 0) {
    faults.add(
      `${path}.leaveOutCountries`,
      'ceiling',
      `${owner} does not share with ${missing.join(', ')}, whom ${sharing.level} would tell: leave out ${missing.join(', ')}.`,
    );
  }
}

/** Denied countries that a correction would tell, because the record begins to concern them. */
export function newlyTold(
  sharing: SharingContent,
  limits: Limits,
  before: readonly string[],
  after: readonly string[],
): string[] {
  return toldByLevel(sharing.level, limits, after).filter(
    (code) => !before.includes(code) && after.includes(code) && !sharing.leaveOutCountries.includes(code),
  );
}

/** Denied countries that the level tells by itself, unless they are left out. What is CLEAR tells everybody: limits that deny a country do not allow it. */
function toldByLevel(level: SharingLevel, { denyCountries }: Limits, concerned: readonly string[]): readonly string[] {
  if (level === SharingLevel.GREEN) return denyCountries;
  return level === SharingLevel.AMBER ? denyCountries.filter((code) => concerned.includes(code)) : [];
}

function whyNotWith(code: string, owner: string, { allowCountries, denyCountries }: Limits): string | undefined {
  if (denyCountries.includes(code)) return `${owner} does not share with ${code}.`;
  if (allowCountries === null || allowCountries.includes(code)) return undefined;
  return allowCountries.length === 0
    ? `${owner} does not let its people add a country or its people by name.`
    : `${owner} lets its people add ${allowCountries.join(', ')} by name, and nobody else.`;
}
