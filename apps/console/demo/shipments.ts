import { TradeDirection, TransportMode } from '#reference';

import { demoCountries, type DemoCountry, type World } from './countries.js';
import type { Dice } from './dice.js';
import type { CargoUnitInput, ConsignmentInput, RouteInput } from './records.js';
import type { UnitNumbers } from './unit-numbers.js';

export interface Journey {
  readonly mode: TransportMode;
  readonly direction: TradeDirection;
  readonly route: RouteInput;
}

const { IMPORT, EXPORT, TRANSIT, TRANSHIPMENT, DOMESTIC, RETURN } = TradeDirection;
const { MARITIME, ROAD, RAIL, INLAND_WATERWAY, AIR } = TransportMode;

/** Countries that goods come from and go to, in each part of the world. Trade meets countries that take part in no operation, too. */
const traders: Readonly<Record<World, readonly string[]>> = {
  EUROPE: ['NL', 'DE', 'BE', 'GB', 'FR', 'ES', 'IT'],
  MIDDLE_EAST: ['AE', 'OM', 'SA', 'JO', 'LB'],
  AFRICA: ['NG', 'GH', 'SN', 'CI', 'TZ', 'KE', 'TG'],
  LATIN_AMERICA: ['BR', 'MX', 'CL', 'CO', 'PE', 'PA', 'EC'],
  NORTH_AMERICA: ['CA', 'US'],
  ASIA_PACIFIC: ['ID', 'TH', 'MY', 'VN', 'IN', 'PK'],
};

/** Where goods of a part of the world come from (for its imports) and go to (for its exports). */
const flows: Readonly<Record<World, { readonly from: readonly World[]; readonly to: readonly World[] }>> = {
  EUROPE: { from: ['EUROPE', 'MIDDLE_EAST'], to: ['AFRICA', 'AFRICA', 'ASIA_PACIFIC', 'EUROPE', 'LATIN_AMERICA'] },
  MIDDLE_EAST: { from: ['EUROPE', 'AFRICA'], to: ['ASIA_PACIFIC', 'ASIA_PACIFIC', 'AFRICA'] },
  AFRICA: { from: ['EUROPE', 'EUROPE', 'MIDDLE_EAST'], to: ['ASIA_PACIFIC', 'AFRICA'] },
  LATIN_AMERICA: {
    from: ['NORTH_AMERICA', 'EUROPE', 'LATIN_AMERICA'],
    to: ['ASIA_PACIFIC', 'EUROPE', 'LATIN_AMERICA'],
  },
  NORTH_AMERICA: { from: ['LATIN_AMERICA', 'EUROPE'], to: ['LATIN_AMERICA', 'ASIA_PACIFIC'] },
  ASIA_PACIFIC: { from: ['EUROPE', 'MIDDLE_EAST', 'MIDDLE_EAST', 'NORTH_AMERICA'], to: ['ASIA_PACIFIC', 'AFRICA'] },
};

const directions: Readonly<Record<World, readonly (readonly [TradeDirection, number])[]>> = {
  EUROPE: [
    [EXPORT, 60],
    [IMPORT, 18],
    [TRANSIT, 14],
    [DOMESTIC, 5],
    [RETURN, 3],
  ],
  MIDDLE_EAST: [
    [EXPORT, 62],
    [TRANSIT, 14],
    [TRANSHIPMENT, 14],
    [IMPORT, 10],
  ],
  AFRICA: [
    [IMPORT, 74],
    [EXPORT, 12],
    [TRANSIT, 10],
    [DOMESTIC, 4],
  ],
  LATIN_AMERICA: [
    [IMPORT, 42],
    [EXPORT, 40],
    [TRANSHIPMENT, 12],
    [DOMESTIC, 6],
  ],
  NORTH_AMERICA: [
    [EXPORT, 80],
    [IMPORT, 20],
  ],
  ASIA_PACIFIC: [
    [IMPORT, 72],
    [TRANSHIPMENT, 14],
    [EXPORT, 10],
    [RETURN, 4],
  ],
};

/** Ports on the way to and from a part of the world. */
const hubs: Readonly<Record<World, readonly string[]>> = {
  EUROPE: ['MA', 'ES', 'OM'],
  MIDDLE_EAST: ['OM', 'LK', 'SG'],
  AFRICA: ['MA', 'ES', 'OM'],
  LATIN_AMERICA: ['PA'],
  NORTH_AMERICA: ['PA'],
  ASIA_PACIFIC: ['SG', 'LK'],
};
const islands = ['GB', 'IE', 'CY', 'MT', 'NO', 'FI', 'SE'];

