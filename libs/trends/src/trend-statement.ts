import { Values } from '#platform';

import { DIMENSIONS, isOfLine, RAW_COLUMNS, type RawColumn } from './dimensions.js';
import { lineConditions, recordConditions } from './filter-conditions.js';
import { hiddenRecords } from './protection.js';
import type { Regions } from './regions.js';
import type { TrendQuery } from './trend-query.js';
import type { ViolationFilter } from './violation-filter.js';
import { upTo, type Viewpoint } from './viewpoints.js';
import { TrendDimension, TrendMeasure } from './vocabulary.js';

export interface TrendStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

type Question = Pick<TrendQuery, 'measure' | 'groupBy' | 'filter'>;

/** Where the amounts of a measure stand, in the ledger's records and lines. */
const AMOUNTS: Readonly<Partial<Record<TrendMeasure, { readonly column: string; readonly missing: string }>>> = {
  QUANTITY_KG: { column: 'quantity_kg', missing: 'lines_without_kg' },
  VALUE_USD: { column: 'value_usd', missing: 'lines_without_usd' },
};

/**
 * The one statement that a trend asks of the ledger. It gives a row per group of raw values, with the sum of the measure, the
 * records counted, those of them that are hidden, and the lines that could not be converted. Lines are joined only where the
 * question is about lines, records only where something can be hidden.
 */
export function trendStatement(question: Question, viewpoints: readonly Viewpoint[], regions: Regions): TrendStatement {
  const values = new Values();
  const columns = rawColumns(question.groupBy);
  const hidden = hiddenRecords(viewpoints, values);
  const lines = linesOf(question, viewpoints, values);
  const joins = [lines.join, indicatorJoin(question), regionsJoin(columns, regions, values), hidden.join];
  const where = [
    upTo(viewpoints, 'f', values),
    ...recordConditions(question.filter ?? {}, 'f', values),
    ...lines.where,
  ];
  const groups = columns.map((column) => RAW_COLUMNS[column]).join(', ');
  const text = `
    SELECT ${columns.map((column) => `${RAW_COLUMNS[column]}::text AS "${column}",`).join(' ')}
      ${lines.value}::text AS value, sum(f.sign) AS records, ${lines.missing} AS "leftOut",
      coalesce(sum(f.sign) FILTER (WHERE ${hidden.isHidden}), 0) AS hidden
    FROM figures f ${joins.join(' ')}
    WHERE ${where.join(' AND ')}
    ${groups && `GROUP BY ${groups}`}
    HAVING sum(f.sign) <> 0`;
  return { text, values: values.list };
}

/** What the groups of several dimensions are made of, each once. */
export function rawColumns(groupBy: readonly TrendDimension[]): RawColumn[] {
  return [...new Set(groupBy.flatMap((dimension) => DIMENSIONS[dimension].columns))];
}

interface LinesPart {
  readonly join: string;
  readonly where: readonly string[];
  readonly value: string;
  readonly missing: string;
}

function linesOf({ measure, groupBy, filter }: Question, viewpoints: readonly Viewpoint[], values: Values): LinesPart {
  const amounts = AMOUNTS[measure];
  const dimensions = groupBy.filter(isOfLine);
  const conditions = lineConditions(filter ?? {}, 'l', values);
  if (amounts) {
    const { column, missing } = amounts;
    if (dimensions.length === 0 && conditions.length === 0) {
      return { join: '', where: [], value: `sum(f.${column})`, missing: `sum(f.${missing})` };
    }
    return {
      join: `JOIN figure_lines l ON ${SAME_ENTRY}`,
      where: conditions,
      value: `coalesce(sum(l.${column}), 0)`,
      missing: `coalesce(sum(f.sign) FILTER (WHERE l.${column} IS NULL), 0)`,
    };
  }
  const value = `sum(f.${PER_RECORD[measure]})`;
  if (dimensions.length === 0) {
    const where =
      conditions.length > 0
        ? [`EXISTS (SELECT FROM figure_lines l WHERE ${[SAME_ENTRY, ...conditions].join(' AND ')})`]
        : [];
    return { join: '', where, value, missing: '0' };
  }
  // A record counts once in each cell, however many of its lines lead there.
  const first = firstLine(dimensions, filter ?? {});
  if (first)
    return { join: `JOIN figure_lines l ON ${SAME_ENTRY} AND l.${first}`, where: conditions, value, missing: '0' };
  const cells = dimensions.flatMap((dimension) => DIMENSIONS[dimension].columns).map((column) => RAW_COLUMNS[column]);
  const matching = [upTo(viewpoints, 'l', values), ...conditions].join(' AND ');
  return {
    join: `JOIN (SELECT DISTINCT l.operation_id, l.position, l.sign, ${cells.join(', ')} FROM figure_lines l WHERE ${matching}) l
      ON ${SAME_ENTRY}`,
    where: [],
    value,
    missing: '0',
  };
}

/**
 * The ledger's mark of the one line by which a record counts in each cell of these dimensions; none where the filter may take
 * some lines of a cell and leave out others, the marked one among them.
 */
function firstLine(
  dimensions: readonly TrendDimension[],
  { agreements, commodities }: ViolationFilter,
): string | undefined {
  if (dimensions.length === 2) return 'first_of_pair';
  if (dimensions[0] === TrendDimension.AGREEMENT) return commodities ? undefined : 'first_of_agreement';
  return agreements ? undefined : 'first_of_commodity';
}

const SAME_ENTRY = 'l.operation_id = f.operation_id AND l.position = f.position AND l.sign = f.sign';

const PER_RECORD: Readonly<Record<TrendMeasure, string>> = {
  VIOLATIONS: 'sign',
  PERSONS: 'persons',
  COMPANIES: 'companies',
  QUANTITY_KG: 'quantity_kg',
  VALUE_USD: 'value_usd',
};

function indicatorJoin({ groupBy }: Question): string {
  if (!groupBy.includes(TrendDimension.RISK_INDICATOR)) return '';
  return 'LEFT JOIN LATERAL unnest(f.risk_indicators) AS r (indicator) ON TRUE';
}

// A lookup per row, and no join: what PostgreSQL can't know of a list that it is given makes it plan badly.
function regionsJoin(columns: readonly RawColumn[], regions: Regions, values: Values): string {
  if (!columns.some((column) => RAW_COLUMNS[column].includes('given.regions'))) return '';
  return `CROSS JOIN (SELECT ${values.of(JSON.stringify(regions), 'jsonb')} AS regions) AS given`;
}
