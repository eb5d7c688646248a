import { type TrendQuery, TrendsService } from '#trends';

import { type LedgerHouse, viewerIn } from './ledger-house.js';
import { fromRecords, type Point, recountByHand } from './naive-recount.js';
import { lastPosition, type RandomOperation } from './random-operation.js';
import type { Asked } from './random-question.js';
import { lastKnown } from './who-sees.js';

/** Asks a question of operations that the house has stored: the answer must be what a recount of the records by hand gives. */
export async function compareWithHand(
  house: LedgerHouse,
  operations: readonly RandomOperation[],
  { at, viewer, ...asked }: Asked,
): Promise<void> {
  const given = operations.map(({ entries }, index) => {
    const share = at[index] ?? null;
    return share === null ? null : Math.round(share * lastPosition(entries));
  });
  const points: Point[] = operations.map((operation, index) => ({
    operation,
    position: given[index] ?? lastKnown(operation, viewer),
  }));
  const cursors = points.map(({ operation, position }) => ({
    operationId: operation.id,
    cursor: house.cursorAt(operation.id, position),
  }));
  const query: TrendQuery = {
    ...asked,
    operationIds: operations.map(({ id }) => id),
    asOf: cursors.filter((_, index) => given[index] !== null),
  };
  const told = await house.module.get(TrendsService).trends(viewerIn(viewer, operations), query);
  expect(told).toEqual({ ...recountByHand(points, viewer, query, fromRecords(house.secret)), asOf: cursors });
}
