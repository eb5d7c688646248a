import { Injectable } from '@nestjs/common';
import { type Actor, badInput, Clock, Database, MusterError, prepared } from '#platform';

import { SignInMethod } from '../accounts/open-session.js';
import { isPassword } from '../accounts/passwords.js';
import { SignInLimits } from '../accounts/sign-in-limits.js';
import { CODE_USED, SecondFactors, type Taken } from './second-factors.service.js';

/** How long a sign-in by a second factor, or by the agency's provider, counts for a person who has nothing else to give here. */
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
   * the password; for a person who has neither password nor factor, a sign-in by the agency's provider, ten minutes ago at most. In a session that was begun without the passkey that there is, a recovery code: else the password alone would be
   * enough to enrol another second factor. What fails is counted as a failed sign-in.
   * @throws MusterError BAD_USER_INPUT for the one that is missing or wrong; RATE_LIMITED after too many failures
   */
  async prove(actor: Actor, proof: Proof): Promise<void> {
    const person = await this.person(actor);
    const isOtpAsked = person.totp || (person.passkeys > 0 && !person.hasProved);
    if (isOtpAsked) {
      const { email } = person;
      return this.check({ path: 'otp', given: proof.otp, email, address: proof.address }, (otp) =>
        this.take(actor, otp),
      );
    }
    const countsAlone = person.passwordHash === null && person.passkeys === 0 && person.isByProvider;
    if (person.isFresh && (person.hasProved || countsAlone)) return;
    if (person.passwordHash === null)
      throw fault('password', 'sign-in', 'Sign in anew first; this sign-in is too old.');
    return this.provePassword(person, 'password', proof.password, proof.address);
  }

  /** The password and nothing else, for a change of it. */
  async password(actor: Actor, path: string, password: string, address: string): Promise<void> {
    return this.provePassword(await this.person(actor), path, password, address);
  }

  /**
   * The first code of the authenticator app that is being enrolled.
   * @throws MusterError BAD_USER_INPUT for a wrong one, which counts as a failed sign-in; CONFLICT when nothing was begun;
   *   RATE_LIMITED after too many failures
   */
  async firstCode(actor: Actor, code: string, address: string): Promise<void> {
    const { email } = await this.person(actor);
    return this.check({ path: 'code', given: code, email, address }, async (typed) =>
      (await this.factors.isFirstCode(actor, typed)) ? 'right' : 'wrong',
    );
  }

  private provePassword(
    { email, passwordHash }: Person,
    path: string,
    given: string | null | undefined,
    address: string,
  ): Promise<void> {
    return this.check({ path, given, email, address }, async (password) =>
      (await isPassword(passwordHash, password)) ? 'right' : 'wrong',
    );
  }

  private async check({ path, given, email, address }: Given, look: (given: string) => Promise<Taken>): Promise<void> {
    if (given === undefined || given === null) throw fault(path, 'required', 'Prove that it is you.');
    await this.limits.admit({ email, address });
    const taken = await look(given);
    await this.limits.settle({ email, address }, taken !== 'wrong');
    if (taken === 'used') throw used(path);
    if (taken === 'wrong') throw fault(path, 'wrong', 'This is wrong, too old, or was used before.');
  }

  private take(actor: Actor, otp: string): Promise<Taken> {
    return this.database.write(actor, (tx) => this.factors.take(tx, actor, otp));
  }

  private person(actor: Actor): Promise<Person> {
    return this.database.read(actor, async (tx) => {
      const freshFrom = new Date(this.clock.now().getTime() - FRESH_MINUTES * 60_000);
      const [row] = await prepared<Omit<Person, 'totp' | 'passkeys'> & { readonly [column: string]: unknown }>(
        tx,
        `SELECT u.email, u.password_hash AS "passwordHash",
           s.second_factor AS "hasProved", s.created_at > $3 AS "isFresh", s.method = $4 AS "isByProvider"
         FROM users u JOIN sessions s ON s.user_id = u.id WHERE u.id = $1 AND s.id = $2`,
        [actor.userId, actor.sessionId, freshFrom, SignInMethod.PROVIDER],
      );
      if (!row) throw new Error('A session belongs to nobody.');
      const { totp, passkeys } = await this.factors.of(tx, actor.userId);
      return { ...row, totp, passkeys };
    });
  }
}

interface Given {
  readonly path: string;
  readonly given: string | null | undefined;
  readonly email: string;
  readonly address: string;
}

interface Person {
  readonly email: string;
  readonly passwordHash: string | null;
  readonly hasProved: boolean;
  readonly isFresh: boolean;
  readonly isByProvider: boolean;
  readonly totp: boolean;
  readonly passkeys: number;
}

function fault(path: string, rule: string, message: string): MusterError {
  return badInput([{ path, rule, message }]);
}

function used(path: string): MusterError {
  const { message, details } = fault(path, 'used', CODE_USED);
  return new MusterError('BAD_USER_INPUT', message, { ...details, reason: 'OTP_USED' });
}
