import type { Standing } from '#identity';
import { acrossOperations, type Tx } from '#platform';

import { DIMENSIONS, fixedColumn, type FixedColumn, type RawColumn } from './dimensions.js';
import { type Protection, protectionOf } from './protection.js';
import { type Regions, regionsBy } from './regions.js';
import type { TrendQuery } from './trend-query.js';
import type { ViolationFilter } from './violation-filter.js';
import type { Viewpoint } from './viewpoints.js';

/** A question as the database answers it, for one operation at a time. The same question is worded in one way, as its answer is kept. */
export interface LedgerQuestion {
  readonly measure: string;
  readonly columns: readonly RawColumn[];
  /** What the filter asks for, and nothing that it leaves open. */
  readonly filter: Readonly<Record<string, unknown>>;
  /** The columns that hidden records enter by; null where they don't enter at all. */
  readonly fixed: readonly FixedColumn[] | null;
}

/** What the ledger answers of one operation, and from which of it something is hidden. */
export interface LedgerAnswer {
  readonly operationId: string;
  readonly question: LedgerQuestion;
  readonly rows: readonly LedgerRow[];
  readonly protection: Protection;
}

/** One group as PostgreSQL gives it: whole numbers of eight bytes and decimals are text. */
export interface LedgerRow {
  /** Records that the viewer sees; hidden ones; hidden ones that a filter can't be matched to. */
  readonly part: 'SEEN' | 'HIDDEN' | 'UNMATCHED';
  /** By the question's columns, for hidden records by its fixed ones. */
  readonly key: readonly (string | null)[];
  /** Null where what hidden records give is not told. */
  readonly value: string | null;
  readonly records: string;
  readonly leftOut: string;
}

/** Hidden records are told of to others than the hub by so many columns at most: in tables of a row and a column. */
export const MOST_FIXED = 2;

export const COARSE: Readonly<Partial<Record<keyof ViolationFilter, FixedColumn>>> = {
  countries: 'country',
  crimeAreas: 'crimeArea',
  natures: 'nature',
};

/** Puts a question of a client in the words that the database knows. */
export function ledgerQuestion({ measure, groupBy, filter }: TrendQuery, standing: Standing): LedgerQuestion {
  const given = askedFor(filter ?? {});
  const wanted = groupBy.flatMap((dimension) => fixedColumn(dimension) ?? []);
  return {
    measure,
    columns: [...new Set(groupBy.flatMap((dimension) => DIMENSIONS[dimension].columns))].sort(),
    filter: given,
    fixed: standing.hub ? wanted : smallTable(given, wanted),
  };
}

/** The table that answers for hidden records: it has what the filter asks for, and as much as there is room for of what is grouped by. */
function smallTable(filter: LedgerQuestion['filter'], wanted: readonly FixedColumn[]): FixedColumn[] | null {
  const needed = Object.entries(COARSE).flatMap(([field, column]) => (field in filter ? [column] : []));
  if (needed.length > MOST_FIXED) return null;
  return [...new Set([...needed, ...wanted])].slice(0, MOST_FIXED);
}

/** Withdrawn records and exercises are in no figure; asking for them, or for words, is refused before. */
function askedFor({
  withdrawn: _withdrawn,
  exercise: _exercise,
  ...filter
}: ViolationFilter): LedgerQuestion['filter'] {
  const asked = Object.entries(filter).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    asked.map(([field, value]: [string, unknown]) => [
      field,
      Array.isArray(value) ? [...new Set(value)].sort() : value,
    ]),
  );
}

/** A client's question as it is put to one operation: from one to the next nothing of it differs but `fixed`. */
export interface AskedOperation {
  readonly viewpoint: Viewpoint;
  readonly standing: Standing;
  readonly question: LedgerQuestion;
}

/** Asks the ledgers of operations, in their order; each answers by itself, as far as the actor of the transaction may know. */
export async function askLedgers(tx: Tx, asked: readonly AskedOperation[], regions: Regions): Promise<LedgerAnswer[]> {
  const [first] = asked;
  if (!first) return [];
  const { measure, columns, filter } = first.question;
  const told = await acrossOperations<(LedgerRow | Mark) & { operation: string }>(
    tx,
    `SELECT operation, part, key, value::text, records, left_out AS "leftOut" FROM cells_seen($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      asked.map(({ viewpoint }) => viewpoint.operationId),
      asked.map(({ viewpoint }) => viewpoint.position),
      asked.map(({ viewpoint }) => viewpoint.known),
      measure,
      columns,
      JSON.stringify(filter),
      JSON.stringify(regions),
      JSON.stringify(asked.map(({ question }) => question.fixed)),
    ],
  );
  const byOperation = Map.groupBy(told, ({ operation }) => operation);
  return asked.map(({ viewpoint: { operationId }, standing, question }) => {
    const rows = byOperation.get(operationId) ?? [];
    const marked = rows.flatMap((row) => (isMark(row) ? [row.key[0] ?? null] : []));
    return {
      operationId,
      question,
      rows: rows.filter((row) => !isMark(row)),
      protection: protectionOf(marked, standing),
    };
  });
}

/**
 * The regions of all codes, where the question is about regions; none elsewhere, as looking all of them up takes longer than most answers.
 * @param regionOf the English name of a country's region in the scheme asked for
 */
export function regionsFor({ columns }: LedgerQuestion, regionOf: (code: string) => string): Regions {
  return columns.some((column) => /region|flowScope/i.test(column)) ? regionsBy(regionOf) : {};
}

/** Says that figures are protected: those of a country of the viewer's own, or those of all other countries. */
interface Mark {
  readonly part: 'PROTECTED';
  readonly key: readonly string[];
}

function isMark(row: LedgerRow | Mark): row is Mark {
  return row.part === 'PROTECTED';
}
