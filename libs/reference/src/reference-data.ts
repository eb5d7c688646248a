import { Commodities } from './commodities.js';
import { Countries } from './countries.js';
import { ExchangeRates } from './exchange-rates.js';
import type { ListedPlace } from './place.js';
import type { ReferenceRows } from './reference-rows.js';
import type { RiskIndicator } from './risk-indicator.js';
import { Versions } from './versions.js';

/** One reading of all reference tables, which never changes: a new reading takes the place of the whole. */
export class ReferenceData {
  readonly version: string;
  readonly countries: Countries;
  readonly commodities: Commodities;
  readonly places: Versions<ListedPlace>;
  readonly exchangeRates: ExchangeRates;
  readonly riskIndicators: ReadonlyMap<string, RiskIndicator>;

  constructor(rows: ReferenceRows) {
    this.version = rows.version;
    this.countries = new Countries(rows.countries);
    this.commodities = new Commodities(rows.commodities);
    this.places = new Versions(rows.places, ({ unlocode }) => unlocode);
    this.exchangeRates = new ExchangeRates(rows.exchangeRates);
    this.riskIndicators = new Map(rows.riskIndicators.map((indicator) => [indicator.code, indicator]));
  }
}
