import { Decimal } from 'decimal.js';

// decimal.js rounds every result to 20 digits by default; a sum of figures may be longer, and must stay exact.
const Exact = Decimal.clone({ precision: 200 });

/** Whole numbers are in their shortest form already; figures are made of little else, and decimal.js takes most of an answer's time. */
const WHOLE = /^-?[1-9][0-9]*$/;

/** The shortest form of an exact decimal: "22.50" as "22.5", "-0" as "0". */
export function plainDecimal(text: string): string {
  if (WHOLE.test(text)) return text;
  const value = new Exact(text);
  return value.isZero() ? '0' : value.toFixed();
}

export function addExactly(one: string, other: string): string {
  if (one === '0') return other;
  return new Exact(one).plus(other).toFixed();
}

/** A sum of amounts of which some may be missing; "0" where all are. */
export function sumExactly(amounts: readonly (string | null)[]): string {
  return amounts.reduce<string>((sum, amount) => (amount === null ? sum : addExactly(sum, amount)), '0');
}

export function negated(text: string): string {
  return plainDecimal(new Exact(text).negated().toFixed());
}
