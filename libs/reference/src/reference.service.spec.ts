import { withDatabase } from '../../../tests/setup/database.js';

import { loadExchangeRates } from './exchange-rates.loader.js';
import { checkCasNumber } from './identifiers/cas-number.js';
import { checkHsCode } from './identifiers/hs-code.js';
import { checkUnlocode } from './identifiers/unlocode.js';
import { ReferenceService } from './reference.service.js';
import { Agreement, CrimeArea, Language, QuantityUnit, RegionScheme } from './vocabulary.js';

const database = withDatabase();
const always = { from: '1970-01-01', to: '2100-01-01' };

let reference: ReferenceService;

beforeAll(async () => {
  reference = new ReferenceService(database.source);
  await reference.onModuleInit();
});

afterAll(() => reference.onModuleDestroy());

test('the seed holds the 249 countries of ISO 3166-1, each with a name in four languages and a region in each scheme', () => {
  const countries = reference.countriesOn('2017-06-14');
  expect(countries).toHaveLength(249);
  for (const { code, names, regions } of countries) {
    expect(code).toMatch(/^[A-Z]{2}$/);
    for (const language of Object.values(Language)) expect(names[language]).toMatch(/\S/);
    for (const scheme of Object.values(RegionScheme)) expect(regions[scheme]).toMatch(/\S/);
    expect(names.AR).toMatch(/[\u0600-\u06ff]/);
  }
  expect(new Set(countries.map(({ regions }) => regions.WCO_REGION)).size).toBe(7);
  expect(reference.toCountry('KE')).toMatchObject({ names: { EN: 'Kenya', FR: 'Kenya', ES: 'Kenia', AR: 'كينيا' } });
  expect(reference.region('KE', RegionScheme.WCO_REGION)).toBe('East and Southern Africa');
  expect(reference.isCountry('XK')).toBe(false);
});

test('the seed holds all 205 commodities, in the words of the contract and with identifiers that pass their checks', () => {
  const commodities = reference.findCommodities('2026-06-01');
  expect(commodities).toHaveLength(205);
  for (const { agreement, crimeArea, unit, hsCodes, cas } of commodities) {
    expect(Object.values(Agreement)).toContain(agreement);
    expect(Object.values(CrimeArea)).toContain(crimeArea);
    expect(Object.values(QuantityUnit)).toContain(unit);
    for (const code of hsCodes) expect(checkHsCode(code)).toEqual({ ok: true, value: code });
    if (cas !== null) expect(checkCasNumber(cas)).toEqual({ ok: true, value: cas });
  }
  expect(reference.commodity('r-502', always)).toMatchObject({ gwp100: '4657', odp: '0.334', unNumbers: ['UN1973'] });
});

test('a commodity keeps the reference of the agreement as it was on the day of the record', () => {
  expect(reference.toCommodity('ewaste-hazardous', '2017-06-14').agreementReference).toBe('Basel Annex VIII A1180');
  expect(reference.toCommodity('ewaste-hazardous', '2025-01-01').agreementReference).toBe('Basel Annex VIII A1181');
});

test('the seed holds ports and inland places under well-formed codes, and lacks the rest', () => {
  expect(reference.place('KEMBA')).toMatchObject({
    name: 'Mombasa',
    country: 'KE',
    latitude: -4.0435,
    longitude: 39.6682,
  });
  expect(reference.place('KENBO')).toMatchObject({ name: 'Nairobi', country: 'KE' });
  expect(reference.place('KEZZZ')).toBeUndefined();
  expect(checkUnlocode('KEZZZ')).toMatchObject({ ok: true });
});

test('risk indicators come in categories, and none of them is fiscal', () => {
  const indicators = reference.allRiskIndicators();
  expect(indicators.length).toBeGreaterThanOrEqual(40);
  for (const { code, category, text } of indicators) {
    expect(code.split('.')[0]).toBe(category);
    expect(`${code} ${text}`).not.toMatch(/\b(duty|duties|tax|taxes|tariff|excise|revenue|fiscal|undervalu\w*)\b/i);
  }
  const codes = ['container.seal-broken', 'no.such', 'route.unusual-transit'];
  expect(reference.riskIndicators(codes).map(({ code }) => code)).toEqual([
    'container.seal-broken',
    'route.unusual-transit',
  ]);
});

test('no rate is shipped but that of the US dollar itself', async () => {
  expect(reference.usdRate('USD', '2017-06-14')).toEqual({ rate: '1', day: '1970-01-01' });
  expect(await database.source.query('SELECT DISTINCT currency FROM exchange_rates')).toEqual([{ currency: 'USD' }]);
});

test('loaded rates are taken up without a restart, exactly as written, and never changed afterwards', async () => {
  const csv = 'currency,day,usd\nTZS,2017-06-01,0.00044709\nTZS,2017-06-08,0.000446\n';
  expect(await loadExchangeRates(database.source, csv)).toEqual({ added: 2, unchanged: 0 });
  expect(await reference.reloadIfChanged()).toBe(true);
  expect(await reference.reloadIfChanged()).toBe(false);
  expect(reference.usdRate('TZS', '2017-06-07')).toEqual({ rate: '0.00044709', day: '2017-06-01' });

  expect(await loadExchangeRates(database.source, `${csv}TZS,2017-06-09,0.000445\n`)).toEqual({
    added: 1,
    unchanged: 2,
  });
  const other = 'currency,day,usd\nTZS,2017-06-10,0.000444\nTZS,2017-06-01,0.0005\nTZS,2017-06-08,0.0004460\n';
  await expect(loadExchangeRates(database.source, other)).rejects.toThrow(
    'No exchange rate was loaded.\n  TZS of 2017-06-01 was loaded as 0.00044709 and is 0.0005 here: a loaded rate is never changed.',
  );
  await reference.reload();
  expect(reference.usdRate('TZS', '2017-06-30')).toEqual({ rate: '0.000445', day: '2017-06-09' });
});

test('two loads of the same new rates at the same time store each once', async () => {
  const csv = `currency,day,usd\n${Array.from({ length: 200 }, (_, i) => `UGX,2017-01-01,0.00028\nUGX,2016-${String((i % 12) + 1).padStart(2, '0')}-${String((i % 28) + 1).padStart(2, '0')},0.0003`).join('\n')}\n`;
  const loads = await Promise.all([1, 2, 3].map(() => loadExchangeRates(database.source, csv)));
  const [{ count } = { count: 0 }] = await database.source.query<{ count: number }[]>(
    "SELECT count(*)::int AS count FROM exchange_rates WHERE currency = 'UGX'",
  );
  expect(loads.reduce((sum, { added }) => sum + added, 0)).toBe(count);
});

test('only one version of a code may be open', async () => {
  await expect(
    database.source.query(
      `INSERT INTO places (unlocode, name, country, valid_from) VALUES ('KEMBA', 'Mombasa', 'KE', '2026-01-01')`,
    ),
  ).rejects.toThrow('places_one_open_version');
});
