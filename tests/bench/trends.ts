import { setTimeout } from 'node:timers/promises';

import { type Figure, median } from './figures.js';
import { fillRecords } from './fill.js';
import { addViolations } from './more-violations.js';
import { graphql, type Stage } from './stage.js';

const RECORDS = 200_000;

const WARM_UP = 50;

/** Written between two askings of the same question. */
const MORE = 1_000;

const QUERY = `query ($query: TrendQuery!) { violationTrends(query: $query) { cells { key value } } }`;

/** The same figures, straight from the records. */
const RECORDS_BY_COUNTRY_AND_WEEK = `
  SELECT country, to_char(day, 'IYYY"-W"IW') AS week, count(*) AS value FROM violations
  WHERE operation_id = $1 AND withdrawn_at IS NULL AND NOT exercise GROUP BY 1, 2 ORDER BY 1, 2`;

const WITH_FILTER = `
  SELECT country, to_char(day, 'IYYY"-W"IW') AS week, count(*) AS value FROM violations
  WHERE operation_id = $1 AND withdrawn_at IS NULL AND NOT exercise AND crime_area = ANY ($2) AND detected_at >= $3 GROUP BY 1, 2 ORDER BY 1, 2`;

/** What a question costs that was asked before, as a part of the GROUP BY: twenty times less. */
const AGAIN_GOAL = 0.05;
const FIRST_TIME_GOAL = 1.1;
/** How often as long as the GROUP BY the question of somebody may take from whom most records are hidden. */
const PROTECTED_GOAL = 4;

/**
 * Trends over two dimensions through the api, against the same GROUP BY over the records, turn by turn: exact ones to the hub, asked again after
 * more was written, and by a filter that nobody asked for before; and protected ones to the coordinator of one of 58 countries.
 */
export async function measureTrends(stage: Stage, url: string, isFull: boolean): Promise<Figure[]> {
  const { operationId, countries } = await fillRecords(stage.database, { records: RECORDS });
  const [country = ''] = countries;
  const coordinates = { role: 'NATIONAL_COORDINATOR', operationId, country, unitId: null };
  const [coordinator] = await stage.people(url, 1, null, coordinates);
  const trends = await trendsOfHub(stage, url, operationId);
  const byCoordinator: number[] = [];
  const times = await takeTurns(isFull ? 30 : 10, trends, async () => {
    byCoordinator.push(await timed(() => trends.ask(coordinator?.token)));
  });
  return [
    figure('trend query, two dimensions, asked again after 1,000 more', times.again, times.records, AGAIN_GOAL),
    figure('the same with a filter, first time', times.filtered, times.filteredRecords, FIRST_TIME_GOAL),
    figure('the same to a coordinator, protected', byCoordinator, times.records, PROTECTED_GOAL),
  ];
}

/** The questions that are measured, about one operation. */
export interface Trends {
  ask(token?: string): Promise<unknown>;
  /** With a filter that was not used before; `turn` makes it so. */
  askFiltered(turn: number): Promise<unknown>;
  group(): Promise<unknown>;
  groupFiltered(turn: number): Promise<unknown>;
  addMore(): Promise<void>;
}

/** The questions to be asked by an officer of the hub, once the worker has kept the usual ones and the api is warm. */
export async function trendsOfHub(stage: Stage, url: string, operationId: string): Promise<Trends> {
  const [hub] = await stage.people(url, 1, null, { role: 'HUB', operationId: null, country: null, unitId: null });
  const query = { operationIds: [operationId], measure: 'VIOLATIONS', groupBy: ['COUNTRY', 'WEEK'] };
  const ask = (token = hub?.token, filter?: object): Promise<unknown> =>
    graphql(url, QUERY, { query: { ...query, filter } }, token);
  const filterOf = (turn: number): { crimeAreas: string[]; detectedFrom: string } => ({
    crimeAreas: ['FISHERIES', 'POLLUTION'],
    detectedFrom: `2018-10-03T00:00:${10 + turn}Z`,
  });
  await untilKept(stage, operationId);
  // An api that has answered nothing yet is measured nowhere else either.
  for (let turn = 0; turn < WARM_UP; turn++) await ask();
  return {
    ask,
    askFiltered: (turn) => ask(hub?.token, filterOf(turn)),
    group: () => stage.sql(RECORDS_BY_COUNTRY_AND_WEEK, [operationId]),
    groupFiltered: (turn) => {
      const { crimeAreas, detectedFrom } = filterOf(turn);
      return stage.sql(WITH_FILTER, [operationId, crimeAreas, detectedFrom]);
    },
    addMore: () => addViolations(stage.database, operationId, MORE),
  };
}

/** The times of each turn's questions, in milliseconds. */
export interface TrendTimes {
  readonly again: readonly number[];
  readonly records: readonly number[];
  readonly filtered: readonly number[];
  readonly filteredRecords: readonly number[];
}

/** Asks in turns, each after more was written. */
export async function takeTurns(
  turns: number,
  trends: Trends,
  besides: () => Promise<void> = () => Promise.resolve(),
): Promise<TrendTimes> {
  const again: number[] = [];
  const records: number[] = [];
  const filtered: number[] = [];
  const filteredRecords: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    await trends.addMore();
    again.push(await timed(() => trends.ask()));
    records.push(await timed(() => trends.group()));
    await besides();
    filteredRecords.push(await timed(() => trends.groupFiltered(turn)));
    filtered.push(await timed(() => trends.askFiltered(turn)));
  }
  return { again, records, filtered, filteredRecords };
}

/** A figure of the medians of times, in milliseconds; holds where it takes at most `goal` times as long as the baseline. */
export function figure(name: string, times: readonly number[], baselines: readonly number[], goal: number): Figure {
  const [value, baseline] = [median(times), median(baselines)];
  return { name, value, unit: 'ms', baseline, goal, holds: value <= goal * baseline };
}

/** The worker makes the usual questions of operations under way by itself. */
async function untilKept(stage: Stage, operationId: string): Promise<void> {
  const isKept = `SELECT FROM figure_questions WHERE operation_id = $1 HAVING count(position) = count(*) AND count(*) > 0`;
  while ((await stage.sql(isKept, [operationId])).length === 0) await setTimeout(100);
}

/** How long work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
