import { addExactly, plainDecimal, sumExactly } from './exact.js';
import type { RecordFigures } from './record-figures.js';

/** One place where the ledger and the records do not agree. */
export interface Difference {
  readonly operationId: string;
  /** Null where a total differs. */
  readonly recordId: string | null;
  /** The field of the record, `counted` where only one side counts it, or the total: country, crime area, nature, day and measure. */
  readonly of: string;
  readonly ledger: string;
  readonly records: string;
}

/** What one record gives to the figures, each as canonical text. */
export type Counted = Readonly<Record<string, string>>;

/** One row of the ledger as read for a recount, its amounts without the sign. */
export interface LedgerEntry {
  readonly recordId: string;
  readonly sign: number;
  readonly counted: Counted;
}

const NOT_COUNTED = 'not counted';

/** A record's figures in the canonical form of the comparison, worked out from the record alone. */
export function countedOf(record: RecordFigures): Counted {
  const { lines } = record;
  const converted = lines.filter(({ valueUsd }) => valueUsd !== null);
  return canonical({
    agencyId: record.agencyId,
    detectedAt: new Date(record.detectedAt).toISOString(),
    day: record.day,
    late: record.late,
    country: record.country,
    crimeArea: record.crimeArea,
    nature: record.nature,
    scene: record.scene,
    source: record.source,
    detection: record.detection,
    unitId: record.unitId,
    transportMode: record.transportMode,
    direction: record.direction,
    origin: record.origin,
    destination: record.destination,
    flagState: record.flagState,
    concernedCountries: [...new Set(record.concernedCountries)].sort().join(' '),
    riskIndicators: [...new Set(record.riskIndicators)].sort().join(' '),
    persons: record.persons,
    companies: record.companies,
    quantityKg: plainDecimal(sumExactly(lines.map(({ quantityKg }) => quantityKg))),
    valueUsd: plainDecimal(sumExactly(lines.map(({ valueUsd }) => valueUsd))),
    linesWithoutKg: lines.filter(({ quantityKg }) => quantityKg === null).length,
    linesWithoutUsd: lines.length - converted.length,
    linesEstimated: converted.filter(({ valueEstimated }) => valueEstimated).length,
    lines: lineText(lines),
    onceEach: onceEach(
      lines.map(({ agreement }) => agreement),
      lines.map(({ commodity }) => commodity),
      lines.map(({ agreement, commodity }) => `${agreement}/${commodity}`),
    ),
  });
}

/** Under which agreements, commodities and pairs of them a record is counted; the ledger must name each once. */
export function onceEach(...cells: readonly (readonly string[])[]): string {
  return cells.map((names) => [...new Set(names)].sort().join(' ')).join('; ');
}

/** All values as text, "NONE" for what is missing. */
export function canonical(values: Readonly<Record<string, string | number | boolean | null>>): Counted {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === null ? 'NONE' : String(value)]),
  );
}

/** Lines as one text that does not depend on their order. */
export function lineText(
  lines: readonly {
    readonly agreement: string;
    readonly commodity: string;
    readonly quantityKg: string | null;
    readonly valueUsd: string | null;
  }[],
): string {
  const amount = (value: string | null, unit: string): string =>
    value === null ? `no ${unit}` : `${plainDecimal(value)} ${unit}`;
  return lines
    .map(({ agreement, commodity, quantityKg, valueUsd }) =>
      [agreement, commodity, amount(quantityKg, 'kg'), amount(valueUsd, 'USD')].join(' '),
    )
    .sort()
    .join('; ');
}

/**
 * Compares what the ledger holds of one record, over all its entries, with what the record gives now.
 * @param record null where the record is not counted
 */
export function compareRecord(
  operationId: string,
  recordId: string,
  entries: readonly LedgerEntry[],
  record: Counted | null,
): Difference[] {
  const difference = (of: string, ledger: string, records: string): Difference => ({
    operationId,
    recordId,
    of,
    ledger,
    records,
  });
  const net = netOf(entries);
  const times = net.map(({ sign }) => sign);
  const [only] = net;
  if (net.length === 0) return record ? [difference('counted', NOT_COUNTED, 'counted')] : [];
  if (net.length > 1 || only?.sign !== 1 || !record) {
    return [difference('counted', `counted ${times.join(' and ')} times`, record ? 'counted' : NOT_COUNTED)];
  }
  const fields = [...new Set([...Object.keys(only.counted), ...Object.keys(record)])];
  return fields.flatMap((field) => {
    const [ledger, records] = [only.counted[field] ?? '', record[field] ?? ''];
    return ledger === records ? [] : [difference(field, ledger, records)];
  });
}

/** The entries that do not cancel out, each content once with the sum of its signs. */
function netOf(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const sums = new Map<string, LedgerEntry>();
  for (const entry of entries) {
    const content = JSON.stringify(entry.counted);
    sums.set(content, { ...entry, sign: entry.sign + (sums.get(content)?.sign ?? 0) });
  }
  return [...sums.values()].filter(({ sign }) => sign !== 0);
}

/** Measures of a total, in the order in which they are reported. */
export const TOTALLED = ['violations', 'persons', 'companies', 'quantityKg', 'valueUsd'] as const;
export type Totals = Readonly<Record<(typeof TOTALLED)[number], string>>;

const NOTHING: Totals = { violations: '0', persons: '0', companies: '0', quantityKg: '0', valueUsd: '0' };

/** Adds up records by country, crime area, nature and day, apart from the ledger's own sums. */
export class RecordTotals {
  private readonly sums = new Map<string, Totals>();

  add(record: Counted): void {
    const key = [record.country, record.crimeArea, record.nature, record.day].join(' ');
    const before = this.sums.get(key) ?? NOTHING;
    const one: Readonly<Record<string, string>> = { ...record, violations: '1' };
    const sum = TOTALLED.map((measure) => [measure, addExactly(before[measure], one[measure] ?? '0')] as const);
    this.sums.set(key, Object.fromEntries(sum) as Record<keyof Totals, string>);
  }

  /** The totals that the ledger gives otherwise. */
  compare(operationId: string, ledger: ReadonlyMap<string, Totals>): Difference[] {
    const keys = [...new Set([...this.sums.keys(), ...ledger.keys()])].sort();
    return keys.flatMap((key) =>
      TOTALLED.flatMap((measure) => {
        const ofLedger = plainDecimal((ledger.get(key) ?? NOTHING)[measure]);
        const ofRecords = plainDecimal((this.sums.get(key) ?? NOTHING)[measure]);
        if (ofLedger === ofRecords) return [];
        return [{ operationId, recordId: null, of: `${key} ${measure}`, ledger: ofLedger, records: ofRecords }];
      }),
    );
  }
}
