import type { Operation } from '#operations';
import type { Faults } from '#platform';
import type { ReferenceService } from '#reference';

import { daysSince, explainCountry, judgeCodes } from '../records/codes.js';
import type { ViolationContent } from '../records/content.js';
import type { SharingInput } from '../records/record.inputs.js';
import { countriesOfRoute } from '../records/routes.js';
import { judgeSharing } from '../records/sharing.js';
import type { CeilingCase } from '../sharing-ceilings/ceiling-rule.js';
import { countryOf } from './recorded-state.js';
import { concernedCountries } from './violation-state.js';

/** Judges the codes of a violation against the reference lists, as they held since its operation began. */
export function judgeContent(
  reference: ReferenceService,
  faults: Faults,
  operation: Operation,
  content: ViolationContent,
  now: Date,
): void {
  const { consignment, vessel } = content;
  judgeCodes(faults, reference, daysSince(operation, now), content, [
    ...(consignment ? countriesOfRoute('input.consignment.route', consignment.route) : []),
    ...(vessel?.flag ? [['input.vessel.flag', vessel.flag] as const] : []),
  ]);
}

/** Judges how a violation is to be shared. @param path where the sharing stands, such as `input.sharing` */
export function judgeViolationSharing(
  reference: ReferenceService,
  faults: Faults,
  path: string,
  input: SharingInput,
  by: CeilingCase,
  operation: Operation,
  now: Date,
): void {
  const since = daysSince(operation, now);
  judgeSharing(faults, path, input, by, (code) => explainCountry(reference, since, code));
}

/** The countries that a record of this content concerns. */
export function concernedBy(reference: ReferenceService, content: ViolationContent): string[] {
  return concernedCountries({ content, placeCountry: countryOf(reference, content.place) });
}
