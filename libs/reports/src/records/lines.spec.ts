import fc from 'fast-check';
import { Agreement, QuantityBasis, QuantityUnit, ValueBasis } from '#reference';

import type { LineContent } from './content.js';
import { recordLines, sumOf } from './lines.js';

const DAY = '2026-06-14';
const NONE = { usdRate: () => undefined };

/** One rate for every currency, of a day before. */
const at = (rate: string): { usdRate(): { rate: string; day: string } } => ({
  usdRate: () => ({ rate, day: '2026-06-12' }),
});

const line = (change: Partial<LineContent> = {}): LineContent => ({
  agreement: Agreement.BASEL,
  commodity: 'household-waste',
  agreementReference: null,
  hsCode: null,
  quantity: '1',
  unit: QuantityUnit.KG,
  basis: QuantityBasis.ESTIMATED,
  netWeightKg: null,
  value: null,
  currency: null,
  valueBasis: ValueBasis.ESTIMATED,
  ...change,
});

/** A decimal of some digits after its point, as the whole number of its last places. */
const scaled = (places: number, before = 20): fc.Arbitrary<bigint> =>
  fc.bigInt({ min: 0n, max: 10n ** BigInt(before + places) - 1n });

function written(amount: bigint, places: number): string {
  const digits = amount.toString().padStart(places + 1, '0');
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** Without the zeros at its end. */
const shortest = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

const kilogramsOf = (change: Partial<LineContent>): string | null | undefined =>
  recordLines([line(change)], DAY, NONE)[0]?.quantityKg;
const dollarsOf = (value: string, rate: string): string | null | undefined =>
  recordLines([line({ value, currency: 'EUR' })], DAY, at(rate))[0]?.valueUsd;

describe('kilograms', () => {
  it.each([
    [QuantityUnit.GRAM, 12],
    [QuantityUnit.KG, 9],
    [QuantityUnit.TONNE, 6],
  ])('of %s are exact', (unit, places) => {
    fc.assert(
      fc.property(scaled(9), (amount) => {
        expect(kilogramsOf({ unit, quantity: written(amount, 9) })).toBe(shortest(written(amount, places)));
      }),
    );
  });

  it('of anything else are what was weighed, and nothing where nobody weighed', () => {
    const weights: readonly QuantityUnit[] = [QuantityUnit.GRAM, QuantityUnit.KG, QuantityUnit.TONNE];
    for (const unit of Object.values(QuantityUnit).filter((other) => !weights.includes(other))) {
      expect(kilogramsOf({ unit, quantity: '3' })).toBeNull();
      expect(kilogramsOf({ unit, quantity: '3', netWeightKg: '12.50' })).toBe('12.5');
    }
  });

  it('of a weight are the weight, not what stands beside it', () => {
    expect(kilogramsOf({ unit: QuantityUnit.TONNE, quantity: '2', netWeightKg: '1' })).toBe('2000');
  });
});

describe('US dollars', () => {
  it('are the value by the rate, rounded half up to cents', () => {
    fc.assert(
      fc.property(scaled(9), fc.nat(9), scaled(20), fc.nat(20), (value, places, rate, ratePlaces) => {
        const [amount, by] = [value / 10n ** BigInt(9 - places), rate / 10n ** BigInt(20 - ratePlaces)];
        const unit = 10n ** BigInt(places + ratePlaces);
        const cents = (2n * amount * by * 100n + unit) / (2n * unit);
        expect(dollarsOf(written(amount, places), written(by, ratePlaces))).toBe(written(cents, 2));
      }),
    );
  });

  it.each([
    ['0.5', '0.01', '0.01'],
    ['0.4999', '0.01', '0.00'],
    ['1', '1.005', '1.01'],
    ['2', '2.5', '5.00'],
    ['2.5', '0.0100000000', '0.03'],
  ])('%s at %s are %s', (value, rate, dollars) => {
    expect(dollarsOf(value, rate)).toBe(dollars);
  });

  it('are told with the day of their rate, and neither without a rate or without a value', () => {
    expect(recordLines([line({ value: '1', currency: 'EUR' })], DAY, at('2'))).toMatchObject([
      { valueUsd: '2.00', rateDate: '2026-06-12' },
    ]);
    expect(recordLines([line({ value: '1', currency: 'EUR' })], DAY, NONE)).toMatchObject([
      { valueUsd: null, rateDate: null },
    ]);
    expect(recordLines([line()], DAY, at('2'))).toMatchObject([{ valueUsd: null, rateDate: null }]);
  });

  it('are asked for by the currency of the line and the day of the record', () => {
    const asked: string[] = [];
    const usdRate = (currency: string, day: string): undefined => void asked.push(`${currency} ${day}`);
    recordLines([line({ value: '1', currency: 'KES' }), line({ value: '1', currency: 'EUR' }), line()], DAY, {
      usdRate,
    });
    expect(asked).toEqual([`KES ${DAY}`, `EUR ${DAY}`]);
  });
});

describe('a sum', () => {
  it('is exact, and leaves out what is not told', () => {
    fc.assert(
      fc.property(fc.array(fc.option(scaled(12, 23)), { minLength: 1, maxLength: 60 }), (amounts) => {
        const told = amounts.filter((amount) => amount !== null);
        const sum = told.reduce((all, amount) => all + amount, 0n);
        const texts = amounts.map((amount) => (amount === null ? null : written(amount, 12)));
        expect(sumOf(texts)).toBe(told.length === 0 ? null : shortest(written(sum, 12)));
      }),
    );
  });

  it('of nothing is nothing, not zero', () => {
    expect(sumOf([])).toBeNull();
    expect(sumOf([null, null])).toBeNull();
    expect(sumOf(['0.00'])).toBe('0');
  });
});
