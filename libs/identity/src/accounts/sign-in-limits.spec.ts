import { createHash } from 'node:crypto';

import { Database } from '#platform';
import { DataSource } from 'typeorm';

import { testDatabase, type TestDatabase, until } from '../../../../tests/setup/index.js';
import { BEGINNINGS_PER_ADDRESS, FAILURES_PER_ADDRESS, SignInLimits } from './sign-in-limits.js';

let database: TestDatabase;
let source: DataSource;
let limits: SignInLimits;
/** The same limits in another process. */
let elsewhere: DataSource;
let others: SignInLimits;

beforeAll(async () => {
  database = await testDatabase();
  source = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  limits = new SignInLimits(new Database(source), source);
  elsewhere = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  others = new SignInLimits(new Database(elsewhere), elsewhere);
});

afterAll(async () => {
  await source.destroy();
  await elsewhere.destroy();
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

test('of guesses at many accounts from one address, let in at once by two processes, those after the two hundredth are turned away', async () => {
  const attempts = Array.from({ length: 300 }, (_, i) => ({ email: `many-${i}@example.org`, address: '192.0.2.6' }));
  await Promise.all(attempts.map((attempt) => limits.admit(attempt)));
  const settled = await Promise.allSettled(
    attempts.map((attempt, i) => (i % 2 === 0 ? limits : others).settle(attempt, false)),
  );
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(FAILURES_PER_ADDRESS);
  await expect(limits.settle({ email: 'right@example.org', address: '192.0.2.6' }, true)).rejects.toEqual(limited);
});

describe('while an attempt is being decided', () => {
  const address = '192.0.2.7';

  /** Holds a lock as an attempt of another process does, while `work` runs. */
  async function whileHeld(lock: string, key: string, work: () => Promise<void>): Promise<void> {
    const client = await database.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(lock, [key]);
      await work();
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  }

  const isOneWaiting = async (): Promise<boolean> => {
    const { rowCount } = await database.pool.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    return rowCount === 1;
  };

  test('another at its account waits, and holds up nobody at the address meanwhile', async () => {
    const email = 'held@example.org';
    const key = createHash('sha256').update(email).digest('base64url');
    let waiting: Promise<void> | undefined;
    await whileHeld('SELECT pg_advisory_xact_lock(hashtextextended($1, 2))', key, async () => {
      waiting = limits.settle({ email, address }, false);
      await until(isOneWaiting);
      await others.settle({ email: 'free@example.org', address }, false);
      expect(await isOneWaiting()).toBe(true);
    });
    await expect(waiting).resolves.toBeUndefined();
  });

  test('a wrong one at its address waits; a right one does not wait for another right one', async () => {
    let waiting: Promise<void> | undefined;
    await whileHeld('SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 3))', address, async () => {
      await limits.settle({ email: 'right@example.org', address }, true);
      waiting = limits.settle({ email: 'wrong@example.org', address }, false);
      await until(isOneWaiting);
      await others.settle({ email: 'elsewhere@example.org', address: '192.0.2.8' }, false);
    });
    await expect(waiting).resolves.toBeUndefined();
  });
});

test('beginnings of sign-ins count together over processes and over one IPv6 network, for a quarter of an hour', async () => {
  const begun = await Promise.allSettled(
    Array.from({ length: BEGINNINGS_PER_ADDRESS + 10 }, (_, i) =>
      (i % 2 === 0 ? limits : others).begin(`2001:db8:5::${i.toString(16)}`),
    ),
  );
  expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(BEGINNINGS_PER_ADDRESS);
  for (const each of [limits, others]) await expect(each.begin('2001:db8:5::ffff')).rejects.toEqual(limited);
  await expect(limits.begin('2001:db8:6::1')).resolves.toBeUndefined();
  // They are no failures.
  await expect(limits.admit({ email: 'begun@example.org', address: '2001:db8:5::1' })).resolves.toBeUndefined();
  await database.pool.query('UPDATE sign_in_failures SET expire = expire - 900000');
  await expect(limits.begin('2001:db8:5::1')).resolves.toBeUndefined();
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
