import type { NewRow } from '#platform';

import type { SeizureContent, SharingContent } from '../records/content.js';
import type { RecordedLine } from '../records/lines.js';
import { isNoCountry } from '../records/routes.js';
import { sharingColumns } from '../records/sharing.js';
import { SeizureStatus } from '../vocabulary.js';

/** A report as it was taken in, before anything is decided. */
export interface ReceivedSeizure {
  readonly operationId: string;
  readonly id: string;
  readonly country: string;
  readonly authorId: string;
  /** The reporter's home agency on the day of detection. */
  readonly agencyId: string;
  readonly content: SeizureContent;
  /** Fixed on arrival: what was acknowledged is settled by what held then. */
  readonly lines: readonly RecordedLine[];
  readonly sharing: SharingContent;
  readonly day: string;
  readonly late: boolean;
  readonly exercise: boolean;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** The country of the port unit's place. */
  readonly placeCountry: string;
}

/** The countries that a report concerns: those of its route, its vessel's flag and its unit's place. */
export function concernedByReport(
  { route, vessel }: Pick<SeizureContent, 'route' | 'vessel'>,
  placeCountry: string,
): string[] {
  const countries = [route.origin, ...route.transit, route.destination, vessel?.flag ?? 'ZZ', placeCountry];
  return [...new Set(countries.filter((code) => !isNoCountry(code)))].sort();
}

/** The row of `seizures`. */
export function seizureRow(seizure: ReceivedSeizure): NewRow {
  const { content, sharing } = seizure;
  const { route, vessel, grading, cargoUnit } = content;
  const concerned = concernedByReport(content, seizure.placeCountry);
  return {
    operation_id: seizure.operationId,
    id: seizure.id,
    version: 1,
    country: seizure.country,
    author_id: seizure.authorId,
    agency_id: seizure.agencyId,
    agency_ids: content.agencyIds,
    unit_id: content.unitId,
    cargo_kind: cargoUnit.kind,
    cargo_number: cargoUnit.number,
    cargo_as_marked: cargoUnit.asMarked,
    size_type: content.sizeType,
    seals: content.seals,
    carrier: content.carrier,
    declared_goods: content.declaredGoods,
    found_goods: content.foundGoods,
    risk_indicators: content.riskIndicators,
    detected_at: content.detectedAt,
    day: seizure.day,
    time_zone: content.timeZone,
    crime_area: content.crimeArea,
    nature: content.nature,
    detection: content.detection,
    bill_of_lading: content.billOfLading,
    vessel_imo: vessel?.imo ?? null,
    vessel_name: vessel?.name ?? null,
    vessel_flag: vessel?.flag ?? null,
    vessel_voyage: vessel?.voyage ?? null,
    persons: content.persons,
    companies: content.companies,
    use_restriction: content.useRestriction,
    grading_source: grading?.source ?? null,
    grading_information: grading?.information ?? null,
    narrative: content.narrative,
    late: seizure.late,
    exercise: seizure.exercise,
    transport_mode: content.transportMode,
    direction: content.direction,
    origin: route.origin,
    transit: route.transit,
    destination: route.destination,
    lines: seizure.lines,
    ...sharingColumns(sharing, concerned),
    status: SeizureStatus.RECEIVED,
    findings: [],
    received_at: seizure.receivedAt,
  };
}
