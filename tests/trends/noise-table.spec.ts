import {
  AMOUNTS,
  amountNoise,
  countNoise,
  COUNTS,
  FEWEST,
  KEYS,
  MOST_COUNTED,
  type NoiseStep,
} from '../../migrations/figures/noise-table.js';

const counts = Array.from({ length: MOST_COUNTED - FEWEST + 1 }, (_, index) => FEWEST + index);

/** Sums over a table, each deviation weighted with the share of keys that lead to it. */
function moment(steps: readonly NoiseStep[], power: number): number {
  return steps.reduce((sum, { below, deviation }, index) => {
    const share = (below - (steps[index - 1]?.below ?? 0)) / KEYS;
    return sum + share * deviation ** power;
  }, 0);
}

test.each(counts)(
  'a count of %i is told without bias, with the variance asked for, and never as one or two',
  (records) => {
    const steps = countNoise(records);
    expect(moment(steps, 0)).toBeCloseTo(1, 9);
    expect(moment(steps, 1)).toBeCloseTo(0, 6);
    expect(moment(steps, 2)).toBeCloseTo(COUNTS.variance, 6);
    for (const { deviation } of steps) {
      expect([0, 1, 2].includes(records + deviation) ? records + deviation : 0).toBe(0);
      expect(Math.abs(deviation)).toBeLessThanOrEqual(COUNTS.most);
    }
  },
);

test('the table of the largest count holds for all larger ones: every deviation is allowed, as likely up as down', () => {
  expect(countNoise(MOST_COUNTED + 5)).toEqual(countNoise(MOST_COUNTED));
  expect(countNoise(MOST_COUNTED)).toHaveLength(2 * COUNTS.most + 1);
});

test('an amount is never told as it is, and may be told as none at all or as twice as much', () => {
  const steps = amountNoise();
  expect(steps.map(({ deviation }) => deviation)).not.toContain(0);
  expect(moment(steps, 1)).toBeCloseTo(0, 6);
  expect(moment(steps, 2)).toBeCloseTo(AMOUNTS.variance, 6);
  // In tenths of the largest contribution, of which two make up half of a told cell at most.
  expect(steps[0]?.deviation).toBe(-AMOUNTS.most);
  expect(AMOUNTS.most / 10 / 2).toBe(1);
});

test('keys lead to every step of a table, and none beyond it', () => {
  for (const steps of [...counts.map(countNoise), amountNoise()]) {
    expect(steps.every(({ below }, index) => below > (steps[index - 1]?.below ?? 0))).toBe(true);
    expect(steps.at(-1)?.below).toBe(KEYS);
  }
});
