import fc from 'fast-check';
import { Feed } from '#feed';
import { OffenceNature, RegionScheme } from '#reference';

import { type LedgerHouse, openLedgerHouse, viewerIn } from '../../../tests/trends/ledger-house.js';
import { fromRecords, recountByHand } from '../../../tests/trends/naive-recount.js';
import { countedAt, isHidden, lastKnown, type Viewer } from '../../../tests/trends/who-sees.js';
import { crowdedOperation, type RandomOperation, randomOperation } from '../../../tests/trends/random-operation.js';
import type { OperationSummary } from './operation-summary.js';
import { Summaries } from './summaries.service.js';
import type { ViolationFilter } from './violation-filter.js';
import { TrendMeasure, ViolationSource } from './vocabulary.js';

let house: LedgerHouse;
beforeAll(async () => {
  house = await openLedgerHouse();
});
afterAll(() => house.close());

const viewers = fc.constantFrom<Viewer>('hub', 'coordinator of KE', 'officer of KE', 'observer');

test('every total of a summary equals a recount by hand, and is protected where something is hidden', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(randomOperation, crowdedOperation), viewers, async (operation, viewer) => {
      await house.store(operation);
      expect(await summaries(viewer, operation)).toEqual([byHand(operation, viewer)]);
    }),
    { numRuns: 50 },
  );
}, 240_000);

test('summaries that are asked for together are those of each operation by itself, of which the viewer is in some', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(randomOperation, crowdedOperation), { minLength: 2, maxLength: 4 }),
      viewers,
      async (operations, viewer) => {
        for (const operation of operations) await house.store(operation);
        const together = await summaries(viewer, ...operations, ...operations.slice(0, 1));
        expect(together.slice(0, operations.length)).toEqual(operations.map((operation) => byHand(operation, viewer)));
        expect(together.at(-1)).toEqual(together[0]);
      },
    ),
    { numRuns: 15 },
  );
}, 240_000);

test('of an operation that the asker may not know there is no summary, and those of others are there', async () => {
  const [[own], [foreign]] = [fc.sample(randomOperation, 1), fc.sample(crowdedOperation, 1)];
  if (!own || !foreign) throw new Error('A sample of one is one.');
  await house.store(own);
  await house.store(foreign);
  await house.database.pool.query('DELETE FROM grants WHERE operation_id = $1', [foreign.id]);
  const [summary, refusal] = await summaries('coordinator of KE', own, foreign);
  expect(summary).toEqual(byHand(own, 'coordinator of KE'));
  expect(refusal).toMatchObject({ code: 'NOT_FOUND' });
});

function summaries(viewer: Viewer, ...operations: readonly RandomOperation[]): Promise<(OperationSummary | Error)[]> {
  return house.module.get(Summaries).ofOperations(
    viewerIn(viewer, operations),
    operations.map(({ id }) => id),
  );
}

function byHand(operation: RandomOperation, viewer: Viewer): OperationSummary {
  const position = lastKnown(operation, viewer);
  const total = (measure: TrendMeasure, filter: ViolationFilter = {}): string | null => {
    const question = {
      operationIds: [operation.id],
      measure,
      groupBy: [],
      filter,
      regionScheme: RegionScheme.M49_REGION,
    };
    const { cells, linesLeftOut } = recountByHand(
      [{ operation, position }],
      viewer,
      question,
      fromRecords(house.secret),
    );
    const [cell] = cells;
    if (cell) return cell.value;
    return linesLeftOut === null ? null : '0';
  };
  const count = (measure: TrendMeasure, filter?: ViolationFilter): number | null => {
    const value = total(measure, filter);
    return value === null ? null : Number(value);
  };
  const violations = count(TrendMeasure.VIOLATIONS);
  const known = operation.entries.filter((entry) => entry.position <= position);
  const isProtected = viewer !== 'hub' && known.some(({ recordId }) => isHidden(operation, recordId, viewer));
  const of = (nature: OffenceNature): number | null => count(TrendMeasure.VIOLATIONS, { natures: [nature] });
  return {
    countriesInvited: 4,
    countriesAccepted: 3,
    customsLedCountries: 1,
    violations,
    criminal: of(OffenceNature.CRIMINAL),
    administrative: of(OffenceNature.ADMINISTRATIVE),
    undetermined: of(OffenceNature.UNDETERMINED),
    seizures: count(TrendMeasure.VIOLATIONS, { source: ViolationSource.PORT_UNIT }),
    valueUsd: total(TrendMeasure.VALUE_USD),
    quantityKg: total(TrendMeasure.QUANTITY_KG),
    persons: count(TrendMeasure.PERSONS),
    companies: count(TrendMeasure.COMPANIES),
    valueEstimated: countedAt(operation, position)
      .filter(({ recordId }) => !isHidden(operation, recordId, viewer))
      .some(({ lines }) => lines.some(({ valueUsd, valueEstimated }) => valueUsd !== null && valueEstimated)),
    protected: isProtected,
    asOf: house.module.get(Feed).cursorAt(operation.id, position),
  };
}
