import fc from 'fast-check';

import { checkPosition } from './position.js';

test('every point of the globe is taken, both ends in, and nothing outside', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -90, max: 90, noNaN: true }),
      fc.double({ min: -180, max: 180, noNaN: true }),
      (latitude, longitude) => {
        expect(checkPosition(latitude, longitude)).toMatchObject({
          ok: true,
          value: { latitude: latitude + 0, longitude: longitude + 0 },
        });
      },
    ),
  );
  expect(checkPosition(90.0001, 0)).toMatchObject({ ok: false, rule: 'range' });
  expect(checkPosition(0, -180.0001)).toMatchObject({ ok: false, rule: 'range' });
  expect(checkPosition(Number.NaN, 0)).toMatchObject({ ok: false, rule: 'form' });
});

test.each([
  [1, undefined],
  [null, 1],
  [undefined, null],
])('latitude %s with longitude %s is refused: both are given or neither', (latitude, longitude) => {
  expect(checkPosition(latitude, longitude)).toMatchObject({ ok: false, rule: 'form' });
});

test('a pair that is probably exchanged is refused with that question', () => {
  expect(checkPosition(139.69, 35.68)).toMatchObject({
    ok: false,
    message: expect.stringContaining('exchanged') as string,
  });
});

test('the point 0, 0 is taken and noted, for it is nearly always a missing value', () => {
  expect(checkPosition(-0, 0)).toEqual({ ok: true, value: { latitude: 0, longitude: 0 }, note: 'zero-point' });
});
