import { parseOptions } from '@node-rs/argon2';
import { Faults } from '#platform';

import { checkPassword, hashPassword, isPassword } from './passwords.js';

function faultsOf(password: string): readonly string[] {
  const faults = new Faults();
  checkPassword(password, 'password', faults);
  try {
    faults.throwIfAny();
    return [];
  } catch (error) {
    return (error as { details: { fields: { rule: string }[] } }).details.fields.map(({ rule }) => rule);
  }
}

test('the right password is taken, and no other', async () => {
  const hash = await hashPassword('correct horse battery');
  await expect(isPassword(hash, 'correct horse battery')).resolves.toBe(true);
  await expect(isPassword(hash, 'correct horse batterz')).resolves.toBe(false);
});

test('where no password was ever set, none is right, not even the one that stands in for it', async () => {
  await expect(isPassword(null, 'nobody signs in with this')).resolves.toBe(false);
});

test('one password typed on two keyboards is one password', async () => {
  const hash = await hashPassword('caf\u00e9-caf\u00e9');
  await expect(isPassword(hash, 'cafe\u0301-cafe\u0301')).resolves.toBe(true);
});

test('hashing costs what OWASP asks for', async () => {
  expect(parseOptions(await hashPassword('correct horse battery'))).toMatchObject({
    memoryCost: 19_456,
    timeCost: 2,
    parallelism: 1,
  });
});

test('a password has at least 8 characters and at most 1024 bytes', async () => {
  expect(faultsOf('1234567')).toEqual(['too-short']);
  expect(faultsOf('\u{1F40B}'.repeat(7))).toEqual(['too-short']);
  expect(faultsOf('12345678')).toEqual([]);
  expect(faultsOf('x'.repeat(1024))).toEqual([]);
  expect(faultsOf('x'.repeat(1025))).toEqual(['too-long']);
  await expect(isPassword(await hashPassword('x'.repeat(1025)), 'x'.repeat(1025))).resolves.toBe(false);
});
