import { Commodities } from './commodities.js';
import type { Commodity } from './commodity.js';
import { Agreement, CrimeArea, QuantityUnit } from './vocabulary.js';

function commodity(code: string, name: string, more: Partial<Commodity> = {}): Commodity {
  return {
    code,
    name,
    agreement: Agreement.BASEL,
    agreementReference: null,
    hsCodes: [],
    group: 'waste',
    crimeArea: CrimeArea.POLLUTION,
    unit: QuantityUnit.TONNE,
    unNumbers: [],
    cas: null,
    gwp100: null,
    odp: null,
    validFrom: '1970-01-01',
    validTo: null,
    ...more,
  };
}

const cites = { agreement: Agreement.CITES };
const list = new Commodities([
  commodity('ewaste', 'Electronic waste', {
    agreementReference: 'A1181',
    hsCodes: ['854921'],
    validFrom: '2025-01-01',
  }),
  commodity('ewaste', 'Electronic waste', { agreementReference: 'A1180', hsCodes: ['854921'], validTo: '2024-12-31' }),
  commodity('ivory-raw', 'Elephant ivory, raw', { ...cites, hsCodes: ['050710'] }),
  commodity('ivory-worked', 'Elephant ivory, worked', { ...cites, hsCodes: ['960110'] }),
  commodity('household-waste', 'Household waste', { hsCodes: ['382510'] }),
  commodity('old-goods', 'Goods no longer listed', { validTo: '2019-06-30' }),
]);

test('a code valid on any day since the operation began is accepted, as it stands on the last day or as it last stood', () => {
  expect(list.commodity('ewaste', { from: '2024-06-01', to: '2024-06-30' })?.agreementReference).toBe('A1180');
  expect(list.commodity('ewaste', { from: '2024-06-01', to: '2025-01-01' })?.agreementReference).toBe('A1181');
  expect(list.commodity('old-goods', { from: '2019-06-30', to: '2020-01-31' })?.code).toBe('old-goods');
  expect(list.commodity('old-goods', { from: '2019-07-01', to: '2020-01-31' })).toBeUndefined();
  expect(list.commodity('no-such', { from: '1970-01-01', to: '2100-01-01' })).toBeUndefined();
});

test.each([
  ['ivory', ['ivory-raw', 'ivory-worked']],
  ['houshold waste', ['household-waste']],
  ['Household_Waste', ['household-waste']],
])('the nearest to %s come first, and three at most', (wrong, first) => {
  const nearest = list.nearest(wrong);
  expect(nearest.slice(0, first.length)).toEqual(first);
  expect(nearest).toHaveLength(3);
  expect(new Set(nearest).size).toBe(3);
});

test.each([
  ['IVORY', undefined, ['ivory-raw', 'ivory-worked']],
  ['elephant ivory, W', undefined, ['ivory-worked']],
  ['8549', undefined, ['ewaste']],
  ['3825.10', undefined, ['household-waste']],
  ['5071', undefined, []],
  ['  ', Agreement.CITES, ['ivory-raw', 'ivory-worked']],
  ['waste', Agreement.CITES, []],
  [null, null, ['ewaste', 'household-waste', 'ivory-raw', 'ivory-worked']],
])('a search for %j under %s finds %j', (search, agreement, codes) => {
  expect(list.find('2026-01-01', search, agreement).map(({ code }) => code)).toEqual(codes);
});

test('a list of one day holds each commodity once, as it stood then', () => {
  expect(list.find('2019-06-30').map(({ code }) => code)).toEqual([
    'ewaste',
    'household-waste',
    'ivory-raw',
    'ivory-worked',
    'old-goods',
  ]);
  expect(list.find('2024-12-31', 'ewaste')).toMatchObject([{ agreementReference: 'A1180' }]);
});

test('an HS code is known when a commodity is declared under it, or under a part of its heading or chapter', () => {
  expect(['854921', '8549', '85', '854931', '8544', '05'].map((code) => list.isKnownHs(code))).toEqual([
    true,
    true,
    true,
    false,
    false,
    true,
  ]);
});
