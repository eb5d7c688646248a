import { compareRecord, type Counted, type LedgerEntry, RecordTotals } from './recount-comparison.js';

const record: Counted = {
  country: 'KE',
  crimeArea: 'POLLUTION',
  nature: 'CRIMINAL',
  day: '2017-06-14',
  persons: '2',
  companies: '0',
  quantityKg: '12.5',
  valueUsd: '30',
};
const entry = (sign: number, counted: Counted = record): LedgerEntry => ({ recordId: 'one', sign, counted });
const compare = (entries: readonly LedgerEntry[], counted: Counted | null) =>
  compareRecord('operation', 'one', entries, counted).map(({ of, ledger, records }) => [of, ledger, records]);

test('a record whose corrections cancel out but for the last agrees', () => {
  const first = { ...record, nature: 'UNDETERMINED' };
  expect(compare([entry(1, first), entry(-1, first), entry(1)], record)).toEqual([]);
  expect(compare([entry(1), entry(-1)], null)).toEqual([]);
});

test('each field that differs is named with both sides', () => {
  expect(compare([entry(1, { ...record, nature: 'ADMINISTRATIVE', persons: '1' })], record)).toEqual([
    ['nature', 'ADMINISTRATIVE', 'CRIMINAL'],
    ['persons', '1', '2'],
  ]);
});

test('a record that one side alone counts is told', () => {
  expect(compare([], record)).toEqual([['counted', 'not counted', 'counted']]);
  expect(compare([entry(1)], null)).toEqual([['counted', 'counted 1 times', 'not counted']]);
});

test('a record that the ledger counts twice, or takes away twice, is told', () => {
  expect(compare([entry(1), entry(1)], record)).toEqual([['counted', 'counted 2 times', 'counted']]);
  const first = { ...record, nature: 'UNDETERMINED' };
  expect(compare([entry(1, first), entry(1)], record)).toEqual([['counted', 'counted 1 and 1 times', 'counted']]);
  expect(compare([entry(-1)], null)).toEqual([['counted', 'counted -1 times', 'not counted']]);
});

test('a total that differs is named by country, crime area, nature, day and measure', () => {
  const totals = new RecordTotals();
  totals.add(record);
  totals.add(record);
  const sums = { violations: '2', persons: '4', companies: '0', quantityKg: '25.00', valueUsd: '60.01' };
  expect(totals.compare('operation', new Map([['KE POLLUTION CRIMINAL 2017-06-14', sums]]))).toEqual([
    {
      operationId: 'operation',
      recordId: null,
      of: 'KE POLLUTION CRIMINAL 2017-06-14 valueUsd',
      ledger: '60.01',
      records: '60',
    },
  ]);
});

test('a total that the ledger has and the records have not is told, unless it is nothing', () => {
  const nothing = { violations: '0', persons: '0', companies: '0', quantityKg: '0.00', valueUsd: '0' };
  const one = { ...nothing, violations: '1' };
  expect(new RecordTotals().compare('operation', new Map([['a', nothing]]))).toEqual([]);
  expect(new RecordTotals().compare('operation', new Map([['a', one]])).map(({ of }) => of)).toEqual(['a violations']);
});
