import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { MusterError } from '#platform';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';

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

/**
 * Counts failed sign-ins, in PostgreSQL and so over all api processes. Only failures count: any number of right sign-ins may run
 * side by side.
 */
@Injectable()
export class SignInLimits {
  private readonly account: RateLimiterPostgres;
  private readonly address: RateLimiterPostgres;

  constructor(@InjectDataSource() source: DataSource) {
    const settings = {
      storeClient: source,
      storeType: 'typeorm',
      tableName: 'sign_in_failures',
      tableCreated: true,
      duration: QUARTER_OF_AN_HOUR,
    };
    this.account = new RateLimiterPostgres({ ...settings, keyPrefix: 'account', points: FAILURES_PER_ACCOUNT });
    // One of the two is enough to clear the table of what is over.
    this.address = new RateLimiterPostgres({
      ...settings,
      keyPrefix: 'address',
      points: FAILURES_PER_ADDRESS,
      clearExpiredByTimeout: false,
    });
  }

  /**
   * Turns an attempt away before its password is looked at.
   * @throws MusterError RATE_LIMITED when too many failed before it
   */
  async admit(attempt: Attempt): Promise<void> {
    const wait = await this.secondsToWait(attempt);
    if (wait > 0) throw tooMany(wait);
  }

  /**
   * Decides an attempt whose password was looked at. Many may be looked at side by side, so the count decides once more: what
   * comes after the tenth failure is turned away, right or wrong, in the same words and after the same statements. So any
   * number of guesses sent at one instant learns no more than ten sent one by one.
   * @throws MusterError RATE_LIMITED when too many failed meanwhile
   */
  async settle(attempt: Attempt, isRight: boolean): Promise<void> {
    const wait = await this.secondsToWait(attempt);
    if (isRight && wait === 0) return;
    try {
      await this.account.consume(accountKey(attempt));
      await this.address.consume(attempt.address);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) throw tooMany(seconds(refusal));
      throw refusal;
    }
    if (wait > 0) throw tooMany(wait);
  }

  private async secondsToWait(attempt: Attempt): Promise<number> {
    const [account, address] = await Promise.all([
      this.account.get(accountKey(attempt)),
      this.address.get(attempt.address),
    ]);
    return Math.max(waitFor(account, FAILURES_PER_ACCOUNT), waitFor(address, FAILURES_PER_ADDRESS));
  }
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
