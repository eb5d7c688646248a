import type { ReferenceService } from '#reference';

import type { SharingContent, ViolationContent } from '../records/content.js';
import { type RecordedLine, recordLines } from '../records/lines.js';
import type { ViolationIdentity, ViolationState } from './violation-state.js';

/**
 * The state of a violation from its content: what is derived from it when a version is recorded.
 * @param day the day it counts on, whose rates and names of commodities hold
 * @param reportedGoods the goods in the words of the seizure report that it came from
 * @param lines as they were recorded before, for a report that was received with them
 */
export function stateOf(
  reference: ReferenceService,
  identity: ViolationIdentity,
  content: ViolationContent,
  sharing: SharingContent,
  day: string,
  reportedGoods: readonly string[] = [],
  lines: readonly RecordedLine[] = recordLines(content.lines, day, reference),
): ViolationState {
  const names = content.lines.flatMap(({ commodity }) => [commodity, reference.toCommodity(commodity, day).name]);
  return {
    identity,
    content,
    lines,
    day,
    placeCountry: countryOf(reference, content.place),
    sharing,
    withdrawn: null,
    reportedGoods,
    goods: [...new Set(names)],
  };
}

/** The country of a place: by its UN/LOCODE, or else its coordinates; null where neither tells. */
export function countryOf(
  reference: ReferenceService,
  { unlocode, latitude, longitude }: ViolationContent['place'],
): string | null {
  if (unlocode !== null) return unlocode.slice(0, 2);
  if (latitude === null || longitude === null) return null;
  return reference.countryOfPosition(latitude, longitude) ?? null;
}
