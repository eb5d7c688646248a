import type { NewRow } from '#platform';
import { ValueBasis } from '#reference';
import type { RecordFigures, ViolationSource } from '#trends';

import type { SharingContent, ViolationContent } from '../records/content.js';
import { canonical } from '../records/fingerprint.js';
import { type RecordedLine, sumOf } from '../records/lines.js';
import { isNoCountry } from '../records/routes.js';
import { sharingColumns } from '../records/sharing.js';

/** Whose a violation is and where it came from; no version changes these. */
export interface ViolationIdentity {
  readonly operationId: string;
  readonly id: string;
  readonly country: string;
  readonly authorId: string;
  readonly unitId: string | null;
  readonly source: ViolationSource;
  readonly late: boolean;
  readonly exercise: boolean;
  readonly riskIndicators: readonly string[];
  /** ISO 8601. */
  readonly recordedAt: string;
  /** When the report of it arrived: for a seizure before its settlement. ISO 8601. */
  readonly arrivedAt: string;
}

/** A violation as one version of it stands, complete; stored with the version, so that any version can be told and recounted. */
export interface ViolationState {
  readonly identity: ViolationIdentity;
  readonly content: ViolationContent;
  readonly lines: readonly RecordedLine[];
  /** The day it counts on, in the operation's own time zone. */
  readonly day: string;
  readonly placeCountry: string | null;
  readonly sharing: SharingContent;
  readonly withdrawn: { readonly at: string; readonly reason: string } | null;
  /** The goods in the words of the seizure report that it came from, for the full-text search; no correction changes them. */
  readonly reportedGoods: readonly string[];
  /** Names and codes of the goods, for the full-text search. */
  readonly goods: readonly string[];
}

/** What is left of a version when retention has anonymised it: whose it is, and what it gave to the figures. */
export function isAnonymised(state: ViolationState | { readonly anonymisedAt: string }): boolean {
  return 'anonymisedAt' in state;
}

/** The countries that a record concerns: origin, transit, destination, flag state and country of the place. */
export function concernedCountries({
  content,
  placeCountry,
}: Pick<ViolationState, 'content' | 'placeCountry'>): string[] {
  const { consignment, vessel } = content;
  const route = consignment
    ? [consignment.route.origin, ...consignment.route.transit, consignment.route.destination]
    : [];
  const all = [...route, vessel?.flag ?? null, placeCountry].filter((code): code is string => code !== null);
  return [...new Set(all.filter((code) => !isNoCountry(code)))].sort();
}

/** What the record gives to the figures; null for what is not counted: exercises and what was withdrawn. */
export function figuresOf(state: ViolationState): RecordFigures | null {
  const { identity, content, lines, withdrawn } = state;
  if (identity.exercise || withdrawn) return null;
  const { consignment } = content;
  return {
    recordId: identity.id,
    country: identity.country,
    agencyId: content.agencyId,
    unitId: identity.unitId,
    source: identity.source,
    detectedAt: new Date(content.detectedAt),
    day: state.day,
    late: identity.late,
    crimeArea: content.crimeArea,
    nature: content.nature,
    scene: content.scene,
    transportMode: consignment?.transportMode ?? null,
    direction: consignment?.direction ?? null,
    origin: consignment?.route.origin ?? null,
    destination: consignment?.route.destination ?? null,
    flagState: content.vessel?.flag ?? null,
    detection: content.detection,
    concernedCountries: concernedCountries(state),
    riskIndicators: identity.riskIndicators,
    persons: content.persons ?? 0,
    companies: content.companies ?? 0,
    lines: lines.map(({ agreement, commodity, quantityKg, valueUsd, valueBasis }) => ({
      agreement,
      commodity,
      quantityKg,
      valueUsd,
      valueEstimated: valueUsd !== null && valueBasis === ValueBasis.ESTIMATED,
    })),
  };
}

