import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { type Actor, Clock, Database, MusterError, partOfMuster, prepared, type Tx } from '#platform';
import { v7 as uuidv7 } from 'uuid';

import { normalEmail } from './email.js';
import { isPassword } from './passwords.js';
import type { Session } from './session.js';
import { SignInLimits } from './sign-in-limits.js';
import { newToken, tokenHash } from './tokens.js';
import type { User } from './user.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How long an access token works. */
export const ACCESS_MINUTES = 15;

/** How long a session lives without being refreshed. */
export const REFRESH_DAYS = 30;

/** The channel on which the live gateways hear of a session that ended; the payload is its id. */
export const SESSIONS_CHANNEL = 'muster_sessions';

/** Signing in, refreshing and signing out. */
@Injectable()
export class Sessions {
  constructor(
    private readonly database: Database,
    private readonly limits: SignInLimits,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /**
   * @param address the network address that the attempt comes from
   * @throws MusterError UNAUTHENTICATED in the same words, and after the same work, for an unknown address, an account that has
   *   no password yet, and a wrong password; RATE_LIMITED after too many of them
   */
  async signIn(email: string, password: string, address: string): Promise<Session> {
    const attempt = { email: normalEmail(email), address };
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
    await this.limits.settle(attempt, isRight);
    if (!account || !isRight) {
      throw new MusterError('UNAUTHENTICATED', 'The address or the password is wrong.');
    }
    return this.database.write(asUser(account.id), (tx) => this.begin(tx, account));
  }

  /** Begins a session for a person who has proved who they are. */
  async begin(tx: Tx, { id, name, email }: Pick<AccountRow, 'id' | 'name' | 'email'>): Promise<Session> {
    const sessionId = uuidv7();
    const now = this.clock.now();
    await prepared(tx, 'INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)', [
      sessionId,
      id,
      now,
      after(now, REFRESH_DAYS * DAY),
    ]);
    const tokens = await this.issue(tx, sessionId, now);
    await this.audit.append(tx, asUser(id), {
      operationId: null,
      action: 'session.began',
      subjectId: sessionId,
    });
    return { ...tokens, user: { id, name, email, isAsker: true } };
  }

  /**
   * The next access token for a refresh token, which is used up by it.
   * @throws MusterError UNAUTHENTICATED for a token that is unknown, too old or used before; the last ends its whole session,
   *   as either the one who asks or the one before is not whom the token was given to
   */
  async refresh(refreshToken: string): Promise<Session> {
    const hash = tokenHash(refreshToken);
    const session = await this.database.write(partOfMuster('accounts'), async (tx) => {
      const now = this.clock.now();
      // Of two that come at one instant, the second waits here for the first, and then finds the token used.
      const [user] = await prepared<AccountRow & { session_id: string }>(
        tx,
        `WITH used AS (
           UPDATE refresh_tokens t SET used_at = $2 FROM sessions s
           WHERE t.hash = $1 AND t.used_at IS NULL AND t.expires_at > $2 AND s.id = t.session_id AND s.ended_at IS NULL
           RETURNING t.session_id)
         UPDATE sessions s SET expires_at = $3 FROM used, users u
         WHERE s.id = used.session_id AND s.ended_at IS NULL AND u.id = s.user_id
         RETURNING s.id AS session_id, u.id, u.name, u.email`,
        [hash, now, after(now, REFRESH_DAYS * DAY)],
      );
      if (!user) {
        await this.endFamily(tx, hash);
        return undefined; // and no error yet, or the end of the session would be rolled back
      }
      await prepared(tx, 'DELETE FROM access_tokens WHERE session_id = $1 AND expires_at <= $2', [
        user.session_id,
        now,
      ]);
      const tokens = await this.issue(tx, user.session_id, now);
      return { ...tokens, user: { id: user.id, name: user.name, email: user.email, isAsker: true } };
    });
    if (!session) throw new MusterError('UNAUTHENTICATED', 'This session has ended. Sign in again.');
    return session;
  }

  /** Ends the actor's session at once: requests with its tokens and sockets that live by it. */
  async signOut(actor: Actor): Promise<boolean> {
    const { sessionId } = actor;
    if (sessionId === null) return false;
    await this.database.write(actor, (tx) => this.end(tx, actor, sessionId, 'signed-out'));
    return true;
  }

  private async endFamily(tx: Tx, refreshHash: Buffer): Promise<void> {
    const [reused] = await prepared<{ session_id: string }>(
      tx,
      'SELECT session_id FROM refresh_tokens WHERE hash = $1 AND used_at IS NOT NULL',
      [refreshHash],
    );
    if (reused) await this.end(tx, partOfMuster('accounts'), reused.session_id, 'refresh-token-reused');
  }

  private async end(tx: Tx, actor: Actor, sessionId: string, reason: string): Promise<void> {
    const ended = await prepared(
      tx,
      'UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING pg_notify($3, id::text)',
      [sessionId, this.clock.now(), SESSIONS_CHANNEL],
    );
    if (ended.length === 0) return;
    await this.audit.append(tx, actor, {
      operationId: null,
      action: 'session.ended',
      subjectId: sessionId,
      details: { reason },
    });
  }

  private async issue(tx: Tx, sessionId: string, now: Date): Promise<Omit<Session, 'user'>> {
    const accessToken = newToken('mat');
    const refreshToken = newToken('mrt');
    const expiresAt = after(now, ACCESS_MINUTES * MINUTE);
    await prepared(
      tx,
      `WITH access AS (INSERT INTO access_tokens (hash, session_id, expires_at) VALUES ($2, $1, $3))
       INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES ($4, $1, $5)`,
      [sessionId, tokenHash(accessToken), expiresAt, tokenHash(refreshToken), after(now, REFRESH_DAYS * DAY)],
    );
    return { accessToken, refreshToken, expiresAt };
  }
}

interface AccountRow extends User {
  readonly password_hash: string | null;
  readonly [column: string]: unknown;
}

/** Whom a transaction acts for before there is a session to act by. */
export function asUser(userId: string): Actor {
  return { ...partOfMuster('accounts'), userId };
}

function after(instant: Date, milliseconds: number): Date {
  return new Date(instant.getTime() + milliseconds);
}
