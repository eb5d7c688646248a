import type { Values } from '#platform';

import type { ViolationFilter } from './violation-filter.js';

/**
 * The conditions, in SQL, of a filter on records: the same words on the records themselves and on their figures, so that a list
 * and a trend of one filter mean the same records. Lines, cargo units, words, withdrawals and exercises are not among them.
 * @param alias of a table with the columns of `figures` that a filter asks for, such as `violations`
 */
export function recordConditions(filter: ViolationFilter, alias: string, values: Values): string[] {
  const any = (column: string, list: readonly string[] | null | undefined, type = 'text[]'): string[] =>
    list ? [`${alias}.${column} = ANY(${values.of(list, type)})`] : [];
  const one = (column: string, comparison: string, value: unknown, type: string): string[] =>
    value === undefined || value === null ? [] : [`${alias}.${column} ${comparison} ${values.of(value, type)}`];
  return [
    ...any('country', filter.countries),
    ...any('agency_id', filter.agencyIds, 'uuid[]'),
    ...any('unit_id', filter.unitIds, 'uuid[]'),
    ...any('crime_area', filter.crimeAreas),
    ...any('nature', filter.natures),
    ...any('scene', filter.scenes),
    ...any('transport_mode', filter.transportModes),
    ...any('direction', filter.directions),
    ...any('origin', filter.origins),
    ...any('destination', filter.destinations),
    ...any('detection', filter.detections),
    ...one('concerned_countries', '&&', filter.concerning, 'text[]'),
    ...one('detected_at', '>=', filter.detectedFrom, 'timestamptz'),
    ...one('detected_at', '<', filter.detectedTo, 'timestamptz'),
    ...one('late', '=', filter.late, 'boolean'),
    ...one('source', '=', filter.source, 'text'),
  ];
}

/** The conditions of a filter on one line; none where the filter does not ask for lines. */
export function lineConditions(filter: ViolationFilter, alias: string, values: Values): string[] {
  return [
    ...(filter.agreements ? [`${alias}.agreement = ANY(${values.of(filter.agreements, 'text[]')})`] : []),
    ...(filter.commodities ? [`${alias}.commodity = ANY(${values.of(filter.commodities, 'text[]')})`] : []),
  ];
}
