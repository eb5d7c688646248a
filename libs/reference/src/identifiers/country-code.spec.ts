import fc from 'fast-check';
import { iso31661 } from 'iso-3166';

import { alpha2Of, checkCountryAlpha3, checkCountryCode } from './country-code.js';
import { OBSOLETE_ALPHA2, OBSOLETE_ALPHA3 } from './obsolete-countries.js';

test.each([
  ['AN', 'AN (Netherlands Antilles) was withdrawn in 2010: use CW, SX or BQ.'],
  ['YU', 'YU (Yugoslavia) was withdrawn in 2003: use RS or ME.'],
  ['uk', 'UK is reserved and no code of a country: use GB.'],
  ['XK', 'XK is user-assigned (Kosovo) and not part of ISO 3166-1.'],
  ['QQ', 'QQ is no country of ISO 3166-1.'],
])('%s is refused with what to use instead', (code, message) => {
  expect(checkCountryCode(code)).toEqual({ ok: false, rule: 'country', message });
});

test('an old three-letter code is refused with its successor', () => {
  expect(checkCountryAlpha3('ZAR')).toMatchObject({
    ok: false,
    message: 'ZAR (Zaire) was withdrawn in 1997: use COD.',
  });
});

test('no code in force stands among the obsolete ones, and every successor is in force', () => {
  for (const [code, { successors }] of OBSOLETE_ALPHA2) {
    expect(checkCountryCode(code).ok).toBe(false);
    for (const successor of successors) expect(checkCountryCode(successor)).toMatchObject({ ok: true });
  }
  for (const [code, { successors }] of OBSOLETE_ALPHA3) {
    expect(checkCountryAlpha3(code).ok).toBe(false);
    for (const successor of successors) expect(checkCountryAlpha3(successor)).toMatchObject({ ok: true });
  }
});

test('exactly the 249 entries of ISO 3166-1 are taken, of all pairs of letters', () => {
  const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const pairs = alphabet.flatMap((first) => alphabet.map((second) => first + second));
  expect(pairs.filter((pair) => checkCountryCode(pair).ok)).toEqual(iso31661.map(({ alpha2 }) => alpha2).sort());
  expect(iso31661).toHaveLength(249);
});

test('two-letter and three-letter codes name the same country', () => {
  fc.assert(
    fc.property(fc.constantFrom(...iso31661), ({ alpha2, alpha3 }) => {
      expect(alpha2Of(alpha3)).toBe(alpha2);
    }),
  );
});
