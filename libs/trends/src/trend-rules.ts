import type { Faults } from '#platform';

import { isOfLine } from './dimensions.js';
import type { TrendQuery } from './trend-query.js';
import type { ViolationFilter } from './violation-filter.js';
import { TrendDimension, TrendMeasure } from './vocabulary.js';

export const MOST_DIMENSIONS = 3;

/** Judges what can be judged of a question without its operations: which measure goes with which dimensions and filters. */
export function checkTrendQuery(faults: Faults, query: TrendQuery): void {
  checkOperations(faults, query);
  checkDimensions(faults, query);
  if (query.filter) checkFigureFilter(faults, query.filter);
}

function checkOperations(faults: Faults, { operationIds, asOf }: TrendQuery): void {
  if (operationIds.length === 0) faults.add('query.operationIds', 'required', 'Name at least one operation.');
  refuseRepeats(faults, 'query.operationIds', operationIds);
  const points = asOf ?? [];
  points.forEach(({ operationId }, index) => {
    if (operationIds.includes(operationId)) return;
    faults.add(`query.asOf.${index}.operationId`, 'operation', 'Name an operation that is asked for in operationIds.');
  });
  refuseRepeats(
    faults,
    'query.asOf',
    points.map(({ operationId }) => operationId),
    '.operationId',
  );
}

function checkDimensions(faults: Faults, { groupBy, measure }: TrendQuery): void {
  if (groupBy.length > MOST_DIMENSIONS) {
    faults.add('query.groupBy', 'at-most', `Name at most ${MOST_DIMENSIONS} dimensions.`);
  }
  refuseRepeats(faults, 'query.groupBy', groupBy);
  const countsPeople = measure === TrendMeasure.PERSONS || measure === TrendMeasure.COMPANIES;
  groupBy.forEach((dimension, index) => {
    const path = `query.groupBy.${index}`;
    if (countsPeople && isOfLine(dimension)) {
      faults.add(
        path,
        'measure',
        `${measure} belong to a record, not to its lines: they can't be split by ${dimension}.`,
      );
    }
    if (dimension === TrendDimension.RISK_INDICATOR && measure !== TrendMeasure.VIOLATIONS) {
      faults.add(
        path,
        'measure',
        'A record may have several risk indicators: only VIOLATIONS are split by RISK_INDICATOR.',
      );
    }
  });
}

function checkFigureFilter(faults: Faults, filter: ViolationFilter): void {
  for (const field of ['search', 'cargoUnit'] as const) {
    if (filter[field] === undefined || filter[field] === null) continue;
    faults.add(`query.filter.${field}`, 'not-for-figures', `Figures can't be asked for by ${field}.`);
  }
  for (const field of ['withdrawn', 'exercise'] as const) {
    if (filter[field] === undefined || filter[field] === false) continue;
    faults.add(
      `query.filter.${field}`,
      'not-for-figures',
      'Figures hold neither what was withdrawn nor exercises: leave it out or false.',
    );
  }
}

function refuseRepeats(faults: Faults, path: string, values: readonly string[], field = ''): void {
  values.forEach((value, index) => {
    if (values.indexOf(value) < index) faults.add(`${path}.${index}${field}`, 'repeated', 'It is named twice.');
  });
}
