import { refuseNonAscii, shown } from './ascii.js';
import { refused, taken } from './checked.js';
import type { Checked } from './checked.js';

/**
 * Decimals by currency, from ISO 4217 and not from the runtime, whose `Intl` disagrees for AFN, COP, IQD and fourteen others. Metals, drawing rights and
 * test codes have none and are not money here.
 */
const DECIMALS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2:
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK ' +
    'DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD ' +
    'MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD ' +
    'SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

interface Withdrawn {
  /** The last day on which it was money; a record of that day or before keeps it. */
  readonly lastDay: string;
  readonly successor: string;
  readonly decimals: number;
}

/** Withdrawn lately: past records keep them. */
const WITHDRAWN: ReadonlyMap<string, Withdrawn> = new Map(
  Object.entries({
    EEK: { lastDay: '2010-12-31', successor: 'EUR', decimals: 2 },
    LVL: { lastDay: '2013-12-31', successor: 'EUR', decimals: 2 },
    LTL: { lastDay: '2014-12-31', successor: 'EUR', decimals: 2 },
    BYR: { lastDay: '2016-12-31', successor: 'BYN', decimals: 0 },
    MRO: { lastDay: '2017-12-31', successor: 'MRU', decimals: 2 },
    STD: { lastDay: '2017-12-31', successor: 'STN', decimals: 2 },
    VEF: { lastDay: '2018-08-19', successor: 'VES', decimals: 2 },
    CUC: { lastDay: '2021-06-30', successor: 'CUP', decimals: 2 },
    HRK: { lastDay: '2022-12-31', successor: 'EUR', decimals: 2 },
    SLL: { lastDay: '2023-12-31', successor: 'SLE', decimals: 2 },
    ZWL: { lastDay: '2024-08-31', successor: 'ZWG', decimals: 2 },
    ANG: { lastDay: '2025-06-30', successor: 'XCG', decimals: 2 },
    BGN: { lastDay: '2025-12-31', successor: 'EUR', decimals: 2 },
  }),
);

/** Codes of the list, or often met, that are not money, with the reason. */
const NOT_MONEY: ReadonlyMap<string, string> = new Map(
  Object.entries({
    XXX: 'stands for no currency',
    XTS: 'is a code for tests',
    RMB: 'is no ISO code: use CNY',
    BTC: 'is no ISO code: give the value in a currency of the list',
    ...Object.fromEntries(['XAU', 'XAG', 'XPT', 'XPD'].map((code) => [code, 'is a metal and not money here'])),
    ...Object.fromEntries(
      ['XDR', 'XSU', 'XUA', 'XBA', 'XBB', 'XBC', 'XBD'].map((code) => [
        code,
        'is a unit of account and not money here',
      ]),
    ),
  }),
);

const MINOR_UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries(DECIMALS).flatMap(([decimals, codes]) =>
    codes.split(' ').map((code): [string, number] => [code, Number(decimals)]),
  ),
);

/**
 * Checks a currency (ISO 4217); lower case is taken.
 * @param day the day for which it must have been money: a withdrawn currency is taken up to its last day. Without it, only what is money now.
 */
export function checkCurrency(text: string, day?: string): Checked {
  const foreign = refuseNonAscii(text);
  if (foreign) return foreign;
  const code = text.trim().toUpperCase();
  if (!/^[A-Z]{3}$/.test(code))
    return refused('form', `A currency is the three letters of ISO 4217, such as USD; ${shown(text)} is not.`);
  if (MINOR_UNITS.has(code)) return taken(code);
  const withdrawn = WITHDRAWN.get(code);
  if (withdrawn) {
    const held = day !== undefined && day <= withdrawn.lastDay;
    return held
      ? taken(code)
      : refused('withdrawn', `${code} was money until ${withdrawn.lastDay}: use ${withdrawn.successor}.`);
  }
  return refused('unknown', `${code} ${NOT_MONEY.get(code) ?? 'is no currency of ISO 4217'}.`);
}

/** How many decimals an amount in this currency may have (ISO 4217), withdrawn ones included; undefined for what is not money. */
export function minorUnits(code: string): number | undefined {
  return MINOR_UNITS.get(code) ?? WITHDRAWN.get(code)?.decimals;
}

/**
 * Checks an amount of money as exact text, `^(0|[1-9][0-9]*)(\.[0-9]+)?$`, with no more decimals than the currency has; zeros at the end do not count, as
 * 1.500 and 1.5 are the same amount. Give it a currency that {@link checkCurrency} took.
 */
export function checkAmount(amount: string, currency: string): Checked {
  const foreign = refuseNonAscii(amount);
  if (foreign) return foreign;
  if (!/^(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(amount)) {
    return refused(
      'form',
      'An amount is digits with a point before its decimals, such as 1234.50, without sign, exponent or separators.',
    );
  }
  const allowed = minorUnits(currency);
  if (allowed === undefined) return refused('unknown', `${shown(currency)} is no currency of ISO 4217.`);
  const decimals = (amount.split('.')[1] ?? '').replace(/0+$/, '').length;
  return decimals <= allowed
    ? taken(amount)
    : refused('range', `${currency} has ${allowed} decimals; ${amount} has more.`);
}
