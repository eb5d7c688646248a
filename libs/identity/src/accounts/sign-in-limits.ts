import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Database, MusterError, partOfMuster, prepared, type Tx } from '#platform';
import { RateLimiterPostgres, type RateLimiterRes } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';

import { networkOf } from './network.js';

/** Failures that an account bears in a quarter of an hour, whether it exists or not. */
export const FAILURES_PER_ACCOUNT = 10;

/** Failures from one network address in a quarter of an hour. */
export const FAILURES_PER_ADDRESS = 200;

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
 * side by side.
 */
@Injectable()
export class SignInLimits {
  private readonly counters: Counters;

  constructor(
    private readonly database: Database,
    @InjectDataSource() source: DataSource,
  ) {
    this.counters = countersOn(source, 'typeorm');
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
   * Decides an attempt whose password was looked at. Many may be looked at side by side, so they are decided one after the other:
   * what comes after the tenth failure is turned away, right or wrong, in the same words. So any number of guesses sent at one instant
   * learns no more than ten sent one by one.
   * @throws MusterError RATE_LIMITED when too many failed meanwhile
   */
  async settle(attempt: Attempt, isRight: boolean): Promise<void> {
    const wait = await this.database.write(PART, async (tx) => {
      // A statement of its own: the ones after it see what was counted before the lock was had.
      await prepared(tx, 'SELECT pg_advisory_xact_lock(hashtextextended($1, 2))', [accountKey(attempt)]);
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

function tooMany(retryAfterSeconds: number): MusterError {
  return new MusterError('RATE_LIMITED', 'Too many attempts failed. Try again later.', { retryAfterSeconds });
}
