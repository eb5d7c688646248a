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
  readonly people: NamedPeople;
}

/** The people whom a sharing names, by their ids; those that nobody has are not there. */
export type NamedPeople = Readonly<Record<string, NamedPerson>>;

/** Whose people somebody is whom a sharing names. */
export interface NamedPerson {
  /** Of the home agency, and of all grants in the operation and standing ones. */
  readonly countries: readonly string[];
  /** Of the coordination hub or its analysts. */
  readonly hub: boolean;
  /** A partner observer of the operation. */
  readonly observer: boolean;
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
 * Judges a sharing against the owner's ceiling. A denied country must not be told by any way: not added, none of
 * its people named, and left out wherever the level alone would tell it. That is AMBER for a country concerned, and GREEN for every
 * country: one that takes no part yet may accept later.
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
    const person = people[id]; // people that nobody knows are left to others to judge
    const wrong = person && whyNotNamed(person, owner, limits);
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

/**
 * A person of several countries passes where each of the foreign ones does. One of no country is not the owner's for that: the hub, which no
 * country denies, passes where anybody may be named; an observer besides where the ceiling lets be told what observers see, GREEN; and of
 * anybody else the country can't be told, so that one passes alone where no country is denied.
 */
function whyNotNamed({ countries, hub, observer }: NamedPerson, owner: string, limits: Limits): string | undefined {
  if (countries.length > 0) {
    return countries.flatMap((code) => (code === owner ? [] : (whyNotWith(code, owner, limits) ?? []))).at(0);
  }
  const { allowCountries, denyCountries, highestLevel } = limits;
  const mayTellObservers = LEVELS.indexOf(highestLevel) >= LEVELS.indexOf(SharingLevel.GREEN);
  const passes = hub || (observer ? mayTellObservers : denyCountries.length === 0);
  if (allowCountries === null && passes) return undefined;
  return `${owner} does not let its people name somebody of no country here.`;
}

/**
 * Judges a correction, which does not change the sharing, but may change what the record concerns, and by that whom the sharing tells: it
 * must begin to tell no denied country.
 */
export function judgeNewlyTold(
  faults: Faults,
  sharing: SharingContent,
  limits: Limits,
  owner: string,
  concerned: { readonly before: readonly string[]; readonly after: readonly string[] },
): void {
  const told = newlyTold(sharing, limits, concerned.before, concerned.after);
  if (told.length === 0) return;
  faults.add(
    'input',
    'ceiling',
    `The record would concern ${told.join(', ')}, with whom ${owner} does not share: first leave out ${told.join(', ')} by changing the sharing.`,
  );
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