/** The row of `violations`. */
export function violationRow(state: ViolationState, version: number): NewRow {
  const { identity, content, lines, sharing, withdrawn } = state;
  const { consignment, place, vessel, grading } = content;
  return {
    operation_id: identity.operationId,
    id: identity.id,
    version,
    country: identity.country,
    author_id: identity.authorId,
    agency_id: content.agencyId,
    unit_id: identity.unitId,
    source: identity.source,
    scene: content.scene,
    detected_at: content.detectedAt,
    day: state.day,
    time_zone: content.timeZone,
    offence_from: content.offenceFrom,
    offence_to: content.offenceTo,
    place_unlocode: place.unlocode,
    place_latitude: place.latitude,
    place_longitude: place.longitude,
    place_name: place.name,
    place_country: state.placeCountry,
    crime_area: content.crimeArea,
    nature: content.nature,
    detection: content.detection,
    transport_mode: consignment?.transportMode ?? null,
    direction: consignment?.direction ?? null,
    origin: consignment?.route.origin ?? null,
    transit: consignment?.route.transit ?? null,
    destination: consignment?.route.destination ?? null,
    bill_of_lading: consignment?.billOfLading ?? null,
    vessel_imo: vessel?.imo ?? null,
    vessel_name: vessel?.name ?? null,
    vessel_flag: vessel?.flag ?? null,
    vessel_voyage: vessel?.voyage ?? null,
    persons: content.persons,
    companies: content.companies,
    risk_indicators: identity.riskIndicators,
    quantity_kg: sumOf(lines.map(({ quantityKg }) => quantityKg)),
    value_usd: sumOf(lines.map(({ valueUsd }) => valueUsd)),
    ...sharingColumns(sharing, concernedCountries(state)),
    use_restriction: content.useRestriction,
    grading_source: grading?.source ?? null,
    grading_information: grading?.information ?? null,
    narrative: content.narrative,
    late: identity.late,
    exercise: identity.exercise,
    withdrawn_at: withdrawn?.at ?? null,
    withdrawal_reason: withdrawn?.reason ?? null,
    recorded_at: identity.recordedAt,
    search_text: [content.narrative ?? '', ...state.reportedGoods, ...state.goods].join('\n'),
  };
}

/** The rows of `violation_lines`. */
export function lineRows({ identity, lines }: ViolationState): NewRow[] {
  return lines.map((line, index) => ({
    operation_id: identity.operationId,
    violation_id: identity.id,
    line: index,
    agreement: line.agreement,
    commodity: line.commodity,
    agreement_reference: line.agreementReference,
    hs_code: line.hsCode,
    quantity: line.quantity,
    unit: line.unit,
    basis: line.basis,
    net_weight_kg: line.netWeightKg,
    quantity_kg: line.quantityKg,
    value: line.value,
    currency: line.currency,
    value_basis: line.valueBasis,
    value_usd: line.valueUsd,
    rate_date: line.rateDate,
  }));
}

/** The rows of `cargo_units`. */
export function cargoRows({ identity, content, withdrawn }: ViolationState): NewRow[] {
  return (content.consignment?.cargoUnits ?? []).map(({ kind, number, asMarked }, ordinal) => ({
    operation_id: identity.operationId,
    record_id: identity.id,
    ordinal,
    kind,
    number,
    as_marked: asMarked,
    detected_at: content.detectedAt,
    void: withdrawn !== null,
  }));
}

/** How the record is shared, for those who could see it and no longer can. */
export function sharedAs(state: ViolationState): Record<string, unknown> {
  return sharingColumns(state.sharing, concernedCountries(state));
}

/** Whether the change of a version may take the record out of somebody's sight. */
export function isSharedOtherwise(before: ViolationState, after: ViolationState): boolean {
  return JSON.stringify(sharedAs(before)) !== JSON.stringify(sharedAs(after));
}

/**
 * The fields that differ from one version to the next, as `{ field: [before, after] }`. Compared in their canonical form: the
 * database gives the keys of a version before in another order, and 22.50 written as 22.5 is no change.
 */
export function changesOf(before: ViolationState, after: ViolationState): Record<string, [unknown, unknown]> {
  const told = ({ content, sharing, withdrawn }: ViolationState): Record<string, unknown> => ({
    ...content,
    sharing,
    withdrawn: withdrawn !== null,
  });
  const [old, present] = [told(before), told(after)];
  const differing = Object.keys(present).filter((field) => canonical(old[field]) !== canonical(present[field]));
  return Object.fromEntries(differing.map((field) => [field, [old[field], present[field]]]));
}
