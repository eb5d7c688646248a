import fc from 'fast-check';
import { RegionScheme } from '#reference';
import { TrendMeasure, type TrendQuery, type TrendResult, TrendsService } from '#trends';

import { type Muster, startMuster } from '../setup/index.js';
import { LOG, type Person, Scene, violationInput } from '../setup/scene.js';
import { FIXED_TABLES } from '../trends/attacker.js';
import { type HiddenCell, movesOf } from '../trends/hidden-recount.js';
import { type LedgerHouse, openLedgerHouse, viewerIn } from '../trends/ledger-house.js';
import { fromRecords, questionOf, recountByHand } from '../trends/naive-recount.js';
import { crowdedOperation, type RandomOperation } from '../trends/random-operation.js';
import { isHidden, visiblePart } from '../trends/who-sees.js';

const WATCHER = 'observer';

describe('somebody who asks again and again, and at every cursor', () => {
  let house: LedgerHouse;
  beforeAll(async () => {
    house = await openLedgerHouse();
  });
  afterAll(() => house.close());

  const ask = (operation: RandomOperation, position: number, question: Partial<TrendQuery>): Promise<TrendResult> =>
    house.module.get(TrendsService).trends(viewerIn(WATCHER, [operation]), {
      operationIds: [operation.id],
      measure: TrendMeasure.VIOLATIONS,
      groupBy: [],
      regionScheme: RegionScheme.M49_REGION,
      asOf: [{ operationId: operation.id, cursor: house.cursorAt(operation.id, position) }],
      ...question,
    });

  const tables = fc.constantFrom(...FIXED_TABLES);
  const measures = fc.constantFrom(...Object.values(TrendMeasure));

  test('sees a figure move with what they see, and otherwise with every third hidden change of its cell alone', async () => {
    await fc.assert(
      fc.asyncProperty(crowdedOperation, tables, measures, async (operation, table, measure) => {
        await house.store(operation);
        const told = async (position: number): Promise<ReadonlyMap<string, unknown>> => {
          const { cells } = await ask(operation, position, { measure, groupBy: [...table] });
          return new Map(cells.map(({ key, ...figure }) => [key.join('|'), figure]));
        };
        let before = await told(0);
        for (const { position, recordId } of operation.entries) {
          const after = await told(position);
          const isSeen = !isHidden(operation, recordId, WATCHER);
          for (const name of new Set([...before.keys(), ...after.keys()])) {
            const moves = movesOf(operation, questionOf(operation, WATCHER, table, measure, position), name);
            const isThird = moves.at(-1) === position && moves.length % 3 === 0;
            if (!isSeen && !isThird) expect([name, after.get(name)]).toEqual([name, before.get(name)]);
          }
          before = after;
        }
      }),
      { numRuns: 12, endOnFailure: true },
    );
  }, 240_000);

  test('learns from the narrowing of a record that the record is gone, and nothing of others outside its cells', async () => {
    await fc.assert(
      fc.asyncProperty(crowdedOperation, measures, fc.nat(), async (operation, measure, which) => {
        const seen = operation.records.filter(({ id }) => !isHidden(operation, id, WATCHER));
        const narrowed = seen[which % Math.max(seen.length, 1)];
        if (!narrowed) return;
        await house.store(operation);
        const end = operation.entries.length;
        const hiddenBefore = FIXED_TABLES.map((table) =>
          fromRecords(house.secret)({ operation, position: end }, WATCHER, table, measure),
        );
        await house.database.pool.query(`UPDATE violations SET sharing_level = 'AMBER_STRICT' WHERE id = $1`, [
          narrowed.id,
        ]);
        const now = {
          ...operation,
          records: operation.records.map((each) =>
            each.id === narrowed.id ? { ...each, sharing: 'AMBER_STRICT' } : each,
          ),
        };
        for (const [index, table] of FIXED_TABLES.entries()) {
          const question = {
            measure,
            groupBy: [...table],
            operationIds: [operation.id],
            regionScheme: RegionScheme.M49_REGION,
          };
          const { cells } = await ask(now, end, question);
          const byHand = recountByHand(
            [{ operation: now, position: end }],
            WATCHER,
            question,
            fromRecords(house.secret),
          );
          expect(cells).toEqual(byHand.cells);
          const touched = recountByHand(
            operation.entries
              .filter(({ recordId }) => recordId === narrowed.id)
              .map(({ position }) => ({ operation: { ...operation, records: [narrowed] }, position })),
            'hub',
            { ...question, measure: TrendMeasure.VIOLATIONS },
            () => [],
          ).cells.map(({ key }) => key.join('|'));
          const others = (list: readonly HiddenCell[] | undefined): unknown[] =>
            (list ?? []).filter(({ key }) => !touched.includes(key.join('|')));
          const after = fromRecords(house.secret)({ operation: now, position: end }, WATCHER, table, measure);
          expect(others(after)).toEqual(others(hiddenBefore[index]));
        }
        expect(visiblePart(now, WATCHER).records).not.toContainEqual(expect.objectContaining({ id: narrowed.id }));
      }),
      { numRuns: 10, endOnFailure: true },
    );
  }, 240_000);
});

