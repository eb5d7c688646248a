import { OffenceNature, QuantityBasis, Scene, TransportMode, ValueBasis } from '#reference';

import { cents, lineOfWeight } from './amounts.js';
import { actionCountries, demoCountry, type DemoCountry } from './countries.js';
import { share, type Dice } from './dice.js';
import { carTrade, otherWaste, type Good } from './goods.js';
import type { LineInput } from './records.js';
import { journey, loadOf, type Journey } from './shipments.js';

/**
 * The published totals of 30 Days of Action. Of the tonnage, "over 1 million" at the 85 sites and "over 1.5 million" in all are published;
 * the exact tonnes that make them up are invented.
 */
export const publishedTotals = {
  countries: 43,
  customsLed: 8,
  violations: 664,
  criminal: 226,
  administrative: 413,
  undetermined: 25,
  criminalShipments: 141,
  criminalSites: 85,
  criminalShipmentsKg: 14_000_000,
  criminalSitesKg: 1_048_700_000,
  allKg: 1_512_300_000,
  valueCents: 3_300_000_000,
  persons: 483,
  companies: 264,
} as const;

const cases: readonly (readonly [OffenceNature, Scene, number])[] = [
  [OffenceNature.CRIMINAL, Scene.CONSIGNMENT, publishedTotals.criminalShipments],
  [OffenceNature.CRIMINAL, Scene.SITE, publishedTotals.criminalSites],
  [OffenceNature.ADMINISTRATIVE, Scene.CONSIGNMENT, 186],
  [OffenceNature.ADMINISTRATIVE, Scene.SITE, 174],
  [OffenceNature.ADMINISTRATIVE, Scene.WATERWAY, 24],
  [OffenceNature.ADMINISTRATIVE, Scene.COAST, 9],
  [OffenceNature.ADMINISTRATIVE, Scene.MARKET, 12],
  [OffenceNature.ADMINISTRATIVE, Scene.ONLINE, 8],
  [OffenceNature.UNDETERMINED, Scene.CONSIGNMENT, 12],
  [OffenceNature.UNDETERMINED, Scene.SITE, 11],
  [OffenceNature.UNDETERMINED, Scene.WATERWAY, 2],
];

/** One of the 664, before it is worded. */
export interface Case {
  readonly nature: OffenceNature;
  readonly scene: Scene;
  readonly country: DemoCountry;
  readonly journey: Journey | undefined;
  readonly goods: readonly Good[];
  readonly kg: number;
}

/** Each case with its country, goods and, for a shipment, its journey. */
export function drafted(dice: Dice): Omit<Case, 'kg'>[] {
  const slots = dice.shuffled(
    cases.flatMap(([nature, scene, count]) => Array.from({ length: count }, () => ({ nature, scene }))),
  );
  const perCountry = share(
    slots.length,
    actionCountries.map(() => 0.3 + dice.next()),
    4,
  );
  const countries = actionCountries.flatMap((code, index) =>
    Array.from({ length: perCountry[index] ?? 0 }, () => demoCountry(code)),
  );
  return countries.map((country, index) => {
    const { nature, scene } = slots[index] ?? { nature: OffenceNature.ADMINISTRATIVE, scene: Scene.SITE };
    const inland = country.ports.length === 0 && scene === Scene.COAST;
    const settled = { nature, scene: inland ? Scene.WATERWAY : scene, country };
    const main = mainGood(dice, settled.nature, settled.scene);
    const second = dice.chance(0.18) && main !== otherWaste.shipOil ? secondGood(dice, main) : undefined;
    return {
      ...settled,
      journey: scene === Scene.CONSIGNMENT ? journey(dice, country) : undefined,
      goods: second ? [main, second] : [main],
    };
  });
}

function mainGood(dice: Dice, nature: OffenceNature, scene: Scene): Good {
  if (scene === Scene.WATERWAY) {
    return dice.weighted<Good>([
      [otherWaste.shipOil, 55],
      [carTrade.oil, 20],
      [otherWaste.household, 25],
    ]);
  }
  if (scene === Scene.COAST) return dice.pick([otherWaste.household, carTrade.tyres, otherWaste.textiles]);
  if (scene === Scene.MARKET || scene === Scene.ONLINE) {
    return dice.pick([carTrade.batteries, carTrade.electronics, carTrade.tyres]);
  }
  const crime: (readonly [Good, number])[] = [
    [carTrade.electronics, 26],
    [carTrade.metal, 18],
    [carTrade.batteries, 14],
    [carTrade.wrecks, 14],
    [carTrade.harnesses, 10],
    [carTrade.tyres, 7],
    [carTrade.oil, 5],
    [otherWaste.asbestos, 2],
    [otherWaste.household, 4],
  ];
  if (nature === OffenceNature.CRIMINAL) return dice.weighted(crime);
  return dice.weighted<Good>([
    ...crime,
    [otherWaste.household, 18],
    [otherWaste.textiles, 12],
    [otherWaste.paper, 14],
    [otherWaste.clinical, 5],
    [otherWaste.asbestos, 8],
  ]);
}

