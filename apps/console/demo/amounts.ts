import { QuantityBasis, QuantityUnit, ValueBasis } from '#reference';

import type { Dice } from './dice.js';
import type { Good } from './goods.js';
import type { LineInput } from './records.js';

/** Thousandths as an exact decimal: 22500 is "22.5". */
export function thousandths(whole: number): string {
  const text = `${Math.floor(whole / 1000)}.${String(whole % 1000).padStart(3, '0')}`;
  return text.replace(/[.]?0+$/, '');
}

/** Cents as an amount with two decimals. */
export function cents(whole: number): string {
  return `${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, '0')}`;
}

const named = ({ agreement, commodity, agreementReference, hsCode }: Good) => ({
  agreement,
  commodity,
  ...(agreementReference ? { agreementReference } : {}),
  ...(hsCode ? { hsCode } : {}),
});

/** A line of waste that weighs so many kilograms, stated in the unit in which such goods are counted. */
export function lineOfWeight(good: Good, kg: number, valueInCents: number, basis: QuantityBasis): LineInput {
  const money = { value: cents(valueInCents), currency: 'USD', valueBasis: ValueBasis.ESTIMATED };
  if (good.kgEach) {
    const pieces = Math.max(1, Math.round(kg / good.kgEach));
    return {
      ...named(good),
      quantity: String(pieces),
      unit: QuantityUnit.PIECE,
      basis,
      netWeightKg: String(kg),
      ...money,
    };
  }
  const inTonnes = good.unit === QuantityUnit.TONNE && kg >= 1000;
  return inTonnes
    ? { ...named(good), quantity: thousandths(kg), unit: QuantityUnit.TONNE, basis, ...money }
    : { ...named(good), quantity: String(kg), unit: QuantityUnit.KG, basis, ...money };
}

/** A line of an invented quantity, in the good's own unit, with its value. */
export function inventedLine(dice: Dice, good: Good): LineInput {
  const [least, greatest] = good.amount;
  const counted = good.unit === QuantityUnit.PIECE;
  const quantity = counted ? dice.whole(least, greatest) * 1000 : dice.whole(least * 10, greatest * 10) * 100;
  const basis = dice.weighted([
    [QuantityBasis.WEIGHED, good.unit === QuantityUnit.KG ? 6 : 2],
    [QuantityBasis.ESTIMATED, 4],
    [QuantityBasis.DECLARED, 1],
  ]);
  const weight = good.kgEach ? { netWeightKg: String(Math.round((quantity / 1000) * good.kgEach)) } : {};
  return {
    ...named(good),
    quantity: thousandths(quantity),
    unit: good.unit,
    basis,
    ...weight,
    value: cents(Math.max(100, Math.round((quantity / 10) * good.usdEach))),
    currency: 'USD',
    valueBasis: dice.chance(0.15) ? ValueBasis.DECLARED : ValueBasis.ESTIMATED,
  };
}