/** Invents a journey that begins, ends or passes in the country, as trade from and to its part of the world would. */
export function journey(dice: Dice, country: DemoCountry): Journey {
  if (country.ports.length === 0) return overland(dice, country);
  const direction = dice.weighted(directions[country.world]);
  if (direction === DOMESTIC) {
    return { mode: ROAD, direction, route: { origin: country.code, transit: [], destination: country.code } };
  }
  if (direction === RETURN) {
    const turnedBackBy = partner(dice, flows[country.world].to, [country.code]);
    return {
      mode: MARITIME,
      direction,
      route: { origin: country.code, transit: [turnedBackBy], destination: country.code },
    };
  }
  if (direction === TRANSIT || direction === TRANSHIPMENT) {
    const from = dice.pick(flows[country.world].from);
    const origin = partner(dice, [from], [country.code]);
    // Goods that pass through a country on the way come from one part of the world and go to another.
    const to = flows[country.world].to.filter((world) => world !== from);
    const destination = partner(dice, to, [country.code, origin]);
    return { mode: MARITIME, direction, route: { origin, transit: [country.code], destination } };
  }
  const other = partner(dice, flows[country.world][direction === EXPORT ? 'to' : 'from'], [country.code]);
  const [origin, destination] = direction === EXPORT ? [country.code, other] : [other, country.code];
  const mode = modeBetween(dice, country, other);
  const onTheWay = hubs[country.world].filter((hub) => hub !== origin && hub !== destination);
  const transit = mode === MARITIME && onTheWay.length > 0 && dice.chance(0.3) ? [dice.pick(onTheWay)] : [];
  return { mode, direction, route: { origin, transit, destination } };
}

function overland(dice: Dice, country: DemoCountry): Journey {
  const other = dice.pick(['DE', 'PL', 'IT', 'SI', 'RO'].filter((code) => code !== country.code));
  const direction = dice.pick([IMPORT, EXPORT]);
  const [origin, destination] = direction === EXPORT ? [country.code, other] : [other, country.code];
  return { mode: dice.pick([ROAD, ROAD, RAIL]), direction, route: { origin, transit: [], destination } };
}

function partner(dice: Dice, worlds: readonly World[], except: readonly string[]): string {
  return dice.pick(traders[dice.pick(worlds)].filter((code) => !except.includes(code)));
}

function modeBetween(dice: Dice, country: DemoCountry, other: string): TransportMode {
  const neighbours =
    country.world === 'EUROPE' &&
    traders.EUROPE.includes(other) &&
    !islands.includes(country.code) &&
    !islands.includes(other);
  if (!neighbours) return dice.chance(0.03) ? AIR : MARITIME;
  return dice.weighted([
    [ROAD, 60],
    [RAIL, 20],
    [INLAND_WATERWAY, 8],
    [MARITIME, 12],
  ]);
}

/** How much heavier than others a consignment of the mode is. */
export const loadOf: Readonly<Partial<Record<TransportMode, number>>> = {
  [MARITIME]: 1,
  [RAIL]: 0.8,
  [INLAND_WATERWAY]: 1.6,
  [ROAD]: 0.22,
  [AIR]: 0.01,
};

const kgPerUnit = 26_000;

/** As many cargo units as the weight fills, and a bill of lading where there is one. A barge carries its cargo loose. */
export function consignment(
  dice: Dice,
  numbers: UnitNumbers,
  { mode, direction, route }: Journey,
  kg: number,
): ConsignmentInput {
  const unit = (): CargoUnitInput[] => {
    if (mode === MARITIME) return [{ container: numbers.container(), asMarked: false }];
    if (mode === ROAD) return [{ vehicle: numbers.vehicle(), asMarked: false }];
    if (mode === RAIL) return [{ railWagon: numbers.railWagon(), asMarked: false }];
    return [];
  };
  const cargoUnits =
    mode === AIR
      ? [{ airWaybill: numbers.airWaybill(), asMarked: false }]
      : Array.from({ length: Math.ceil(kg / kgPerUnit) }, unit).flat();
  const billOfLading = mode === MARITIME && dice.chance(0.8) ? { billOfLading: numbers.billOfLading() } : {};
  return { transportMode: mode, direction, route, cargoUnits, ...billOfLading };
}

const strangers: Readonly<Record<string, string>> = { EC: 'Ecuador', PK: 'Pakistan', US: 'the United States' };

/** The name of a country that trades in the demos, for narratives. */
export function countryName(code: string): string {
  return demoCountries.find((country) => country.code === code)?.name ?? strangers[code] ?? code;
}
