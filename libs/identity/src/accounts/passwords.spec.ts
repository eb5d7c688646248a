import { parseOptions } from '@node-rs/argon2';

import { hashPassword, isPassword } from './passwords.js';

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

test('a password of more than 1024 bytes is none, and is not hashed', async () => {
  await expect(isPassword(await hashPassword('x'.repeat(1025)), 'x'.repeat(1025))).resolves.toBe(false);
});
