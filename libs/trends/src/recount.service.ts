import { Injectable } from '@nestjs/common';
import { Feed } from '#feed';
import { archived, Database, notFound, partOfMuster, query, type Tx } from '#platform';

import { plainDecimal } from './exact.js';
import type { RecordFigures } from './record-figures.js';
import {
  canonical,
  compareRecord,
  countedOf,
  type Difference,
  type LedgerEntry,
  lineText,
  RecordTotals,
  type Totals,
} from './recount-comparison.js';

/** Records that are held in memory at a time. */
const BATCH = 2_000;

interface LedgerLine {
  readonly agreement: string;
  readonly commodity: string;
  readonly quantityKg: string | null;
  readonly valueUsd: string | null;
  readonly firstOfAgreement: boolean;
  readonly firstOfCommodity: boolean;
  readonly firstOfPair: boolean;
}

interface LedgerRow extends Readonly<Record<string, string | number | boolean | null | Date | readonly unknown[]>> {
  readonly recordId: string;
  readonly sign: number;
  readonly detectedAt: Date;
  readonly concernedCountries: readonly string[];
  readonly riskIndicators: readonly string[];
  readonly lines: readonly LedgerLine[];
}

/** A record as it is now, or what a version of it gave. */
type RecordRow = RecordFigures | { readonly recordId: string; readonly figures: RecordFigures };

/**
 * Recounts figures from the records and reports every difference from the ledger, record by record and in totals. It reads one
 * snapshot, so it can run at any time, while reports come in; and it shares no code with what writes the ledger.
 */
@Injectable()
export class Recount {
  constructor(
    private readonly database: Database,
    private readonly feed: Feed,
  ) {}

  /**
   * @throws NOT_FOUND where the operation named is absent, PHASE where it is archived: there is nothing here to count
   * @param operationId all operations that are not archived where none is named
   * @param cursor a cursor of that operation's feed: recounts from the versions that the records had then, not as they are now
   */
  run(operationId?: string, cursor?: string): Promise<Difference[]> {
    if (cursor !== undefined && operationId === undefined)
      throw new Error('A cursor belongs to one operation: name it.');
    return this.database.read(partOfMuster('recount'), async (tx) => {
      const differences: Difference[] = [];
      for (const id of await operations(tx, operationId)) {
        const position = cursor === undefined ? null : this.feed.positionOf(id, cursor, 'cursor');
        differences.push(...(await recountOne(tx, id, position)));
      }
      return differences;
    });
  }
}

/** All operations whose records are here, or the one that was named. */
async function operations(tx: Tx, named: string | undefined): Promise<string[]> {
  const rows = await query<{ id: string; isArchived: boolean }>(
    tx,
    `SELECT id, archived_at IS NOT NULL AS "isArchived" FROM operations WHERE $1::uuid IS NULL OR id = $1 ORDER BY id`,
    [named ?? null],
  );
  if (named !== undefined && rows.length === 0) throw notFound();
  if (named !== undefined && rows.some(({ isArchived }) => isArchived)) throw archived();
  return rows.filter(({ isArchived }) => !isArchived).map(({ id }) => id);
}

async function recountOne(tx: Tx, operationId: string, position: number | null): Promise<Difference[]> {
  const differences: Difference[] = [];
  const totals = new RecordTotals();
  const values = position === null ? [operationId] : [operationId, position];
  const ledger = new Sorted(stream<LedgerRow>(tx, 'recount_ledger', ledgerEntries(position), values));
  const records = new Sorted(
    stream<RecordRow>(tx, 'recount_records', position === null ? RECORDS_NOW : RECORDS_THEN, values),
  );
  for (;;) {
    const ids = [await ledger.next(), await records.next()].filter((id) => id !== undefined).sort();
    const [recordId] = ids;
    if (recordId === undefined) break;
    const entries = (await ledger.take(recordId)).map(toEntry);
    const [record] = await records.take(recordId);
    const counted = record ? countedOf('figures' in record ? record.figures : record) : null;
    if (counted) totals.add(counted);
    differences.push(...compareRecord(operationId, recordId, entries, counted));
  }
  return [...differences, ...totals.compare(operationId, await ledgerTotals(tx, position, values))];
}

/** Rows of several tables, each in the order of the records' ids, taken record by record. */
class Sorted<Row extends { readonly recordId: string }> {
  private waiting: Row | undefined;

  constructor(private readonly rows: AsyncGenerator<Row, void>) {}

  /** The id of the next record; undefined at the end. */
  async next(): Promise<string | undefined> {
    this.waiting ??= (await this.rows.next()).value ?? undefined;
    return this.waiting?.recordId;
  }

  /** All rows of the record, if it is the next one. */
  async take(recordId: string): Promise<Row[]> {
    const taken: Row[] = [];
    while ((await this.next()) === recordId && this.waiting) {
      taken.push(this.waiting);
      this.waiting = undefined;
    }
    return taken;
  }
}

async function* stream<Row>(tx: Tx, name: string, text: string, values: readonly unknown[]): AsyncGenerator<Row, void> {
  await query(tx, `DECLARE ${name} NO SCROLL CURSOR FOR ${text}`, values);
  for (;;) {
    const rows = await query<Row>(tx, `FETCH ${BATCH} FROM ${name}`);
    yield* rows;
    if (rows.length < BATCH) break;
  }
  await query(tx, `CLOSE ${name}`);
}

