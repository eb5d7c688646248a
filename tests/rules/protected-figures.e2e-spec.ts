import fc from 'fast-check';
import { RegionScheme } from '#reference';
import { Summaries, TrendDimension, TrendMeasure, type TrendQuery, type TrendResult, TrendsService } from '#trends';

import {
  type Bounds,
  cellName,
  feasible,
  FIXED_TABLES,
  keysOf,
  narrow,
  readHidden,
  type Visible,
} from '../trends/attacker.js';
import type { HiddenCell } from '../trends/hidden-recount.js';
import { type LedgerHouse, openLedgerHouse, viewerIn } from '../trends/ledger-house.js';
import { COARSE, type HiddenOf, recountByHand } from '../trends/naive-recount.js';
import { crowdedOperation, crowdOfNew, openOperation, type RandomOperation } from '../trends/random-operation.js';
import { isHidden, type Viewer, visiblePart } from '../trends/who-sees.js';

let house: LedgerHouse;
beforeAll(async () => {
  house = await openLedgerHouse();
});
afterAll(() => house.close());

const { COUNTRY, CRIME_AREA, NATURE, OPERATION, WEEK } = TrendDimension;

/** Everything that a record of a random operation can stand under: public, as the vocabulary is. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  [COUNTRY]: ['KE', 'TZ', 'FR'],
  [CRIME_AREA]: ['POLLUTION', 'WILDLIFE'],
  [NATURE]: ['CRIMINAL', 'ADMINISTRATIVE', 'UNDETERMINED'],
  [WEEK]: ['2015-W53', '2016-W52', '2017-W01', '2017-W24'],
};

type Question = Pick<TrendQuery, 'measure' | 'groupBy' | 'filter'>;

async function ask(
  viewer: Viewer,
  operations: readonly RandomOperation[],
  question: Partial<Question>,
): Promise<TrendResult> {
  return house.module.get(TrendsService).trends(viewerIn(viewer, operations), {
    operationIds: operations.map(({ id }) => id),
    measure: TrendMeasure.VIOLATIONS,
    groupBy: [],
    regionScheme: RegionScheme.M49_REGION,
    ...question,
    // At its end, where every hidden change counts, and not at the last event that the viewer knows of.
    asOf: operations.map(({ id, entries }) => ({ operationId: id, cursor: house.cursorAt(id, entries.length) })),
  });
}

const asked = (question: Partial<Question>): TrendQuery => ({
  operationIds: [],
  measure: TrendMeasure.VIOLATIONS,
  groupBy: [],
  regionScheme: RegionScheme.M49_REGION,
  ...question,
});

const end = (operation: RandomOperation) => ({ operation, position: operation.entries.at(-1)?.position ?? 0 });

/** What the visible records give by themselves. */
const visibleTo =
  (viewer: Viewer, operation: RandomOperation): Visible =>
  (measure, table) =>
    recountByHand(
      [end(visiblePart(operation, viewer))],
      viewer,
      asked({ measure, groupBy: [...table] }),
      () => [],
    ).cells.map(({ key, value }) => ({ key, value: value ?? '0' }));

/** How many hidden records truly stand in a cell, and how many records in all. */
function truth(
  operation: RandomOperation,
  viewer: Viewer,
  table: readonly TrendDimension[],
): ReadonlyMap<string, { readonly hidden: number; readonly all: number }> {
  const whole = { ...operation, records: operation.records.map((record) => ({ ...record, sharing: 'GREEN' })) };
  const count = (of: RandomOperation): Map<string, number> =>
    new Map(
      recountByHand([end(of)], 'hub', asked({ groupBy: [...table] }), () => []).cells.map(({ key, value }) => [
        cellName(table, key),
        Number(value),
      ]),
    );
  const [all, seen] = [count(whole), count(visiblePart(operation, viewer))];
  return new Map([...all].map(([name, records]) => [name, { all: records, hidden: records - (seen.get(name) ?? 0) }]));
}

const viewers = fc.constantFrom<Viewer>('observer', 'observer', 'coordinator of KE', 'officer of KE');

