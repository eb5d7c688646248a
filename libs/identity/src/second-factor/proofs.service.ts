import { Injectable } from '@nestjs/common';
import { type Actor, badInput, Clock, Database, type MusterError, prepared } from '#platform';

import { isPassword } from '../accounts/passwords.js';
import { SignInLimits } from '../accounts/sign-in-limits.js';
import { SecondFactors } from './second-factors.service.js';

/** How long a sign-in that proved a second factor counts for a person who has no password and no authenticator app. */
const FRESH_MINUTES = 10;

/** What a person gives beside a change of how they sign in. */
export interface Proof {
  readonly password?: string | null;
  readonly otp?: string | null;
  /** The network address that it comes from. */
  readonly address: string;
}

/** Asks who is signed in to prove once more who they are: an open session at an unattended desk changes no factor. */
@Injectable()
export class Proofs {
  constructor(
    private readonly database: Database,
    private readonly limits: SignInLimits,
    private readonly factors: SecondFactors,
    private readonly clock: Clock,
  ) {}

  /**
   * A code where an authenticator app is enrolled, or a recovery code; else a sign-in with a second factor, ten minutes ago at most, or
   * the password. In a session that was begun without the passkey that there is, a recovery code: else the password alone would be
   * enough to enrol another second factor. What fails is counted as a failed sign-in.
   * @throws MusterError BAD_USER_INPUT for the one that is missing or wrong; RATE_LIMITED after too many failures
   */
  async prove(actor: Actor, proof: Proof): Promise<void> {
    const person = await this.person(actor);
    const isOtpAsked = person.totp || (person.passkeys > 0 && !person.hasProved);
    if (isOtpAsked) return this.check('otp', proof.otp, person.email, proof.address, (otp) => this.take(actor, otp));
    if (person.hasFreshSession) return;
    if (person.passwordHash === null)
      throw fault('password', 'sign-in', 'Sign in anew first; this sign-in is too old.');
    return this.provePassword(person, 'password', proof.password, proof.address);
  }

  /** The password and nothing else, for a change of it. */
  async password(actor: Actor, path: string, password: string, address: string): Promise<void> {
    return this.provePassword(await this.person(actor), path, password, address);
  }

  private provePassword(
    { email, passwordHash }: Person,
    path: string,
    given: string | null | undefined,
    address: string,
  ): Promise<void> {
    return this.check(path, given, email, address, (password) => isPassword(passwordHash, password));
  }

  private async check(
    path: string,
    given: string | null | undefined,
    email: string,
    address: string,
    look: (given: string) => Promise<boolean>,
  ): Promise<void> {
    if (given === undefined || given === null) throw fault(path, 'required', 'Prove that it is you.');
    await this.limits.admit({ email, address });
    const isRight = await look(given);
    await this.limits.settle({ email, address }, isRight);
    if (!isRight) throw fault(path, 'wrong', 'This is wrong, too old, or was used before.');
  }

  private take(actor: Actor, otp: string): Promise<boolean> {
    return this.database.write(actor, (tx) => this.factors.take(tx, actor, otp));
  }

  private person(actor: Actor): Promise<Person> {
    return this.database.read(actor, async (tx) => {
      const freshFrom = new Date(this.clock.now().getTime() - FRESH_MINUTES * 60_000);
      const [row] = await prepared<Omit<Person, 'totp' | 'passkeys'> & { readonly [column: string]: unknown }>(
        tx,
        `SELECT u.email, u.password_hash AS "passwordHash",
           s.second_factor AS "hasProved", s.second_factor AND s.created_at > $3 AS "hasFreshSession"
         FROM users u JOIN sessions s ON s.user_id = u.id WHERE u.id = $1 AND s.id = $2`,
        [actor.userId, actor.sessionId, freshFrom],
      );
      if (!row) throw new Error('A session belongs to nobody.');
      const { totp, passkeys } = await this.factors.of(tx, actor.userId);
      return { ...row, totp, passkeys };
    });
  }
}

interface Person {
  readonly email: string;
  readonly passwordHash: string | null;
  readonly hasProved: boolean;
  readonly hasFreshSession: boolean;
  readonly totp: boolean;
  readonly passkeys: number;
}

function fault(path: string, rule: string, message: string): MusterError {
  return badInput([{ path, rule, message }]);
}
