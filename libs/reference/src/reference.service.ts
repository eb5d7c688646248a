import { Injectable, Logger } from '@nestjs/common';
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

import type { Commodity } from './commodity.js';
import { countryOfPosition } from './country-of-position.js';
import type { Country } from './country.js';
import type { DatedRate } from './exchange-rates.js';
import type { ListedPlace } from './place.js';
import { ReferenceData } from './reference-data.js';
import { readReferenceRows, readReferenceVersion } from './reference-rows.js';
import type { RiskIndicator } from './risk-indicator.js';
import type { DayRange } from './versions.js';
import type { Agreement, RegionScheme } from './vocabulary.js';

/** How long a change that another process made may go unseen here. */
const LOOK_EVERY_MS = 2_000;

/**
 * Countries, places, commodities, risk indicators and exchange rates, kept in memory so that checking a report asks the database nothing. What a command or
 * another process changes in the tables is taken up within seconds.
 */
@Injectable()
export class ReferenceService implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(ReferenceService.name);
  private loaded: ReferenceData | undefined;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async onModuleInit(): Promise<void> {
    await this.reload();
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** Reads all tables anew. */
  async reload(): Promise<void> {
    this.loaded = new ReferenceData(await readReferenceRows(this.dataSource));
  }

  /** Reads all tables anew when any of them changed since the last reading; true when it did. */
  async reloadIfChanged(): Promise<boolean> {
    if ((await readReferenceVersion(this.dataSource)) === this.data.version) return false;
    await this.reload();
    return true;
  }

  /** The country as it stands on a day; without a day, its newest version. */
  country(code: string, day?: string): Country | undefined {
    return this.data.countries.country(code, day);
  }

  /** The country that a stored record names. */
  toCountry(code: string): Country {
    return found(this.country(code), code);
  }

  /** Whether the code is a country, on any day of the range where one is given; `XZ` and `ZZ` are none. */
  isCountry(code: string, range?: DayRange): boolean {
    return this.data.countries.isCountry(code, range);
  }

  /** Codes likely meant by one that is no country, at most three: the successors of an obsolete code first. */
  nearestCountries(code: string): readonly string[] {
    return this.data.countries.nearest(code);
  }

  /** Sentences for the sender on why a code is no country, with its successors or the nearest matches. */
  explainCountry(code: string): string {
    return this.data.countries.explain(code);
  }

  /** Every country as it stands on a day, in the order of the codes. */
  countriesOn(day: string): readonly Country[] {
    return this.data.countries.allOn(day);
  }

  /** The English name of the country's region: "NONE" where it has none, as for `XZ`; "UNKNOWN" for `ZZ`. */
  region(code: string, scheme: RegionScheme): string {
    return this.data.countries.region(code, scheme);
  }

  /** The country or territory that a point falls into, in degrees on WGS 84: a hint, never proof. Undefined on the high seas. */
  countryOfPosition(latitude: number, longitude: number): string | undefined {
    const code = countryOfPosition(latitude, longitude);
    return code !== undefined && this.isCountry(code) ? code : undefined;
  }

  /** The commodity as it stands on the range's last day or, where it no longer holds, as it last stood within the range. */
  commodity(code: string, range: DayRange): Commodity | undefined {
    return this.data.commodities.commodity(code, range);
  }

  /** The commodity that a stored record names, as it stood on the day of the record. */
  toCommodity(code: string, day: string): Commodity {
    return found(this.commodity(code, { from: day, to: day }) ?? this.data.commodities.newest(code), code);
  }

  /** Codes likely meant by one that the list lacks, at most three. */
  nearestCommodities(code: string): readonly string[] {
    return this.data.commodities.nearest(code);
  }

  /** A sentence for the sender on why a code is no commodity, with the nearest matches. */
  explainCommodity(code: string): string {
    return this.data.commodities.explain(code);
  }

  /** The commodities of a day by part of code or name, or the beginning of an HS code, and by agreement. */
  findCommodities(day: string, search?: string | null, agreement?: Agreement | null): readonly Commodity[] {
    return this.data.commodities.find(day, search, agreement);
  }

  /** Whether any commodity of the list is declared under this code (2, 4 or 6 digits): false is a reason for a note, not for a refusal. */
  isKnownHs(hs: string): boolean {
    return this.data.commodities.isKnownHs(hs);
  }

  /** The listed place; undefined for a well-formed one that the list lacks, which is taken and noted. */
  place(unlocode: string): ListedPlace | undefined {
    return this.data.places.newest(unlocode);
  }

  riskIndicator(code: string): RiskIndicator | undefined {
    return this.data.riskIndicators.get(code);
  }

  /** The risk indicators of these codes, in their order; unknown codes are left out. */
  riskIndicators(codes: readonly string[]): readonly RiskIndicator[] {
    return codes.flatMap((code) => this.riskIndicator(code) ?? []);
  }

  /** The whole vocabulary, in the order of the codes. */
  allRiskIndicators(): readonly RiskIndicator[] {
    return [...this.data.riskIndicators.values()];
  }

  /** US dollars for one unit of the currency on a day, or on the latest day before it that has a rate; undefined where none was loaded. */
  usdRate(currency: string, day: string): DatedRate | undefined {
    return this.data.exchangeRates.usdRate(currency, day);
  }

  private get data(): ReferenceData {
    if (!this.loaded) throw new Error('Reference data is asked for before it was loaded.');
    return this.loaded;
  }

  private look(): void {
    if (this.looking) return;
    this.looking = this.reloadIfChanged()
      .then((changed) => {
        if (changed) this.logger.log(`Reference data was read anew, version ${this.data.version}.`);
      })
      // The database may be away for a while; what is in memory still holds, and the next look comes soon.
      .catch((error: unknown) =>
        this.logger.warn(
          `Reference data could not be looked at: ${error instanceof Error ? error.message : String(error)}`,
        ),
      )
      .finally(() => (this.looking = undefined));
  }
}

function found<Row>(row: Row | undefined, code: string): Row {
  if (!row) throw new Error(`A stored record names ${code}, which the reference tables lack.`);
  return row;
}
