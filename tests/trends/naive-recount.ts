import { type RecordFigures, type TrendCell, TrendDimension, TrendMeasure, type TrendQuery } from '#trends';

import type { RandomOperation, SharedRecord } from './random-operation.js';

/** Who looks: the hub, a coordinator of Kenya, an observer. */
export type Viewer = 'hub' | 'coordinator of KE' | 'observer';

export interface Recounted {
  readonly cells: readonly TrendCell[];
  readonly linesLeftOut: number | null;
}

/** A question about operations held in memory, each up to a position of its feed. */
export interface Point {
  readonly operation: RandomOperation;
  readonly position: number;
}

type Line = RecordFigures['lines'][number];

const REGIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  M49_REGION: { KE: 'Africa', TZ: 'Africa', FR: 'Europe', DE: 'Europe' },
  M49_SUBREGION: { KE: 'Sub-Saharan Africa', TZ: 'Sub-Saharan Africa', FR: 'Western Europe', DE: 'Western Europe' },
  WCO_REGION: { KE: 'East and Southern Africa', TZ: 'East and Southern Africa', FR: 'Europe', DE: 'Europe' },
};
const WEEKS: Readonly<Record<string, string>> = {
  '2016-01-03': '2015-W53',
  '2016-12-31': '2016-W52',
  '2017-01-01': '2016-W52',
  '2017-01-02': '2017-W01',
  '2017-06-14': '2017-W24',
};
/** Tanzania named no lead agency. */
const LEADS: Readonly<Record<string, string>> = { KE: 'CUSTOMS', FR: 'POLICE' };

/** The figures by hand: every counted record is looked at, filtered, and put in each cell that it belongs to. */
export function recountByHand(points: readonly Point[], viewer: Viewer, question: TrendQuery): Recounted {
  const cells = new Map<string, { key: string[]; records: Set<string>; sum: bigint; hidden: boolean }>();
  let leftOut = 0;
  let anyHidden = false;
  for (const { operation, position } of points) {
    for (const record of countedAt(operation, position)) {
      const lines = record.lines.filter((line) => lineMatches(line, question));
      if (!matches(record, question) || (asksForLines(question) && lines.length === 0)) continue;
      const shared = operation.records.find(({ id }) => id === record.recordId);
      const hidden = !shared || !maySee(shared, lastConcerned(operation, shared), viewer);
      anyHidden ||= hidden;
      const counted = asksForLines(question) ? lines : record.lines;
      leftOut += counted.filter((line) => isLeftOut(line, question.measure)).length;
      for (const { key, of } of cellsOf(operation.id, record, counted, question)) {
        const cell = cells.get(key.join('|')) ?? { key, records: new Set(), sum: 0n, hidden: false };
        cell.records.add(record.recordId);
        cell.sum += amountOf(record, of, question.measure);
        cell.hidden ||= hidden;
        cells.set(key.join('|'), cell);
      }
    }
  }
  const told = [...cells.values()].map(({ key, sum, hidden }) => ({
    key,
    value: hidden ? null : inThousandths(sum),
    suppressed: hidden,
    perturbed: false,
  }));
  return { cells: told.sort(byParts), linesLeftOut: anyHidden ? null : leftOut };
}

/** The last position that the viewer may know of, where each event is seen by those who see its record now. */
export function lastKnown(operation: RandomOperation, viewer: Viewer): number {
  if (viewer === 'hub') return operation.entries.length;
  const seen = operation.entries.filter(({ recordId }) => {
    const record = operation.records.find(({ id }) => id === recordId);
    return record && maySee(record, lastConcerned(operation, record), viewer);
  });
  return seen.at(-1)?.position ?? 0;
}

/** The countries that a record concerns now; of a withdrawn one, those of its last content. */
export function lastConcerned(operation: RandomOperation, { id }: SharedRecord): readonly string[] {
  return (
    operation.entries.findLast(({ recordId, figures }) => recordId === id && figures)?.figures?.concernedCountries ?? []
  );
}

/** What each record gives at a position, records that were withdrawn by then left out. */
export function countedAt({ entries, records }: RandomOperation, position: number): RecordFigures[] {
  return records.flatMap(({ id }) => {
    const last = entries.findLast((entry) => entry.recordId === id && entry.position <= position);
    return last?.figures ?? [];
  });
}

function maySee({ country, sharing }: SharedRecord, concerned: readonly string[], viewer: Viewer): boolean {
  if (viewer === 'hub') return true; // figures are exact for the hub, whatever the level
  if (sharing === 'GREEN' || sharing === 'CLEAR') return true;
  if (viewer === 'observer') return false;
  return country === 'KE' || (sharing === 'AMBER' && concerned.includes('KE'));
}

const asksForLines = ({ filter }: TrendQuery): boolean => Boolean(filter?.agreements ?? filter?.commodities);

function lineMatches({ agreement, commodity }: Line, { filter }: TrendQuery): boolean {
  return isAmong(filter?.agreements, agreement) && isAmong(filter?.commodities, commodity);
}

