import { checkContainerNumber, containerRemainder } from './container-number.js';

test('a wrong check digit is refused with the right one named, and kept for an officer who confirms it', () => {
  expect(checkContainerNumber('csqu 305438 4')).toEqual({
    ok: false,
    rule: 'check-digit',
    message: 'The check digit of CSQU305438 is 3, not 4.',
    asMarkedValue: 'CSQU3054384',
  });
});

test('a number whose remainder is 10 is taken with its digit 0, and noted', () => {
  expect(containerRemainder('MSCU100007')).toBe(10);
  expect(checkContainerNumber('MSCU1000070')).toEqual({ ok: true, value: 'MSCU1000070', note: 'remainder-10' });
  expect(containerRemainder('AAAU000027')).toBe(0);
  expect(checkContainerNumber('AAAU0000270')).toEqual({ ok: true, value: 'AAAU0000270' });
});

test.each(['A', 'B', 'D', 'E', 'K'])(
  'a swap body of category %s is refused and the officer is told to give the vehicle',
  (category) => {
    expect(checkContainerNumber(`CSQ${category}3054383`)).toMatchObject({
      ok: false,
      rule: 'category',
      message: expect.stringMatching(/EN 13044.*vehicle/) as string,
    });
  },
);

test.each([
  ['CSQU305438', /check digit.* is missing/],
  ['CSQ3054383', /fourth letter .* is missing/],
  ['CSQUO054383', /digits 0 and 1 in place of the letters/],
  ['CSQU30543833', /12 characters instead of 11/],
  ['CSQU٣٠٥٤٣٨٣', /Arabic-Indic digits .*0 to 9/],
  ['C\u017fQU3054383', /letter ſ \(U\+017F\)/],
  ['CSQU3054383\n', /invisible character \(U\+000A\)/],
])('%j is refused with a message that says how to mend it', (text, message) => {
  expect(checkContainerNumber(text)).toMatchObject({ ok: false, message: expect.stringMatching(message) as string });
});
