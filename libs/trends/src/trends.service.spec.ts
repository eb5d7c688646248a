import fc from 'fast-check';
import { Feed } from '#feed';
import { MusterError } from '#platform';
import { Agreement, RegionScheme } from '#reference';
import { v7 } from 'uuid';

import { compareWithHand } from '../../../tests/trends/compare-with-hand.js';
import { type LedgerHouse, openLedgerHouse, viewerIn } from '../../../tests/trends/ledger-house.js';
import {
  crowdedOperation,
  operationOf,
  type RandomOperation,
  randomOperation,
} from '../../../tests/trends/random-operation.js';
import { coarseQuestion, question } from '../../../tests/trends/random-question.js';
import type { Viewer } from '../../../tests/trends/who-sees.js';
import type { RecordFigures } from './record-figures.js';
import type { TrendQuery } from './trend-query.js';
import { TrendsService } from './trends.service.js';
import { TrendDimension, TrendMeasure } from './vocabulary.js';

let house: LedgerHouse;
let trends: TrendsService;
let feed: Feed;

beforeAll(async () => {
  house = await openLedgerHouse();
  trends = house.module.get(TrendsService);
  feed = house.module.get(Feed);
});
afterAll(() => house.close());

test('every trend equals a recount of the records by hand, at the cursors that it names', async () => {
  const twoOperations = fc.tuple(randomOperation, randomOperation);
  await fc.assert(
    fc.asyncProperty(
      twoOperations,
      fc.array(question, { minLength: 8, maxLength: 8 }),
      async (operations, questions) => {
        for (const operation of operations) await house.store(operation);
        for (const asked of questions) await compareWithHand(house, operations, asked);
      },
    ),
    { numRuns: 150 },
  );
}, 240_000);

test('where many records are hidden, figures are the visible ones and the cell-key method over the hidden', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(crowdedOperation, randomOperation),
      fc.array(coarseQuestion, { minLength: 16, maxLength: 16 }),
      async (operations, questions) => {
        for (const operation of operations) await house.store(operation);
        for (const asked of questions) await compareWithHand(house, operations, asked);
      },
    ),
    { numRuns: 15 },
  );
}, 240_000);

/** The cells of violations by one dimension, as the hub sees them, of an operation with these records alone. */
async function violationsBy(
  dimension: TrendDimension,
  records: readonly Partial<RecordFigures>[],
  part: Partial<TrendQuery> = {},
): Promise<Record<string, string | null>> {
  const operation = operationOf(records);
  await house.store(operation);
  const { cells } = await trends.trends(viewerIn('hub', [operation]), {
    operationIds: [operation.id],
    measure: TrendMeasure.VIOLATIONS,
    groupBy: [dimension],
    regionScheme: RegionScheme.M49_SUBREGION,
    ...part,
  });
  return Object.fromEntries(cells.map(({ key, value }) => [key.join(), value]));
}

test('how far a consignment goes is told from its ends, and is unknown where an end or its region is', async () => {
  const routes: readonly [origin: string | null, destination: string | null, scope: string][] = [
    ['KE', 'KE', 'DOMESTIC'],
    ['AQ', 'AQ', 'DOMESTIC'],
    ['KE', 'TZ', 'INTRA_REGIONAL'],
    ['KE', 'FR', 'INTER_REGIONAL'],
    ['XZ', 'XZ', 'UNKNOWN'],
    ['ZZ', 'ZZ', 'UNKNOWN'],
    ['KE', 'ZZ', 'UNKNOWN'],
    ['XZ', 'KE', 'UNKNOWN'],
    ['AQ', 'KE', 'UNKNOWN'],
    [null, null, 'NONE'],
  ];
  for (const [origin, destination, scope] of routes) {
    const moved = { scene: 'CONSIGNMENT', transportMode: 'MARITIME', direction: 'IMPORT', origin, destination };
    const record = origin === null ? {} : moved;
    expect([origin, destination, await violationsBy(TrendDimension.FLOW_SCOPE, [record])]).toEqual([
      origin,
      destination,
      { [scope]: '1' },
    ]);
  }
});

