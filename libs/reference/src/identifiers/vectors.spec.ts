import { readFileSync } from 'node:fs';

import { checkAirWaybill } from './air-waybill.js';
import { checkCasNumber } from './cas-number.js';
import type { Checked } from './checked.js';
import { checkContainerNumber } from './container-number.js';
import { checkCountryAlpha3, checkCountryCode } from './country-code.js';
import { checkAmount, checkCurrency, minorUnits } from './currency.js';
import { checkHsCode } from './hs-code.js';
import { checkImoCompanyNumber, checkImoNumber } from './imo-number.js';
import { checkMmsi } from './mmsi.js';
import { checkBaselNotification, checkCitesPermit } from './opaque-text.js';
import { readPosition } from './position.js';
import type { Position } from './position.js';
import { checkPostalItem } from './postal-item.js';
import { checkRailWagon } from './rail-wagon.js';
import { checkUnlocode, readUnlocodeCoordinates } from './unlocode.js';
import { checkUuidV7 } from './uuid-v7.js';

interface Vector {
  readonly kind: string;
  readonly value: string;
  readonly valid: boolean;
  readonly normalized?: string;
  readonly reason?: string;
  readonly minorUnits?: number;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../data/identifiers.json', import.meta.url), 'utf8'),
) as readonly Vector[];

const asText = (checked: Checked<Position>): Checked =>
  checked.ok ? { ok: true, value: `${checked.value.latitude},${checked.value.longitude}` } : checked;

const checks: Readonly<Record<string, (value: string) => Checked>> = {
  iso6346: checkContainerNumber,
  imo: checkImoNumber,
  'imo-company': checkImoCompanyNumber,
  cas: checkCasNumber,
  unlocode: checkUnlocode,
  'iso3166-alpha2': checkCountryCode,
  'iso3166-alpha3': checkCountryAlpha3,
  hs: (value) => checkHsCode(value),
  mmsi: checkMmsi,
  iso4217: (value) => checkCurrency(value),
  money: (value) => {
    const [amount = '', currency = ''] = value.split(' ');
    const checked = checkAmount(amount, currency);
    return checked.ok ? { ...checked, value: `${checked.value} ${currency}` } : checked;
  },
  latlon: (value) => asText(readPosition(value)),
  'unlocode-coordinates': (value) => asText(readUnlocodeCoordinates(value)),
  'cites-permit': checkCitesPermit,
  'basel-notification': checkBaselNotification,
  uuidv7: checkUuidV7,
  'air-waybill': checkAirWaybill,
  'rail-wagon': checkRailWagon,
  'postal-item': checkPostalItem,
};

test('every kind of the vectors has a check', () => {
  expect(new Set(vectors.map(({ kind }) => kind))).toEqual(new Set(Object.keys(checks)));
});

describe.each(Object.entries(checks))('%s', (kind, check) => {
  const cases = vectors.filter((vector) => vector.kind === kind);

  test.each(cases.filter(({ valid }) => valid))(
    '$value is taken as $normalized',
    ({ value, normalized, minorUnits: decimals }) => {
      expect(check(value)).toMatchObject({ ok: true, value: normalized });
      if (decimals !== undefined) expect(minorUnits(String(normalized))).toBe(decimals);
    },
  );

  const wrong = cases.filter(({ valid }) => !valid);
  // The one kind without wrong vectors; its spec has some.
  if (wrong.length === 0) return;
  test.each(wrong)('$value is refused: $reason', ({ value, reason = '' }) => {
    const checked = check(value);
    expect(checked).toMatchObject({ ok: false, message: expect.stringMatching(/\S.*[.?]$/) as string });
    const rule = /^(check-digit|form|non-ascii|category)\b/.exec(reason)?.[0];
    if (rule && !checked.ok) expect(checked.rule).toBe(rule);
    const right = /right is ([0-9])/.exec(reason)?.[1];
    if (right && !checked.ok) expect(checked.message).toContain(` is ${right}, not `);
  });
});
