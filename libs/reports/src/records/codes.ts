import { dayIn, type Faults } from '#platform';
import { checkCurrency, checkGoodsCode, type DayRange, hsEditionOn, type ReferenceService } from '#reference';

import type { RecordContent } from './content.js';
import { isNoCountry } from './routes.js';

/** Judges the codes of a record against the reference lists: a code that held on any day since the operation began is taken. */
export function judgeCodes(
  faults: Faults,
  reference: ReferenceService,
  since: DayRange,
  content: RecordContent,
  countries: readonly (readonly [path: string, code: string])[],
): void {
  for (const [path, code] of countries) {
    if (isNoCountry(code)) continue;
    const wrong = explainCountry(reference, since, code);
    if (wrong !== undefined) faults.add(path, 'country', wrong);
  }
  content.lines.forEach((line, index) => {
    const path = `input.lines.${index}`;
    if (!reference.commodity(line.commodity, since)) {
      faults.add(`${path}.commodity`, 'commodity', reference.explainCommodity(line.commodity));
    }
    const goods = line.hsCode === null ? undefined : checkGoodsCode(line.hsCode, hsEditionOn(since.from));
    if (goods && !goods.ok && goods.rule === 'withdrawn') faults.add(`${path}.hsCode`, goods.rule, goods.message);
    const money = line.currency === null ? undefined : checkCurrency(line.currency, since.from);
    if (money && !money.ok && money.rule === 'withdrawn') faults.add(`${path}.currency`, money.rule, money.message);
  });
}

/** Why a code is no country that holds in the operation; undefined where it is one. */
export function explainCountry(reference: ReferenceService, since: DayRange, code: string): string | undefined {
  return reference.isCountry(code, since) ? undefined : reference.explainCountry(code);
}

/** The days on which a code may have held for a report of an operation: since its first day, up to today. */
export function daysSince(
  operation: { readonly operationalStartsOn: string; readonly timeZone: string },
  now: Date,
): DayRange {
  const today = dayIn(operation.timeZone, now);
  return { from: operation.operationalStartsOn < today ? operation.operationalStartsOn : today, to: today };
}
