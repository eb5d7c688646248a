import { parse } from 'csv-parse/sync';
import type { DataSource } from 'typeorm';

import type { ExchangeRate } from './exchange-rates.js';
import { checkCurrency } from './identifiers/currency.js';
import { shown } from './identifiers/ascii.js';

/** What loading a file changed. */
export interface RatesLoaded {
  /** Rates that are new. */
  readonly added: number;
  /** Rates that stood already, with the same value. */
  readonly unchanged: number;
}

const COLUMNS = ['currency', 'day', 'usd'];

/**
 * Loads exchange rates from CSV with the columns `currency,day,usd` (US dollars for one unit): all rows or none. A rate that stands already is never
 * changed, because figures were fixed by it. Running processes take new rates up within seconds.
 * @throws Error with every fault of the file in one message
 */
export async function loadExchangeRates(dataSource: DataSource, csv: string): Promise<RatesLoaded> {
  const rates = readExchangeRates(csv);
  return dataSource.transaction(async (tx) => {
    const rows = [JSON.stringify(rates)];
    const added = await tx.query<unknown[]>(
      `INSERT INTO exchange_rates (currency, day, usd)
       SELECT currency, day, usd FROM jsonb_to_recordset($1::jsonb) AS r (currency text, day date, usd numeric)
       ORDER BY currency, day -- two loads at once lock in one order
       ON CONFLICT (currency, day) DO NOTHING RETURNING currency`,
      rows,
    );
    const differing = await tx.query<{ currency: string; day: string; loaded: string; given: string }[]>(
      `SELECT e.currency, e.day::text, e.usd::text AS loaded, r.usd::text AS given
       FROM jsonb_to_recordset($1::jsonb) AS r (currency text, day date, usd numeric) JOIN exchange_rates e USING (currency, day)
       WHERE e.usd <> r.usd ORDER BY e.currency, e.day`,
      rows,
    );
    refuseAny(
      differing.map(
        ({ currency, day, loaded, given }) =>
          `${currency} of ${day} was loaded as ${loaded} and is ${given} here: a loaded rate is never changed.`,
      ),
    );
    return { added: added.length, unchanged: rates.length - added.length };
  });
}

/**
 * Reads and checks a CSV of exchange rates; a repeated row counts once.
 * @throws Error with every fault in one message
 */
export function readExchangeRates(csv: string): readonly ExchangeRate[] {
  const [header, ...records] = readRecords(csv);
  if (header?.fields.join() !== COLUMNS.join()) refuseAny([`The first line must be ${COLUMNS.join()}.`]);
  const faults: string[] = [];
  const rates = new Map<string, ExchangeRate>();
  for (const { fields, line } of records) {
    const found = faultsOf(fields);
    const [currency = '', day = '', usd = ''] = fields;
    const before = rates.get(`${currency} ${day}`);
    if (before && before.usd !== usd) found.push(`${currency} of ${day} stands twice with different rates.`);
    faults.push(...found.map((fault) => `Line ${line}: ${fault}`));
    rates.set(`${currency} ${day}`, { currency, day, usd });
  }
  refuseAny(faults);
  return [...rates.values()];
}

interface CsvRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

function readRecords(csv: string): readonly CsvRecord[] {
  try {
    const read = parse(csv, {
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    return read.map(({ record, info }) => ({ fields: record, line: info.lines }));
  } catch (error) {
    throw refusal([`The file is no CSV: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function faultsOf(fields: readonly string[]): string[] {
  if (fields.length !== COLUMNS.length) return [`has ${fields.length} columns instead of ${COLUMNS.length}.`];
  const [currency = '', day = '', usd = ''] = fields;
  const faults: string[] = [];
  if (!isDay(day)) faults.push(`${shown(day)} is no day; write YYYY-MM-DD.`);
  const checked = checkCurrency(currency, day);
  if (!checked.ok) faults.push(checked.message);
  else if (checked.value !== currency) faults.push(`Write ${checked.value} in capital letters.`);
  if (!/^(0|[1-9][0-9]{0,19})(\.[0-9]{1,20})?$/.test(usd) || !/[1-9]/.test(usd)) {
    faults.push(
      `${shown(usd)} is no rate; write a number over 0 such as 0.00775, with at most 20 digits on each side of the point.`,
    );
  } else if (currency === 'USD' && !/^1(\.0+)?$/.test(usd)) faults.push('One US dollar is one US dollar: 1.');
  return faults;
}

function isDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function refuseAny(faults: readonly string[]): void {
  if (faults.length > 0) throw refusal(faults);
}

function refusal(faults: readonly string[]): Error {
  return new Error(`No exchange rate was loaded.\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
}
