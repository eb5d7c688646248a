import type { DemoCountry } from './countries.js';
import type { Dice } from './dice.js';
import type { PlaceInput } from './records.js';

const tinyCountries = ['MU', 'SC', 'BH', 'MT', 'SG'];

const around = (dice: Dice, degrees: number, reach: number): number =>
  Number((degrees + (dice.next() * 2 - 1) * reach).toFixed(4));

/** An invented place well inside the country. */
export function inlandPlace(dice: Dice, country: DemoCountry, name: string): PlaceInput {
  const reach = tinyCountries.includes(country.code) ? 0.01 : 0.1;
  return {
    latitude: around(dice, country.inland.latitude, reach),
    longitude: around(dice, country.inland.longitude, reach),
    name,
  };
}

/** A place at the water near one of the country's ports. */
export function shorePlace(dice: Dice, country: DemoCountry, name: string): PlaceInput {
  const port = dice.pick(country.ports);
  return {
    latitude: around(dice, port.latitude, 0.02),
    longitude: around(dice, port.longitude, 0.02),
    name: `${name}, ${port.name}`,
  };
}

/** One of the country's ports, by its UN/LOCODE. */
export function portPlace(dice: Dice, country: DemoCountry, name?: string): PlaceInput {
  const port = dice.pick(country.ports);
  return { unlocode: port.unlocode, name: name ? `${port.name}, ${name}` : port.name };
}