describe('somebody who sees a part of the records, and knows the method and its parameters', () => {
  test('can work out every answer from what they see and a few small tables, so that no list of questions tells more', async () => {
    const dimensions = Object.values(TrendDimension).filter((dimension) => !/AGREEMENT|COMMODITY|RISK/.test(dimension));
    const questions = fc.array(
      fc.record({
        measure: fc.constantFrom(...Object.values(TrendMeasure)),
        groupBy: fc.oneof(
          fc.shuffledSubarray([...COARSE], { maxLength: 3 }),
          fc.shuffledSubarray(dimensions, { maxLength: 3 }),
        ),
        filter: fc.record({
          countries: fc.option(fc.subarray(['KE', 'TZ', 'FR']), { freq: 1 }),
          natures: fc.option(fc.subarray([...(VALUES[NATURE] ?? [])]), { freq: 1 }),
          crimeAreas: fc.option(fc.subarray([...(VALUES[CRIME_AREA] ?? [])]), { freq: 1 }),
          late: fc.option(fc.boolean(), { freq: 1 }),
        }),
      }) as fc.Arbitrary<Question>,
      { minLength: 20, maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(fc.tuple(crowdedOperation, crowdOfNew), viewers, questions, async (operations, viewer, list) => {
        for (const operation of operations) await house.store(operation);
        const tables = await tablesOf(operations, viewer);
        for (const question of list) {
          const { cells } = await ask(viewer, operations, question);
          expect(cells).toEqual(recountByHand(operations.map(end), viewer, asked(question), tables).cells);
        }
      }),
      { numRuns: 5, endOnFailure: true },
    );
  }, 240_000);

  /** The fixed tables, as their answers give them away. */
  async function tablesOf(operations: readonly RandomOperation[], viewer: Viewer): Promise<HiddenOf> {
    const known = new Map<string, readonly HiddenCell[]>();
    const name = (id: string, table: readonly TrendDimension[], measure: TrendMeasure): string =>
      [id, measure, ...[...table].sort()].join(' ');
    for (const operation of operations) {
      for (const table of FIXED_TABLES) {
        const sorted = [...table].sort();
        for (const measure of Object.values(TrendMeasure)) {
          const hidden = await readHidden(
            (question) => ask(viewer, [operation], question),
            visibleTo(viewer, operation),
            measure,
            sorted,
          );
          known.set(name(operation.id, sorted, measure), hidden);
        }
      }
    }
    return ({ operation }, _viewer, table, measure) => {
      const sorted = [...table].sort();
      return (known.get(name(operation.id, table, measure)) ?? []).map(({ key, ...cell }) => ({
        ...cell,
        key: table.map((dimension) => key[sorted.indexOf(dimension)] ?? ''),
      }));
    };
  }

  test('can show of no cell with fewer than three hidden records that there is any, whatever they subtract', async () => {
    await fc.assert(
      fc.asyncProperty(crowdOfNew, viewers, async (operation, viewer) => {
        await house.store(operation);
        const bounds = new Map<string, Bounds>();
        for (const table of FIXED_TABLES) {
          const hidden = await readHidden(
            (question) => ask(viewer, [operation], question),
            visibleTo(viewer, operation),
            TrendMeasure.VIOLATIONS,
            table,
          );
          const told = new Map(hidden.map(({ key, records }) => [cellName(table, key), records]));
          for (const key of keysOf(table, VALUES)) {
            const { lower, upper } = feasible(told.get(cellName(table, key)) ?? 0);
            // Up to two more may have come since the last step.
            bounds.set(cellName(table, key), { lower, upper: upper + 2 });
          }
        }
        narrow(bounds, VALUES);
        for (const table of FIXED_TABLES) {
          const counts = truth(operation, viewer, table);
          for (const [name, { lower, upper }] of [...bounds].filter(([cell]) => isOf(cell, table))) {
            const hidden = counts.get(name)?.hidden ?? 0;
            expect({ name, lower, holds: lower <= hidden && hidden <= upper }).toEqual({
              name,
              lower: hidden < 3 ? 0 : lower,
              holds: true,
            });
          }
        }
      }),
      { numRuns: 20, endOnFailure: true },
    );
  }, 240_000);

  const isOf = (name: string, table: readonly TrendDimension[]): boolean =>
    name.split(' ').filter(Boolean).length === table.length &&
    table.every((dimension) => name.includes(`${dimension}=`));

  test('is told no figure of a cell with fewer than three records, one of them hidden', async () => {
    await fc.assert(
      fc.asyncProperty(crowdOfNew, viewers, async (operation, viewer) => {
        await house.store(operation);
        for (const table of FIXED_TABLES) {
          const counts = truth(operation, viewer, table);
          for (const measure of Object.values(TrendMeasure)) {
            const { cells } = await ask(viewer, [operation], { measure, groupBy: [...table] });
            const told = cells.filter(({ key, value }) => {
              const { all = 0, hidden = 0 } = counts.get(cellName(table, key)) ?? {};
              return value !== null && hidden > 0 && all < 3;
            });
            expect(told).toEqual([]);
          }
        }
      }),
      { numRuns: 8, endOnFailure: true },
    );
  }, 240_000);

  test('finds each figure that could count a hidden record marked, and the same marks whichever records are hidden', async () => {
    await fc.assert(
      fc.asyncProperty(crowdedOperation, crowdedOperation, async (one, other) => {
        const operations = [one, other].filter((each) => each.records.some(({ id }) => isHidden(each, id, 'observer')));
        for (const operation of operations) await house.store(operation);
        for (const operation of operations) {
          for (const table of FIXED_TABLES) {
            const { cells, linesLeftOut, withheld } = await ask('observer', [operation], { groupBy: [...table] });
            expect(cells.filter(({ suppressed, perturbed }) => suppressed === perturbed)).toEqual([]);
            expect(cells.filter(({ suppressed, value }) => suppressed !== (value === null))).toEqual([]);
            expect([linesLeftOut, withheld]).toEqual([null, null]);
          }
        }
      }),
      { numRuns: 10, endOnFailure: true },
    );
  }, 240_000);
});

describe('the hub', () => {
  test('gets totals that agree whatever they are split by, with what it may not see under WITHHELD', async () => {
    const dimensions = Object.values(TrendDimension).filter((dimension) => !/AGREEMENT|COMMODITY|RISK/.test(dimension));
    await fc.assert(
      fc.asyncProperty(
        crowdedOperation,
        fc.shuffledSubarray(dimensions, { maxLength: 3 }),
        async (operation, groupBy) => {
          await house.store(operation);
          const { cells } = await ask('hub', [operation], { groupBy });
          const all = await house.database.pool.query<{ count: string }>(
            'SELECT coalesce(sum(sign), 0) AS count FROM figures WHERE operation_id = $1',
            [operation.id],
          );
          expect(cells.reduce((sum, { value }) => sum + Number(value), 0)).toBe(Number(all.rows[0]?.count));
          expect(cells.filter(({ suppressed, perturbed }) => suppressed || perturbed)).toEqual([]);
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
  }, 240_000);

  test('is told what a filter leaves out because it may not know whether it matches', async () => {
    await fc.assert(
      fc.asyncProperty(crowdedOperation, fc.boolean(), async (operation, late) => {
        await house.store(operation);
        const red = new Set(operation.records.filter(({ sharing }) => sharing === 'RED').map(({ id }) => id));
        const counted = new Map(operation.entries.map(({ recordId, figures }) => [recordId, figures]));
        const { withheld, cells } = await ask('hub', [operation], { filter: { late } });
        expect(withheld).toBe(String([...counted].filter(([id, figures]) => figures && red.has(id)).length));
        const matching = [...counted].filter(([id, figures]) => figures?.late === late && !red.has(id)).length;
        expect(cells.map(({ value }) => value)).toEqual(matching === 0 ? [] : [String(matching)]);
      }),
      { numRuns: 20, endOnFailure: true },
    );
  }, 240_000);
});

test("a coordinator gets the own country's figures exact and unmarked, however they are asked for", async () => {
  const dimensions = Object.values(TrendDimension);
  await fc.assert(
    fc.asyncProperty(crowdedOperation, fc.constantFrom(...dimensions), async (operation, dimension) => {
      await house.store(operation);
      const own = { ...operation, records: operation.records.filter(({ country }) => country === 'KE') };
      const byHand = recountByHand(
        [{ ...end(operation), operation: { ...own, entries: operation.entries } }],
        'coordinator of KE',
        asked({ groupBy: [dimension], filter: { countries: ['KE'] } }),
        () => [],
      );
      const told = await ask('coordinator of KE', [operation], {
        groupBy: [dimension],
        filter: { countries: ['KE'] },
      });
      expect(told).toMatchObject({ cells: byHand.cells, withheld: '0' });
      const beside = await ask('coordinator of KE', [operation], { groupBy: [COUNTRY] });
      expect(beside.cells.filter(({ key }) => key[0] === 'KE')).toEqual(
        told.cells.length === 0
          ? []
          : [{ key: ['KE'], value: String(countOf(own)), suppressed: false, perturbed: false }],
      );
    }),
    { numRuns: 40, endOnFailure: true },
  );
}, 240_000);

function countOf({ entries, records }: RandomOperation): number {
  return records.filter(({ id }) => entries.findLast(({ recordId }) => recordId === id)?.figures).length;
}

test('where nothing is hidden everybody gets the same exact figures, unmarked, and the same totals', async () => {
  await fc.assert(
    fc.asyncProperty(
      openOperation,
      crowdedOperation,
      fc.shuffledSubarray(Object.values(TrendDimension), { maxLength: 2 }),
      async (operation, other, groupBy) => {
        await house.store(operation);
        await house.store(other);
        const hubs = await ask('hub', [operation], { groupBy });
        for (const viewer of ['observer', 'officer of KE', 'coordinator of KE'] as const) {
          expect(await ask(viewer, [operation], { groupBy })).toEqual(hubs);
          const summaries = house.module.get(Summaries);
          expect(await summaries.ofOperations(viewerIn(viewer, [operation]), [operation.id])).toEqual(
            await summaries.ofOperations(viewerIn('hub', [operation]), [operation.id]),
          );
          // Nor does another operation, of which something is hidden, mark it where the two stand side by side.
          const both = await ask(viewer, [operation, other], { groupBy: [OPERATION] });
          expect(
            both.cells.filter(({ key, perturbed, suppressed }) => key[0] === operation.id && (perturbed || suppressed)),
          ).toEqual([]);
        }
      },
    ),
    { numRuns: 20, endOnFailure: true },
  );
}, 240_000);
