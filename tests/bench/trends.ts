import { type Figure, median } from './figures.js';
import { fillRecords } from './fill.js';
import { graphql, type Stage } from './stage.js';

const RECORDS = 200_000;

const QUERY = `query ($query: TrendQuery!) { violationTrends(query: $query) { cells { key value } } }`;

/** The same figures, straight from the records. */
const RECORDS_BY_COUNTRY_AND_WEEK = `
  SELECT country, to_char(day, 'IYYY"-W"IW') AS week, count(*) AS value FROM violations
  WHERE operation_id = $1 AND withdrawn_at IS NULL AND NOT exercise GROUP BY 1, 2 ORDER BY 1, 2`;

/** Trends over two dimensions through the api, against the same GROUP BY over the records, turn by turn. */
export async function measureTrends(stage: Stage, url: string, isFull: boolean): Promise<Figure> {
  const { operationId } = await fillRecords(stage.database, { records: RECORDS });
  const [hub] = await stage.people(url, 1, null, { role: 'HUB', operationId: null, country: null, unitId: null });
  const query = { operationIds: [operationId], measure: 'VIOLATIONS', groupBy: ['COUNTRY', 'WEEK'] };
  const byApi: number[] = [];
  const byRecords: number[] = [];
  for (let turn = 0; turn < (isFull ? 30 : 10); turn++) {
    byRecords.push(await timed(() => stage.sql(RECORDS_BY_COUNTRY_AND_WEEK, [operationId])));
    byApi.push(await timed(() => graphql(url, QUERY, { query }, hub?.token)));
  }
  const value = median(byApi);
  const baseline = median(byRecords);
  return {
    name: 'violationTrends over 200,000 violations',
    value,
    unit: 'ms',
    baseline,
    goal: 1,
    holds: value <= baseline,
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
