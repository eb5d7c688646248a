import fc from 'fast-check';
import { TrendDimension } from '#trends';

import { FEWEST, KEYS } from '../../migrations/figures/noise-table.js';
import { type Bounds, cellName, feasible, FIXED_TABLES, keysOf, narrow } from './attacker.js';
import { noiseOfCount } from './hidden-recount.js';

const VALUES = {
  [TrendDimension.COUNTRY]: ['KE', 'TZ', 'FR'],
  [TrendDimension.CRIME_AREA]: ['POLLUTION', 'WILDLIFE'],
  [TrendDimension.NATURE]: ['CRIMINAL', 'ADMINISTRATIVE'],
  [TrendDimension.WEEK]: ['2017-W23', '2017-W24'],
};

const record = fc.record({
  [TrendDimension.COUNTRY]: fc.constantFrom('KE', 'KE', 'KE', 'TZ', 'FR'),
  [TrendDimension.CRIME_AREA]: fc.constantFrom('POLLUTION', 'POLLUTION', 'POLLUTION', 'WILDLIFE'),
  [TrendDimension.NATURE]: fc.constantFrom('CRIMINAL', 'CRIMINAL', 'CRIMINAL', 'ADMINISTRATIVE'),
  [TrendDimension.WEEK]: fc.constantFrom('2017-W23', '2017-W24'),
  key: fc.integer({ min: 0, max: KEYS - 1 }),
});
type HiddenRecord = typeof record extends fc.Arbitrary<infer T> ? T : never;

/** What the cell-key method tells of some records. */
function told(records: readonly HiddenRecord[]): number {
  if (records.length < FEWEST) return 0;
  const key = records.reduce((sum, each) => sum + each.key, 0) % KEYS;
  return records.length + (noiseOfCount(records.length).find(({ below }) => key < below)?.deviation ?? 0);
}

test('noise alone, without steps, lets no subtraction show that a cell of one or two records is not empty', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 3, maxLength: 40 }), (records) => {
      const bounds = new Map<string, Bounds>();
      const counts = new Map<string, number>();
      for (const table of FIXED_TABLES) {
        for (const key of keysOf(table, VALUES)) {
          const inCell = records.filter((each) =>
            table.every((dimension, index) => each[dimension as keyof typeof VALUES] === key[index]),
          );
          counts.set(cellName(table, key), inCell.length);
          bounds.set(cellName(table, key), feasible(told(inCell)));
        }
      }
      narrow(bounds, VALUES);
      for (const [name, { lower, upper }] of bounds) {
        const count = counts.get(name) ?? 0;
        expect([name, lower <= count && count <= upper, count < FEWEST && lower > 0]).toEqual([name, true, false]);
      }
    }),
    { numRuns: 2000 },
  );
});
