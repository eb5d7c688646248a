import fc from 'fast-check';

import { checkAirWaybill } from './air-waybill.js';
import { checkCasNumber } from './cas-number.js';
import type { Checked } from './checked.js';
import { checkContainerNumber } from './container-number.js';
import { checkImoNumber } from './imo-number.js';
import { checkPostalItem } from './postal-item.js';
import { checkRailWagon } from './rail-wagon.js';

const digits = (count: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9]{${count}}$`));
const letters = (count: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[A-Z]{${count}}$`));

interface Kind {
  readonly name: string;
  readonly check: (text: string) => Checked;
  /** What comes before the check digit and after it, as stored. */
  readonly parts: fc.Arbitrary<readonly [string, string]>;
  /** The painted or printed form of a stored number. */
  readonly painted: (value: string) => string;
  /** Its length is fixed, so that a lost character is a matter of form. */
  readonly isFixedLength: boolean;
}

const kinds: readonly Kind[] = [
  {
    name: 'container',
    check: checkContainerNumber,
    parts: fc
      .tuple(letters(3), fc.constantFrom('U', 'J', 'Z'), digits(6))
      .map(([owner, category, serial]) => [owner + category + serial, '']),
    painted: (value) => `${value.slice(0, 4).toLowerCase()} ${value.slice(4, 10)}-${value.slice(10)} `,
    isFixedLength: true,
  },
  {
    name: 'IMO number',
    check: checkImoNumber,
    parts: fc.stringMatching(/^[1-9][0-9]{5}$/).map((stem) => [stem, '']),
    painted: (value) => ` imo-${value}`,
    isFixedLength: true,
  },
  {
    name: 'air waybill',
    check: checkAirWaybill,
    parts: digits(10).map((stem) => [stem, '']),
    painted: (value) => `${value.slice(0, 3)}-${value.slice(3, 7)} ${value.slice(7)}`,
    isFixedLength: true,
  },
  {
    name: 'rail wagon',
    check: checkRailWagon,
    parts: digits(11).map((stem) => [stem, '']),
    painted: (value) =>
      `${value.slice(0, 2)} ${value.slice(2, 4)} ${value.slice(4, 8)} ${value.slice(8, 11)}-${value.slice(11)}`,
    isFixedLength: true,
  },
  {
    name: 'postal item',
    check: checkPostalItem,
    parts: fc
      .tuple(letters(2), digits(8), fc.constantFrom('GB', 'KE', 'NL'))
      .map(([service, serial, country]) => [service + serial, country]),
    painted: (value) =>
      `${value.slice(0, 2)} ${value.slice(2, 5)} ${value.slice(5, 8)} ${value.slice(8, 11)} ${value.slice(11)}`.toLowerCase(),
    isFixedLength: true,
  },
  {
    name: 'CAS number',
    check: checkCasNumber,
    parts: fc
      .tuple(fc.stringMatching(/^[1-9][0-9]{1,6}$/), digits(2))
      .map(([first, second]) => [`${first}-${second}-`, '']),
    painted: (value) => ` ${value.replaceAll('-', '')}`,
    isFixedLength: false,
  },
];

const TEN = [...'0123456789'];

describe.each(kinds)('$name', ({ check, parts, painted }) => {
  test('of ten check digits exactly one is right, and each wrong one is refused with the right one named', () => {
    fc.assert(
      fc.property(parts, ([before, after]) => {
        const right = TEN.filter((digit) => check(before + digit + after).ok);
        expect(right).toHaveLength(1);
        for (const wrong of TEN.filter((digit) => digit !== right[0])) {
          expect(check(before + wrong + after)).toEqual({
            ok: false,
            rule: 'check-digit',
            message: expect.stringContaining(` is ${right[0]}, not ${wrong}.`) as string,
            asMarkedValue: before + wrong + after,
          });
        }
      }),
    );
  });

  test('a painted or printed form is taken and stored without its groups', () => {
    fc.assert(
      fc.property(parts, ([before, after]) => {
        const value = TEN.map((digit) => before + digit + after).find((number) => check(number).ok) ?? '';
        expect(check(painted(value))).toMatchObject({ ok: true, value });
      }),
    );
  });

  test('a right number with anything but printable ASCII in it is refused before its case is changed', () => {
    const foreign = fc.oneof(
      fc.constantFrom(
        '\u017f',
        '\u0131',
        '\u0130',
        '\u0663',
        '\uff15',
        '\u200b',
        '\u00a0',
        '\n',
        '\t',
        '\u007f',
        '\u0421',
        '\u2013',
      ),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((character) => /[^\x20-\x7e]/.test(character)),
    );
    fc.assert(
      fc.property(parts, foreign, fc.nat(), fc.boolean(), ([before, after], character, at, isReplacing) => {
        const value = TEN.map((digit) => before + digit + after).find((number) => check(number).ok) ?? '';
        const place = at % (value.length + 1);
        const spoiled = value.slice(0, place) + character + value.slice(place + (isReplacing ? 1 : 0));
        expect(check(spoiled)).toMatchObject({ ok: false, rule: 'non-ascii' });
      }),
    );
  });
});

describe.each(kinds.filter(({ isFixedLength }) => isFixedLength))('$name', ({ check, parts }) => {
  test('a number with a character lost or doubled is refused for its form', () => {
    fc.assert(
      fc.property(parts, fc.nat(), fc.boolean(), ([before, after], at, isDoubling) => {
        const value = `${before}0${after}`;
        const place = at % value.length;
        const spoiled =
          value.slice(0, place) + (isDoubling ? value.charAt(place).repeat(2) : '') + value.slice(place + 1);
        expect(check(spoiled)).toMatchObject({ ok: false, rule: 'form' });
      }),
    );
  });
});
