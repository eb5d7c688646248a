/**
 * The look-up tables of the cell-key method: how far a protected figure may stand from the true one, and with which probability.
 *
 * Probabilities are those of maximum entropy among all that are unbiased, have the variance asked for and keep to the deviations
 * allowed (Giessing and Tent 2019): what gives an observer the least beside its parameters.
 */

/** Cell keys are whole numbers below this. */
export const KEYS = 2 ** 32;

/** Below so many records nothing is told. */
export const FEWEST = 3;

/** Of counts of records: no deviation is larger, and their variance. Records are told as 0, or as FEWEST and more. */
export const COUNTS = { most: 10, variance: 4 } as const;

/**
 * Of amounts, in tenths of the cell's largest contribution: up to twice that, with a standard deviation of 0.4 of it, and never
 * none at all. Twice, because the two largest contributions may be half of a cell that is told: so the true amount behind any
 * told one has no upper bound that an observer could subtract.
 */
export const AMOUNTS = { most: 20, variance: 16 } as const;

/** One step of a table: a key below `below`, and not below the step before, gives this deviation. */
export interface NoiseStep {
  readonly below: number;
  readonly deviation: number;
}

/** Of a count of `records` hidden records; the table of MOST_COUNTED holds for all larger counts, too. */
export function countNoise(records: number): NoiseStep[] {
  return steps(allowedOf(records), COUNTS.variance);
}

/** From this count on nothing stands in the way of any deviation. */
export const MOST_COUNTED = FEWEST + COUNTS.most;

export function amountNoise(): NoiseStep[] {
  return steps(
    range(-AMOUNTS.most, AMOUNTS.most).filter((deviation) => deviation !== 0),
    AMOUNTS.variance,
  );
}

function allowedOf(records: number): number[] {
  return range(-COUNTS.most, COUNTS.most).filter((deviation) => {
    const told = records + deviation;
    return told === 0 || told >= FEWEST;
  });
}

function steps(deviations: readonly number[], variance: number): NoiseStep[] {
  let sum = 0;
  const probabilities = mostEntropy(deviations, variance);
  return probabilities.map((probability, index) => {
    sum += probability;
    const isLast = index === probabilities.length - 1;
    return { below: isLast ? KEYS : Math.round(sum * KEYS), deviation: deviations[index] ?? 0 };
  });
}

/** The distribution of maximum entropy over `values` with mean 0 and this variance: proportional to exp(ax + bx²). */
export function mostEntropy(values: readonly number[], variance: number): number[] {
  const centred = (b: number): number[] => {
    const a = root((slope) => moment(values, weights(values, slope, b), 1));
    return weights(values, a, b);
  };
  return centred(root((b) => moment(values, centred(b), 2) - variance));
}

function weights(values: readonly number[], a: number, b: number): number[] {
  const exponents = values.map((x) => a * x + b * x * x);
  const largest = Math.max(...exponents);
  const raw = exponents.map((exponent) => Math.exp(exponent - largest));
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return raw.map((weight) => weight / sum);
}

function moment(values: readonly number[], probabilities: readonly number[], power: number): number {
  return values.reduce((sum, x, index) => sum + x ** power * (probabilities[index] ?? 0), 0);
}

/** Where a function that grows crosses zero. */
function root(of: (x: number) => number): number {
  let [low, high] = [-50, 50];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (of(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
