import { movesFigures, rowsOfChange } from './figure-rows.js';
import type { LineFigures, RecordFigures } from './record-figures.js';

const OPERATION = '01890a5d-ac96-774b-bcce-b302099a8057';
const line = (part: Partial<LineFigures> = {}): LineFigures => ({
  agreement: 'BASEL',
  commodity: 'household-waste',
  quantityKg: '12.50',
  valueUsd: '30',
  valueEstimated: true,
  ...part,
});
const record: RecordFigures = {
  recordId: '01890a5d-ac96-774b-bcce-b302099a8058',
  country: 'KE',
  agencyId: '01890a5d-ac96-774b-bcce-b302099a8059',
  unitId: null,
  source: 'COORDINATOR',
  detectedAt: new Date('2017-06-14T09:00:00Z'),
  day: '2017-06-14',
  late: false,
  crimeArea: 'POLLUTION',
  nature: 'CRIMINAL',
  scene: 'SITE',
  transportMode: null,
  direction: null,
  origin: null,
  destination: null,
  flagState: null,
  detection: 'INTELLIGENCE',
  concernedCountries: ['KE', 'TZ'],
  riskIndicators: [],
  persons: 2,
  companies: 0,
  lines: [line(), line({ commodity: 'e-waste', quantityKg: null, valueUsd: null })],
};

test('a new record adds what it gives', () => {
  const { figures, lines } = rowsOfChange(OPERATION, { position: 7, before: null, after: record });
  expect(figures).toEqual([
    expect.objectContaining({
      operation_id: OPERATION,
      position: 7,
      sign: 1,
      persons: 2,
      quantity_kg: '12.5',
      value_usd: '30',
      lines_without_kg: 1,
      lines_without_usd: 1,
      lines_estimated: 1,
    }),
  ]);
  expect(lines).toHaveLength(2);
});

test('a correction takes away all that the version before gave, and adds all that the new one gives', () => {
  const after = { ...record, persons: 3, lines: [line({ quantityKg: '1' })] };
  const { figures, lines } = rowsOfChange(OPERATION, { position: 8, before: record, after });
  const taken = {
    sign: -1,
    persons: -2,
    quantity_kg: '-12.5',
    value_usd: '-30',
    lines_without_kg: -1,
    lines_estimated: -1,
  };
  const added = { sign: 1, persons: 3, quantity_kg: '1', value_usd: '30', lines_without_kg: 0, lines_estimated: 1 };
  expect(figures).toEqual([expect.objectContaining(taken), expect.objectContaining(added)]);
  expect(lines.map(({ sign, quantity_kg: kg }) => [sign, kg])).toEqual([
    [-1, null],
    [-1, '-12.5'],
    [1, '1'],
  ]);
});

test('a withdrawal takes away what the record gave', () => {
  const { figures, lines } = rowsOfChange(OPERATION, { position: 9, before: record, after: null });
  expect(figures.map(({ sign }) => sign)).toEqual([-1]);
  expect(lines.map(({ sign }) => sign)).toEqual([-1, -1]);
});

test.each<[string, RecordFigures]>([
  ['lines in another order', { ...record, lines: record.lines.toReversed() }],
  ['a decimal in another form', { ...record, lines: [line({ quantityKg: '12.500' }), ...record.lines.slice(1)] }],
  ['concerned countries in another order', { ...record, concernedCountries: ['TZ', 'KE', 'TZ'] }],
  [
    'the basis of a value that nothing converts',
    { ...record, lines: [line(), { ...line(record.lines[1]), valueEstimated: false }] },
  ],
])('%s move no figure and write nothing', (_, after) => {
  expect(movesFigures({ before: record, after })).toBe(false);
  expect(rowsOfChange(OPERATION, { position: 8, before: record, after })).toEqual({ figures: [], lines: [] });
});

test.each<[string, Partial<RecordFigures>]>([
  ['the nature', { nature: 'ADMINISTRATIVE' }],
  ['the hour of detection', { detectedAt: new Date('2017-06-14T10:00:00Z') }],
  ['a flag state', { flagState: 'PA' }],
  ['a concerned country', { concernedCountries: ['KE'] }],
  ['the commodity of a line', { lines: [line({ commodity: 'plastics' }), ...record.lines.slice(1)] }],
  ['whether a value is estimated', { lines: [line({ valueEstimated: false }), ...record.lines.slice(1)] }],
])('%s moves figures', (_, part) => {
  expect(movesFigures({ before: record, after: { ...record, ...part } })).toBe(true);
});

test('of several lines of one agreement the first alone is marked', () => {
  const lines = [
    line(),
    line({ quantityKg: '3' }),
    line({ commodity: 'e-waste' }),
    line({ agreement: 'CITES', commodity: 'e-waste' }),
  ];
  const rows = rowsOfChange(OPERATION, { position: 1, before: null, after: { ...record, lines } }).lines;
  const marked = (mark: string): unknown[] =>
    rows
      .filter((row) => row[mark] === true)
      .map(({ agreement, commodity }) => `${String(agreement)}/${String(commodity)}`);
  expect(marked('first_of_agreement')).toEqual(['BASEL/e-waste', 'CITES/e-waste']);
  expect(marked('first_of_commodity')).toEqual(['BASEL/e-waste', 'BASEL/household-waste']);
  expect(marked('first_of_pair')).toEqual(['BASEL/e-waste', 'BASEL/household-waste', 'CITES/e-waste']);
});
