import fc from 'fast-check';
import { validate, version } from 'uuid';

import { demoId, Dice, share } from './dice.js';

describe('the dice of the demos', () => {
  it('fall alike for one name and otherwise for another', () => {
    const throws = (name: string): number[] => {
      const dice = new Dice(name);
      return Array.from({ length: 20 }, () => dice.whole(1, 1000));
    };
    expect(throws('a')).toEqual(throws('a'));
    expect(throws('a')).not.toEqual(throws('b'));
  });

  it('choose by weight', () => {
    const dice = new Dice('weights');
    const chosen = Array.from({ length: 4000 }, () => dice.weighted([['often', 3] as const, ['seldom', 1] as const]));
    const often = chosen.filter((choice) => choice === 'often').length;
    expect(often).toBeGreaterThan(2850);
    expect(often).toBeLessThan(3150);
  });
});

describe('dividing a total', () => {
  it('gives whole parts that add up to it exactly', () => {
    const weights = fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), { minLength: 1, maxLength: 700 });
    fc.assert(
      fc.property(
        fc.integer({ min: 10_000, max: 3_300_000_000 }),
        weights,
        fc.integer({ min: 0, max: 10 }),
        (total, by, least) => {
          const parts = share(total, by, least);
          expect(parts.reduce((a, b) => a + b, 0)).toBe(total);
          expect(parts.every((part) => Number.isInteger(part) && part >= least)).toBe(true);
        },
      ),
    );
  });

  it('refuses a total that is too little', () => {
    expect(() => share(3, [1, 1], 2)).toThrow('too little');
  });
});

describe('the ids of the demos', () => {
  it('are UUIDv7 of their instant, the same each time, and differ by operation and counter', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
        fc.nat(2_000_000),
        (at, counter) => {
          const id = demoId('SEA', at, counter);
          expect(validate(id) && version(id) === 7).toBe(true);
          expect(parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at.getTime());
          expect(demoId('SEA', at, counter)).toBe(id);
          expect(demoId('ACTION', at, counter)).not.toBe(id);
          expect(demoId('SEA', at, counter + 1)).not.toBe(id);
        },
      ),
    );
  });
});
