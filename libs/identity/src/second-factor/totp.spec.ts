import { newTotpSecret, stepOfCode, totpUri } from './totp.js';

/** "12345678901234567890", the secret of RFC 6238's own examples, in base32. */
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

const at = (seconds: number): Date => new Date(seconds * 1000);

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('at %d seconds the code is that of RFC 6238: %s', (seconds, code) => {
  expect(stepOfCode(RFC_SECRET, code, at(seconds))).toBe(Math.floor(seconds / 30));
});

test('a code is taken from one step before to one step after, as its own step, and no further', () => {
  const step = Math.floor(1_111_111_111 / 30);
  const taken = [-61, -31, -1, 30, 59, 60].map((off) => stepOfCode(RFC_SECRET, '050471', at(step * 30 + off)));
  expect(taken).toEqual([undefined, undefined, step, step, step, undefined]);
});

test('what is no code of six digits is none', () => {
  for (const code of ['', '50471', '0504711', 'abcdef']) {
    expect(stepOfCode(RFC_SECRET, code, at(1_111_111_111))).toBeUndefined();
  }
});

test('a secret is 160 random bits, and its address names the system and the account', () => {
  const secret = newTotpSecret();
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  expect(newTotpSecret()).not.toBe(secret);
  expect(totpUri(secret, 'hub@example.org')).toBe(
    `otpauth://totp/Muster:hub%40example.org?issuer=Muster&secret=${secret}&algorithm=SHA1&digits=6&period=30`,
  );
});
