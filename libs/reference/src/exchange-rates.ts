import { compare } from './versions.js';

/** What one unit of a currency was worth in US dollars on a day. */
export interface ExchangeRate {
  readonly currency: string;
  readonly day: string;
  /** US dollars for one unit, exact decimal. */
  readonly usd: string;
}

/** A rate with the day that it is of, which may lie before the day asked for. */
export interface DatedRate {
  readonly rate: string;
  readonly day: string;
}

/** The loaded rates, by currency and day. */
export class ExchangeRates {
  private readonly byCurrency = new Map<string, ExchangeRate[]>();

  constructor(rates: readonly ExchangeRate[]) {
    for (const rate of [...rates].sort((a, b) => compare(a.day, b.day))) {
      const known = this.byCurrency.get(rate.currency);
      if (known) known.push(rate);
      else this.byCurrency.set(rate.currency, [rate]);
    }
  }

  /** The rate of the day, or the latest before it; undefined where none was loaded. */
  usdRate(currency: string, day: string): DatedRate | undefined {
    const rates = this.byCurrency.get(currency) ?? [];
    // Years of daily rates are thousands of rows, and every line of a report asks: so by halves.
    let low = 0;
    let high = rates.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((rates[middle]?.day ?? '') <= day) low = middle + 1;
      else high = middle;
    }
    const found = rates[low - 1];
    return found && { rate: found.usd, day: found.day };
  }
}
