import fc from 'fast-check';

import { fairShares } from './fair-shares.js';

const lanes = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 220 });
const most = fc.integer({ min: 1, max: 300 });
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

test('a country that floods gets what the others leave, and they get all that they have up to an equal share', () => {
  expect(fairShares([100_000, 2], 150)).toEqual([148, 2]);
  expect(fairShares([100_000, 100_000, 1], 150)).toEqual([74, 75, 1]);
  expect(fairShares([], 150)).toEqual([]);
});

test('nobody is left out, nobody gets more than waits, and no place stays empty while somebody waits', () => {
  fc.assert(
    fc.property(lanes, most, (waiting, places) => {
      const shares = fairShares(waiting, places);
      shares.forEach((share, lane) => {
        expect(share).toBeGreaterThanOrEqual(1);
        expect(share).toBeLessThanOrEqual(waiting[lane] ?? 0);
      });
      expect(sum(shares)).toBe(Math.min(sum(waiting), Math.max(places, waiting.length)));
    }),
  );
});

test('whoever must leave some for later has at least as many as anybody else, but for one that cannot be divided', () => {
  fc.assert(
    fc.property(lanes, most, (waiting, places) => {
      const shares = fairShares(waiting, places);
      const largest = Math.max(...shares);
      shares.forEach((share, lane) => {
        if (share < (waiting[lane] ?? 0)) expect(share).toBeGreaterThanOrEqual(largest - 1);
      });
    }),
  );
});

test('more of one country never costs another its equal share', () => {
  fc.assert(
    fc.property(lanes, most, fc.nat(100_000), (waiting, places, more) => {
      const shares = fairShares(
        waiting.map((count, lane) => (lane === 0 ? count + more : count)),
        places,
      );
      shares.slice(1).forEach((share, index) => {
        const equal = Math.floor(Math.max(places, waiting.length) / waiting.length);
        expect(share).toBeGreaterThanOrEqual(Math.min(waiting[index + 1] ?? 0, equal));
      });
    }),
  );
});
