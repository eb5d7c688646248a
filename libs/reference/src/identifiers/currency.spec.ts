import fc from 'fast-check';

import { checkAmount, checkCurrency, minorUnits } from './currency.js';

test('a withdrawn currency is taken up to its last day and refused with its successor afterwards', () => {
  expect(checkCurrency('HRK', '2017-06-14')).toEqual({ ok: true, value: 'HRK' });
  expect(checkCurrency('HRK', '2022-12-31')).toEqual({ ok: true, value: 'HRK' });
  expect(checkCurrency('HRK', '2023-01-01')).toEqual({
    ok: false,
    rule: 'withdrawn',
    message: 'HRK was money until 2022-12-31: use EUR.',
  });
  expect(checkCurrency('ANG')).toMatchObject({
    ok: false,
    rule: 'withdrawn',
    message: expect.stringContaining('use XCG') as string,
  });
});

test.each([
  ['BGN', 2],
  ['HRK', 2],
  ['BYR', 0],
  ['IQD', 3],
  ['XAU', undefined],
])('%s has %s decimals', (code, decimals) => {
  expect(minorUnits(code)).toBe(decimals);
});

test.each([
  ['RMB', /CNY/],
  ['XAU', /not money/],
  ['QQQ', /no currency of ISO 4217/],
  ['$', /three letters/],
])('%s is refused with the reason', (code, message) => {
  expect(checkCurrency(code)).toMatchObject({ ok: false, message: expect.stringMatching(message) as string });
});

test('an amount is taken exactly when its decimals, zeros at the end aside, are no more than the currency has', () => {
  const decimals = fc.stringMatching(/^[0-9]{1,8}$/);
  fc.assert(
    fc.property(fc.nat(), decimals, fc.constantFrom('JPY', 'USD', 'KWD', 'CLF'), (whole, fraction, currency) => {
      const significant = fraction.replace(/0+$/, '').length;
      expect(checkAmount(`${whole}.${fraction}`, currency).ok).toBe(significant <= (minorUnits(currency) ?? -1));
    }),
  );
});
