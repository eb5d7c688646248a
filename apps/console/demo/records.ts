import type { AgencyKind, PortUnitKind } from '#identity';
import type { OperationKind } from '#operations';
import type { Role } from '#platform';
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
import type { InformationGrade, SharingLevel, SourceGrade, UseRestriction } from '#reports';

/**
 * The demo operations as plain data, in the shape of the contract's inputs. Ids of operations, agencies, units and people are made when
 * they are stored, so records name them by keys: `KE/CUSTOMS` an agency, `coordinator/KE` a person, `MOMBASA` a unit.
 */
export type OperationKey = 'ACTION' | 'SEA' | 'CONTAINER' | 'DEMETER';

export interface DemoAgency {
  readonly key: string;
  readonly country: string;
  readonly name: string;
  readonly kind: AgencyKind;
}

export interface DemoGrant {
  readonly role: Role;
  /** null: a standing grant. */
  readonly operation: OperationKey | null;
  /** null: the hub's own people, observers and administrators. */
  readonly country: string | null;
  readonly unitKey: string | null;
}

export interface DemoPerson {
  readonly key: string;
  readonly name: string;
  readonly email: string;
  readonly agencyKey: string | null;
  readonly country: string | null;
  /** Whether the person can sign in: gets a password and is listed to the newcomer. The others only stand behind records. */
  readonly account: boolean;
  /** Grants that somebody else gives; a coordinator's role in an operation comes of the answer to its invitation. */
  readonly grants: readonly DemoGrant[];
}

export interface DemoPosting {
  readonly unitKey: string;
  readonly personKey: string;
  /** YYYY-MM-DD. */
  readonly from: string;
}

export interface DemoUnit {
  readonly key: string;
  readonly name: string;
  readonly kind: PortUnitKind;
  readonly country: string;
  readonly unlocode: string;
  readonly agencyKeys: readonly string[];
}

export interface OperationInput {
  kind: OperationKind;
  codeName: string;
  objectives: string;
  crimeAreas: CrimeArea[];
  timeZone: string;
  operationalStartsOn: string;
  operationalEndsOn?: string;
  reportingDeadline?: string;
}

/** A country that accepted. */
export interface DemoParticipant {
  readonly country: string;
  readonly leadAgencyKey: string;
  readonly coordinatorKeys: readonly string[];
}

export interface DemoFindings {
  readonly title: string;
  readonly text: string;
}

export interface DemoOperation {
  readonly key: OperationKey;
  readonly input: OperationInput;
  readonly riskIndicators: readonly string[];
  readonly participants: readonly DemoParticipant[];
  /** Countries whose invitation stays open. */
  readonly openInvitations: readonly string[];
  /** The instants at which each step is recorded; absent where the operation has not come so far. */
  readonly timeline: {
    readonly createdAt: Date;
    readonly answeredAt?: Date;
    readonly operationalAt?: Date;
    readonly postOperationalAt?: Date;
    readonly certifiedAt?: Date;
    readonly findingsAt?: Date;
    readonly closedAt?: Date;
  };
}

export interface LineInput {
  agreement: Agreement;
  commodity: string;
  agreementReference?: string;
  hsCode?: string;
  quantity: string;
  unit: QuantityUnit;
  basis: QuantityBasis;
  netWeightKg?: string;
  value?: string;
  currency?: string;
  valueBasis: ValueBasis;
}

export interface PlaceInput {
  unlocode?: string;
  latitude?: number;
  longitude?: number;
  name?: string;
}

export interface RouteInput {
  origin: string;
  transit: string[];
  destination: string;
}

export interface CargoUnitInput {
  container?: string;
  airWaybill?: string;
  vehicle?: string;
  railWagon?: string;
  asMarked: boolean;
}

export interface ConsignmentInput {
  transportMode: TransportMode;
  direction: TradeDirection;
  route: RouteInput;
  cargoUnits: CargoUnitInput[];
  billOfLading?: string;
}

export interface VesselInput {
  imo?: string;
  name?: string;
  flag?: string;
  voyage?: string;
}

export interface SharingInput {
  level: SharingLevel;
  addCountries?: string[];
  leaveOutCountries?: string[];
}

export interface GradingInput {
  source: SourceGrade;
  information: InformationGrade;
}

/** What a violation and a seizure say alike. */
interface ReportInput {
  id: string;
  detectedAt: Date;
  timeZone: string;
  crimeArea: CrimeArea;
  nature: OffenceNature;
  detection: DetectionMethod;
  vessel?: VesselInput;
  lines: LineInput[];
  persons: number;
  companies: number;
  sharing: SharingInput;
  useRestriction: UseRestriction;
  grading?: GradingInput;
  narrative: string;
  exercise: boolean;
}

/** `LogViolationInput` without operation and agency. */
export interface ViolationInput extends ReportInput {
  scene: Scene;
  offenceFrom?: string;
  offenceTo?: string;
  place: PlaceInput;
  consignment?: ConsignmentInput;
}

/** `ReportSeizureInput` without operation, unit and further agencies. */
export interface SeizureInput extends ReportInput {
  cargoUnit: CargoUnitInput;
  sizeType?: string;
  seals: string[];
  billOfLading?: string;
  carrier?: string;
  declaredGoods: string;
  foundGoods: string;
  riskIndicators: string[];
  transportMode: TransportMode;
  direction: TradeDirection;
  route: RouteInput;
}

export interface DemoViolation {
  readonly country: string;
  readonly agencyKey: string;
  readonly authorKey: string;
  /** When Muster takes it in: never before the detection, never after the last operational day. */
  readonly receivedAt: Date;
  readonly input: ViolationInput;
}

export interface DemoSeizure {
  readonly country: string;
  readonly unitKey: string;
  readonly reporterKey: string;
  /** Further agencies of the unit that took part. */
  readonly agencyKeys: readonly string[];
  readonly receivedAt: Date;
  /** Where the report stands once the queue has checked it. */
  readonly settles: 'ACCEPTED' | 'NEEDS_REVIEW';
  readonly input: SeizureInput;
}
