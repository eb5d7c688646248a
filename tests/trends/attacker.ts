import { type TrendCell, TrendDimension, type TrendMeasure, type TrendQuery, type TrendResult } from '#trends';

import { COUNTS, FEWEST } from '../../migrations/figures/noise-table.js';
import { type HiddenCell, noiseOfCount } from './hidden-recount.js';

const { COUNTRY, CRIME_AREA, NATURE, WEEK } = TrendDimension;
const FIXED = [COUNTRY, CRIME_AREA, NATURE, WEEK];

/** Every table of a row and a column, a row alone, and the total. */
export const FIXED_TABLES: readonly (readonly TrendDimension[])[] = [
  [],
  ...FIXED.map((one) => [one]),
  ...FIXED.flatMap((one, index) => FIXED.slice(index + 1).map((other) => [one, other])),
];

export type Ask = (question: Pick<TrendQuery, 'measure' | 'groupBy'>) => Promise<TrendResult>;
/** The cells that the visible records alone give, exact, which the attacker works out from what they see. */
export type Visible = (
  measure: TrendMeasure,
  table: readonly TrendDimension[],
) => readonly { readonly key: readonly string[]; readonly value: string }[];

/**
 * What hidden records give to each cell of a fixed table, worked out from the answer: what is told less what is seen. Where nothing
 * is told of a cell, nothing was told of hidden records in it.
 */
export async function readHidden(
  ask: Ask,
  visible: Visible,
  measure: TrendMeasure,
  table: readonly TrendDimension[],
): Promise<readonly HiddenCell[]> {
  const counts = new Map(
    (await ask({ measure: 'VIOLATIONS' as TrendMeasure, groupBy: [...table] })).cells.map((cell) => [
      nameOf(cell),
      cell,
    ]),
  );
  const amounts = new Map((await ask({ measure, groupBy: [...table] })).cells.map((cell) => [nameOf(cell), cell]));
  const seenCounts = byName(visible('VIOLATIONS' as TrendMeasure, table));
  const seenAmounts = byName(visible(measure, table));
  return [...counts].flatMap(([name, { key, value, perturbed }]) => {
    if (!perturbed) return [];
    const records = Number(value) - Number(seenCounts.get(name) ?? 0);
    if (records === 0) return [];
    const told = amounts.get(name)?.value ?? null;
    const more = told === null ? null : thousandths(told) - thousandths(seenAmounts.get(name) ?? '0');
    return [{ key, records, value: more }];
  });
}

/** Between which numbers of hidden records a cell must hold: hard bounds, by all that the method lets nobody deny. */
export interface Bounds {
  lower: number;
  upper: number;
}

/** Which true counts may be told as this one. */
export function feasible(told: number): Bounds {
  const counts = Array.from({ length: told + COUNTS.most + FEWEST }, (_, count) => count).filter((count) =>
    count < FEWEST ? told === 0 : noiseOfCount(count).some(({ deviation }) => count + deviation === told),
  );
  return { lower: Math.min(...counts), upper: Math.max(...counts) };
}

/**
 * Narrows bounds by everything that must add up: a cell of a table is the sum of the cells of any table that has one dimension more.
 * Repeated until nothing moves.
 * @param cells by table and key, as {@link cellName} names them; every cell that could hold a record
 */
export function narrow(cells: Map<string, Bounds>, values: Readonly<Record<string, readonly string[]>>): void {
  const sums = FIXED_TABLES.filter((table) => table.length < 2).flatMap((table) =>
    FIXED.filter((dimension) => !table.includes(dimension)).flatMap((dimension) =>
      keysOf(table, values).map((key) => ({
        whole: at(cells, cellName(table, key)),
        parts: (values[dimension] ?? []).map((value) => at(cells, cellName([...table, dimension], [...key, value]))),
      })),
    ),
  );
  for (let moved = true; moved;) moved = sums.some(tighten);
}

function tighten({ whole, parts }: { readonly whole: Bounds; readonly parts: readonly Bounds[] }): boolean {
  const lowest = parts.reduce((sum, { lower }) => sum + lower, 0);
  const highest = parts.reduce((sum, { upper }) => sum + upper, 0);
  let moved = limit(whole, lowest, highest);
  for (const part of parts) {
    moved = limit(part, whole.lower - (highest - part.upper), whole.upper - (lowest - part.lower)) || moved;
    if (moved) return true; // the sums are others now
  }
  return moved;
}

function limit(bounds: Bounds, lower: number, upper: number): boolean {
  if (lower <= bounds.lower && upper >= bounds.upper) return false;
  bounds.lower = Math.max(bounds.lower, lower);
  bounds.upper = Math.min(bounds.upper, upper);
  if (bounds.lower > bounds.upper) throw new Error('The answers contradict each other.');
  return true;
}

/** Names a cell whatever the order of its dimensions. */
export function cellName(table: readonly TrendDimension[], key: readonly string[]): string {
  return table
    .map((dimension, index) => `${dimension}=${key[index] ?? ''}`)
    .sort()
    .join(' ');
}

export function keysOf(
  table: readonly TrendDimension[],
  values: Readonly<Record<string, readonly string[]>>,
): readonly (readonly string[])[] {
  return table.reduce<readonly (readonly string[])[]>(
    (keys, dimension) => keys.flatMap((key) => (values[dimension] ?? []).map((value) => [...key, value])),
    [[]],
  );
}

function at(cells: ReadonlyMap<string, Bounds>, name: string): Bounds {
  const bounds = cells.get(name);
  if (!bounds) throw new Error(`${name} is no cell.`);
  return bounds;
}

const nameOf = ({ key }: Pick<TrendCell, 'key'>): string => key.join('|');
const byName = (cells: readonly { readonly key: readonly string[]; readonly value: string }[]): Map<string, string> =>
  new Map(cells.map((cell) => [nameOf(cell), cell.value]));

function thousandths(decimal: string): bigint {
  const [whole = '0', part = ''] = decimal.split('.');
  return BigInt(whole) * 1000n + BigInt(part.padEnd(3, '0'));
}
