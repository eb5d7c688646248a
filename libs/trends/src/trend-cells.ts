import { DIMENSIONS, type KeyFacts, type RawKey } from './dimensions.js';
import { addExactly, plainDecimal } from './exact.js';
import { protectedFigure } from './protection.js';
import type { TrendCell, TrendResult } from './trend-result.js';
import type { TrendDimension } from './vocabulary.js';

/** One group as PostgreSQL gives it: whole numbers of eight bytes and decimals are text. */
export interface TrendRow extends RawKey {
  readonly value: string;
  readonly records: string;
  readonly leftOut: string;
  readonly hidden: string;
}

interface Sums {
  readonly key: readonly string[];
  value: string;
  hidden: number;
}

/** Folds groups of raw values into the cells asked for: days into weeks, countries into regions, and so on. */
export function foldCells(
  rows: readonly TrendRow[],
  groupBy: readonly TrendDimension[],
  facts: KeyFacts,
): Pick<TrendResult, 'cells' | 'linesLeftOut'> {
  const cells = new Map<string, Sums>();
  let leftOut = 0;
  let hidden = 0;
  for (const row of rows) {
    const key = groupBy.map((dimension) => DIMENSIONS[dimension].keyOf(row, facts));
    const name = key.join('\n');
    const cell = cells.get(name);
    if (cell) {
      cell.value = addExactly(cell.value, row.value);
      cell.hidden += Number(row.hidden);
    } else {
      cells.set(name, { key, value: row.value, hidden: Number(row.hidden) });
    }
    leftOut += Number(row.leftOut);
    hidden += Number(row.hidden);
  }
  return { cells: [...cells.values()].sort(byKey).map(toCell), linesLeftOut: hidden === 0 ? leftOut : null };
}

function toCell({ key, value, hidden }: Sums): TrendCell {
  return { key, ...protectedFigure(plainDecimal(value), hidden) };
}

/** By the parts of the key, in the order of their characters. */
export function byKey(
  { key: one }: { readonly key: readonly string[] },
  { key: other }: { readonly key: readonly string[] },
): number {
  for (const [index, part] of one.entries()) {
    const against = other[index] ?? '';
    if (part !== against) return part < against ? -1 : 1;
  }
  return 0;
}
