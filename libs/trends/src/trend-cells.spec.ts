import fc from 'fast-check';

import type { LedgerAnswer, LedgerQuestion, LedgerRow } from './ledger-question.js';
import { type Protection, UNPROTECTED } from './protection.js';
import { byKey, foldCells } from './trend-cells.js';
import { TrendDimension } from './vocabulary.js';

const { COUNTRY, DAY, LEAD_AGENCY_KIND, MONTH, NATURE, OPERATION, PORT_UNIT, SCENE, WEEK } = TrendDimension;

const facts = {
  leadAgencyKind: (operationId: string, country: string) => (country === 'KE' ? `led in ${operationId}` : undefined),
};
const row = (key: readonly (string | null)[], part: Partial<LedgerRow> = {}): LedgerRow => ({
  part: 'SEEN',
  key,
  value: '1',
  records: '1',
  leftOut: '0',
  ...part,
});
const answer = (
  columns: LedgerQuestion['columns'],
  rows: readonly LedgerRow[],
  part: Partial<LedgerAnswer> & { readonly fixed?: LedgerQuestion['fixed'] } = {},
): LedgerAnswer => ({
  operationId: 'one',
  question: { measure: 'VIOLATIONS', columns, filter: {}, fixed: part.fixed ?? [] },
  rows,
  protection: UNPROTECTED,
  ...part,
});
const exact = (key: readonly string[], value: string) => ({ key, value, suppressed: false, perturbed: false });
const noisy = (key: readonly string[], value: string) => ({ key, value, suppressed: false, perturbed: true });
const hidden = (...key: readonly string[]) => ({ key, value: null, suppressed: true, perturbed: false });
const BY_OTHERS: Protection = { people: ['KE'], own: [], others: true };

test('days of one month and weeks told by their Monday add up to their cells, exactly', () => {
  const days = [
    row(['2017-06-12'], { value: '0.10' }),
    row(['2017-06-19'], { value: '12345678901234567890123.20' }),
    row(['2017-07-03'], { value: '5.00' }),
  ];
  expect(foldCells([answer(['day'], days)], { groupBy: [MONTH] }, facts).cells).toEqual([
    exact(['2017-06'], '12345678901234567890123.3'),
    exact(['2017-07'], '5'),
  ]);
  expect(foldCells([answer(['week'], days)], { groupBy: [WEEK] }, facts).cells.map(({ key }) => key)).toEqual([
    ['2017-W24'],
    ['2017-W25'],
    ['2017-W27'],
  ]);
});

test('of an operation that hides something, every figure is marked, and none of fewer than three records is told', () => {
  const rows = [row(['CRIMINAL'], { records: '2' }), row(['ADMINISTRATIVE'], { value: '7', records: '3' })];
  const asked = { groupBy: [NATURE] };
  expect(foldCells([answer(['nature'], rows, { protection: BY_OTHERS })], asked, facts)).toEqual({
    cells: [noisy(['ADMINISTRATIVE'], '7'), hidden('CRIMINAL')],
    linesLeftOut: null,
    withheld: null,
  });
});

test('records that the viewer sees and hidden ones stand behind a figure together', () => {
  const rows = [row(['KE'], { records: '1' }), row(['KE'], { part: 'HIDDEN', value: '3', records: '3' })];
  const protection = { people: [], own: [], others: true };
  const { cells } = foldCells(
    [answer(['country'], rows, { protection, fixed: ['country'] })],
    { groupBy: [COUNTRY] },
    facts,
  );
  expect(cells).toEqual([noisy(['KE'], '4')]);
});

test('a figure of which something is not told is hidden, however many records stand behind it', () => {
  const rows = [row(['KE'], { records: '9' }), row(['KE'], { part: 'HIDDEN', value: null, records: '8' })];
  const protection = { people: [], own: [], others: true };
  const { cells } = foldCells(
    [answer(['country'], rows, { protection, fixed: ['country'] })],
    { groupBy: [COUNTRY] },
    facts,
  );
  expect(cells).toEqual([hidden('KE')]);
});

