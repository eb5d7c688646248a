import fc from 'fast-check';
import { Faults, MusterError } from '#platform';
import { RegionScheme } from '#reference';

import type { TrendQuery } from './trend-query.js';
import { checkTrendQuery } from './trend-rules.js';
import { TrendDimension, TrendMeasure } from './vocabulary.js';

const OPERATION = '01890a5d-ac96-774b-bcce-b302099a8057';
const OTHER = '01890a5d-ac96-774b-bcce-b302099a8058';

const question = (part: Partial<TrendQuery>): TrendQuery => ({
  operationIds: [OPERATION],
  measure: TrendMeasure.VIOLATIONS,
  groupBy: [],
  regionScheme: RegionScheme.M49_SUBREGION,
  ...part,
});

function wrongPaths(part: Partial<TrendQuery>): string[] {
  const faults = new Faults();
  checkTrendQuery(faults, question(part));
  try {
    faults.throwIfAny();
    return [];
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    expect(error.code).toBe('BAD_USER_INPUT');
    return (error.details.fields ?? []).map(({ path }) => path);
  }
}

test('any measure goes with any three record dimensions but RISK_INDICATOR', () => {
  const lines: TrendDimension[] = [TrendDimension.AGREEMENT, TrendDimension.COMMODITY, TrendDimension.RISK_INDICATOR];
  const dimensions = Object.values(TrendDimension).filter((dimension) => !lines.includes(dimension));
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(TrendMeasure)),
      fc.uniqueArray(fc.constantFrom(...dimensions), { maxLength: 3 }),
      (measure, groupBy) => expect(wrongPaths({ measure, groupBy })).toEqual([]),
    ),
  );
});

test('four dimensions, and one that is named twice, are refused', () => {
  const { COUNTRY, DAY, NATURE, SCENE } = TrendDimension;
  expect(wrongPaths({ groupBy: [COUNTRY, DAY, NATURE, SCENE] })).toEqual(['query.groupBy']);
  expect(wrongPaths({ groupBy: [COUNTRY, DAY, COUNTRY] })).toEqual(['query.groupBy.2']);
});

test.each([TrendMeasure.PERSONS, TrendMeasure.COMPANIES])('%s are not split by what belongs to a line', (measure) => {
  const groupBy = [TrendDimension.AGREEMENT, TrendDimension.COUNTRY, TrendDimension.COMMODITY];
  expect(wrongPaths({ measure, groupBy })).toEqual(['query.groupBy.0', 'query.groupBy.2']);
});

test.each(Object.values(TrendMeasure))('RISK_INDICATOR splits VIOLATIONS alone, asked with %s', (measure) => {
  const wrong = measure === TrendMeasure.VIOLATIONS ? [] : ['query.groupBy.0'];
  expect(wrongPaths({ measure, groupBy: [TrendDimension.RISK_INDICATOR] })).toEqual(wrong);
});

test('a filter that figures do not take is refused, field by field', () => {
  const filter = { search: 'waste', cargoUnit: 'CSQU3054383', withdrawn: null, exercise: true };
  expect(wrongPaths({ filter })).toEqual([
    'query.filter.search',
    'query.filter.cargoUnit',
    'query.filter.withdrawn',
    'query.filter.exercise',
  ]);
  expect(wrongPaths({ filter: { search: null, cargoUnit: null, withdrawn: false, exercise: false } })).toEqual([]);
});

test('a cursor of an operation that is not asked for, or a second one of the same, is refused', () => {
  const asOf = [OPERATION, OTHER, OPERATION].map((operationId) => ({ operationId, cursor: 'x' }));
  expect(wrongPaths({ asOf })).toEqual(['query.asOf.1.operationId', 'query.asOf.2.operationId']);
});

test('a question names its operations, each once', () => {
  expect(wrongPaths({ operationIds: [] })).toEqual(['query.operationIds']);
  expect(wrongPaths({ operationIds: [OPERATION, OTHER, OPERATION] })).toEqual(['query.operationIds.2']);
});

test('all that is wrong comes in one answer', () => {
  const { AGREEMENT, RISK_INDICATOR } = TrendDimension;
  const paths = wrongPaths({
    operationIds: [OPERATION, OPERATION],
    measure: TrendMeasure.PERSONS,
    groupBy: [AGREEMENT, RISK_INDICATOR],
    filter: { search: 'waste' },
  });
  expect(paths).toEqual(['query.operationIds.1', 'query.groupBy.0', 'query.groupBy.1', 'query.filter.search']);
});
