import { Database } from '#platform';
import { DataSource } from 'typeorm';

import { testDatabase, type TestDatabase } from '../../../../tests/setup/index.js';
import { SignInLimits } from './sign-in-limits.js';

let database: TestDatabase;
let source: DataSource;
let limits: SignInLimits;

beforeAll(async () => {
  database = await testDatabase();
  source = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  limits = new SignInLimits(new Database(source), source);
});

afterAll(async () => {
  await source.destroy();
  await database.drop();
});

const limited = expect.objectContaining({ code: 'RATE_LIMITED' }) as unknown;

test('a right password that was looked at while ten failed is turned away like a wrong one', async () => {
  const attempt = { email: 'watched@example.org', address: '192.0.2.1' };
  // All eleven were let in when nothing had failed yet.
  await Promise.all(Array.from({ length: 11 }, () => limits.admit(attempt)));
  for (let i = 0; i < 10; i++) await limits.settle(attempt, false);
  await expect(limits.settle(attempt, true)).rejects.toEqual(limited);
  await expect(limits.settle(attempt, false)).rejects.toEqual(limited);
});

test('of a hundred guesses that were all let in at once, the right one in the middle is turned away', async () => {
  const attempt = { email: 'flooded@example.org', address: '192.0.2.5' };
  await Promise.all(Array.from({ length: 100 }, () => limits.admit(attempt)));
  const settled = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => limits.settle(attempt, i === 50)));
  expect(settled[50]).toEqual({ status: 'rejected', reason: limited });
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
});

test('addresses of one IPv6 network fail together', async () => {
  for (let i = 0; i < 200; i++) await limits.settle({ email: `${i}@example.org`, address: `2001:db8::${i}` }, false);
  await expect(limits.admit({ email: 'next@example.org', address: '2001:db8::ffff' })).rejects.toEqual(limited);
  await expect(limits.admit({ email: 'next@example.org', address: '2001:db8:0:1::1' })).resolves.toBeUndefined();
});

test('what succeeds counts for nothing', async () => {
  const attempt = { email: 'busy@example.org', address: '192.0.2.2' };
  for (let i = 0; i < 300; i++) await limits.settle(attempt, true);
  await expect(limits.admit(attempt)).resolves.toBeUndefined();
});

test('an account that is shut out leaves others at the same network address alone', async () => {
  const address = '192.0.2.3';
  for (let i = 0; i < 10; i++) await limits.settle({ email: 'one@example.org', address }, false);
  await expect(limits.admit({ email: 'one@example.org', address })).rejects.toEqual(limited);
  await expect(limits.admit({ email: 'other@example.org', address })).resolves.toBeUndefined();
});

test('after a quarter of an hour an account may try again', async () => {
  const attempt = { email: 'patient@example.org', address: '192.0.2.4' };
  for (let i = 0; i < 10; i++) await limits.settle(attempt, false);
  await database.pool.query('UPDATE sign_in_failures SET expire = expire - 900000');
  await expect(limits.admit(attempt)).resolves.toBeUndefined();
  await limits.settle(attempt, false);
  await expect(limits.admit(attempt)).resolves.toBeUndefined();
});