test('a record counts once under each agreement of a matching line, whichever of its lines that is', async () => {
  const line = {
    agreement: 'BASEL',
    commodity: 'ewaste-other',
    quantityKg: null,
    valueUsd: null,
    valueEstimated: true,
  };
  const lines = [
    line,
    line,
    { ...line, commodity: 'waste-oil' },
    { ...line, agreement: 'CITES', commodity: 'waste-oil' },
  ];
  expect(await violationsBy(TrendDimension.AGREEMENT, [{ lines }])).toEqual({ BASEL: '1', CITES: '1' });
  const filter = { commodities: ['waste-oil'] };
  expect(await violationsBy(TrendDimension.AGREEMENT, [{ lines }], { filter })).toEqual({ BASEL: '1', CITES: '1' });
  const twice = { commodities: ['ewaste-other'] };
  expect(await violationsBy(TrendDimension.AGREEMENT, [{ lines }], { filter: twice })).toEqual({ BASEL: '1' });
  const both = { commodities: ['ewaste-other'], agreements: [Agreement.CITES] };
  expect(await violationsBy(TrendDimension.AGREEMENT, [{ lines }], { filter: both })).toEqual({});
});

describe('a question that goes wrong', () => {
  const empty: RandomOperation = { id: v7(), entries: [], records: [] };
  const ask = (part: Partial<TrendQuery>, viewer: Viewer | 'outsider' = 'hub'): Promise<unknown> =>
    trends.trends(viewerIn(viewer, [empty]), {
      operationIds: [empty.id],
      measure: TrendMeasure.VIOLATIONS,
      groupBy: [],
      regionScheme: RegionScheme.M49_REGION,
      ...part,
    });
  const failure = async (asked: Promise<unknown>): Promise<{ code: string; paths?: string[] }> => {
    const error = await asked.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof MusterError)) throw new Error('The question was answered.', { cause: error });
    return { code: error.code, ...(error.details.fields && { paths: error.details.fields.map(({ path }) => path) }) };
  };

  beforeAll(() => house.store(empty));

  test('about an operation that is absent, or not theirs to know, finds nothing', async () => {
    expect(await failure(ask({ operationIds: [v7()] }))).toEqual({ code: 'NOT_FOUND' });
    expect(await failure(ask({}, 'outsider'))).toEqual({ code: 'NOT_FOUND' });
    expect(await failure(ask({ operationIds: [empty.id, v7()], filter: { search: 'x' } }))).toEqual({
      code: 'NOT_FOUND',
    });
  });

  test('is told every wrong field in one answer', async () => {
    const other = v7();
    const asked = ask({
      groupBy: [TrendDimension.DAY, TrendDimension.DAY],
      filter: {
        search: 'waste',
        countries: ['KE', 'QQ'],
        origins: ['XZ', 'QQ'],
        commodities: ['ewaste-other', 'unheard-of'],
      },
      asOf: [
        { operationId: empty.id, cursor: 'no cursor' },
        { operationId: other, cursor: feed.cursorAt(other, 1) },
      ],
    });
    const { code, paths } = await failure(asked);
    expect(code).toBe('BAD_USER_INPUT');
    expect(paths?.sort()).toEqual([
      'query.asOf.0.cursor',
      'query.asOf.1.operationId',
      'query.filter.commodities.1',
      'query.filter.countries.1',
      'query.filter.origins.1',
      'query.filter.search',
      'query.groupBy.1',
    ]);
  });

  test("does not take another operation's cursor", async () => {
    const asOf = [{ operationId: empty.id, cursor: feed.cursorAt(v7(), 0) }];
    expect(await failure(ask({ asOf }))).toEqual({ code: 'BAD_USER_INPUT', paths: ['query.asOf.0.cursor'] });
  });

  test('about an operation without a record has no cell and stands before the first event', async () => {
    const asOf = [{ operationId: empty.id, cursor: feed.cursorAt(empty.id, 0) }];
    expect(await ask({})).toEqual({ cells: [], linesLeftOut: 0, withheld: '0', asOf });
  });
});
