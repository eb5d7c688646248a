import { readFileSync } from 'node:fs';

import { Countries } from './countries.js';
import type { Country } from './country.js';
import { RegionScheme } from './vocabulary.js';

interface SeededCountry {
  readonly code: string;
  readonly name_en: string;
  readonly name_fr: string;
  readonly name_es: string;
  readonly name_ar: string;
  readonly m49_region: string;
  readonly m49_subregion: string;
}

const seeded = JSON.parse(
  readFileSync(new URL('../../../migrations/data/countries.json', import.meta.url), 'utf8'),
) as readonly SeededCountry[];

function countryOf(row: SeededCountry, validFrom = '1970-01-01', validTo: string | null = null): Country {
  return {
    code: row.code,
    names: { EN: row.name_en, FR: row.name_fr, ES: row.name_es, AR: row.name_ar },
    regions: { M49_REGION: row.m49_region, M49_SUBREGION: row.m49_subregion, WCO_REGION: 'NONE' },
    validFrom,
    validTo,
  };
}

const countries = new Countries(seeded.map((row) => countryOf(row)));

test.each([
  ['AN', ['CW', 'SX', 'BQ']],
  ['SU', ['RU', 'UA', 'KZ']],
  ['UK', ['GB']],
  ['ROM', ['RO']],
  ['KEN', ['KE']],
])('for %s the countries that it stands for come first', (code, nearest) => {
  expect(countries.nearest(code)).toEqual(nearest);
});

test('for a code that never was one, three codes that differ by a letter come, those with the same first letter before others', () => {
  const nearest = countries.nearest('KX');
  expect(nearest).toHaveLength(3);
  for (const code of nearest) expect(code).toMatch(/^K[A-Z]$/);
});

test.each([
  ['Keny', 'KE'],
  ['tanzania', 'TZ'],
  ['Nederlands', 'NL'],
])('the name %s, given in place of a code, finds %s', (name, code) => {
  expect(countries.nearest(name)[0]).toBe(code);
});

test('the message on a wrong code names its successors or the nearest countries', () => {
  expect(countries.explain('YU')).toBe('YU (Yugoslavia) was withdrawn in 2003: use RS or ME.');
  expect(countries.explain('QE')).toMatch(/^QE is no country of ISO 3166-1\. Nearest: QA \(Qatar\), /);
});

test.each([
  ['KE', RegionScheme.M49_REGION, 'Africa'],
  ['KE', RegionScheme.M49_SUBREGION, 'Sub-Saharan Africa'],
  ['BR', RegionScheme.M49_SUBREGION, 'Latin America and the Caribbean'],
  ['NL', RegionScheme.M49_SUBREGION, 'Western Europe'],
  ['TW', RegionScheme.M49_SUBREGION, 'Eastern Asia'],
  ['AQ', RegionScheme.M49_REGION, 'NONE'],
  ['XZ', RegionScheme.M49_REGION, 'NONE'],
  ['ZZ', RegionScheme.WCO_REGION, 'UNKNOWN'],
  ['XK', RegionScheme.M49_REGION, 'UNKNOWN'],
])('%s lies in %s %s', (code, scheme, region) => {
  expect(countries.region(code, scheme)).toBe(region);
});

test('the high seas and an unknown country are no countries', () => {
  expect(['KE', 'XZ', 'ZZ', 'XK', 'EU'].filter((code) => countries.isCountry(code))).toEqual(['KE']);
});

test('a country that was withdrawn is one for a range that begins before, and for no later one', () => {
  const kenya = seeded.find(({ code }) => code === 'KE');
  if (!kenya) throw new Error('The seed lacks KE.');
  const past = new Countries([countryOf({ ...kenya, code: 'AN' }, '1970-01-01', '2010-12-15')]);
  expect(past.isCountry('AN', { from: '2010-12-15', to: '2011-01-31' })).toBe(true);
  expect(past.isCountry('AN', { from: '2010-12-16', to: '2011-01-31' })).toBe(false);
});
