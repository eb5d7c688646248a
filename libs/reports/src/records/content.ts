import type {
  Agreement,
  CrimeArea,
  DetectionMethod,
  OffenceNature,
  QuantityBasis,
  QuantityUnit,
  Scene,
  TradeDirection,
  TransportMode,
  ValueBasis,
} from '#reference';

import type { InformationGrade, SharingLevel, SourceGrade, UseRestriction } from '../vocabulary.js';

/** The five kinds of cargo units, by the names of their fields. */
export const CARGO_KINDS = ['container', 'airWaybill', 'vehicle', 'railWagon', 'postalItem'] as const;
export type CargoKind = (typeof CARGO_KINDS)[number];

export interface CargoUnitContent {
  readonly kind: CargoKind;
  /** Normalised, as it is stored and compared. */
  readonly number: string;
  readonly asMarked: boolean;
}

export interface LineContent {
  readonly agreement: Agreement;
  readonly commodity: string;
  readonly agreementReference: string | null;
  readonly hsCode: string | null;
  readonly quantity: string;
  readonly unit: QuantityUnit;
  readonly basis: QuantityBasis;
  readonly netWeightKg: string | null;
  readonly value: string | null;
  readonly currency: string | null;
  readonly valueBasis: ValueBasis;
}

export interface RouteContent {
  readonly origin: string;
  readonly transit: readonly string[];
  readonly destination: string;
}

export interface PlaceContent {
  readonly unlocode: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly name: string | null;
}

export interface VesselContent {
  readonly imo: string | null;
  readonly name: string | null;
  readonly flag: string | null;
  readonly voyage: string | null;
}

export interface ConsignmentContent {
  readonly transportMode: TransportMode;
  readonly direction: TradeDirection;
  readonly route: RouteContent;
  readonly cargoUnits: readonly CargoUnitContent[];
  readonly billOfLading: string | null;
}

/** Sets, in the order of their codes: two writings of one sharing are the same. */
export interface SharingContent {
  readonly level: SharingLevel;
  readonly addCountries: readonly string[];
  readonly leaveOutCountries: readonly string[];
  readonly nameUserIds: readonly string[];
}

export interface GradingContent {
  readonly source: SourceGrade;
  readonly information: InformationGrade;
}

/** What violations and seizure reports say alike, in its canonical form: defaults filled in, identifiers normalised. */
export interface RecordContent {
  /** ISO 8601, UTC. */
  readonly detectedAt: string;
  readonly timeZone: string;
  readonly crimeArea: CrimeArea;
  readonly nature: OffenceNature;
  readonly detection: DetectionMethod;
  readonly vessel: VesselContent | null;
  readonly lines: readonly LineContent[];
  readonly persons: number | null;
  readonly companies: number | null;
  readonly useRestriction: UseRestriction;
  readonly grading: GradingContent | null;
  readonly narrative: string | null;
}

export interface ViolationContent extends RecordContent {
  readonly agencyId: string;
  readonly scene: Scene;
  readonly offenceFrom: string | null;
  readonly offenceTo: string | null;
  readonly place: PlaceContent;
  readonly consignment: ConsignmentContent | null;
}

export interface SeizureContent extends RecordContent {
  readonly unitId: string;
  readonly cargoUnit: CargoUnitContent;
  readonly sizeType: string | null;
  readonly seals: readonly string[];
  readonly billOfLading: string | null;
  readonly carrier: string | null;
  readonly declaredGoods: string;
  readonly foundGoods: string;
  readonly riskIndicators: readonly string[];
  readonly transportMode: TransportMode;
  readonly direction: TradeDirection;
  readonly route: RouteContent;
  readonly agencyIds: readonly string[];
}
