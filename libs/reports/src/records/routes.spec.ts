import fc from 'fast-check';
import { Faults, type FieldFault, MusterError } from '#platform';
import { TradeDirection } from '#reference';

import type { RouteContent } from './content.js';
import { countriesOfRoute, isNoCountry, judgeRoute, readRoute } from './routes.js';

const PATH = 'input.route';
const COUNTRIES = ['KE', 'TZ', 'UG', 'NL', 'OM', 'AE', 'ZA', 'BR', 'CN', 'IN'];
const BACK = [TradeDirection.DOMESTIC, TradeDirection.RETURN];
const ONWARD = Object.values(TradeDirection).filter((direction) => !BACK.includes(direction));

function faultsOf(direction: TradeDirection, stations: readonly string[]): readonly FieldFault[] {
  const [origin = '', ...rest] = stations;
  const faults = new Faults();
  judgeRoute(faults, PATH, direction, { origin, transit: rest.slice(0, -1), destination: rest.at(-1) ?? '' });
  try {
    faults.throwIfAny();
    return [];
  } catch (error) {
    return (error as MusterError).details.fields ?? [];
  }
}

/** Where a station stands in the input. */
function pathOf(place: number, stations: readonly string[]): string {
  if (place === 0) return `${PATH}.origin`;
  return place === stations.length - 1 ? `${PATH}.destination` : `${PATH}.transit.${place - 1}`;
}

const distinct = fc.shuffledSubarray(COUNTRIES, { minLength: 2, maxLength: 8 });
const noCountries = fc.array(fc.tuple(fc.nat(), fc.constantFrom('XZ', 'ZZ')), { maxLength: 6 });

/** The stations with the high seas and the unknown put in anywhere. */
function withNoCountries(stations: readonly string[], more: readonly (readonly [number, string])[]): string[] {
  return more.reduce<string[]>((all, [at, code]) => all.toSpliced(at % (all.length + 1), 0, code), [...stations]);
}

describe('a route onward', () => {
  it('is right while no country stands in it twice, however often the high seas and the unknown do', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ONWARD), distinct, noCountries, (direction, stations, more) => {
        expect(faultsOf(direction, withNoCountries(stations, more))).toEqual([]);
      }),
    );
  });

  it('is wrong where a country comes again, and the later place is named', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ONWARD),
        distinct,
        noCountries,
        fc.nat(),
        fc.nat(),
        (direction, once, more, of, at) => {
          const stations = withNoCountries(once, more);
          const countries = stations.flatMap((code, place) => (isNoCountry(code) ? [] : [place]));
          const first = countries[of % countries.length] ?? 0;
          const place = first + 1 + (at % (stations.length - first));
          const again = stations.toSpliced(place, 0, stations[first] ?? '');
          expect(faultsOf(direction, again).map(({ path }) => path)).toEqual([pathOf(place, again)]);
        },
      ),
    );
  });
});

describe('a movement that comes back', () => {
  it('is right where it begins and ends in one country and passes each other once', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BACK), distinct, noCountries, (direction, stations, more) => {
        const [home = '', ...others] = stations;
        expect(faultsOf(direction, [home, ...withNoCountries(others, more), home])).toEqual([]);
      }),
    );
  });

  it('is wrong where it ends elsewhere', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BACK), distinct, (direction, stations) => {
        expect(faultsOf(direction, stations)).toMatchObject([{ path: `${PATH}.destination`, rule: 'route' }]);
      }),
    );
  });

  it('is wrong where it comes home on its way, or passes a country twice', () => {
    for (const direction of BACK) {
      expect(faultsOf(direction, ['KE', 'OM', 'KE', 'KE'])).toMatchObject([{ path: `${PATH}.transit.1` }]);
      expect(faultsOf(direction, ['KE', 'OM', 'XZ', 'OM', 'KE'])).toMatchObject([{ path: `${PATH}.transit.2` }]);
    }
  });
});

test('thirty countries of transit are the most', () => {
  const seas = (count: number): string[] => ['KE', ...Array.from({ length: count }, () => 'XZ'), 'NL'];
  expect(faultsOf(TradeDirection.EXPORT, seas(30))).toEqual([]);
  expect(faultsOf(TradeDirection.EXPORT, seas(31))).toMatchObject([{ path: `${PATH}.transit`, rule: 'length' }]);
});

test('all stations are told with their paths, in the order of the journey', () => {
  const route: RouteContent = readRoute({ origin: 'NL', transit: ['XZ', 'OM'], destination: 'KE' });
  expect(countriesOfRoute(PATH, route)).toEqual([
    [`${PATH}.origin`, 'NL'],
    [`${PATH}.transit.0`, 'XZ'],
    [`${PATH}.transit.1`, 'OM'],
    [`${PATH}.destination`, 'KE'],
  ]);
  expect(readRoute({ origin: 'NL', destination: 'KE', transit: null })).toEqual(
    readRoute({ origin: 'NL', destination: 'KE' }),
  );
});
