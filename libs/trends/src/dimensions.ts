import { isoWeek, monthOf } from './periods.js';
import { TrendDimension } from './vocabulary.js';

/**
 * What the ledger is grouped by, as the database names it; weeks are told by their Monday, months are made of days afterwards.
 * Regions are looked up there: routes have so many pairs of countries that folding them here would cost more than adding them up.
 */
export type RawColumn =
  | FixedColumn
  | 'region'
  | 'day'
  | 'scene'
  | 'transportMode'
  | 'direction'
  | 'origin'
  | 'destination'
  | 'originRegion'
  | 'destinationRegion'
  | 'flowScope'
  | 'flagState'
  | 'detection'
  | 'source'
  | 'unit'
  | 'agreement'
  | 'commodity'
  | 'indicator'
  | 'leadCountry';

/** By these alone enter records that the viewer may not see. */
export type FixedColumn = 'country' | 'crimeArea' | 'nature' | 'week';

/** The values of one group, as text; null where the record has no such thing. */
export type RawKey = Readonly<Partial<Record<RawColumn, string | null>>> & { readonly operation: string };

/** What keys are made of besides the ledger, as it stands when the question is asked. */
export interface KeyFacts {
  /** The kind of the agency that leads the country in the operation, where one was named. */
  readonly leadAgencyKind: (operationId: string, country: string) => string | undefined;
}

export interface Dimension {
  /** None for the operation, which each question asks by itself. */
  readonly columns: readonly RawColumn[];
  readonly keyOf: (raw: RawKey, facts: KeyFacts) => string;
}

/** Where a record has no such thing. */
export const NONE = 'NONE';
/** Where it has, but nobody knows which. */
export const UNKNOWN = 'UNKNOWN';
/** Where it is not told, because the viewer may not see the record. */
export const WITHHELD = 'WITHHELD';

const plain = (column: RawColumn): Dimension => ({ columns: [column], keyOf: (raw) => raw[column] ?? NONE });

export const DIMENSIONS: Readonly<Record<TrendDimension, Dimension>> = {
  OPERATION: { columns: [], keyOf: ({ operation }) => operation },
  COUNTRY: plain('country'),
  REGION: plain('region'),
  DAY: plain('day'),
  WEEK: { columns: ['week'], keyOf: ({ week }) => isoWeek(week ?? '') },
  MONTH: { columns: ['day'], keyOf: ({ day }) => monthOf(day ?? '') },
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
    columns: ['leadCountry'],
    keyOf: ({ operation, leadCountry }, { leadAgencyKind }) => leadAgencyKind(operation, leadCountry ?? '') ?? NONE,
  },
  SOURCE: plain('source'),
  PORT_UNIT: plain('unit'),
  RISK_INDICATOR: plain('indicator'),
};

/** Dimensions of a line: a record counts once in each such cell where it has a line. */
export function isOfLine(dimension: TrendDimension): boolean {
  return dimension === TrendDimension.AGREEMENT || dimension === TrendDimension.COMMODITY;
}

const FIXED: Readonly<Partial<Record<TrendDimension, FixedColumn>>> = {
  COUNTRY: 'country',
  CRIME_AREA: 'crimeArea',
  NATURE: 'nature',
  WEEK: 'week',
};

/** The column by which hidden records enter this dimension; none where they are withheld in it. */
export function fixedColumn(dimension: TrendDimension): FixedColumn | undefined {
  return FIXED[dimension];
}
