import { Inject, Injectable } from '@nestjs/common';
import { Audit, type AuditEntry } from '#audit';
import {
  type Actor,
  Clock,
  CONFIG,
  type Config,
  Database,
  MusterError,
  notFound,
  partOfMuster,
  prepared,
  type Tx,
} from '#platform';
import { v7 as uuidv7 } from 'uuid';

import { type Client, type OpenSession, SignInMethod } from './open-session.js';
import type { Session } from './session.js';
import { newToken, tokenHash } from './tokens.js';
import type { User } from './user.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How long an access token works. */
export const ACCESS_MINUTES = 15;

/** How long a session lives without being refreshed, and never longer than the setting SESSION_DAYS from its beginning on. */
export const REFRESH_DAYS = 30;

/** The channel on which the live gateways hear of a session that ended; the payload is its id. */
export const SESSIONS_CHANNEL = 'muster_sessions';

/** How a person proved who they are, and from where. */
export interface SignedInBy {
  readonly method: SignInMethod;
  /** Whether a second factor was proved, or a passkey, which is both in one. */
  readonly secondFactor: boolean;
  /** The passkey that it was proved with, so that the session ends with it. */
  readonly passkeyId?: string;
  readonly client: Client;
}

/** Which of a person's sessions are meant. */
export interface WhichSessions {
  /** Only those that have proved no second factor. */
  readonly onlyWithoutSecondFactor?: boolean;
  /** Only those that began with this passkey. */
  readonly onlyOfPasskey?: string;
}

/** Beginning, refreshing and ending sessions. */
@Injectable()
export class Sessions {
  /** How long a session lives at most, however often it is refreshed, in milliseconds. */
  private readonly longest: number;

  constructor(
    private readonly database: Database,
    private readonly audit: Audit,
    private readonly clock: Clock,
    @Inject(CONFIG) config: Config,
  ) {
    this.longest = config.sessionDays * DAY;
  }

  /** Begins a session for a person who has proved who they are. */
  async begin(
    tx: Tx,
    { id, name, email }: Pick<User, 'id' | 'name' | 'email'>,
    { method, secondFactor, passkeyId, client }: SignedInBy,
  ): Promise<Session> {
    const sessionId = uuidv7();
    const now = this.clock.now();
    const endsAt = after(now, Math.min(REFRESH_DAYS * DAY, this.longest));
    await prepared(
      tx,
      `INSERT INTO sessions (id, user_id, created_at, expires_at, last_used_at, method, second_factor, passkey_id, address, user_agent)
       VALUES ($1, $2, $3, $4, $3, $5, $6, $7, $8, $9)`,
      [sessionId, id, now, endsAt, method, secondFactor, passkeyId ?? null, client.address, client.userAgent],
    );
    const tokens = await this.issue(tx, { sessionId, now, endsAt });
    await this.audit.append(tx, asUser(id), {
      operationId: null,
      action: 'session.began',
      subjectId: sessionId,
      details: { method, secondFactor },
    });
    return { ...tokens, user: { id, name, email, isAsker: true } };
  }

