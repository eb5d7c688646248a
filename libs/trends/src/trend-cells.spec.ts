import fc from 'fast-check';

import { byKey, foldCells, type TrendRow } from './trend-cells.js';
import { TrendDimension } from './vocabulary.js';

const facts = {
  leadAgencyKind: (operationId: string, country: string) => (country === 'KE' ? `led in ${operationId}` : undefined),
};
const row = (part: Partial<TrendRow>): TrendRow => ({ value: '1', records: '1', leftOut: '0', hidden: '0', ...part });

test('days of one week add up to its cell, exactly', () => {
  const rows = [
    row({ day: '2017-06-12', value: '0.10' }),
    row({ day: '2017-06-18', value: '12345678901234567890123.20' }),
    row({ day: '2017-06-19', value: '5.00' }),
  ];
  expect(foldCells(rows, [TrendDimension.WEEK], facts).cells).toEqual([
    { key: ['2017-W24'], value: '12345678901234567890123.3', suppressed: false, perturbed: false },
    { key: ['2017-W25'], value: '5', suppressed: false, perturbed: false },
  ]);
});

test('a cell with one hidden record behind it is hidden as a whole, the others are not', () => {
  const rows = [
    row({ day: '2017-06-12', leftOut: '2' }),
    row({ day: '2017-06-13', hidden: '1' }),
    row({ day: '2017-07-01' }),
  ];
  expect(foldCells(rows, [TrendDimension.MONTH], facts)).toEqual({
    cells: [
      { key: ['2017-06'], value: null, suppressed: true, perturbed: false },
      { key: ['2017-07'], value: '1', suppressed: false, perturbed: false },
    ],
    linesLeftOut: null,
  });
});

test('the lines left out are those of all cells together', () => {
  const rows = [row({ country: 'KE', leftOut: '2' }), row({ country: 'TZ', leftOut: '3' })];
  expect(foldCells(rows, [TrendDimension.COUNTRY], facts).linesLeftOut).toBe(5);
});

test('what a record does not have is NONE', () => {
  const rows = [row({ operation: 'one', country: 'TZ', unit: null })];
  const { cells } = foldCells(rows, [TrendDimension.PORT_UNIT, TrendDimension.LEAD_AGENCY_KIND], facts);
  expect(cells.map(({ key }) => key)).toEqual([['NONE', 'NONE']]);
});

test('the kind of the lead agency is that of the country in the operation', () => {
  const rows = [row({ operation: 'one', country: 'KE' }), row({ operation: 'two', country: 'KE' })];
  const { cells } = foldCells(rows, [TrendDimension.LEAD_AGENCY_KIND], facts);
  expect(cells.map(({ key }) => key)).toEqual([['led in one'], ['led in two']]);
});

test('no dimension gives the total under an empty key, and nothing where there is no record', () => {
  expect(foldCells([row({ value: '7' })], [], facts).cells).toEqual([
    { key: [], value: '7', suppressed: false, perturbed: false },
  ]);
  expect(foldCells([], [], facts)).toEqual({ cells: [], linesLeftOut: 0 });
});

test('cells stand in the order of their keys, part by part', () => {
  const keys = fc.array(fc.tuple(fc.string(), fc.string()).map((key) => ({ key })));
  fc.assert(
    fc.property(keys, (cells) => {
      const sorted = cells.sort(byKey).map(({ key }) => key);
      sorted.slice(1).forEach(([first, second], index) => {
        const [firstBefore = '', secondBefore = ''] = sorted[index] ?? [];
        expect(firstBefore < first || (firstBefore === first && secondBefore <= second)).toBe(true);
      });
    }),
  );
});
