import {
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

import { InformationGrade, SharingLevel, SourceGrade, UseRestriction } from '../vocabulary.js';

/** How the text of a cell is read. */
export type ColumnKind =
  | 'text'
  | 'instant'
  | 'day'
  | 'decimal'
  | 'degrees'
  | 'count'
  | 'code'
  | 'country'
  | 'countries'
  | 'place'
  | 'commodity'
  | 'list'
  | 'flag';

/** One column of a spreadsheet of violations: what files are imported by and exported with. */
export interface Column {
  readonly name: string;
  /** Where its value stands in a LogViolationInput, without the places of lists; null for what is the file's own. */
  readonly path: string | null;
  /** Whether each row has its own, as the goods have, or all rows of a case have the same. */
  readonly of: 'record' | 'line';
  readonly kind: ColumnKind;
  /** The codes that may stand there. */
  readonly codes?: readonly string[];
  readonly isRequired?: true;
  /** For the sheet of explanations. */
  readonly about: string;
  /** As the example row of the template has it; empty where it has none. */
  readonly example: string;
}

const CASE = "The country's own number of the case. Rows with the same one, one after the other, are one record.";
const INSTANT = 'Day and time in the time zone of the operation, such as 2026-03-14 08:30, or with a zone of its own.';

/** All columns, in the order of the template. */
export const COLUMNS: readonly Column[] = [
  { name: 'reference', path: null, of: 'record', kind: 'text', about: CASE, example: 'KE-2026-0001' },
  record('id', 'id', 'text', "The record's id (UUIDv7), where the sender makes one."),
  { ...record('detectedAt', 'detectedAt', 'instant', INSTANT), isRequired: true },
  record('timeZone', 'timeZone', 'text', "The reporter's IANA time zone; that of the operation where it is empty."),
  { ...coded('scene', 'scene', Scene, 'Where it was found.', 'CONSIGNMENT'), isRequired: true },
  { ...coded('crimeArea', 'crimeArea', CrimeArea, 'The field of crime.', 'POLLUTION'), isRequired: true },
  { ...coded('nature', 'nature', OffenceNature, 'Nature of the offence.', 'CRIMINAL'), isRequired: true },
  { ...coded('detection', 'detection', DetectionMethod, 'How it was found.', 'RISK_PROFILE'), isRequired: true },
  record('offenceFrom', 'offenceFrom', 'day', 'First day of the offence itself, where known.'),
  record('offenceTo', 'offenceTo', 'day', 'Last day of the offence itself, where known.'),
  record('unlocode', 'place.unlocode', 'text', 'UN/LOCODE of the place.', 'KEMBA'),
  record('place', 'place.name', 'place', 'Name of the place, or its UN/LOCODE if it is on the list.'),
  record('latitude', 'place.latitude', 'degrees', 'Degrees on WGS 84, -90 to 90.'),
  record('longitude', 'place.longitude', 'degrees', 'Degrees on WGS 84, -180 to 180.'),
  coded('transportMode', 'consignment.transportMode', TransportMode, 'Of a consignment.', 'MARITIME'),
  coded('direction', 'consignment.direction', TradeDirection, 'Of a consignment.', 'IMPORT'),
  record('origin', 'consignment.route.origin', 'country', 'Country, by ISO 3166-1 or name; XZ: high seas.', 'NL'),
  record('transit', 'consignment.route.transit', 'countries', 'Countries in their order, between semicolons.', 'OM'),
  record('destination', 'consignment.route.destination', 'country', 'Country, by ISO 3166-1 or name.', 'KE'),
  record(
    'container',
    'consignment.cargoUnits.container',
    'list',
    'ISO 6346; several between semicolons.',
    'CSQU3054383',
  ),
  record('airWaybill', 'consignment.cargoUnits.airWaybill', 'list', 'Air waybill numbers.'),
  record('vehicle', 'consignment.cargoUnits.vehicle', 'list', 'Registrations of vehicles.'),
  record('railWagon', 'consignment.cargoUnits.railWagon', 'list', 'Rail wagon numbers of twelve digits.'),
  record('postalItem', 'consignment.cargoUnits.postalItem', 'list', 'Postal item identifiers, UPU S10.'),
  record('asMarked', 'consignment.cargoUnits.asMarked', 'flag', 'YES: really marked so, with a wrong check digit.'),
  record('billOfLading', 'consignment.billOfLading', 'text', 'Number of the bill of lading.'),
  record('vesselImo', 'vessel.imo', 'text', 'IMO ship identification number.'),
  record('vesselName', 'vessel.name', 'text', 'Name of the vessel.'),
  record('vesselFlag', 'vessel.flag', 'country', 'Flag state.'),
  record('vesselVoyage', 'vessel.voyage', 'text', 'Number of the voyage.'),
  record('persons', 'persons', 'count', 'How many suspects; they are counted, not named.', '2'),
  record('companies', 'companies', 'count', 'How many companies.', '1'),
  coded('useRestriction', 'useRestriction', UseRestriction, 'NONE where it is empty.'),
  coded('gradingSource', 'grading.source', SourceGrade, '4 x 4 grading of the source.'),
  coded('gradingInformation', 'grading.information', InformationGrade, '4 x 4 grading, ONE to FOUR or 1 to 4.'),
  record('narrative', 'narrative', 'text', 'In words, without names of persons.'),
  coded('sharingLevel', 'sharing.level', SharingLevel, 'Who sees it; as the import says where it is empty.'),
  record(
    'addCountries',
    'sharing.addCountries',
    'countries',
    'Who else sees it; as the import says where it is empty.',
  ),
  record(
    'leaveOutCountries',
    'sharing.leaveOutCountries',
    'countries',
    'Who does not see it; as the import says where it is empty.',
  ),
  { ...line('commodity', 'commodity', 'Code or English name of the list.', 'household-waste'), isRequired: true },
  { ...codedLine('agreement', Agreement, 'The agreement broken.', 'BASEL'), isRequired: true },
  line('agreementReference', 'text', "The agreement's own reference: an annex, an entry."),
  line('hsCode', 'text', 'Harmonized System code.'),
  { ...line('quantity', 'decimal', 'As reported, more than nothing.', '22.50'), isRequired: true },
  { ...codedLine('unit', QuantityUnit, 'Unit of the quantity.', 'TONNE'), isRequired: true },
  codedLine('basis', QuantityBasis, 'How the quantity is known; ESTIMATED where it is empty.', 'WEIGHED'),
  line('netWeightKg', 'decimal', 'Weight in kilograms beside a count, where known.'),
  line('value', 'decimal', 'In the currency beside it.', '1000.00'),
  line('currency', 'text', 'ISO 4217; required with a value.', 'USD'),
  codedLine('valueBasis', ValueBasis, 'ESTIMATED where it is empty.'),
];

/** Columns that files of refused rows have beside their own: they are written, and never read. */
export const NOTES = { row: 'row', errors: 'errors' } as const;

/** Columns that an export has besides. They are written; where a file has them all it is an export, and nothing is read of them. */
export const TOLD = [
  'version',
  'country',
  'agency',
  'portUnit',
  'source',
  'placeCountry',
  'late',
  'exercise',
  'withdrawn',
  'withdrawalReason',
  'recordedAt',
  'commodityName',
  'quantityKg',
  'valueUsd',
  'rateDate',
] as const;

/** What an object of an export has besides, as {@link TOLD}: its own fields, and paths in them. */
export const TOLD_FIELDS = [
  'version',
  'operationId',
  'country',
  'agency',
  'unit',
  'source',
  'valueUsd',
  'quantityKg',
  'late',
  'exercise',
  'withdrawn',
  'withdrawalReason',
  'recordedAt',
] as const;
export const TOLD_PATHS: readonly string[] = [
  ...TOLD_FIELDS,
  'place.country',
  'lines.commodityName',
  'lines.quantityKg',
  'lines.valueUsd',
  'lines.rateDate',
];

const BY_NAME = new Map(COLUMNS.map((column) => [column.name.toLowerCase(), column]));
const BY_PATH = new Map(COLUMNS.map((column) => [column.path, column]));

/** The column of a name in any case. */
export function columnNamed(name: string): Column | undefined {
  return BY_NAME.get(name.trim().toLowerCase());
}

/** The column of a path in a LogViolationInput, without the places of lists. */
export function columnAt(path: string): Column | undefined {
  return BY_PATH.get(path);
}

function record(name: string, path: string, kind: ColumnKind, about: string, example = ''): Column {
  return { name, path, of: 'record', kind, about, example };
}

function coded(
  name: string,
  path: string,
  codes: Readonly<Record<string, string>>,
  about: string,
  example = '',
): Column {
  return { ...record(name, path, 'code', about, example), codes: Object.values(codes) };
}

function line(name: string, kind: ColumnKind, about: string, example = ''): Column {
  return { name, path: `lines.${name}`, of: 'line', kind, about, example };
}

function codedLine(name: string, codes: Readonly<Record<string, string>>, about: string, example = ''): Column {
  return { ...line(name, 'code', about, example), codes: Object.values(codes) };
}
