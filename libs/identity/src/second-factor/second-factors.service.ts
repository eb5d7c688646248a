import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { type Actor, badInput, Clock, Database, MusterError, prepared, type Tx } from '#platform';

import { needsSecondFactor } from '../access/enrolment.js';
import { SecretBox } from '../accounts/secret-box.js';
import { Sessions } from '../accounts/sessions.service.js';
import type { Grant } from '../grants/grant.js';
import { Grants } from '../grants/grants.service.js';
import { newRecoveryCodes, RECOVERY_CODES, recoveryCodeHash } from './recovery-codes.js';
import { newTotpSecret, stepOfCode, totpUri } from './totp.js';
import type { SecondFactor, TotpEnrolment } from './second-factor.js';

/** How long a secret that was begun waits for its first code, in minutes. */
const ENROLMENT_MINUTES = 15;

/** What a person can prove besides the password. */
export interface Factors {
  readonly totp: boolean;
  readonly passkeys: number;
  readonly recoveryCodesLeft: number;
}

export const CODE_USED = 'This code was used before. Wait for the next one.';

/** What a code that somebody typed was. */
export type Taken = 'right' | 'wrong' | 'used';

/** Authenticator apps (TOTP, RFC 6238) and recovery codes. */
@Injectable()
export class SecondFactors {
  constructor(
    private readonly database: Database,
    private readonly secrets: SecretBox,
    private readonly sessions: Sessions,
    private readonly grants: Grants,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  async of(tx: Tx, userId: string | null): Promise<Factors> {
    const [row] = await prepared<Factors & { readonly [column: string]: unknown }>(
      tx,
      `SELECT EXISTS (SELECT FROM totp_factors WHERE user_id = $1 AND secret IS NOT NULL) AS totp,
         (SELECT count(*)::int FROM passkeys WHERE user_id = $1) AS passkeys,
         (SELECT count(*)::int FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL) AS "recoveryCodesLeft"`,
      [userId],
    );
    return row ?? { totp: false, passkeys: 0, recoveryCodesLeft: 0 };
  }

  /** What `me` tells of it. */
  async stateOf(tx: Tx, actor: Actor, grants: readonly Grant[]): Promise<SecondFactor> {
    const factors = await this.of(tx, actor.userId);
    const [session] = await prepared<{ proved: boolean }>(
      tx,
      'SELECT second_factor AS proved FROM sessions WHERE id = $1',
      [actor.sessionId],
    );
    return {
      ...factors,
      required: needsSecondFactor(grants),
      enrolled: factors.totp || factors.passkeys > 0,
      proved: session?.proved ?? false,
    };
  }

  /** Whether a role of the person asks for a second factor. */
  async isNeeded(tx: Tx, userId: string | null): Promise<boolean> {
    return needsSecondFactor(await this.grants.of(tx, userId ?? ''));
  }

  /** Makes a secret for an authenticator app. It counts from its first code on, and whatever counted before counts until then. */
  async begin(actor: Actor): Promise<TotpEnrolment> {
    const secret = newTotpSecret();
    const sealed = await this.secrets.seal(placeOf(actor.userId), secret);
    const expiresAt = new Date(this.clock.now().getTime() + ENROLMENT_MINUTES * 60_000);
    return this.database.write(actor, async (tx) => {
      await prepared(
        tx,
        `INSERT INTO totp_factors (user_id, pending_secret, pending_until, pending_session) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET pending_secret = excluded.pending_secret, pending_until = excluded.pending_until,
           pending_session = excluded.pending_session`,
        [actor.userId, sealed, expiresAt, actor.sessionId],
      );
      await this.note(tx, actor, 'second-factor.totp-begun', actor.userId);
      const [user] = await prepared<{ email: string }>(tx, 'SELECT email FROM users WHERE id = $1', [actor.userId]);
      return { secret, uri: totpUri(secret, user?.email ?? ''), expiresAt };
    });
  }

  /**
   * Whether it is the code of the secret that was begun; takes nothing.
   * @throws MusterError CONFLICT when nothing was begun in this session, or too long ago
   */
  isFirstCode(actor: Actor, code: string): Promise<boolean> {
    return this.database.read(actor, async (tx) => {
      const [begun] = await prepared<{ pending_secret: Buffer }>(
        tx,
        'SELECT pending_secret FROM totp_factors WHERE user_id = $1 AND pending_until > $2 AND pending_session = $3',
        [actor.userId, this.clock.now(), actor.sessionId],
      );
      return (await this.stepOfFirst(actor, begun, code)) !== undefined;
    });
  }

  /**
   * Takes the secret that was begun, in place of the one before, by its first code. The session has proved a second factor by it,
   * and the person's sessions that have not end. Gives new recovery codes; those before end.
   * @throws MusterError BAD_USER_INPUT for a wrong code; CONFLICT when nothing was begun in this session, or too long ago
   */
  confirm(actor: Actor, code: string): Promise<string[]> {
    return this.database.write(actor, async (tx) => {
      const now = this.clock.now();
      const [begun] = await prepared<{ pending_secret: Buffer }>(
        tx,
        `SELECT pending_secret FROM totp_factors WHERE user_id = $1 AND pending_until > $2 AND pending_session = $3
         FOR UPDATE`,
        [actor.userId, now, actor.sessionId],
      );
      const step = await this.stepOfFirst(actor, begun, code);
      if (step === undefined) {
        throw badInput([{ path: 'code', rule: 'wrong', message: 'This is not the code that the app shows now.' }]);
      }
      await prepared(
        tx,
        `UPDATE totp_factors SET secret = pending_secret, confirmed_at = $2, last_step = $3, pending_secret = NULL,
           pending_until = NULL, pending_session = NULL WHERE user_id = $1`,
        [actor.userId, now, step],
      );
      await this.note(tx, actor, 'second-factor.totp-enrolled', actor.userId);
      await this.proved(tx, actor);
      return this.renewIn(tx, actor);
    });
  }

  private async stepOfFirst(
    { userId }: Actor,
    begun: { readonly pending_secret: Buffer } | undefined,
    code: string,
  ): Promise<number | undefined> {
    if (!begun) throw new MusterError('CONFLICT', 'No enrolment is under way. Begin one.');
    const secret = await this.secrets.open(placeOf(userId), begun.pending_secret);
    return stepOfCode(secret, withoutBlanks(code), this.clock.now());
  }

  /** Gives a person a secret as if its first code had been shown, for demos: nobody's right to do so is asked for. */
  async enrol(actor: Actor, userId: string, secret: string): Promise<void> {
    const sealed = await this.secrets.seal(placeOf(userId), secret);
    await this.database.write(actor, async (tx) => {
      await prepared(
        tx,
        `INSERT INTO totp_factors (user_id, secret, confirmed_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, confirmed_at = excluded.confirmed_at, last_step = NULL`,
        [userId, sealed, this.clock.now()],
      );
      await this.note(tx, actor, 'second-factor.totp-enrolled', userId);
    });
  }

  /** @throws MusterError CONFLICT when there is none; FORBIDDEN when it is the last factor of a person whose role asks for one */
  remove(actor: Actor): Promise<void> {
    return this.database.write(actor, async (tx) => {
      const removed = await prepared(
        tx,
        'DELETE FROM totp_factors WHERE user_id = $1 AND secret IS NOT NULL RETURNING user_id',
        [actor.userId],
      );
      if (removed.length === 0) throw new MusterError('CONFLICT', 'No authenticator app is enrolled.');
      await this.note(tx, actor, 'second-factor.totp-removed', actor.userId);
      await this.afterRemoval(tx, actor);
    });
  }

  /**
   * What follows from the removal of a factor: with the last one end the codes that stand in for it, and what sessions have proved.
   * @throws MusterError FORBIDDEN when none is left and a role asks for one
   */
  async afterRemoval(tx: Tx, actor: Actor): Promise<void> {
    const { totp, passkeys } = await this.of(tx, actor.userId);
    if (totp || passkeys > 0) return;
    if (await this.isNeeded(tx, actor.userId)) {
      throw new MusterError('FORBIDDEN', 'Your role asks for a second factor. Enrol another one first.', {
        reason: 'SECOND_FACTOR_REQUIRED',
      });
    }
    await prepared(tx, 'DELETE FROM recovery_codes WHERE user_id = $1', [actor.userId]);
    await this.sessions.weaken(tx, actor);
  }

  /** Takes all second factors of a person away, for one who lost them. */
  async clear(tx: Tx, userId: string): Promise<void> {
    for (const table of ['totp_factors', 'passkeys', 'recovery_codes'] as const) {
      await prepared(tx, `DELETE FROM ${table} WHERE user_id = $1`, [userId]);
    }
  }

  /**
   * Ten new recovery codes; those before end.
   * @throws MusterError CONFLICT when there is no second factor that they could stand in for
   */
  renew(actor: Actor): Promise<string[]> {
    return this.database.write(actor, async (tx) => {
      const { totp, passkeys } = await this.of(tx, actor.userId);
      if (!totp && passkeys === 0)
        throw new MusterError('CONFLICT', 'Recovery codes stand in for a second factor. Enrol one first.');
      return this.renewIn(tx, actor);
    });
  }

  async renewIn(tx: Tx, actor: Actor): Promise<string[]> {
    const codes = newRecoveryCodes();
    await prepared(tx, 'DELETE FROM recovery_codes WHERE user_id = $1', [actor.userId]);
    await prepared(tx, 'INSERT INTO recovery_codes (hash, user_id, created_at) SELECT unnest($1::bytea[]), $2, $3', [
      codes.map(recoveryCodeHash),
      actor.userId,
      this.clock.now(),
    ]);
    await this.note(tx, actor, 'second-factor.recovery-codes-renewed', actor.userId, { count: RECOVERY_CODES });
    return codes;
  }

  /** The actor's session has proved a factor that was just enrolled; the person's sessions that have proved none end. */
  async proved(tx: Tx, actor: Actor): Promise<void> {
    await this.sessions.strengthen(tx, actor);
    await this.sessions.endAllOf(tx, actor, actor.userId, 'second-factor-enrolled', { onlyWithoutSecondFactor: true });
  }

  /**
   * Takes a code of the authenticator app, or a recovery code: each once, whatever process it comes to.
   * @returns what it was; `used` is a code of the app that was right, and came before: who sends it knows it, and guesses nothing
   */
  async take(tx: Tx, actor: Actor, typed: string): Promise<Taken> {
    const code = withoutBlanks(typed);
    if (/^[0-9]{6}$/.test(code)) return this.takeTotp(tx, actor, code);
    return (await this.takeRecoveryCode(tx, actor, code)) ? 'right' : 'wrong';
  }

  private async takeTotp(tx: Tx, { userId }: Actor, code: string): Promise<Taken> {
    const [factor] = await prepared<{ secret: Buffer }>(
      tx,
      'SELECT secret FROM totp_factors WHERE user_id = $1 AND secret IS NOT NULL',
      [userId],
    );
    if (!factor) return 'wrong';
    const step = stepOfCode(await this.secrets.open(placeOf(userId), factor.secret), code, this.clock.now());
    if (step === undefined) return 'wrong';
    // Of two that come with one code at one instant, the second waits here for the first, and then finds the step taken.
    const taken = await prepared(
      tx,
      `UPDATE totp_factors SET last_step = $2 WHERE user_id = $1 AND (last_step IS NULL OR last_step < $2)
         AND secret = $3 RETURNING user_id`,
      [userId, step, factor.secret],
    );
    return taken.length > 0 ? 'right' : 'used';
  }

  private async takeRecoveryCode(tx: Tx, actor: Actor, code: string): Promise<boolean> {
    const taken = await prepared(
      tx,
      'UPDATE recovery_codes SET used_at = $3 WHERE hash = $1 AND user_id = $2 AND used_at IS NULL RETURNING hash',
      [recoveryCodeHash(code), actor.userId, this.clock.now()],
    );
    if (taken.length === 0) return false;
    const { recoveryCodesLeft } = await this.of(tx, actor.userId);
    await this.note(tx, actor, 'second-factor.recovery-code-used', actor.userId, { left: recoveryCodesLeft });
    return true;
  }

  private note(tx: Tx, actor: Actor, action: string, subjectId: string | null, details = {}): Promise<void> {
    return this.audit.append(tx, actor, { operationId: null, action, subjectId, details });
  }
}

function placeOf(userId: string | null): string {
  return `totp:${userId}`;
}

/** Apps show a code as two groups of three. */
function withoutBlanks(code: string): string {
  return code.replace(/\s/g, '');
}
