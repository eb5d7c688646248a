import type { DataSource } from 'typeorm';

import type { Commodity } from './commodity.js';
import type { Country } from './country.js';
import type { ExchangeRate } from './exchange-rates.js';
import type { ListedPlace } from './place.js';
import type { RiskIndicator } from './risk-indicator.js';

/** All rows of the reference tables, with the version that they are at least of. */
export interface ReferenceRows {
  readonly version: string;
  readonly countries: readonly Country[];
  readonly places: readonly ListedPlace[];
  readonly commodities: readonly Commodity[];
  readonly riskIndicators: readonly RiskIndicator[];
  readonly exchangeRates: readonly ExchangeRate[];
}

const VALIDITY = `valid_from::text AS "validFrom", valid_to::text AS "validTo"`;

/** The number of the last change to any reference table. */
export async function readReferenceVersion(dataSource: DataSource): Promise<string> {
  const [row] = await dataSource.query<{ version: string }[]>('SELECT version::text AS version FROM reference_version');
  if (!row) throw new Error('The table reference_version is empty: the migrations have not run to their end.');
  return row.version;
}

/** Reads every reference table. */
export async function readReferenceRows(dataSource: DataSource): Promise<ReferenceRows> {
  // Before the rows: a change in between is then found by the next look at the version, and not missed.
  const version = await readReferenceVersion(dataSource);
  const [countries, places, commodities, riskIndicators, exchangeRates] = await Promise.all([
    dataSource.query<Country[]>(`
      SELECT code, jsonb_build_object('EN', name_en, 'FR', name_fr, 'ES', name_es, 'AR', name_ar) AS names,
        jsonb_build_object('M49_REGION', m49_region, 'M49_SUBREGION', m49_subregion, 'WCO_REGION', wco_region) AS regions, ${VALIDITY}
      FROM countries`),
    dataSource.query<ListedPlace[]>(`SELECT unlocode, name, country, latitude, longitude, ${VALIDITY} FROM places`),
    dataSource.query<Commodity[]>(`
      SELECT code, name, agreement, agreement_reference AS "agreementReference", hs_codes AS "hsCodes", "group", crime_area AS "crimeArea", unit,
        un_numbers AS "unNumbers", cas, gwp100::text AS gwp100, odp::text AS odp, ${VALIDITY}
      FROM commodities`),
    dataSource.query<RiskIndicator[]>('SELECT code, category, text FROM risk_indicators ORDER BY code COLLATE "C"'),
    dataSource.query<ExchangeRate[]>('SELECT currency, day::text AS day, usd::text AS usd FROM exchange_rates'),
  ]);
  return { version, countries, places, commodities, riskIndicators, exchangeRates };
}
