import fc from 'fast-check';

import { readExchangeRates } from './exchange-rates.loader.js';
import { ExchangeRates } from './exchange-rates.js';

const day = fc
  .date({ min: new Date('2016-01-01'), max: new Date('2027-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

test('the rate of a day is the latest on or before it, with its own day', () => {
  const rates = new ExchangeRates([
    { currency: 'KES', day: '2017-06-05', usd: '0.00968' },
    { currency: 'KES', day: '2017-06-01', usd: '0.00967' },
    { currency: 'EUR', day: '2017-06-02', usd: '1.1219' },
  ]);
  expect(rates.usdRate('KES', '2017-06-04')).toEqual({ rate: '0.00967', day: '2017-06-01' });
  expect(rates.usdRate('KES', '2017-06-05')).toEqual({ rate: '0.00968', day: '2017-06-05' });
  expect(rates.usdRate('KES', '2030-01-01')).toEqual({ rate: '0.00968', day: '2017-06-05' });
  expect(rates.usdRate('KES', '2017-05-31')).toBeUndefined();
  expect(rates.usdRate('TZS', '2017-06-05')).toBeUndefined();
});

test('no loaded rate lies nearer before the day than the one given', () => {
  fc.assert(
    fc.property(fc.uniqueArray(day, { maxLength: 50 }), day, (days, asked) => {
      const rates = new ExchangeRates(days.map((of) => ({ currency: 'KES', day: of, usd: '0.01' })));
      const nearest = days
        .filter((of) => of <= asked)
        .sort()
        .at(-1);
      expect(rates.usdRate('KES', asked)?.day).toBe(nearest);
    }),
  );
});

test('a file of rates is read with its decimals as they stand, and a repeated row counts once', () => {
  const csv =
    '\ufeffcurrency,day,usd\r\nKES,2017-06-01,0.009670\r\nKES,2017-06-01,0.009670\r\n\r\nHRK,2017-06-01,0.1516\r\nUSD,2017-06-01,1\r\n';
  expect(readExchangeRates(csv)).toEqual([
    { currency: 'KES', day: '2017-06-01', usd: '0.009670' },
    { currency: 'HRK', day: '2017-06-01', usd: '0.1516' },
    { currency: 'USD', day: '2017-06-01', usd: '1' },
  ]);
});

test('every fault of a file comes in one message, with its line', () => {
  const csv = [
    'currency,day,usd',
    'KES,2017-06-31,0.01',
    'QQQ,2017-06-01,0.01',
    'eur,2017-06-01,1.12',
    'HRK,2023-01-01,0.15',
    'KES,2017-06-01,1e-2',
    'KES,2017-06-02,0.000',
    'USD,2017-06-02,1.01',
    'KES,2017-06-03',
    'TZS,2017-06-03,0.0004',
    'TZS,2017-06-03,0.0005',
    '',
  ].join('\n');
  expect(() => readExchangeRates(csv)).toThrow(
    new Error(
      [
        'No exchange rate was loaded.',
        '  Line 2: "2017-06-31" is no day; write YYYY-MM-DD.',
        '  Line 3: QQQ is no currency of ISO 4217.',
        '  Line 4: Write EUR in capital letters.',
        '  Line 5: HRK was money until 2022-12-31: use EUR.',
        '  Line 6: "1e-2" is no rate; write a number over 0 such as 0.00775, with at most 20 digits on each side of the point.',
        '  Line 7: "0.000" is no rate; write a number over 0 such as 0.00775, with at most 20 digits on each side of the point.',
        '  Line 8: One US dollar is one US dollar: 1.',
        '  Line 9: has 2 columns instead of 3.',
        '  Line 11: TZS of 2017-06-03 stands twice with different rates.',
      ].join('\n'),
    ),
  );
});

test.each(['', 'KES,2017-06-01,0.01\n', 'day,currency,usd\n'])(
  'a file that begins with %j is refused for its columns',
  (csv) => {
    expect(() => readExchangeRates(csv)).toThrow('The first line must be currency,day,usd.');
  },
);

test('a file with an open quote is refused as no CSV', () => {
  expect(() => readExchangeRates('currency,day,usd\n"KES,2017-06-01,0.01\n')).toThrow('The file is no CSV');
});
