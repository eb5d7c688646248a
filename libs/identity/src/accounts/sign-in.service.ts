import { Injectable, Logger } from '@nestjs/common';
import { Database, MusterError, partOfMuster, prepared } from '#platform';

import { CODE_USED, SecondFactors } from '../second-factor/second-factors.service.js';
import { normalEmail } from './email.js';
import { type Client, SignInMethod } from './open-session.js';
import { isPassword } from './passwords.js';
import type { Session } from './session.js';
import { asUser, Sessions } from './sessions.service.js';
import { type Attempt, SignInLimits } from './sign-in-limits.js';
import type { User } from './user.js';

/** A person who has proved one thing, and what is left to prove. */
export interface HalfWay {
  readonly user: User;
  readonly otp: string | null;
  readonly attempt: Attempt;
}

/** Signing in by password, with a second factor where there is one. */
@Injectable()
export class SignIn {
  private readonly logger = new Logger(SignIn.name);

  constructor(
    private readonly database: Database,
    private readonly limits: SignInLimits,
    private readonly factors: SecondFactors,
    private readonly sessions: Sessions,
  ) {}

  /**
   * @param otp a code of the authenticator app or a recovery code; not looked at where none is enrolled
   * @throws MusterError UNAUTHENTICATED in the same words, and after the same work, for an unknown address, an account that has
   *   no password yet, and a wrong password; with reason OTP_REQUIRED where the password is right and a code is wanted;
   *   RATE_LIMITED after too many failures, of codes as of passwords
   */
  async byPassword(email: string, password: string, otp: string | null, client: Client): Promise<Session> {
    const attempt = { email: normalEmail(email), address: client.address };
    await this.limits.admit(attempt);
    const account = await this.database.read(partOfMuster('accounts'), async (tx) => {
      const [row] = await prepared<AccountRow>(
        tx,
        'SELECT id, name, email, password_hash FROM users WHERE email = $1 AND password_hash IS NOT NULL',
        [attempt.email],
      );
      return row;
    });
    const isRight = await isPassword(account?.password_hash ?? null, password);
    if (!account || !isRight) {
      this.failed('password', account?.id, client.address);
      await this.limits.settle(attempt, false);
      throw new MusterError('UNAUTHENTICATED', 'The address or the password is wrong.');
    }
    const user = { id: account.id, name: account.name, email: account.email };
    await this.limits.settle(attempt, true);
    const secondFactor = await this.askForOtp({ user, otp, attempt });
    return this.database.write(asUser(user.id), (tx) =>
      this.sessions.begin(tx, user, { method: SignInMethod.PASSWORD, secondFactor, client }),
    );
  }

  /**
   * Asks who has proved one factor for the second. Only a code that is given can be a guess, and is counted where it is wrong.
   * @returns whether a second factor was proved; there may be none to ask for
   */
  async askForOtp({ user, otp, attempt }: HalfWay): Promise<boolean> {
    const actor = asUser(user.id);
    const isAsked = await this.database.read(actor, async (tx) => {
      const { totp, passkeys } = await this.factors.of(tx, user.id);
      // Who added a passkey for its ease alone may still come by password; who needs a second factor has it in the passkey.
      return totp || (passkeys > 0 && (await this.factors.isNeeded(tx, user.id)));
    });
    if (!isAsked) return false;
    if (otp === null || otp === '') {
      throw new MusterError('UNAUTHENTICATED', 'Give a code of the authenticator app as well, or a recovery code.', {
        reason: 'OTP_REQUIRED',
      });
    }
    await this.limits.admit(attempt);
    const taken = await this.database.write(actor, (tx) => this.factors.take(tx, actor, otp));
    if (taken === 'wrong') this.failed('code', user.id, attempt.address);
    await this.limits.settle(attempt, taken !== 'wrong');
    if (taken === 'used') throw new MusterError('UNAUTHENTICATED', CODE_USED, { reason: 'OTP_USED' });
    if (taken === 'wrong') throw new MusterError('UNAUTHENTICATED', 'The code is wrong, too old, or was used before.');
    return true;
  }

  /** Never with what was typed: people type their password into the field of the address. */
  private failed(what: string, userId: string | undefined, address: string): void {
    this.logger.warn(`A sign-in failed: wrong ${what}, account ${userId ?? 'unknown'}, from ${address}`);
  }
}

interface AccountRow extends User {
  readonly email: string;
  readonly password_hash: string | null;
  readonly [column: string]: unknown;
}