const secondGood = (dice: Dice, main: Good): Good =>
  dice.pick([carTrade.electronics, carTrade.batteries, carTrade.tyres, carTrade.metal].filter((good) => good !== main));

/** Divides the three published tonnages among the cases that they tell of. */
export function weighed(dice: Dice, drafts: readonly Omit<Case, 'kg'>[]): Case[] {
  const crimesAtSea = (it: Omit<Case, 'kg'>): boolean =>
    it.nature === OffenceNature.CRIMINAL && it.scene === Scene.CONSIGNMENT;
  const crimesOnLand = (it: Omit<Case, 'kg'>): boolean =>
    it.nature === OffenceNature.CRIMINAL && it.scene === Scene.SITE;
  const rest = publishedTotals.allKg - publishedTotals.criminalShipmentsKg - publishedTotals.criminalSitesKg;
  const kg = new Map<Omit<Case, 'kg'>, number>();
  const divide = (total: number, group: readonly Omit<Case, 'kg'>[], least: number): void =>
    share(
      total,
      group.map((it) => weight(dice, it)),
      least,
    ).forEach((part, index) => {
      const of = group[index];
      if (of) kg.set(of, part);
    });
  divide(publishedTotals.criminalShipmentsKg, drafts.filter(crimesAtSea), 400);
  divide(publishedTotals.criminalSitesKg, drafts.filter(crimesOnLand), 20_000);
  divide(
    rest,
    drafts.filter((it) => !crimesAtSea(it) && !crimesOnLand(it) && !it.goods.includes(otherWaste.shipOil)),
    60,
  );
  return drafts.map((it) => ({ ...it, kg: kg.get(it) ?? 0 }));
}

/** Sites differ far more than shipments do: a few hold most of the tonnage. */
function weight(dice: Dice, { scene, journey: way }: Omit<Case, 'kg'>): number {
  if (scene === Scene.CONSIGNMENT)
    return (0.2 + dice.next() * 2) * 20 * (loadOf[way?.mode ?? TransportMode.MARITIME] ?? 1);
  if (scene === Scene.SITE) return 700 / (0.03 + dice.next());
  return scene === Scene.ONLINE || scene === Scene.MARKET ? 0.2 + dice.next() : 5 + dice.next() * 40;
}

/** The lines of each case, with the published value divided among all of them. */
export function valued(dice: Dice, all: readonly Case[]): LineInput[][] {
  const parts = all.flatMap((it, index) => {
    const secondKg = it.goods.length > 1 ? Math.max(1, Math.floor(it.kg * (0.1 + dice.next() * 0.3))) : 0;
    return it.goods.map((good, position) => ({
      index,
      good,
      kg: position === 0 ? it.kg - secondKg : secondKg,
      scene: it.scene,
    }));
  });
  // A tonne in a heap fetches far less than a tonne in a container on its way to a buyer.
  const worth = parts.map(({ good, kg, scene }) => {
    const perTonne = good.kgEach ? (good.usdEach * 1000) / good.kgEach : good.usdEach;
    return (0.5 + dice.next()) * (kg || 500) * perTonne * (scene === Scene.SITE ? 0.04 : 1);
  });
  const value = share(publishedTotals.valueCents, worth, 2500);
  const lines: LineInput[][] = all.map(() => []);
  parts.forEach(({ index, good, kg }, part) => {
    const basis = kg < 60_000 && dice.chance(0.5) ? QuantityBasis.WEIGHED : QuantityBasis.ESTIMATED;
    const line =
      good === otherWaste.shipOil
        ? oilLine(dice, good, value[part] ?? 0)
        : lineOfWeight(good, kg, value[part] ?? 0, basis);
    lines[index]?.push(line);
  });
  return lines;
}

/** Oil on water is stated in litres and weighed by nobody: it counts in no tonnage. */
function oilLine(dice: Dice, good: Good, valueInCents: number): LineInput {
  const { agreement, commodity, unit, amount } = good;
  const quantity = String(dice.whole(amount[0] / 10, amount[1] / 10) * 10);
  return {
    agreement,
    commodity,
    quantity,
    unit,
    basis: QuantityBasis.ESTIMATED,
    value: cents(valueInCents),
    currency: 'USD',
    valueBasis: ValueBasis.ESTIMATED,
  };
}

/** How many persons a case tends to have, next to others. */
export function personWeight({ nature, scene }: Case): number {
  if (nature !== OffenceNature.CRIMINAL) return 0.4;
  return scene === Scene.SITE ? 4 : 2.2;
}

/** How many companies a case tends to have, next to others. */
export function companyWeight({ nature }: Case): number {
  return nature === OffenceNature.CRIMINAL ? 1.6 : 0.6;
}