test('the own country is exact beside others that are not, unless something of it is hidden, too', () => {
  const rows = [row(['KE']), row(['TZ'], { records: '3', value: '3' })];
  const asked = { groupBy: [COUNTRY] };
  const told = (protection: Protection) => foldCells([answer(['country'], rows, { protection })], asked, facts).cells;
  expect(told(BY_OTHERS)).toEqual([exact(['KE'], '1'), noisy(['TZ'], '3')]);
  expect(told({ people: ['KE'], own: ['KE'], others: false })).toEqual([hidden('KE'), exact(['TZ'], '3')]);
});

test('a filter by the own country says as much as a key', () => {
  const asked = { groupBy: [SCENE], filter: { countries: ['KE'] } };
  const told = foldCells([answer(['scene'], [row(['SITE'])], { protection: BY_OTHERS })], asked, facts);
  expect(told).toEqual({ cells: [exact(['SITE'], '1')], linesLeftOut: 0, withheld: '0' });
});

test('of two operations each is protected by itself where they stand side by side, and both where they are added up', () => {
  const answers = [answer([], [row([])], { protection: BY_OTHERS }), answer([], [row([])], { operationId: 'two' })];
  expect(foldCells(answers, { groupBy: [OPERATION] }, facts).cells).toEqual([hidden('one'), exact(['two'], '1')]);
  expect(foldCells(answers, { groupBy: [] }, facts).cells).toEqual([hidden()]);
});

test('hidden records stand under WITHHELD where they enter by nothing finer, and beside the cells where nobody can match them', () => {
  const rows = [
    row(['KE', 'SITE']),
    row(['KE'], { part: 'HIDDEN' }),
    row([], { part: 'UNMATCHED', value: '2.50', leftOut: '4' }),
  ];
  const told = foldCells(
    [answer(['country', 'scene'], rows, { fixed: ['country'] })],
    { groupBy: [COUNTRY, SCENE] },
    facts,
  );
  expect(told).toEqual({
    cells: [exact(['KE', 'SITE'], '1'), exact(['KE', 'WITHHELD'], '1')],
    linesLeftOut: 0,
    withheld: '2.5',
  });
});

test('the lines left out are those of all cells together', () => {
  const rows = [row(['KE'], { leftOut: '2' }), row(['TZ'], { leftOut: '3' })];
  expect(foldCells([answer(['country'], rows)], { groupBy: [COUNTRY] }, facts).linesLeftOut).toBe(5);
});

test('what a record does not have is NONE', () => {
  const rows = [row([null, 'TZ'])];
  const { cells } = foldCells(
    [answer(['unit', 'leadCountry'], rows)],
    { groupBy: [PORT_UNIT, LEAD_AGENCY_KIND] },
    facts,
  );
  expect(cells.map(({ key }) => key)).toEqual([['NONE', 'NONE']]);
});

test('the kind of the lead agency is that of the country in the operation', () => {
  const answers = ['one', 'two'].map((operationId) => answer(['leadCountry'], [row(['KE'])], { operationId }));
  const { cells } = foldCells(answers, { groupBy: [LEAD_AGENCY_KIND] }, facts);
  expect(cells.map(({ key }) => key)).toEqual([['led in one'], ['led in two']]);
});

test('no dimension gives the total under an empty key, and nothing where there is no record', () => {
  expect(foldCells([answer([], [row([], { value: '7' })])], { groupBy: [] }, facts).cells).toEqual([exact([], '7')]);
  expect(foldCells([], { groupBy: [DAY] }, facts)).toEqual({ cells: [], linesLeftOut: 0, withheld: '0' });
});

test('cells stand in the order of their keys, part by part', () => {
  const keys = fc.array(fc.tuple(fc.string(), fc.string()).map((key) => ({ key })));
  fc.assert(
    fc.property(keys, (cells) => {
      const sorted = cells.sort(byKey).map(({ key }) => key);
      sorted.slice(1).forEach(([first, second], index) => {
        const [firstBefore = '', secondBefore = ''] = sorted[index] ?? [];
        expect(firstBefore < first || (firstBefore === first && secondBefore <= second)).toBe(true);
      });
    }),
  );
});