function matches(record: RecordFigures, { filter }: TrendQuery): boolean {
  const { concerning, detectedFrom, detectedTo, late, source } = filter ?? {};
  return (
    isAmong(filter?.countries, record.country) &&
    isAmong(filter?.agencyIds, record.agencyId) &&
    isAmong(filter?.unitIds, record.unitId) &&
    isAmong(filter?.crimeAreas, record.crimeArea) &&
    isAmong(filter?.natures, record.nature) &&
    isAmong(filter?.scenes, record.scene) &&
    isAmong(filter?.transportModes, record.transportMode) &&
    isAmong(filter?.directions, record.direction) &&
    isAmong(filter?.origins, record.origin) &&
    isAmong(filter?.destinations, record.destination) &&
    isAmong(filter?.detections, record.detection) &&
    (!concerning || concerning.some((code) => record.concernedCountries.includes(code))) &&
    (!detectedFrom || record.detectedAt >= detectedFrom) &&
    (!detectedTo || record.detectedAt < detectedTo) &&
    (late === undefined || late === null || record.late === late) &&
    isAmong(source && [source], record.source)
  );
}

function isAmong(list: readonly string[] | null | undefined, value: string | null): boolean {
  return !list || (value !== null && list.includes(value));
}

/** Every cell that the record stands in, each once, with the lines that lead there. */
function cellsOf(
  operationId: string,
  record: RecordFigures,
  lines: readonly Line[],
  { groupBy, regionScheme }: TrendQuery,
): { key: string[]; of: readonly Line[] }[] {
  const isOfLine = groupBy.some(
    (dimension) => dimension === TrendDimension.AGREEMENT || dimension === TrendDimension.COMMODITY,
  );
  const indicators = groupBy.some((dimension) => dimension === TrendDimension.RISK_INDICATOR)
    ? record.riskIndicators
    : [];
  const cells = new Map<string, { key: string[]; of: Line[] }>();
  for (const line of isOfLine ? lines : [undefined]) {
    for (const indicator of indicators.length > 0 ? indicators : ['NONE']) {
      const key = groupBy.map((dimension) => {
        if (dimension === TrendDimension.AGREEMENT) return line?.agreement ?? '';
        if (dimension === TrendDimension.COMMODITY) return line?.commodity ?? '';
        return dimension === TrendDimension.RISK_INDICATOR
          ? indicator
          : valueOf(dimension, operationId, record, regionScheme);
      });
      const cell = cells.get(key.join('|')) ?? { key, of: [] };
      cell.of.push(...(line ? [line] : lines));
      cells.set(key.join('|'), cell);
    }
  }
  return [...cells.values()];
}

function valueOf(dimension: TrendDimension, operationId: string, record: RecordFigures, scheme: string): string {
  const region = (code: string | null): string => {
    if (code === null) return 'NONE';
    return code === 'ZZ' ? 'UNKNOWN' : (REGIONS[scheme]?.[code] ?? 'NONE');
  };
  const values: Readonly<Record<string, string | null>> = {
    OPERATION: operationId,
    COUNTRY: record.country,
    REGION: region(record.country),
    DAY: record.day,
    WEEK: WEEKS[record.day] ?? '',
    MONTH: record.day.slice(0, 7),
    CRIME_AREA: record.crimeArea,
    NATURE: record.nature,
    SCENE: record.scene,
    TRANSPORT_MODE: record.transportMode,
    DIRECTION: record.direction,
    ORIGIN_COUNTRY: record.origin,
    ORIGIN_REGION: region(record.origin),
    DESTINATION_COUNTRY: record.destination,
    DESTINATION_REGION: region(record.destination),
    FLOW_SCOPE: flowScope(record, region),
    FLAG_STATE: record.flagState,
    DETECTION: record.detection,
    LEAD_AGENCY_KIND: LEADS[record.country] ?? null,
    SOURCE: record.source,
    PORT_UNIT: record.unitId,
  };
  return values[dimension] ?? 'NONE';
}

function flowScope({ origin, destination }: RecordFigures, region: (code: string | null) => string): string {
  if (origin === null || destination === null) return 'NONE';
  if ([origin, destination].some((code) => code === 'XZ' || code === 'ZZ')) return 'UNKNOWN';
  if (origin === destination) return 'DOMESTIC';
  if (region(origin) === 'NONE' || region(destination) === 'NONE') return 'UNKNOWN';
  return region(origin) === region(destination) ? 'INTRA_REGIONAL' : 'INTER_REGIONAL';
}

function amountOf(record: RecordFigures, lines: readonly Line[], measure: TrendMeasure): bigint {
  if (measure === TrendMeasure.PERSONS) return BigInt(record.persons) * 1000n;
  if (measure === TrendMeasure.COMPANIES) return BigInt(record.companies) * 1000n;
  if (measure === TrendMeasure.VIOLATIONS) return 1000n;
  const amounts = lines.map(({ quantityKg, valueUsd }) =>
    measure === TrendMeasure.QUANTITY_KG ? quantityKg : valueUsd,
  );
  return amounts.reduce((sum, text) => sum + BigInt((text ?? '0').replace('.', '')), 0n);
}

function isLeftOut({ quantityKg, valueUsd }: Line, measure: TrendMeasure): boolean {
  return (
    (measure === TrendMeasure.QUANTITY_KG && quantityKg === null) ||
    (measure === TrendMeasure.VALUE_USD && valueUsd === null)
  );
}

function inThousandths(sum: bigint): string {
  const digits = sum.toString().padStart(4, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`.replace(/\.?0+$/, '');
}

function byParts({ key: one }: TrendCell, { key: other }: TrendCell): number {
  const index = one.findIndex((part, at) => part !== other[at]);
  return index < 0 ? 0 : (one[index] ?? '') < (other[index] ?? '') ? -1 : 1;
}
