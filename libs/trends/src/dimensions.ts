import { isoWeek, monthOf } from './periods.js';
import { TrendDimension } from './vocabulary.js';

/** A region to compare with another; null, which equals nothing, where there is none or nobody knows. */
const knownRegion = (country: string): string => `nullif(nullif(given.regions ->> ${country}, 'NONE'), 'UNKNOWN')`;

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
 * What the ledger is grouped by, by the name of the result's column; weeks and months are made of days afterwards. Regions
 * are looked up by the statement: routes have so many pairs of countries that folding them here would cost more than adding them up.
 */
export const RAW_COLUMNS = {
  operation: 'f.operation_id',
  country: 'f.country',
  region: '(given.regions ->> f.country)',
  day: 'f.day',
  crimeArea: 'f.crime_area',
  nature: 'f.nature',
  scene: 'f.scene',
  transportMode: 'f.transport_mode',
  direction: 'f.direction',
  origin: 'f.origin',
  destination: 'f.destination',
  originRegion: '(given.regions ->> f.origin)',
  destinationRegion: '(given.regions ->> f.destination)',
  flowScope: FLOW_SCOPE,
  flagState: 'f.flag_state',
  detection: 'f.detection',
  source: 'f.source',
  unit: 'f.unit_id',
  agreement: 'l.agreement',
  commodity: 'l.commodity',
  indicator: 'r.indicator',
} as const;

export type RawColumn = keyof typeof RAW_COLUMNS;

/** The values of one group, as text; null where the record has no such thing. */
export type RawKey = Readonly<Partial<Record<RawColumn, string | null>>>;

/** What keys are made of besides the ledger, as it stands when the question is asked. */
export interface KeyFacts {
  /** The kind of the agency that leads the country in the operation, where one was named. */
  readonly leadAgencyKind: (operationId: string, country: string) => string | undefined;
}

export interface Dimension {
  readonly columns: readonly RawColumn[];
  readonly keyOf: (raw: RawKey, facts: KeyFacts) => string;
}

/** Where a record has no such thing. */
export const NONE = 'NONE';
/** Where it has, but nobody knows which. */
export const UNKNOWN = 'UNKNOWN';

const plain = (column: RawColumn): Dimension => ({ columns: [column], keyOf: (raw) => raw[column] ?? NONE });
const period = (of: (day: string) => string): Dimension => ({ columns: ['day'], keyOf: ({ day }) => of(day ?? '') });

export const DIMENSIONS: Readonly<Record<TrendDimension, Dimension>> = {
  OPERATION: plain('operation'),
  COUNTRY: plain('country'),
  REGION: plain('region'),
  DAY: plain('day'),
  WEEK: period(isoWeek),
  MONTH: period(monthOf),
  CRIME_AREA: plain('crimeArea'),
  NATURE: plain('nature'),
  AGREEMENT: plain('agreement'),
  COMMODITY: plain('commodity'),
  SCENE: plain('scene'),
  TRANSPORT_MODE: plain('transportMode'),
  DIRECTION: plain('direction'),
  ORIGIN_COUNTRY: plain('origin'),
  ORIGIN_REGION: plain('originRegion'),
  DESTINATION_COUNTRY: plain('destination'),
  DESTINATION_REGION: plain('destinationRegion'),
  FLOW_SCOPE: plain('flowScope'),
  FLAG_STATE: plain('flagState'),
  DETECTION: plain('detection'),
  LEAD_AGENCY_KIND: {
    columns: ['operation', 'country'],
    keyOf: ({ operation, country }, { leadAgencyKind }) => leadAgencyKind(operation ?? '', country ?? '') ?? NONE,
  },
  SOURCE: plain('source'),
  PORT_UNIT: plain('unit'),
  RISK_INDICATOR: plain('indicator'),
};

/** Dimensions of a line: a record counts once in each such cell where it has a line. */
export function isOfLine(dimension: TrendDimension): boolean {
  return dimension === TrendDimension.AGREEMENT || dimension === TrendDimension.COMMODITY;
}
