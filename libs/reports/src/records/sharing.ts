import type { Faults } from '#platform';

import { type CeilingCase, judgeCeiling } from '../sharing-ceilings/ceiling-rule.js';
import type { SharingContent } from './content.js';
import type { SharingInput } from './record.inputs.js';

export function readSharing(input: SharingInput): SharingContent {
  return {
    level: input.level,
    addCountries: asSet(input.addCountries),
    leaveOutCountries: asSet(input.leaveOutCountries),
    nameUserIds: asSet(input.nameUserIds),
  };
}

/**
 * Judges a sharing by the country that owns the record.
 * @param path such as `input.sharing`
 * @param by the owner, the people whom the sharing names, and the owner's ceiling, where the actor is held to one
 */
export function judgeSharing(
  faults: Faults,
  path: string,
  input: SharingInput,
  by: CeilingCase,
  explain: (code: string) => string | undefined,
): void {
  const { owner, people } = by;
  for (const name of ['addCountries', 'leaveOutCountries'] as const) {
    (input[name] ?? []).forEach((code, index) => {
      const wrong = explain(code);
      if (wrong !== undefined) faults.add(`${path}.${name}.${index}`, 'country', wrong);
    });
  }
  (input.leaveOutCountries ?? []).forEach((code, index) => {
    if (code === owner)
      faults.add(`${path}.leaveOutCountries.${index}`, 'owner', "The record's own country can't be left out.");
    if (input.addCountries?.includes(code)) {
      faults.add(`${path}.leaveOutCountries.${index}`, 'added', `${code} is added and left out at once; choose one.`);
    }
  });
  (input.nameUserIds ?? []).forEach((id, index) => {
    if (!(id in people)) faults.add(`${path}.nameUserIds.${index}`, 'user', 'Name people who have an account.');
  });
  judgeCeiling(faults, path, input, by);
}

/** The columns of the rule of who sees what. */
export function sharingColumns(sharing: SharingContent, concerned: readonly string[]): Record<string, unknown> {
  return {
    sharing_level: sharing.level,
    added_countries: sharing.addCountries,
    left_out_countries: sharing.leaveOutCountries,
    named_user_ids: sharing.nameUserIds,
    concerned_countries: concerned,
  };
}

function asSet(values: readonly string[] | null | undefined): string[] {
  return [...new Set(values ?? [])].sort();
}
