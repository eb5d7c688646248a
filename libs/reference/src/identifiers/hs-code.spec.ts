import fc from 'fast-check';

import { checkGoodsCode, checkHsCode, hsEditionOn } from './hs-code.js';

test('a subheading that HS 2022 took away is taken for goods of the edition before', () => {
  expect(checkHsCode('854810', hsEditionOn('2017-06-14'))).toEqual({ ok: true, value: '854810' });
  expect(checkHsCode('854810', hsEditionOn('2021-12-31'))).toMatchObject({ ok: true });
  expect(checkHsCode('854810', hsEditionOn('2022-01-01'))).toMatchObject({
    ok: false,
    rule: 'withdrawn',
    message: expect.stringContaining('8549') as string,
  });
});

test.each([
  ['10611', /leading zero/],
  ['38276100', /national tariff/],
  ['٣٨٢٧', /Arabic-Indic/],
  ['7701', /Chapter 77/],
])('%s is refused with a message that says why', (code, message) => {
  expect(checkHsCode(code)).toMatchObject({ ok: false, message: expect.stringMatching(message) as string });
});

test('what a national tariff adds after six digits is kept apart', () => {
  expect(checkGoodsCode('8549.21.00.90')).toEqual({ ok: true, value: { hs: '854921', national: '0090' } });
  expect(checkGoodsCode('0106')).toEqual({ ok: true, value: { hs: '0106', national: '' } });
  expect(checkGoodsCode('85492100901')).toMatchObject({ ok: false, rule: 'form' });
});

test('dots and spaces between the parts change nothing, and a leading zero stays', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^0[1-9][0-9]{4}$/), fc.constantFrom('', '.', ' '), (code, dot) => {
      expect(checkHsCode(` ${code.slice(0, 4)}${dot}${code.slice(4)}`)).toEqual({ ok: true, value: code });
    }),
  );
});
