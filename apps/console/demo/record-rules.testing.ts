import { readFileSync } from 'node:fs';

import { iso1A2Code } from '@rapideditor/country-coder';
import { parse } from 'csv-parse/sync';
import { validate, version } from 'uuid';

import type { CargoUnitInput, ConsignmentInput, LineInput, PlaceInput, RouteInput, VesselInput } from './records.js';

/** What a test of demo records checks them by: the rules of the domain, worked out here anew and not by the code that made the records. */
export interface Checkable {
  readonly country: string;
  readonly receivedAt: Date;
  readonly input: {
    readonly id: string;
    readonly detectedAt: Date;
    readonly narrative: string;
    readonly lines: readonly LineInput[];
    readonly exercise: boolean;
    readonly sharing: { level: string; addCountries?: string[]; leaveOutCountries?: string[] };
    readonly vessel?: VesselInput;
    readonly persons: number;
    readonly companies: number;
  };
}

/** Every rule that a report of any kind breaks, in words. */
export function faultsOfReport({ country, receivedAt, input }: Checkable, accepted: readonly string[]): string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(`${input.id}: ${fault}`);
  };
  expect(validate(input.id) && version(input.id) === 7, 'id is no UUIDv7');
  expect(receivedAt >= input.detectedAt, 'received before it was detected');
  expect(input.detectedAt.getTime() % 60_000 === 0, 'detected at no whole minute');
  expect(input.sharing.level !== 'RED' && !input.exercise, 'RED or an exercise');
  const named = [...(input.sharing.addCountries ?? []), ...(input.sharing.leaveOutCountries ?? [])];
  expect(
    named.every((code) => code !== country && accepted.includes(code)),
    'shared with a country outside',
  );
  expect(input.lines.length > 0, 'no line');
  for (const line of input.lines) {
    expect(
      /^(0|[1-9][0-9]*)([.][0-9]{1,3})?$/.test(line.quantity) && Number(line.quantity) > 0,
      `quantity ${line.quantity}`,
    );
    expect(line.currency === 'USD' && /^[0-9]+[.][0-9]{2}$/.test(line.value ?? '') && Number(line.value) > 0, 'value');
    expect(line.netWeightKg === undefined || /^[1-9][0-9]*$/.test(line.netWeightKg), 'net weight');
  }
  expect(Number.isInteger(input.persons) && input.persons >= 0, 'persons');
  expect(Number.isInteger(input.companies) && input.companies >= 0, 'companies');
  if (input.vessel?.imo) expect(imoHolds(input.vessel.imo), `IMO ${input.vessel.imo}`);
  expect(input.narrative.endsWith('Invented for illustration.'), 'narrative does not say that it is invented');
  expect(
    !/\b(he|she|man|woman|suspect|owner of|Mr|Ms|driver)\b/i.test(input.narrative),
    'narrative speaks of a person',
  );
  return faults;
}

/** What is wrong with a consignment, or with its absence. */
export function faultsOfConsignment(
  country: string,
  scene: string,
  consignment: ConsignmentInput | undefined,
): string[] {
  if (scene !== 'CONSIGNMENT') return consignment ? ['a consignment at another scene'] : [];
  if (!consignment) return ['no consignment'];
  const { direction, route, cargoUnits } = consignment;
  return [
    ...faultsOfRoute(country, direction, route),
    ...cargoUnits.filter((unit) => !unitHolds(unit)).map((unit) => JSON.stringify(unit)),
  ];
}

export function faultsOfRoute(
  country: string,
  direction: string,
  { origin, transit, destination }: RouteInput,
): string[] {
  const faults: string[] = [];
  const closed = direction === 'DOMESTIC' || direction === 'RETURN';
  const all = closed ? [origin, ...transit] : [origin, ...transit, destination];
  const countries = all.filter((code) => code !== 'XZ' && code !== 'ZZ');
  if (new Set(countries).size !== countries.length) faults.push('a country twice in the route');
  if (closed && origin !== destination) faults.push(`${direction} ends elsewhere`);
  if (!all.every((code) => /^[A-Z]{2}$/.test(code))) faults.push('no country code');
  const ends: Readonly<Record<string, boolean>> = {
    EXPORT: origin === country,
    IMPORT: destination === country,
    TRANSIT: transit.includes(country),
    TRANSHIPMENT: transit.includes(country),
    DOMESTIC: origin === country,
    RETURN: origin === country,
  };
  if (!ends[direction]) faults.push(`${direction} does not fit ${country}`);
  return faults;
}

const seed = (file: string): string =>
  readFileSync(new URL(`../../../migrations/data/${file}`, import.meta.url), 'utf8');

const knownPlaces = new Set(
  (JSON.parse(seed('places.json')) as { unlocode: string }[]).map(({ unlocode }) => unlocode),
);
const knownCommodities = new Map(
  parse<Record<string, string>>(seed('commodities.csv'), { columns: true }).map((row) => [row.code, row]),
);

/** The codes of the seeded risk indicators. */
export const knownRiskIndicators = new Set(
  (JSON.parse(seed('risk-indicators.json')) as { code: string }[]).map(({ code }) => code),
);

/** Whether the goods are on the reference list, under their agreement and crime area. */
export function goodsHold({ commodity, agreement }: LineInput, crimeArea: string): boolean {
  const row = knownCommodities.get(commodity);
  return row?.agreement_enum === agreement && row.crime_area_enum === crimeArea;
}

/** Whether the place exists and lies in the country; a name alone says nothing of that. */
export function placeHolds(country: string, { unlocode, latitude, longitude, name }: PlaceInput): boolean {
  if (unlocode) return unlocode.startsWith(country) && knownPlaces.has(unlocode);
  if (latitude === undefined || longitude === undefined) return latitude === longitude && (name ?? '') !== '';
  return iso1A2Code([longitude, latitude], { level: 'territory' }) === country;
}

/** Exactly one number, whose check digit is right. */
export function unitHolds({ container, airWaybill, vehicle, railWagon }: CargoUnitInput): boolean {
  if ([container, airWaybill, vehicle, railWagon].filter(Boolean).length !== 1) return false;
  if (container) return /^[A-Z]{3}U[0-9]{7}$/.test(container) && containerDigit(container) === container.slice(10);
  if (airWaybill)
    return /^[0-9]{11}$/.test(airWaybill) && Number(airWaybill.slice(3, 10)) % 7 === Number(airWaybill[10]);
  if (railWagon) return /^[0-9]{12}$/.test(railWagon) && luhnSum(railWagon) % 10 === 0;
  return /^DEMO[0-9]{4}$/.test(vehicle ?? '');
}

const letterValues: ReadonlyMap<string, number> = new Map(
  // 10 to 38 without 11, 22 and 33.
  [10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 34, 35, 36, 37, 38].map(
    (value, place) => [String.fromCharCode(65 + place), value],
  ),
);

/** The check digit by ISO 6346. */
export function containerDigit(number: string): string {
  let sum = 0;
  let weight = 1;
  for (const sign of number.slice(0, 10)) {
    sum += (letterValues.get(sign) ?? Number(sign)) * weight;
    weight += weight;
  }
  return String((sum % 11) % 10);
}

function luhnSum(digits: string): number {
  return [...digits].reverse().reduce((sum, digit, place) => {
    const doubled = Number(digit) * (1 + (place % 2));
    return sum + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
}

function imoHolds(imo: string): boolean {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, check] = [...imo].map(Number);
  return /^3[0-9]{6}$/.test(imo) && (7 * a + 6 * b + 5 * c + 4 * d + 3 * e + 2 * f) % 10 === check;
}
