import type { Faults } from '#platform';
import { TradeDirection } from '#reference';

import type { RouteContent } from './content.js';
import type { RouteInput } from './record.inputs.js';

const MOST_TRANSIT = 30;

/** XZ is the high seas and ZZ is unknown: both may stand anywhere and more than once, and are no country concerned. */
export function isNoCountry(code: string): boolean {
  return code === 'XZ' || code === 'ZZ';
}

export function readRoute(input: RouteInput): RouteContent {
  return { origin: input.origin, transit: input.transit ?? [], destination: input.destination };
}

/**
 * A return or a domestic movement begins and ends in one country; otherwise no country but XZ and ZZ stands twice in a route.
 * @param path where the route stands, such as `input.consignment.route`
 */
export function judgeRoute(
  faults: Faults,
  path: string,
  direction: TradeDirection,
  { origin, transit, destination }: RouteContent,
): void {
  if (transit.length > MOST_TRANSIT)
    faults.add(`${path}.transit`, 'length', `Use at most ${MOST_TRANSIT} transit countries.`);
  const comesBack = direction === TradeDirection.DOMESTIC || direction === TradeDirection.RETURN;
  if (comesBack && origin !== destination) {
    faults.add(`${path}.destination`, 'route', `A ${direction.toLowerCase()} movement begins and ends in one country.`);
  }
  const seen = new Set<string>(comesBack ? [] : [origin]);
  transit.forEach((code, index) => {
    if (!isNoCountry(code) && (seen.has(code) || code === origin)) {
      faults.add(`${path}.transit.${index}`, 'route', `${code} stands in the route before; name each country once.`);
    }
    seen.add(code);
  });
  if (!comesBack && !isNoCountry(destination) && seen.has(destination)) {
    faults.add(`${path}.destination`, 'route', `${destination} stands in the route before; name each country once.`);
  }
}

/** All countries of a route, with their paths. */
export function countriesOfRoute(path: string, { origin, transit, destination }: RouteContent): [string, string][] {
  return [
    [`${path}.origin`, origin],
    ...transit.map((code, index): [string, string] => [`${path}.transit.${index}`, code]),
    [`${path}.destination`, destination],
  ];
}
