import { COARSE, MOST_FIXED } from '../../libs/trends/src/ledger-question.js';
import { DIMENSIONS, fixedColumn } from '../../libs/trends/src/dimensions.js';
import { FEWEST } from '../../libs/trends/src/protection.js';
import { FEWEST as FEWEST_HIDDEN } from '../../migrations/figures/noise-table.js';
import { COARSE_FILTERS, COLUMNS, FIXED } from '../../migrations/figures/vocabulary.js';
import { FIXED_TABLES } from './attacker.js';

// A migration stands as it ran, and so has these of its own; what answers are made from must be the same.
describe('what protects figures is the same in the programs as in the functions of the database', () => {
  test('from how many records on a figure is told', () => {
    expect(FEWEST).toBe(FEWEST_HIDDEN);
  });

  test('by what hidden records are told of, and by how much of it at once', () => {
    const dimensions = Object.keys(DIMENSIONS) as (keyof typeof DIMENSIONS)[];
    const columns = dimensions.flatMap((dimension) => fixedColumn(dimension) ?? []);
    expect(columns.sort()).toEqual([...FIXED].sort());
    expect(Math.max(...FIXED_TABLES.map((table) => table.length))).toBe(MOST_FIXED);
  });

  test('which filters ask for nothing finer', () => {
    expect(COARSE).toEqual(COARSE_FILTERS);
  });

  test('every dimension is made from columns that the database knows', () => {
    const columns = Object.values(DIMENSIONS).flatMap((dimension) => dimension.columns);
    expect(Object.keys(COLUMNS)).toEqual(expect.arrayContaining(columns));
  });
});
