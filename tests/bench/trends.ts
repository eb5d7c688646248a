import { type Figure, median } from './figures.js';
import { fillRecords } from './fill.js';
import { graphql, type Stage } from './stage.js';

const RECORDS = 200_000;

const QUERY = `query ($query: TrendQuery!) { violationTrends(query: $query) { cells { key value } } }`;

/** The same figures, straight from the records. */
const RECORDS_BY_COUNTRY_AND_WEEK = `
  SELECT country, to_char(day, 'IYYY"-W"IW') AS week, count(*) AS value FROM violations
  WHERE operation_id = $1 AND withdrawn_at IS NULL AND NOT exercise GROUP BY 1, 2 ORDER BY 1, 2`;

/** How often as long as the GROUP BY the question of somebody may take from whom most records are hidden. */
const PROTECTED_GOAL = 4;

/**
 * Trends over two dimensions through the api, against the same GROUP BY over the records, turn by turn: exact ones to the hub, and
 * protected ones to the coordinator of one of 58 countries.
 */
export async function measureTrends(stage: Stage, url: string, isFull: boolean): Promise<Figure[]> {
  const { operationId, countries } = await fillRecords(stage.database, { records: RECORDS });
  const [country = ''] = countries;
  const [hub] = await stage.people(url, 1, null, { role: 'HUB', operationId: null, country: null, unitId: null });
  const coordinates = { role: 'NATIONAL_COORDINATOR', operationId, country, unitId: null };
  const [coordinator] = await stage.people(url, 1, null, coordinates);
  const query = { operationIds: [operationId], measure: 'VIOLATIONS', groupBy: ['COUNTRY', 'WEEK'] };
  const byHub: number[] = [];
  const byCoordinator: number[] = [];
  const byRecords: number[] = [];
  for (let turn = 0; turn < (isFull ? 30 : 10); turn++) {
    byRecords.push(await timed(() => stage.sql(RECORDS_BY_COUNTRY_AND_WEEK, [operationId])));
    byHub.push(await timed(() => graphql(url, QUERY, { query }, hub?.token)));
    byCoordinator.push(await timed(() => graphql(url, QUERY, { query }, coordinator?.token)));
  }
  const baseline = median(byRecords);
  const figure = (name: string, value: number, goal: number): Figure => ({
    name,
    value,
    unit: 'ms',
    baseline,
    goal,
    holds: value <= goal * baseline,
  });
  return [
    figure('violationTrends over 200,000 violations', median(byHub), 1),
    figure('the same to a coordinator, protected', median(byCoordinator), PROTECTED_GOAL),
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
