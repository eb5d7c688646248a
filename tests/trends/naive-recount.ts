import { type RecordFigures, type TrendCell, TrendDimension, TrendMeasure, type TrendQuery } from '#trends';

import { type HiddenCell, hiddenCells, type HiddenQuestion, type Secret } from './hidden-recount.js';
import type { RandomOperation } from './random-operation.js';
import { countedAt, isHidden, lastKnown, type Viewer } from './who-sees.js';

export interface Recounted {
  readonly cells: readonly TrendCell[];
  readonly linesLeftOut: number | null;
  readonly withheld: string | null;
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
export function recountByHand(
  points: readonly Point[],
  viewer: Viewer,
  question: TrendQuery,
  hiddenOf: HiddenOf,
): Recounted {
  const cells = new Map<string, Counted>();
  const add = (key: string[], records: number, amount: bigint | null): void => {
    const cell = cells.get(key.join('|')) ?? { key, records: 0, sum: 0n, untold: false };
    cell.records += records;
    cell.sum += amount ?? 0n;
    cell.untold ||= amount === null;
    cells.set(key.join('|'), cell);
  };
  let [leftOut, withheld] = [0, 0n];
  for (const { operation, position } of points) {
    for (const record of countedAt(operation, position)) {
      const hidden = isHidden(operation, record.recordId, viewer);
      if (hidden && viewer !== 'hub') continue;
      const lines = record.lines.filter((line) => lineMatches(line, question));
      if (hidden && !isCoarse(question)) {
        if (matches(record, coarsePart(question))) withheld += amountOf(record, record.lines, question.measure);
        continue;
      }
      if (!matches(record, question) || (asksForLines(question) && lines.length === 0)) continue;
      const counted = asksForLines(question) ? lines : record.lines;
      leftOut += counted.filter((line) => isLeftOut(line, question.measure)).length;
      if (hidden) {
        const key = question.groupBy.map((dimension) =>
          COARSE.includes(dimension) ? valueOf(dimension, operation.id, record, '') : 'WITHHELD',
        );
        add(key, 1, amountOf(record, record.lines, question.measure));
        continue;
      }
      for (const { key, of } of cellsOf(operation.id, record, counted, question)) {
        add(key, 1, amountOf(record, of, question.measure));
      }
    }
    if (viewer !== 'hub') addHidden({ operation, position }, viewer, question, hiddenOf, add);
  }
  const protects = protectionByHand(points, viewer, question);
  const told = [...cells.values()].map((cell) => toldCell(cell, protects(cell.key)));
  const all = points.some(
    ({ operation }) => hiddenOwners(operation, viewer, points, question.filter?.countries).length > 0,
  );
  return {
    cells: told.sort(byParts),
    linesLeftOut: all ? null : leftOut,
    withheld: all ? null : inThousandths(withheld),
  };
}

interface Counted {
  readonly key: string[];
  records: number;
  sum: bigint;
  untold: boolean;
}

function toldCell({ key, records, sum, untold }: Counted, isProtected: boolean): TrendCell {
  if (isProtected && (untold || records < 3)) return { key, value: null, suppressed: true, perturbed: false };
  return { key, value: inThousandths(sum), suppressed: false, perturbed: isProtected };
}

/** What records enter figures by that the asker may not see. */
export const COARSE: readonly TrendDimension[] = [
  TrendDimension.OPERATION,
  TrendDimension.COUNTRY,
  TrendDimension.CRIME_AREA,
  TrendDimension.NATURE,
  TrendDimension.WEEK,
];
const FILTERED: readonly [TrendDimension, 'countries' | 'crimeAreas' | 'natures'][] = [
  [TrendDimension.COUNTRY, 'countries'],
  [TrendDimension.CRIME_AREA, 'crimeAreas'],
  [TrendDimension.NATURE, 'natures'],
];

/** What a filter asks for by country, crime area and nature alone. */
function coarsePart(question: TrendQuery): TrendQuery {
  const { countries, crimeAreas, natures } = question.filter ?? {};
  return { ...question, filter: { countries, crimeAreas, natures } };
}

const isGiven = (value: unknown): boolean => value !== null && value !== undefined && value !== false;

function isCoarse({ filter }: TrendQuery): boolean {
  const fine = Object.entries(filter ?? {}).filter(([field]) => !FILTERED.some(([, coarse]) => coarse === field));
  return fine.every(([field, value]) => !isGiven(value) && !(field === 'late' && value === false));
}

/**
 * What a fixed table of at most two dimensions tells of the records that are hidden from the viewer, worked out from them or, by
 * somebody who does not know them, from answers.
 */
export type HiddenOf = (
  point: Point,
  viewer: Viewer,
  table: readonly TrendDimension[],
  measure: TrendMeasure,
) => readonly HiddenCell[];

/** From the records themselves, with the secret of the noise. */
export function fromRecords(secret: Secret): HiddenOf {
  return ({ operation, position }, viewer, table, measure) =>
    hiddenCells(operation, questionOf(operation, viewer, table, measure, position), secret);
}

export function questionOf(
  operation: RandomOperation,
  viewer: Viewer,
  table: readonly TrendDimension[],
  measure: TrendMeasure,
  position: number,
): HiddenQuestion {
  return {
    position,
    isHidden: (recordId) => isHidden(operation, recordId, viewer),
    keyOf: (record) => table.map((dimension) => valueOf(dimension, operation.id, record, '')),
    measure,
    amountOf: (record) => amountOf(record, record.lines, measure),
  };
}

/** What hidden records give to a question, by the one fixed table that answers for them. */
function addHidden(
  point: Point,
  viewer: Viewer,
  question: TrendQuery,
  hiddenOf: HiddenOf,
  add: (key: string[], records: number, amount: bigint | null) => void,
): void {
  const filtered = FILTERED.filter(([, field]) => isGiven(question.filter?.[field])).map(([dimension]) => dimension);
  if (!isCoarse(question) || filtered.length > 2) return;
  const grouped = question.groupBy.filter((dimension) => COARSE.slice(1).includes(dimension));
  const table = [...new Set([...filtered, ...grouped])].slice(0, 2);
  for (const { key, records, value } of hiddenOf(point, viewer, table, question.measure)) {
    const asksFor = FILTERED.every(([dimension, field]) => {
      const list = question.filter?.[field];
      return !list || list.some((one) => one === key[table.indexOf(dimension)]);
    });
    if (!asksFor) continue;
    const parts = question.groupBy.map((dimension) => {
      if (dimension === TrendDimension.OPERATION) return point.operation.id;
      return key[table.indexOf(dimension)] ?? 'WITHHELD';
    });
    add(parts, records, value);
  }
}

/** Whether a cell is one of those that hidden records could stand behind, by all that its key and the filter say of countries. */
function protectionByHand(
  points: readonly Point[],
  viewer: Viewer,
  { groupBy, filter }: TrendQuery,
): (key: readonly string[]) => boolean {
  return (key) =>
    points.some(({ operation }) => {
      const [of, country] = [TrendDimension.OPERATION, TrendDimension.COUNTRY].map(
        (each) => key[groupBy.indexOf(each)],
      );
      if (of !== undefined && of !== operation.id) return false;
      const countries = country === undefined || country === 'WITHHELD' ? filter?.countries : [country];
      return hiddenOwners(operation, viewer, points, countries).length > 0;
    });
}

/** Owners of hidden records, each of the viewer's own countries by itself and all others as one, among the countries given. */
function hiddenOwners(
  operation: RandomOperation,
  viewer: Viewer,
  points: readonly Point[],
  countries: readonly string[] | null | undefined,
): readonly string[] {
  if (viewer === 'hub') return [];
  const position = points.find((point) => point.operation === operation)?.position ?? 0;
  const known = Math.max(position, lastKnown(operation, viewer));
  const owners = operation.entries
    .filter((entry) => entry.position <= known && isHidden(operation, entry.recordId, viewer))
    .map(({ recordId }) => operation.records.find(({ id }) => id === recordId)?.country ?? '');
  const own = (country: string): boolean => country === 'KE' && viewer !== 'observer';
  return owners.filter((owner) => !countries || countries.some((code) => (own(code) ? owner === code : !own(owner))));
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
