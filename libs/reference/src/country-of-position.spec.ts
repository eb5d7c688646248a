import { countryOfPosition } from './country-of-position.js';

test.each([
  ['Mombasa', -4.04, 39.67, 'KE'],
  ['Singapore', 1.29, 103.85, 'SG'],
  ['Hong Kong', 22.28, 114.16, 'HK'],
  ['Guadeloupe', 16.24, -61.55, 'GP'],
  ['Honolulu', 21.3, -157.86, 'US'],
  ['the middle of the Atlantic', 30, -40, undefined],
  ['Pristina, which has no code of ISO 3166-1', 42.66, 21.17, undefined],
])('the country of %s', (_, latitude, longitude, country) => {
  expect(countryOfPosition(latitude, longitude)).toBe(country);
});
