import DataLoader from 'dataloader';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Audit } from '#audit';
import {
  type Actor,
  type ActorGrant,
  type ActorPosting,
  Clock,
  Database,
  LOG_POINT,
  MusterError,
  notFound,
  partOfMuster,
  prepared,
  type Tx,
} from '#platform';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';

import { needsSecondFactor, type SessionActor } from '../access/enrolment.js';
import { normalEmail } from './email.js';
import { hashPassword } from './passwords.js';
import { SESSIONS_CHANNEL } from './sessions.service.js';
import { tokenHash } from './tokens.js';
import type { User } from './user.js';

/** An account that a command makes, with no invitation. */
export interface NewAccount {
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly agencyId?: string | null;
}

/** Who has an account, and who acts by a token or a session. */
@Injectable()
export class Accounts {
  private readonly lookUps = new DataLoader<string, SessionActor | undefined>((hashes) => this.actorsOfTokens(hashes), {
    cache: false,
    maxBatchSize: 100,
    batchScheduleFn: (lookUp) => setImmediate(lookUp),
  });

  constructor(
    private readonly database: Database,
    @InjectDataSource() private readonly source: DataSource,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes an account with a password, for the first administrator and for demos: nobody's right to do so is asked for.
   * @throws MusterError CONFLICT when the address has an account
   */
  async create({ email, name, password, agencyId = null }: NewAccount): Promise<User> {
    const user = { id: uuidv7(), name, email: normalEmail(email) };
    const passwordHash = await hashPassword(password);
    const actor = partOfMuster('accounts');
    await this.database.write(actor, async (tx) => {
      const made = await prepared(
        tx,
        `INSERT INTO users (id, email, name, password_hash, agency_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (email) DO NOTHING RETURNING id`,
        [user.id, user.email, name, passwordHash, agencyId, this.clock.now()],
      );
      if (made.length === 0) throw new MusterError('CONFLICT', 'This address has an account.');
      await this.audit.append(tx, actor, { operationId: null, action: 'user.created', subjectId: user.id });
    });
    return user;
  }

  /**
   * Gives an account another password and ends its sessions, for demos whose passwords were lost: nobody's right to do so is asked
   * for.
   * @throws MusterError NOT_FOUND when the address has no account
   */
  async setPassword(email: string, password: string): Promise<void> {
    const passwordHash = await hashPassword(password);
    const actor = partOfMuster('accounts');
    await this.database.write(actor, async (tx) => {
      const [user] = await prepared<{ id: string }>(
        tx,
        'UPDATE users SET password_hash = $2 WHERE email = $1 RETURNING id',
        [normalEmail(email), passwordHash],
      );
      if (!user) throw notFound();
      await prepared(
        tx,
        'UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL RETURNING pg_notify($3, id::text)',
        [user.id, this.clock.now(), SESSIONS_CHANNEL],
      );
      await this.audit.append(tx, actor, { operationId: null, action: 'user.password-set', subjectId: user.id });
    });
  }

  /**
   * A person as the actor of a command, with all that the person may do at this moment and without a session; for what a part of Muster does in
   * that person's name. Requests act by their token.
   * @throws MusterError NOT_FOUND when there is no such person
   */
  async actorFor(userId: string): Promise<Actor> {
    const [row] = await this.ask<PersonRow>(PERSON, [userId]);
    if (!row) throw notFound();
    return toActor(row, null);
  }

  /**
   * A person as the reader of what a part of Muster reads in that person's name: with all that the person may see at this moment, and with where
   * the log of the database ends, so that the replica may answer.
   * @throws MusterError NOT_FOUND when there is no such person
   */
  async readerFor(userId: string): Promise<Actor> {
    const [row] = await this.ask<PersonRow & { readonly log_point: string | null }>(PERSON, [userId]);
    if (!row) throw notFound();
    return withLogPoint(toActor(row, null), row.log_point);
  }

  /**
   * Who acts by an access token, with all that the person may do at this moment; undefined when the token is unknown or too old
   * or its session has ended. Asked at each request, and nothing is remembered; requests that come in together ask in one statement, which
   * also tells where the log of the database ends by then.
   */
  actorOf(accessToken: string): Promise<SessionActor | undefined> {
    return this.lookUps.load(tokenHash(accessToken).toString('hex'));
  }

  /** Who acts by each session; one that has ended is left out. @param tx where what follows must be true of the same instant */
  async actorsOf(sessionIds: readonly string[], tx?: Tx): Promise<Map<string, SessionActor>> {
    if (sessionIds.length === 0) return new Map();
    const values = [sessionIds, this.clock.now()];
    const rows = await (tx
      ? prepared<SessionRow>(tx, ACTORS_OF_SESSIONS, values)
      : this.ask<SessionRow>(ACTORS_OF_SESSIONS, values));
    return new Map(rows.map((row) => [row.session_id, toSessionActor(row)]));
  }

  private async actorsOfTokens(hashes: readonly string[]): Promise<(SessionActor | undefined)[]> {
    const rows = await this.ask<TokenRow>(ACTORS_OF_TOKENS, [hashes, this.clock.now()]);
    const actors = new Map(rows.map((row) => [row.hash, toTokenActor(row)]));
    return hashes.map((hash) => actors.get(hash));
  }

  /** Outside any transaction: who acts must be known before a transaction can carry its actor. */
  private async ask<Row extends PersonRow>(statement: string, values: readonly unknown[]): Promise<Row[]> {
    const runner = this.source.createQueryRunner();
    try {
      return await prepared<Row>(runner.manager, statement, values);
    } finally {
      await runner.release();
    }
  }
}

interface PersonRow {
  readonly user_id: string;
  readonly agency_id: string | null;
  readonly agency_country: string | null;
  readonly grants: readonly ActorGrant[];
  readonly postings: readonly ActorPosting[];
  readonly [column: string]: unknown;
}

interface SessionRow extends PersonRow {
  readonly session_id: string;
  readonly second_factor: boolean;
}

interface TokenRow extends SessionRow {
  readonly hash: string;
  readonly log_point: string | null;
}

const PERSON_COLUMNS = `
  u.id AS user_id, u.agency_id, a.country AS agency_country,
  (SELECT coalesce(json_agg(json_build_object('role', g.role, 'operationId', g.operation_id, 'country', g.country,
       'unitId', g.unit_id, 'participation', p.status) ORDER BY g.id), '[]')
   FROM grants g LEFT JOIN participations p ON p.operation_id = g.operation_id AND p.country = g.country
   WHERE g.user_id = u.id AND g.ended_at IS NULL) AS grants,
  (SELECT coalesce(json_agg(json_build_object('unitId', o.unit_id, 'from', o.from_day, 'until', o.until_day)
       ORDER BY o.from_day, o.id), '[]')
   FROM postings o WHERE o.user_id = u.id) AS postings`;

const PERSON = `
  SELECT ${LOG_POINT} AS log_point, ${PERSON_COLUMNS}
  FROM users u LEFT JOIN agencies a ON a.id = u.agency_id WHERE u.id = $1`;

const ACTORS_OF_TOKENS = `
  SELECT encode(t.hash, 'hex') AS hash, ${LOG_POINT} AS log_point, s.id AS session_id, s.second_factor, ${PERSON_COLUMNS}
  FROM unnest($1::text[]) AS wanted
  JOIN access_tokens t ON t.hash = decode(wanted, 'hex')
  JOIN sessions s ON s.id = t.session_id
  JOIN users u ON u.id = s.user_id
  LEFT JOIN agencies a ON a.id = u.agency_id
  WHERE t.expires_at > $2 AND s.ended_at IS NULL AND s.expires_at > $2`;

const ACTORS_OF_SESSIONS = `
  SELECT s.id AS session_id, s.second_factor, ${PERSON_COLUMNS}
  FROM sessions s
  JOIN users u ON u.id = s.user_id
  LEFT JOIN agencies a ON a.id = u.agency_id
  WHERE s.id = ANY($1::uuid[]) AND s.ended_at IS NULL AND s.expires_at > $2`;

function toActor(row: PersonRow, sessionId: string | null): Actor {
  return {
    userId: row.user_id,
    sessionId,
    agencyId: row.agency_id,
    agencyCountry: row.agency_country,
    grants: row.grants,
    postings: row.postings,
    part: null,
  };
}

function toSessionActor(row: SessionRow): SessionActor {
  const actor = toActor(row, row.session_id);
  const lacksSecondFactor = !row.second_factor && needsSecondFactor(actor.grants);
  return lacksSecondFactor
    ? { ...actor, grants: [], postings: [], lacksSecondFactor }
    : { ...actor, lacksSecondFactor };
}

/** Requests never ask before they have come in, so what was acknowledged before a request lies before its point. */
function toTokenActor(row: TokenRow): SessionActor {
  return withLogPoint(toSessionActor(row), row.log_point);
}

function withLogPoint<Reader extends Actor>(actor: Reader, logPoint: string | null): Reader {
  return logPoint === null ? actor : { ...actor, logPoint };
}