  /**
   * The next access token for a refresh token, which is used up by it.
   * @throws MusterError UNAUTHENTICATED for a token that is unknown, too old or used before, and for one of a session that has lasted
   *   its longest time; one used before ends its whole session, as either the one who asks or the one before is not whom the token was
   *   given to
   */
  async refresh(refreshToken: string): Promise<Session> {
    const hash = tokenHash(refreshToken);
    const session = await this.database.write(partOfMuster('accounts'), async (tx) => {
      const now = this.clock.now();
      // Of two that come at one instant, the second waits here for the first, and then finds the token used.
      const [user] = await prepared<AccountRow & { session_id: string; expires_at: Date }>(
        tx,
        `WITH used AS (
           UPDATE refresh_tokens t SET used_at = $2 FROM sessions s
           WHERE t.hash = $1 AND t.used_at IS NULL AND t.expires_at > $2 AND s.id = t.session_id AND s.ended_at IS NULL
             AND s.created_at > $4
           RETURNING t.session_id)
         UPDATE sessions s SET expires_at = least($3, s.created_at + $5 * interval '1 ms'), last_used_at = $2
         FROM used, users u
         WHERE s.id = used.session_id AND s.ended_at IS NULL AND u.id = s.user_id
         RETURNING s.id AS session_id, s.expires_at, u.id, u.name, u.email`,
        [hash, now, after(now, REFRESH_DAYS * DAY), after(now, -this.longest), this.longest],
      );
      if (!user) {
        await this.endFamily(tx, hash);
        return undefined; // and no error yet, or the end of the session would be rolled back
      }
      await prepared(tx, 'DELETE FROM access_tokens WHERE session_id = $1 AND expires_at <= $2', [
        user.session_id,
        now,
      ]);
      const tokens = await this.issue(tx, { sessionId: user.session_id, now, endsAt: user.expires_at });
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

  /** The actor's sessions that are under way, the newest first. */
  async of(actor: Actor): Promise<OpenSession[]> {
    const rows = await this.database.read(actor, (tx) =>
      prepared<Omit<OpenSession, 'current'> & { readonly [column: string]: unknown }>(
        tx,
        `SELECT id, created_at AS "createdAt", coalesce(last_used_at, created_at) AS "lastUsedAt", method,
           second_factor AS "secondFactor", address, user_agent AS "userAgent"
         FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY created_at DESC, id DESC`,
        [actor.userId, this.clock.now()],
      ),
    );
    return rows.map((row) => ({ ...row, current: row.id === actor.sessionId }));
  }

  /**
   * Ends one of the actor's sessions at once, with its sockets.
   * @throws MusterError NOT_FOUND when it is not the actor's, or has ended
   */
  async endOne(actor: Actor, sessionId: string): Promise<void> {
    await this.database.write(actor, async (tx) => {
      const [own] = await prepared(tx, 'SELECT FROM sessions WHERE id = $1 AND user_id = $2 AND ended_at IS NULL', [
        sessionId,
        actor.userId,
      ]);
      if (!own) throw notFound();
      await this.end(tx, actor, sessionId, 'signed-out');
    });
  }

  /** Ends the actor's sessions but for the one that asks; gives how many. */
  endOthers(actor: Actor): Promise<number> {
    return this.database.write(actor, (tx) => this.endAllOf(tx, actor, actor.userId, 'signed-out'));
  }

  /** Ends a person's sessions but for the actor's own; gives how many. */
  async endAllOf(
    tx: Tx,
    actor: Actor,
    userId: string | null,
    reason: string,
    { onlyWithoutSecondFactor = false, onlyOfPasskey }: WhichSessions = {},
  ): Promise<number> {
    const ended = await prepared<{ id: string }>(
      tx,
      `UPDATE sessions SET ended_at = $3
       WHERE user_id = $1 AND id IS DISTINCT FROM $2 AND ended_at IS NULL AND NOT (second_factor AND $4)
         AND ($6::uuid IS NULL OR passkey_id = $6)
       RETURNING id, pg_notify($5, id::text)`,
      [userId, actor.sessionId, this.clock.now(), onlyWithoutSecondFactor, SESSIONS_CHANNEL, onlyOfPasskey ?? null],
    );
    await this.audit.append(tx, actor, ...ended.map(({ id }) => sessionEnded(id, reason)));
    return ended.length;
  }

  /** The actor has proved a second factor within the session. */
  async strengthen(tx: Tx, actor: Actor): Promise<void> {
    await prepared(tx, 'UPDATE sessions SET second_factor = true WHERE id = $1', [actor.sessionId]);
  }

  /** Nothing is left that the actor's sessions could have proved: a role that asks for it later asks anew. */
  async weaken(tx: Tx, actor: Actor): Promise<void> {
    await prepared(tx, 'UPDATE sessions SET second_factor = false WHERE user_id = $1 AND ended_at IS NULL', [
      actor.userId,
    ]);
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
    await this.audit.append(tx, actor, sessionEnded(sessionId, reason));
  }

  private async issue(tx: Tx, { sessionId, now, endsAt }: Issue): Promise<Omit<Session, 'user'>> {
    const accessToken = newToken('mat');
    const refreshToken = newToken('mrt');
    const expiresAt = earlier(after(now, ACCESS_MINUTES * MINUTE), endsAt);
    await prepared(
      tx,
      `WITH access AS (INSERT INTO access_tokens (hash, session_id, expires_at) VALUES ($2, $1, $3))
       INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES ($4, $1, $5)`,
      [sessionId, tokenHash(accessToken), expiresAt, tokenHash(refreshToken), endsAt],
    );
    return { accessToken, refreshToken, expiresAt };
  }
}

/** For which session tokens are made, when, and until when they may work at most. */
interface Issue {
  readonly sessionId: string;
  readonly now: Date;
  readonly endsAt: Date;
}

interface AccountRow extends User {
  readonly [column: string]: unknown;
}

function sessionEnded(sessionId: string, reason: string): AuditEntry {
  return { operationId: null, action: 'session.ended', subjectId: sessionId, details: { reason } };
}

/** Whom a transaction acts for before there is a session to act by. */
export function asUser(userId: string): Actor {
  return { ...partOfMuster('accounts'), userId };
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}

function after(instant: Date, milliseconds: number): Date {
  return new Date(instant.getTime() + milliseconds);
}
