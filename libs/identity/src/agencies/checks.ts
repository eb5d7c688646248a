import type { Faults } from '#platform';
import type { ReferenceService } from '#reference';

/** Characters that the name of a person, an agency or a port unit may have. */
export const LONGEST_NAME = 200;

/** Says when a code is no country, with the ones that were likely meant. */
export function checkCountry(reference: ReferenceService, code: string, path: string, faults: Faults): void {
  if (!reference.isCountry(code)) faults.add(path, 'country', reference.explainCountry(code));
}