function toEntry({
  recordId,
  sign,
  detectedAt,
  concernedCountries,
  riskIndicators,
  lines,
  ...plain
}: LedgerRow): LedgerEntry {
  const { quantityKg, valueUsd, ...labels } = plain as Readonly<Record<string, string | number | boolean | null>>;
  const counted = canonical({
    ...labels,
    detectedAt: detectedAt.toISOString(),
    concernedCountries: [...concernedCountries].sort().join(' '),
    riskIndicators: [...riskIndicators].sort().join(' '),
    quantityKg: plainDecimal(String(quantityKg)),
    valueUsd: plainDecimal(String(valueUsd)),
    lines: lineText(lines),
    onceEach: [
      lines.flatMap(({ firstOfAgreement, agreement }) => (firstOfAgreement ? [agreement] : [])),
      lines.flatMap(({ firstOfCommodity, commodity }) => (firstOfCommodity ? [commodity] : [])),
      lines.flatMap(({ firstOfPair, agreement, commodity }) => (firstOfPair ? [`${agreement}/${commodity}`] : [])),
    ]
      .map((names) => names.sort().join(' '))
      .join('; '),
  });
  return { recordId, sign, counted };
}

const ledgerEntries = (position: number | null): string => `
  SELECT f.record_id AS "recordId", f.sign, f.agency_id AS "agencyId", f.detected_at AS "detectedAt", f.day::text, f.late, f.country,
    f.crime_area AS "crimeArea", f.nature, f.scene, f.source, f.detection, f.unit_id AS "unitId", f.transport_mode AS "transportMode",
    f.direction, f.origin, f.destination, f.flag_state AS "flagState", f.concerned_countries AS "concernedCountries",
    f.risk_indicators AS "riskIndicators", f.sign * f.persons AS persons, f.sign * f.companies AS companies,
    (f.sign * f.quantity_kg)::text AS "quantityKg", (f.sign * f.value_usd)::text AS "valueUsd",
    f.sign * f.lines_without_kg AS "linesWithoutKg", f.sign * f.lines_without_usd AS "linesWithoutUsd",
    f.sign * f.lines_estimated AS "linesEstimated", (
      SELECT coalesce(jsonb_agg(jsonb_build_object('agreement', l.agreement, 'commodity', l.commodity,
        'quantityKg', (l.sign * l.quantity_kg)::text, 'valueUsd', (l.sign * l.value_usd)::text,
        'firstOfAgreement', l.first_of_agreement, 'firstOfCommodity', l.first_of_commodity, 'firstOfPair', l.first_of_pair)), '[]')
      FROM figure_lines l WHERE l.operation_id = f.operation_id AND l.position = f.position AND l.sign = f.sign) AS lines
  FROM figures f WHERE f.operation_id = $1 ${position === null ? '' : 'AND f.position <= $2'}
  ORDER BY f.record_id, f.position`;

const RECORDS_NOW = `
  SELECT v.id AS "recordId", v.country, v.agency_id AS "agencyId", v.unit_id AS "unitId", v.source, v.detected_at AS "detectedAt",
    v.day::text, v.late, v.crime_area AS "crimeArea", v.nature, v.scene, v.transport_mode AS "transportMode", v.direction, v.origin,
    v.destination, v.vessel_flag AS "flagState", v.detection, v.concerned_countries AS "concernedCountries",
    v.risk_indicators AS "riskIndicators", coalesce(v.persons, 0) AS persons, coalesce(v.companies, 0) AS companies, (
      SELECT coalesce(jsonb_agg(jsonb_build_object('agreement', l.agreement, 'commodity', l.commodity, 'quantityKg', l.quantity_kg::text,
        'valueUsd', l.value_usd::text, 'valueEstimated', l.value_basis = 'ESTIMATED')), '[]')
      FROM violation_lines l WHERE l.operation_id = v.operation_id AND l.violation_id = v.id) AS lines
  FROM violations v WHERE v.operation_id = $1 AND v.withdrawn_at IS NULL AND NOT v.exercise
  ORDER BY v.id`;

// The last version of each record by then; its content says what it gave to the figures, null where it was not counted.
const RECORDS_THEN = `
  SELECT violation_id AS "recordId", figures FROM (
    SELECT DISTINCT ON (violation_id) violation_id, content -> 'figures' AS figures FROM violation_versions
    WHERE operation_id = $1 AND position <= $2 ORDER BY violation_id, position DESC, version DESC
  ) AS last
  WHERE figures <> 'null' ORDER BY violation_id`;

async function ledgerTotals(tx: Tx, position: number | null, values: readonly unknown[]): Promise<Map<string, Totals>> {
  const rows = await query<Totals & { key: string }>(
    tx,
    `SELECT concat_ws(' ', country, crime_area, nature, day) AS key, sum(sign)::text AS violations, sum(persons)::text AS persons,
       sum(companies)::text AS companies, sum(quantity_kg)::text AS "quantityKg", sum(value_usd)::text AS "valueUsd"
     FROM figures WHERE operation_id = $1 ${position === null ? '' : 'AND position <= $2'} GROUP BY country, crime_area, nature, day`,
    values,
  );
  return new Map(rows.map(({ key, ...totals }) => [key, totals]));
}
