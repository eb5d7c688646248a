import type { Figure } from './figures.js';
import { fillRecords } from './fill.js';
import { graphql, type Stage } from './stage.js';
import { figure, takeTurns, timed, trendsOfHub, type TrendTimes } from './trends.js';

const SMALL = 100_000;
const MIDDLE = 1_000_000;
const LARGE = 10_000_000;

const TURNS = 20;
const AGAIN_GOAL = 0.001;
const FIRST_TIME_GOAL = 1.1;
const AGAIN_AT_LARGE_GOAL = 1.2;
const PAGE_GOAL = 1.5;

/** Pages with filters as an analyst opens them: one that many records pass, and one that few do. */
const FILTERS = [
  { crimeAreas: ['FISHERIES'], natures: ['CRIMINAL'] },
  { crimeAreas: ['OZONE'], detectedFrom: '2018-10-20T00:00:00Z', detectedTo: '2018-10-20T06:00:00Z', modes: ['AIR'] },
];

const PAGE = `query ($id: UUID!, $filter: ViolationFilter) { violations(operationId: $id, first: 50, filter: $filter) {
  edges { node { id version country detectedAt nature lines { commodity { code } quantity unit } } } } }`;

/**
 * What an operation of ten million violations costs against a small one: the same trend asked again, and pages of the list. Takes the most
 * of an hour, which is the filling.
 */
export async function measureGrowth(stage: Stage, url: string): Promise<Figure[]> {
  const small = await fill(stage, SMALL);
  const middle = await fill(stage, MIDDLE);
  const large = await fill(stage, LARGE);
  const ofMiddle = await timesOf(stage, url, middle);
  const ofLarge = await timesOf(stage, url, large);
  const [ofSmallPages, ofLargePages] = await pages(stage, url, [small, large]);
  return [
    figure('trend query at 10 million, asked again after 1,000 more', ofLarge.again, ofLarge.records, AGAIN_GOAL),
    figure('the same, of that at 1 million', ofLarge.again, ofMiddle.again, AGAIN_AT_LARGE_GOAL),
    figure('the same with a filter, first time', ofLarge.filtered, ofLarge.filteredRecords, FIRST_TIME_GOAL),
    figure('list page with filters at 10 million, of that at 100,000', ofLargePages, ofSmallPages, PAGE_GOAL),
  ];
}

async function fill(stage: Stage, records: number): Promise<string> {
  const began = performance.now();
  const { operationId } = await fillRecords(stage.database, { records });
  console.log(`${records} violations filled in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return operationId;
}

async function timesOf(stage: Stage, url: string, operationId: string): Promise<TrendTimes> {
  return takeTurns(TURNS, await trendsOfHub(stage, url, operationId));
}

/** The times of pages in each of two operations, turn by turn. */
async function pages(stage: Stage, url: string, operations: readonly [string, string]): Promise<[number[], number[]]> {
  const [hub] = await stage.people(url, 1, null, { role: 'HUB', operationId: null, country: null, unitId: null });
  const times: [number[], number[]] = [[], []];
  for (let turn = 0; turn < TURNS; turn++) {
    for (const filter of FILTERS) {
      for (const [index, id] of operations.entries()) {
        const took = await timed(() => graphql(url, PAGE, { id, filter }, hub?.token));
        if (turn > 1) times[index]?.push(took);
      }
    }
  }
  return times;
}
