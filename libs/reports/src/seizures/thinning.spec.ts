import fc from 'fast-check';

import { CLOSES_AT, GIVES_WAY_AT, shareRefused, Thinning } from './thinning.js';

const refused = (thinning: Thinning, age: number, count: number, lane = 'KE'): number =>
  Array.from({ length: count }, () => thinning.refuses(lane, age)).filter(Boolean).length;

test('nothing is refused while the queue is young, however much comes, and everything when it is too old', () => {
  expect(refused(new Thinning(), GIVES_WAY_AT, 100_000)).toBe(0);
  expect(refused(new Thinning(), CLOSES_AT, 100)).toBe(100);
  expect(refused(new Thinning(), 100 * CLOSES_AT, 100)).toBe(100);
});

test('of four reports at a quarter one is refused, of each country by itself', () => {
  const thinning = new Thinning();
  const age = GIVES_WAY_AT + (CLOSES_AT - GIVES_WAY_AT) / 4;
  expect([refused(thinning, age, 4), refused(thinning, age, 4), refused(thinning, age, 3, 'TZ')]).toEqual([1, 1, 0]);
});

test('the share that is refused grows with the age, and is what is refused in the long run', () => {
  const age = fc.double({ min: 0, max: 2 * CLOSES_AT, noNaN: true });
  fc.assert(
    fc.property(age, age, (one, other) => {
      expect(shareRefused(Math.max(one, other))).toBeGreaterThanOrEqual(shareRefused(Math.min(one, other)));
      expect(Math.abs(refused(new Thinning(), one, 500) - 500 * shareRefused(one))).toBeLessThanOrEqual(1);
    }),
  );
});

test('a country whose queue is empty again starts anew', () => {
  const thinning = new Thinning();
  refused(thinning, CLOSES_AT - 1, 1);
  thinning.keepOnly(new Map());
  expect(refused(thinning, CLOSES_AT - 1, 1)).toBe(0);
});
