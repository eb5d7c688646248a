import { regionsBy } from './regions.js';

const regions = regionsBy((code) => ({ KE: 'Sub-Saharan Africa', AQ: 'NONE' })[code] ?? 'UNKNOWN');

test('a country is in its region, and one that the scheme has no region for in NONE', () => {
  expect(regions).toMatchObject({ KE: 'Sub-Saharan Africa', AQ: 'NONE', QQ: 'UNKNOWN' });
});

test('the high seas are in no region, and the unknown is in an unknown one, whatever the scheme says', () => {
  expect(regionsBy(() => 'Europe')).toMatchObject({ XZ: 'NONE', ZZ: 'UNKNOWN', FR: 'Europe' });
});
