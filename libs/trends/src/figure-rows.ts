import type { NewRow } from '#platform';

import { negated, plainDecimal, sumExactly } from './exact.js';
import type { FiguresChange, LineFigures, RecordFigures } from './record-figures.js';

/** Rows of the tables `figures` and `figure_lines`. */
export interface FigureRows {
  readonly figures: readonly NewRow[];
  readonly lines: readonly NewRow[];
}

/** What a record adds, in one canonical form: two versions that give the same figures give the same content. */
interface Content {
  readonly labels: NewRow;
  readonly counts: Readonly<Record<string, number>>;
  readonly amounts: Readonly<Record<string, string>>;
  readonly lines: readonly LineContent[];
}

interface LineContent {
  readonly agreement: string;
  readonly commodity: string;
  readonly quantityKg: string | null;
  readonly valueUsd: string | null;
}

/** Whether the change moves any figure; a narrative that was corrected, for instance, moves none. */
export function movesFigures({ before, after }: Pick<FiguresChange, 'before' | 'after'>): boolean {
  return JSON.stringify(before && contentOf(before)) !== JSON.stringify(after && contentOf(after));
}

/** The rows of one change: minus what the record gave before, plus what it gives now; none where that is the same. */
export function rowsOfChange(operationId: string, { position, before, after }: FiguresChange): FigureRows {
  if (!movesFigures({ before, after })) return { figures: [], lines: [] };
  const sides = [before && signedRows(before, -1), after && signedRows(after, 1)].filter((rows) => rows !== null);
  const placed = (row: NewRow): NewRow => ({ operation_id: operationId, position, ...row });
  return { figures: sides.map(({ figure }) => placed(figure)), lines: sides.flatMap(({ lines }) => lines.map(placed)) };
}

function signedRows(
  record: RecordFigures,
  sign: 1 | -1,
): { readonly figure: NewRow; readonly lines: readonly NewRow[] } {
  const { labels, counts, amounts, lines } = contentOf(record);
  const signed = (amount: string | null): string | null => (amount === null || sign === 1 ? amount : negated(amount));
  return {
    figure: {
      sign,
      ...labels,
      // 0 * -1 is -0, which JSON writes as 0.
      ...Object.fromEntries(Object.entries(counts).map(([column, count]) => [column, count * sign])),
      ...Object.fromEntries(Object.entries(amounts).map(([column, amount]) => [column, signed(amount)])),
    },
    lines: lines.map(({ agreement, commodity, quantityKg, valueUsd }, line) => ({
      sign,
      line,
      agreement,
      commodity,
      first_of_agreement: lines.findIndex((other) => other.agreement === agreement) === line,
      first_of_commodity: lines.findIndex((other) => other.commodity === commodity) === line,
      first_of_pair:
        lines.findIndex((other) => other.agreement === agreement && other.commodity === commodity) === line,
      quantity_kg: signed(quantityKg),
      value_usd: signed(valueUsd),
    })),
  };
}

function contentOf(record: RecordFigures): Content {
  const { lines } = record;
  const count = (of: (line: LineFigures) => boolean): number => lines.filter(of).length;
  return {
    labels: {
      record_id: record.recordId,
      agency_id: record.agencyId,
      detected_at: new Date(record.detectedAt).toISOString(),
      day: record.day,
      late: record.late,
      country: record.country,
      crime_area: record.crimeArea,
      nature: record.nature,
      scene: record.scene,
      source: record.source,
      detection: record.detection,
      unit_id: record.unitId,
      transport_mode: record.transportMode,
      direction: record.direction,
      origin: record.origin,
      destination: record.destination,
      flag_state: record.flagState,
      concerned_countries: asSet(record.concernedCountries),
      risk_indicators: asSet(record.riskIndicators), // a record counts once under each
    },
    counts: {
      persons: record.persons,
      companies: record.companies,
      lines_without_kg: count(({ quantityKg }) => quantityKg === null),
      lines_without_usd: count(({ valueUsd }) => valueUsd === null),
      lines_estimated: count(({ valueUsd, valueEstimated }) => valueUsd !== null && valueEstimated),
    },
    amounts: {
      quantity_kg: plainDecimal(sumExactly(lines.map(({ quantityKg }) => quantityKg))),
      value_usd: plainDecimal(sumExactly(lines.map(({ valueUsd }) => valueUsd))),
    },
    lines: lines.map(lineContent).sort((one, other) => compare(JSON.stringify(one), JSON.stringify(other))),
  };
}

function lineContent({ agreement, commodity, quantityKg, valueUsd }: LineFigures): LineContent {
  const plain = (amount: string | null): string | null => (amount === null ? null : plainDecimal(amount));
  return { agreement, commodity, quantityKg: plain(quantityKg), valueUsd: plain(valueUsd) };
}

const asSet = (words: readonly string[]): string[] => [...new Set(words)].sort();
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
