import { MONDAY } from './hidden-records.js';

/** A region to compare with another; null, which equals nothing, where there is none or nobody knows. */
const knownRegion = (country: string): string => `nullif(nullif($4 ->> ${country}, 'NONE'), 'UNKNOWN')`;

/**
 * How far a consignment goes: DOMESTIC within one country, INTRA_REGIONAL within one region, INTER_REGIONAL from one to another;
 * UNKNOWN where an end is unknown, on the high seas or in no region; NONE where nothing moved.
 */
const FLOW_SCOPE = `
  CASE WHEN f.origin IS NULL THEN 'NONE'
    WHEN f.origin = f.destination AND f.origin NOT IN ('XZ', 'ZZ') THEN 'DOMESTIC'
    ELSE CASE ${knownRegion('f.origin')} = ${knownRegion('f.destination')}
      WHEN TRUE THEN 'INTRA_REGIONAL' WHEN FALSE THEN 'INTER_REGIONAL' ELSE 'UNKNOWN' END
  END`;

/**
 * What the ledger may be grouped by: the words that a question may use, and the SQL that stands for each. Regions are looked up in
 * the list that comes with the question ($4): routes have so many pairs of countries that folding them later would cost more.
 */
export const COLUMNS: Readonly<Record<string, string>> = {
  country: 'f.country',
  region: '($4 ->> f.country)',
  day: 'f.day',
  week: MONDAY,
  crimeArea: 'f.crime_area',
  nature: 'f.nature',
  scene: 'f.scene',
  transportMode: 'f.transport_mode',
  direction: 'f.direction',
  origin: 'f.origin',
  destination: 'f.destination',
  originRegion: '($4 ->> f.origin)',
  destinationRegion: '($4 ->> f.destination)',
  flowScope: FLOW_SCOPE,
  flagState: 'f.flag_state',
  detection: 'f.detection',
  source: 'f.source',
  unit: 'f.unit_id',
  agreement: 'l.agreement',
  commodity: 'l.commodity',
  indicator: 'r.indicator',
  leadCountry: 'f.country', // whose lead agency is asked for, which is no country to add hidden records to
  total: 't.total', // of the measure TOTALS alone
};

/** The three natures of an offence, counted apart. */
export const NATURES: readonly string[] = ['CRIMINAL', 'ADMINISTRATIVE', 'UNDETERMINED'];

/** The totals of a summary, and what a row of the ledger gives to each: the measure TOTALS adds them up in one question. */
export const SUMMARY_TOTALS: Readonly<Record<string, string>> = {
  violations: 'f.sign',
  ...Object.fromEntries(
    NATURES.map((nature) => [nature.toLowerCase(), `CASE f.nature WHEN '${nature}' THEN f.sign ELSE 0 END`]),
  ),
  seizures: `CASE f.source WHEN 'PORT_UNIT' THEN f.sign ELSE 0 END`,
  value_usd: 'f.value_usd',
  quantity_kg: 'f.quantity_kg',
  persons: 'f.persons',
  companies: 'f.companies',
  estimated: 'f.lines_estimated',
};

/** By these records enter that are hidden from the hub; by no more than two of them, those hidden from anybody else. */
export const FIXED: readonly string[] = ['country', 'crimeArea', 'nature', 'week'];

const among = (field: string, column: string, type = 'text'): string =>
  `${column} = ANY (ARRAY(SELECT jsonb_array_elements_text($3 -> '${field}')::${type}))`;
const compared = (field: string, comparison: string, type: string): string =>
  `${comparison} (SELECT ($3 ->> '${field}')::${type})`;

/** What a filter may ask of records: its words, and the condition of each, which takes its value from the filter itself ($3). */
export const RECORD_FILTERS: Readonly<Record<string, string>> = {
  countries: among('countries', 'f.country'),
  agencyIds: among('agencyIds', 'f.agency_id', 'uuid'),
  unitIds: among('unitIds', 'f.unit_id', 'uuid'),
  crimeAreas: among('crimeAreas', 'f.crime_area'),
  natures: among('natures', 'f.nature'),
  scenes: among('scenes', 'f.scene'),
  transportModes: among('transportModes', 'f.transport_mode'),
  directions: among('directions', 'f.direction'),
  origins: among('origins', 'f.origin'),
  destinations: among('destinations', 'f.destination'),
  detections: among('detections', 'f.detection'),
  concerning: `f.concerned_countries && ARRAY(SELECT jsonb_array_elements_text($3 -> 'concerning'))`,
  detectedFrom: compared('detectedFrom', 'f.detected_at >=', 'timestamptz'),
  detectedTo: compared('detectedTo', 'f.detected_at <', 'timestamptz'),
  late: compared('late', 'f.late =', 'boolean'),
  source: compared('source', 'f.source =', 'text'),
};

/** What a filter may ask of one line. */
export const LINE_FILTERS: Readonly<Record<string, string>> = {
  agreements: among('agreements', 'l.agreement'),
  commodities: among('commodities', 'l.commodity'),
};

/** The filters that ask for nothing finer than hidden records may enter by, and the word of what each asks for. */
export const COARSE_FILTERS: Readonly<Record<string, string>> = {
  countries: 'country',
  crimeAreas: 'crimeArea',
  natures: 'nature',
};
