import fc from 'fast-check';
import { Faults, type MusterError } from '#platform';

import { checkNewPassword } from './password-rules.js';

const OWNER = { email: 'wanjiru.kamau@customs.go.ke', name: 'Wanjirũ Kamau', hasSecondFactor: false };

/** The rule that a password breaks, if it breaks one. */
function faultOf(password: string, owner = OWNER): string | undefined {
  const faults = new Faults();
  checkNewPassword(password, 'password', faults, owner);
  try {
    faults.throwIfAny();
    return undefined;
  } catch (error) {
    return (error as MusterError).details.fields?.[0]?.rule;
  }
}

test.each([
  'a password for tests',
  'correct horse battery staple',
  'elfenbein über mombasa',
  'ثلاثون يوما في البحر',
  '三十日海上聯合行動與跨國執法合作',
  '🐋🦏🐘🦎🐢🦜🐊🐆🦔🐅🦋🐝🐞🦓🦒',
  'only small letters here',
  'lookout tuesday kiosk 7',
])('%s is taken: any characters will do', (password) => {
  expect(faultOf(password)).toBeUndefined();
});

test('a password alone has 15 characters, and 8 beside a second factor', () => {
  expect(faultOf('kiosk lookout7')).toBe('too-short');
  expect(faultOf('kiosk lookout 7')).toBeUndefined();
  expect(faultOf('kiosk 7', { ...OWNER, hasSecondFactor: true })).toBe('too-short');
  expect(faultOf('kiosk 77', { ...OWNER, hasSecondFactor: true })).toBeUndefined();
});

test('characters are counted as people count them, not as bytes, and as they are kept', () => {
  expect(faultOf('🐋🦏🐘🦎🐢🦜🐊🐆🦔🐅🦋🐝🐞🦓')).toBe('too-short');
  // Fourteen letters, one of them typed as two code points that are kept as one.
  expect(faultOf('kiosk lookout\u0065\u0301')).toBe('too-short');
});

test('up to 1024 bytes are taken', () => {
  const words = Array.from({ length: 300 }, (_, i) => `w${i * i}`).join(' ');
  expect(faultOf(words.slice(0, 1024))).toBeUndefined();
  expect(faultOf(words.slice(0, 1025))).toBe('too-long');
});

test.each(['password', 'Sunshine', 'PASSWORD123', 'p@ssw0rd', '1qaz2wsx'])(
  '%s is common, and stays so with digits and signs around it',
  (password) => {
    const owner = { ...OWNER, hasSecondFactor: true };
    expect(faultOf(password, owner)).toBe('common');
    expect(['common', 'pattern']).toContain(faultOf(`--${password}--2026!!!!!!!`));
  },
);

test.each([
  'wanjiru.kamau@customs.go.ke',
  'Wanjiru Kamau 2026',
  'kamaukamaukamau1',
  'Muster Muster 2026',
  'muster.customs.ke!',
  'WanjiruMuster123',
  'muster password 1',
])('%s is known of the person or the system', (password) => {
  expect(faultOf(password)).toMatch(/^(guessable|pattern)$/);
});

test('a name within a longer phrase is no fault', () => {
  expect(faultOf('kamau sails at seven')).toBeUndefined();
});

test.each([
  'aaaaaaaaaaaaaaa',
  'abcabcabcabcabcab',
  'abcdefghijklmno',
  '987654321098765',
  'qwertyuiopasdfgh',
  'lookoutlookout7lookoutlookout7',
])('%s is a pattern', (password) => {
  expect(faultOf(password)).toBe('pattern');
});

test('no random password of 24 letters and digits is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 18, maxLength: 18 }), (bytes) => {
      // Bytes that are all much alike are a pattern by right.
      fc.pre(new Set(bytes).size > 9);
      expect(faultOf(Buffer.from(bytes).toString('base64url'))).toBeUndefined();
    }),
  );
});
