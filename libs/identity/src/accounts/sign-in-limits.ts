import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Database, MusterError, partOfMuster, prepared, type Tx } from '#platform';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';

import { networkOf } from './network.js';

/** Failures that an account bears in a quarter of an hour, whether it exists or not. */
export const FAILURES_PER_ACCOUNT = 10;

/** Failures from one network address in a quarter of an hour. */
export const FAILURES_PER_ADDRESS = 200;

/** Sign-ins by passkey or provider that one network address may begin in a quarter of an hour: something is kept of each. */
export const BEGINNINGS_PER_ADDRESS = 600;

const QUARTER_OF_AN_HOUR = 900;

/** Where an attempt comes from. */
export interface Attempt {
  readonly email: string;
  readonly address: string;
}

const PART = partOfMuster('accounts');

const SETTINGS = { tableName: 'sign_in_failures', tableCreated: true, duration: QUARTER_OF_AN_HOUR } as const;

interface Counters {
  readonly account: RateLimiterPostgres;
  readonly address: RateLimiterPostgres;
}

/**
 * Counts failed sign-ins, in PostgreSQL and so over all api processes. Only failures count: any number of right sign-ins may run
 * side by side. Counts sign-ins as well that begin with something to be kept.
 */
@Injectable()
export class SignInLimits {
  private readonly counters: Counters;
  private readonly beginnings: RateLimiterPostgres;

  constructor(
    private readonly database: Database,
    @InjectDataSource() source: DataSource,
  ) {
    this.counters = countersOn(source, 'typeorm');
    this.beginnings = new RateLimiterPostgres({
      ...SETTINGS,
      storeClient: source,
      storeType: 'typeorm',
      clearExpiredByTimeout: false,
      keyPrefix: 'begun',
      points: BEGINNINGS_PER_ADDRESS,
    });
  }

  /**
   * Counts a sign-in that begins, before anything of it is kept: one statement, which is right in any number of processes.
   * @throws MusterError RATE_LIMITED when too many began at this network address before it
   */
  async begin(address: string): Promise<void> {
    try {
      await this.beginnings.consume(networkOf(address));
    } catch (error) {
      throw error instanceof RateLimiterRes ? tooManyBegun(seconds(error)) : error;
    }
  }

  /**
   * Turns an attempt away before its password is looked at.
   * @throws MusterError RATE_LIMITED when too many failed before it
   */
  async admit(attempt: Attempt): Promise<void> {
    const wait = await secondsToWait(this.counters, attempt);
    if (wait > 0) throw tooMany(wait);
  }

  /**
   * Decides an attempt whose password was looked at. Many may be looked at side by side, so they are decided one after the other,
   * those of an account and those of a network address: what comes after the tenth failure, or the two hundredth, is turned away, right
   * or wrong, in the same words. So any number of guesses sent at one instant learns no more than as many sent one by one.
   * @throws MusterError RATE_LIMITED when too many failed meanwhile
   */
  async settle(attempt: Attempt, isRight: boolean): Promise<void> {
    const wait = await this.database.write(PART, async (tx) => {
      await lock(tx, attempt, isRight);
      const counters = await countersIn(tx);
      const wait = await secondsToWait(counters, attempt);
      if (isRight && wait === 0) return 0;
      await counters.account.penalty(accountKey(attempt));
      await counters.address.penalty(networkOf(attempt.address));
      return wait;
    });
    if (wait > 0) throw tooMany(wait);
  }
}

/**
 * Has an attempt wait for those of its account and of its network address that are being decided. The account always comes first, and
 * each attempt has one of both, so nobody waits in a circle; whoever waits for an account holds up nobody at the address. Right ones
 * only look at what failed at the address, and do so side by side. Statements of their own: those after them see what was counted
 * before the locks were had.
 */
async function lock(tx: Tx, attempt: Attempt, isRight: boolean): Promise<void> {
  await prepared(tx, 'SELECT pg_advisory_xact_lock(hashtextextended($1, 2))', [accountKey(attempt)]);
  const ofAddress = isRight ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  await prepared(tx, `SELECT ${ofAddress}(hashtextextended($1, 3))`, [networkOf(attempt.address)]);
}

function countersOn(storeClient: unknown, storeType: 'typeorm' | 'client'): Counters {
  const settings = { ...SETTINGS, storeClient, storeType, clearExpiredByTimeout: false };
  return {
    account: new RateLimiterPostgres({
      ...settings,
      keyPrefix: 'account',
      points: FAILURES_PER_ACCOUNT,
      // One of the two is enough to clear the table of what is over.
      clearExpiredByTimeout: storeType === 'typeorm',
    }),
    address: new RateLimiterPostgres({ ...settings, keyPrefix: 'address', points: FAILURES_PER_ADDRESS }),
  };
}

/** Counts on the connection of a transaction, under its locks. */
async function countersIn(tx: Tx): Promise<Counters> {
  const client: unknown = await tx.queryRunner?.connect();
  return countersOn(client, 'client');
}

async function secondsToWait({ account, address }: Counters, attempt: Attempt): Promise<number> {
  const ofAccount = await account.get(accountKey(attempt));
  const ofAddress = await address.get(networkOf(attempt.address));
  return Math.max(waitFor(ofAccount, FAILURES_PER_ACCOUNT), waitFor(ofAddress, FAILURES_PER_ADDRESS));
}

/** Keys have a length of their own, whatever is typed as an address. */
function accountKey({ email }: Attempt): string {
  return createHash('sha256').update(email).digest('base64url');
}

function waitFor(failures: RateLimiterRes | null, most: number): number {
  return failures && failures.consumedPoints >= most ? seconds(failures) : 0;
}

function seconds({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}

function tooManyBegun(retryAfterSeconds: number): MusterError {
  return new MusterError('RATE_LIMITED', 'Too many sign-ins were begun. Try again later.', { retryAfterSeconds });
}

function tooMany(retryAfterSeconds: number): MusterError {
  return new MusterError('RATE_LIMITED', 'Too many attempts failed. Try again later.', { retryAfterSeconds });
}
