import { Decimal } from 'decimal.js';
import { QuantityUnit, type ReferenceService } from '#reference';
import { plainDecimal, sumExactly } from '#trends';

import type { LineContent } from './content.js';

/** Decimals as clients send them have up to 20 digits before the point and 9 after it, rates 20 on each side. */
const Exact = Decimal.clone({ precision: 100 });

/** A line with what is derived from it when a version is recorded. */
export interface RecordedLine extends LineContent {
  /** Exact kilograms; null where nothing can be converted. */
  readonly quantityKg: string | null;
  /** US dollars, rounded half up to cents; null without a value or a rate. */
  readonly valueUsd: string | null;
  /** The day of the rate. */
  readonly rateDate: string | null;
}

/** Kilograms in one of the units of weight; of nothing else is a weight known without weighing. */
const KILOGRAMS: Partial<Record<QuantityUnit, string>> = {
  [QuantityUnit.GRAM]: '0.001',
  [QuantityUnit.KG]: '1',
  [QuantityUnit.TONNE]: '1000',
};

/** @param day the day that the record counts on: its value is told at the rate of that day, or the latest loaded before it */
export function recordLines(
  lines: readonly LineContent[],
  day: string,
  reference: Pick<ReferenceService, 'usdRate'>,
): RecordedLine[] {
  return lines.map((line) => {
    const factor = KILOGRAMS[line.unit];
    const rate = line.currency === null ? undefined : reference.usdRate(line.currency, day);
    const isConverted = line.value !== null && rate !== undefined;
    return {
      ...line,
      quantityKg: factor ? new Exact(line.quantity).times(factor).toFixed() : exactly(line.netWeightKg),
      valueUsd: isConverted ? new Exact(line.value).times(rate.rate).toFixed(2, Decimal.ROUND_HALF_UP) : null,
      rateDate: isConverted ? rate.day : null,
    };
  });
}

/** The exact sum of what is there; null where nothing is. */
export function sumOf(values: readonly (string | null)[]): string | null {
  const told = values.filter((value) => value !== null);
  return told.length === 0 ? null : plainDecimal(sumExactly(told));
}

function exactly(value: string | null): string | null {
  return value === null ? null : plainDecimal(value);
}
