import { DIMENSIONS, fixedColumn, type KeyFacts, type RawKey, WITHHELD } from './dimensions.js';
import { addExactly, plainDecimal } from './exact.js';
import type { LedgerAnswer, LedgerRow } from './ledger-question.js';
import { FEWEST, isProtected } from './protection.js';
import type { TrendQuery } from './trend-query.js';
import type { TrendCell, TrendResult } from './trend-result.js';
import { TrendDimension } from './vocabulary.js';

type Asked = Pick<TrendQuery, 'groupBy' | 'filter'>;

interface Sums {
  readonly key: readonly string[];
  value: string;
  /** Behind the figure, as far as they are told. */
  records: number;
  /** Something of it is not told. */
  untold: boolean;
}

/** Folds groups of raw values into the cells asked for: weeks and months from days, several operations into one cell, and so on. */
export function foldCells(
  answers: readonly LedgerAnswer[],
  asked: Asked,
  facts: KeyFacts,
): Pick<TrendResult, 'cells' | 'linesLeftOut' | 'withheld'> {
  const cells = new Map<string, Sums>();
  let [leftOut, withheld] = [0, '0'];
  for (const answer of answers) {
    for (const row of answer.rows) {
      leftOut += Number(row.leftOut);
      if (row.part === 'UNMATCHED') {
        leftOut -= Number(row.leftOut);
        withheld = addExactly(withheld, row.value ?? '0');
        continue;
      }
      const key = keyOf(answer, row, asked, facts);
      const name = key.join('\n');
      const cell = cells.get(name) ?? { key, value: '0', records: 0, untold: false };
      cell.value = addExactly(cell.value, row.value ?? '0');
      cell.records += Number(row.records);
      cell.untold ||= row.value === null;
      cells.set(name, cell);
    }
  }
  const all = answers.some(({ protection }) => isProtected(protection, asked.filter?.countries ?? null));
  return {
    cells: [...cells.values()].sort(byKey).map((cell) => tell(cell, all && isBehind(cell, answers, asked))),
    linesLeftOut: all ? null : leftOut,
    withheld: all ? null : plainDecimal(withheld),
  };
}

function keyOf(
  { operationId, question }: LedgerAnswer,
  { part, key }: LedgerRow,
  { groupBy }: Asked,
  facts: KeyFacts,
): string[] {
  const columns = part === 'SEEN' ? question.columns : (question.fixed ?? []);
  const values = Object.fromEntries(columns.map((column, index) => [column, key[index] ?? null]));
  const raw: RawKey = { ...values, operation: operationId };
  return groupBy.map((dimension) => {
    const fixed = fixedColumn(dimension);
    const isTold = part === 'SEEN' || dimension === TrendDimension.OPERATION || (fixed && fixed in values);
    return isTold ? DIMENSIONS[dimension].keyOf(raw, facts) : WITHHELD;
  });
}

/** Whether a hidden record could stand in the cell, as far as its operation and country say. */
function isBehind({ key }: Sums, answers: readonly LedgerAnswer[], { groupBy, filter }: Asked): boolean {
  const partOf = (dimension: TrendDimension): string | undefined => key[groupBy.indexOf(dimension)];
  const [operation, country] = [partOf(TrendDimension.OPERATION), partOf(TrendDimension.COUNTRY)];
  const countries = country === undefined || country === WITHHELD ? (filter?.countries ?? null) : [country];
  return answers.some(
    ({ operationId, protection }) =>
      (operation === undefined || operation === operationId) && isProtected(protection, countries),
  );
}

/** A figure as the viewer may have it. */
function tell({ key, value, records, untold }: Sums, isProtected: boolean): TrendCell {
  if (isProtected && (untold || records < FEWEST)) return { key, value: null, suppressed: true, perturbed: false };
  return { key, value: plainDecimal(value), suppressed: false, perturbed: isProtected };
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