describe('a country that watches another', () => {
  const TREND = `query ($query: TrendQuery!) {
    violationTrends(query: $query) { cells { key value suppressed perturbed } asOf { cursor } linesLeftOut withheld } }`;
  const SUMMARY = `query ($id: UUID!) { operation(id: $id) { summary { violations criminal persons quantityKg seizures protected asOf } } }`;
  const WITHDRAW = `mutation ($id: UUID!) { withdrawViolation(id: $id, expectedVersion: 1, reason: "Logged twice.") { version } }`;
  const NARROW = `mutation ($id: UUID!) { changeSharing(id: $id, expectedVersion: 1, reason: "An investigation.",
    sharing: { level: AMBER_STRICT }) { version } }`;

  let muster: Muster;
  let scene: Scene;
  beforeAll(async () => {
    muster = await startMuster();
    scene = await Scene.open(muster);
  });
  afterAll(async () => {
    await scene.close();
    await muster.stop();
  });

  test('is told nothing by the records that it may not see, when they are logged, withdrawn or narrowed', async () => {
    const hub = await scene.person(null, { role: 'HUB' });
    const agency = await scene.agency('KE', 'CUSTOMS');
    const { id } = await scene.operation(hub);
    const kenya = await scene.join(hub, id, 'KE', agency);
    const tanzania = await scene.join(hub, id, 'TZ', await scene.agency('TZ', 'NAVY'));
    await scene.move(hub, id, 'OPERATIONAL');

    const log = async (level: string): Promise<string> => {
      const content = { scene: 'SITE', consignment: null, sharing: { level } };
      const input = violationInput(id, agency, content);
      await kenya.do(LOG, { input });
      return input.id as string;
    };
    const watch = async (): Promise<{ trends: unknown[]; summary: unknown }> => {
      const trends: unknown[] = [];
      for (const groupBy of [[], ['COUNTRY'], ['NATURE'], ['SCENE'], ['WEEK', 'CRIME_AREA']]) {
        for (const measure of ['VIOLATIONS', 'PERSONS', 'QUANTITY_KG']) {
          trends.push(await tanzania.do(TREND, { query: { operationIds: [id], measure, groupBy } }));
        }
      }
      return { trends, summary: await tanzania.do(SUMMARY, { id }) };
    };
    const total = async (): Promise<unknown> =>
      (
        await tanzania.do<{ cells: unknown[] }>(TREND, {
          query: { operationIds: [id], measure: 'VIOLATIONS', groupBy: [] },
        })
      ).cells;
    const cell = (value: string, perturbed: boolean): unknown => [{ key: [], value, suppressed: false, perturbed }];

    for (let logged = 0; logged < 4; logged++) await log('GREEN');
    expect(await total()).toEqual(cell('4', false));
    await untouched(watch, () => log('AMBER_STRICT'));

    // From the next thing that the country sees on, figures are marked: something is hidden, and nobody says what.
    await log('GREEN');
    expect(await total()).toEqual(cell('5', true));
    let second = '';
    await untouched(watch, async () => {
      second = await log('AMBER_STRICT');
    });
    await log('GREEN');
    expect(await total()).toEqual(cell('6', true));
    await untouched(watch, () => kenya.do(WITHDRAW, { id: second }));

    const last = await log('GREEN');
    expect(await total()).toEqual(cell('7', true));
    await kenya.do(NARROW, { id: last });
    expect(await total()).toEqual(cell('6', true));
    const summary = await tanzania.do<{ summary: unknown }>(SUMMARY, { id });
    expect(summary).toMatchObject({ summary: { violations: 6, seizures: null, protected: true } });
    expect(await exactOf(hub, id)).toEqual([{ key: ['KE'], value: '8', suppressed: false, perturbed: false }]);
  });

  /** Does something, after which every answer must be what it was. */
  async function untouched(watch: () => Promise<unknown>, change: () => Promise<unknown>): Promise<void> {
    const before = await watch();
    await change();
    expect(await watch()).toEqual(before);
  }

  async function exactOf(hub: Person, id: string): Promise<unknown> {
    const query = { operationIds: [id], measure: 'VIOLATIONS', groupBy: ['COUNTRY'] };
    return (await hub.do<{ cells: unknown[] }>(TREND, { query })).cells;
  }
});
