import fc from 'fast-check';
import { Feed } from '#feed';
import { MusterError } from '#platform';
import { v7 } from 'uuid';

import { type LedgerHouse, openLedgerHouse } from '../../../tests/trends/ledger-house.js';
import { operationOf, type RandomOperation, randomOperation } from '../../../tests/trends/random-operation.js';
import { Recount } from './recount.service.js';

let house: LedgerHouse;
let recount: Recount;
let feed: Feed;
beforeAll(async () => {
  house = await openLedgerHouse();
  recount = house.keeper.get(Recount);
  feed = house.module.get(Feed);
});
afterAll(() => house.close());

/** One record of one line, counted. */
const oneRecord = (): RandomOperation => operationOf([{}]);

test('a recount agrees with the ledger now and at every cursor, whatever was corrected and withdrawn', async () => {
  await fc.assert(
    fc.asyncProperty(randomOperation, fc.double({ min: 0, max: 1, noNaN: true }), async (operation, share) => {
      await house.store(operation);
      const cursor = feed.cursorAt(operation.id, Math.round(share * operation.entries.length));
      expect(await recount.run(operation.id)).toEqual([]);
      expect(await recount.run(operation.id, cursor)).toEqual([]);
    }),
    { numRuns: 50 },
  );
}, 240_000);

test('without a name all operations are recounted', async () => {
  const operation = oneRecord();
  await house.store(operation);
  await house.database.pool.query(`UPDATE violations SET persons = 2 WHERE operation_id = $1`, [operation.id]);
  const differences = await recount.run();
  expect(new Set(differences.map(({ operationId }) => operationId))).toEqual(new Set([operation.id]));
  await house.database.pool.query(`UPDATE violations SET persons = 1 WHERE operation_id = $1`, [operation.id]);
});

test('an operation that is archived is left out, and is no agreement where it is named', async () => {
  const operation = oneRecord();
  await house.store(operation);
  await house.database.pool.query(`UPDATE violations SET persons = 2 WHERE operation_id = $1`, [operation.id]);
  await house.database.pool.query(`UPDATE operations SET archived_at = now() WHERE id = $1`, [operation.id]);
  expect(await recount.run()).toEqual([]);
  await expect(recount.run(operation.id)).rejects.toThrow('is archived');
});

test.each([
  ['nature', `UPDATE violations SET nature = 'ADMINISTRATIVE'`, 'CRIMINAL', 'ADMINISTRATIVE'],
  ['day', `UPDATE violations SET day = '2017-06-15'`, '2017-06-14', '2017-06-15'],
  ['companies', `UPDATE violations SET companies = 3`, '0', '3'],
  ['flagState', `UPDATE violations SET vessel_flag = 'PA'`, 'NONE', 'PA'],
  ['counted', `UPDATE violations SET withdrawn_at = now()`, 'counted 1 times', 'not counted'],
  ['quantityKg', `UPDATE violation_lines SET quantity_kg = 12`, '12.5', '12'],
  [
    'onceEach',
    `UPDATE violation_lines SET commodity = 'waste-oil'`,
    'BASEL; household-waste; BASEL/household-waste',
    'BASEL; waste-oil; BASEL/waste-oil',
  ],
])('a record that gives another %s than the ledger says is told', async (of, change, ledger, records) => {
  const operation = oneRecord();
  await house.store(operation);
  await house.database.pool.query(`${change} WHERE operation_id = $1`, [operation.id]);
  const recordId = operation.records[0]?.id;
  expect(await recount.run(operation.id)).toContainEqual({ operationId: operation.id, recordId, of, ledger, records });
});

test('a record that the ledger lacks is told, in itself and in its totals', async () => {
  const operation = oneRecord();
  await house.store(operation);
  await house.database.pool.query(`ALTER TABLE figures DISABLE TRIGGER figures_append_only`);
  await house.database.pool.query(`DELETE FROM figures WHERE operation_id = $1`, [operation.id]);
  const differences = await recount.run(operation.id);
  expect(differences.map(({ of, ledger, records }) => [of, ledger, records])).toEqual([
    ['counted', 'not counted', 'counted'],
    ['KE POLLUTION CRIMINAL 2017-06-14 violations', '0', '1'],
    ['KE POLLUTION CRIMINAL 2017-06-14 persons', '0', '1'],
    ['KE POLLUTION CRIMINAL 2017-06-14 quantityKg', '0', '12.5'],
  ]);
});

test('an operation that is absent, and a cursor that is none of its feed, are errors and no agreement', async () => {
  const operation = oneRecord();
  await house.store(operation);
  await expect(recount.run(v7())).rejects.toThrow(MusterError);
  await expect(recount.run(operation.id, feed.cursorAt(v7(), 1))).rejects.toThrow(MusterError);
});
