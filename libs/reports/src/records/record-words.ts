import type {
  Agreement,
  CrimeArea,
  DetectionMethod,
  OffenceNature,
  QuantityBasis,
  QuantityUnit,
  ReferenceService,
  ValueBasis,
} from '#reference';

import type { InformationGrade, SharingLevel, SourceGrade, UseRestriction } from '../vocabulary.js';
import { CARGO_KINDS, type CargoKind } from './content.js';
import type { CargoUnit, CommodityLine, Grading, Sharing, Vessel } from './record.types.js';

/** The columns that violations and seizures share, as they come from the database. */
export interface RecordRow {
  readonly operation_id: string;
  readonly id: string;
  readonly arrival: string;
  readonly version: number;
  readonly country: string;
  readonly author_id: string;
  readonly detected_at: Date;
  readonly day: string;
  readonly time_zone: string;
  readonly crime_area: CrimeArea;
  readonly nature: OffenceNature;
  readonly detection: DetectionMethod;
  readonly bill_of_lading: string | null;
  readonly vessel_imo: string | null;
  readonly vessel_name: string | null;
  readonly vessel_flag: string | null;
  readonly vessel_voyage: string | null;
  readonly persons: number | null;
  readonly companies: number | null;
  readonly sharing_level: SharingLevel;
  readonly added_countries: string[];
  readonly left_out_countries: string[];
  readonly named_user_ids: string[];
  readonly use_restriction: UseRestriction;
  readonly grading_source: SourceGrade | null;
  readonly grading_information: InformationGrade | null;
  readonly narrative: string | null;
  readonly late: boolean;
  readonly exercise: boolean;
}

/** A line as SQL gives it: decimals as text, so that they stay exact. */
export interface LineRow {
  readonly agreement: Agreement;
  readonly commodity: string;
  readonly agreementReference: string | null;
  readonly hsCode: string | null;
  readonly quantity: string;
  readonly unit: QuantityUnit;
  readonly basis: QuantityBasis;
  readonly netWeightKg: string | null;
  readonly quantityKg: string | null;
  readonly value: string | null;
  readonly currency: string | null;
  readonly valueBasis: ValueBasis;
  readonly valueUsd: string | null;
  readonly rateDate: string | null;
}

export interface CargoRow {
  readonly kind: CargoKind;
  readonly number: string;
  readonly asMarked: boolean;
}

/** SQL that gives an agency, or null, as the API tells it. */
export function agencyJson(alias: string): string {
  return `CASE WHEN ${alias}.id IS NOT NULL THEN
    jsonb_build_object('id', ${alias}.id, 'name', ${alias}.name, 'kind', ${alias}.kind, 'country', ${alias}.country) END`;
}

/** SQL that gives a port unit, or null, as the API tells it, without its agencies and postings. */
export function unitJson(alias: string): string {
  return `CASE WHEN ${alias}.id IS NOT NULL THEN jsonb_build_object('id', ${alias}.id, 'name', ${alias}.name, 'kind', ${alias}.kind,
    'country', ${alias}.country, 'unlocode', ${alias}.unlocode) END`;
}

export function vesselOf(row: RecordRow): Vessel | null {
  const vessel = { imo: row.vessel_imo, name: row.vessel_name, flag: row.vessel_flag, voyage: row.vessel_voyage };
  return Object.values(vessel).some((value) => value !== null) ? vessel : null;
}

export function gradingOf({ grading_source: source, grading_information: information }: RecordRow): Grading | null {
  return source !== null && information !== null ? { source, information } : null;
}

/** Who was added, left out and named is told to the owning country alone. */
export function sharingOf(row: RecordRow, isOwner: boolean): Sharing {
  return {
    level: row.sharing_level,
    addCountries: isOwner ? row.added_countries : null,
    leaveOutCountries: isOwner ? row.left_out_countries : null,
    nameUserIds: isOwner ? row.named_user_ids : null,
  };
}

export function cargoUnitOf({ kind, number, asMarked }: CargoRow): CargoUnit {
  const empty = Object.fromEntries(CARGO_KINDS.map((name) => [name, null])) as Record<CargoKind, null>;
  return { ...empty, [kind]: number, asMarked };
}

export function lineOf({ commodity, ...line }: LineRow, day: string, reference: ReferenceService): CommodityLine {
  return { ...line, commodity: reference.toCommodity(commodity, day) };
}
