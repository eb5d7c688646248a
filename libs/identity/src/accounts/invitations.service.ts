import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import {
  type Actor,
  Clock,
  Database,
  Faults,
  forbidden,
  hasRole,
  MusterError,
  notFound,
  partOfMuster,
  prepared,
  requiredText,
  Role,
  type Tx,
} from '#platform';
import { v7 as uuidv7 } from 'uuid';

import { coordinates } from '../access/rights.js';
import { LONGEST_NAME } from '../agencies/checks.js';
import { COORDINATORS_GIVE } from '../grants/grant-rules.js';
import { SecondFactors } from '../second-factor/second-factors.service.js';
import { checkEmail, normalEmail } from './email.js';
import { checkNewPassword } from './password-rules.js';
import { hashPassword } from './passwords.js';
import { type Client, SignInMethod } from './open-session.js';
import type { Session } from './session.js';
import { asUser, Sessions } from './sessions.service.js';
import { newToken, tokenHash } from './tokens.js';
import type { User } from './user.js';
import type { InviteUserInput, UserInvitation } from './user-invitation.js';

/** How long an invitation to open an account works. */
export const INVITATION_DAYS = 7;

/** Nobody has opened the account yet, neither by a password nor by the sign-in of an agency. */
const NOT_OPEN = 'u.password_hash IS NULL AND NOT EXISTS (SELECT FROM provider_links l WHERE l.user_id = u.id)';

/** How people get their accounts: by a token that works once. */
@Injectable()
export class Invitations {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly factors: SecondFactors,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /**
   * Invites a person. An address invited before that has set no password yet gets a new token, and the old one ends.
   * @throws MusterError FORBIDDEN when a coordinator invites into another country; CONFLICT when the address has an account, or
   *   was invited by somebody else into what the actor could not give
   */
  async invite(actor: Actor, input: InviteUserInput): Promise<UserInvitation> {
    const token = newToken('mit');
    const agencyId = input.agencyId ?? null;
    const user = await this.database.write(actor, async (tx) => {
      const faults = new Faults();
      const country = await this.checkAgency(tx, actor, agencyId, faults);
      checkEmail(normalEmail(input.email), 'input.email', faults);
      const name = requiredText(faults, 'input.name', input.name, LONGEST_NAME);
      faults.throwIfAny();

      const invited = { id: uuidv7(), name, email: normalEmail(input.email) };
      const made = await prepared(
        tx,
        `INSERT INTO users (id, email, name, agency_id, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (email) DO NOTHING RETURNING id`,
        [invited.id, invited.email, invited.name, agencyId, this.clock.now()],
      );
      const person = made.length > 0 ? invited : await inviteAgain(tx, actor, { ...invited, agencyId, country });
      await this.keep(tx, person.id, token);
      await this.audit.append(tx, actor, {
        operationId: null,
        action: 'user.invited',
        subjectId: person.id,
        details: { agencyId },
      });
      return person;
    });
    return { user, token };
  }

  /**
   * Gives a new invitation to a person who can't sign in any more. Password, second factors and links to an agency's sign-in end with
   * the sessions; what the person may do stays.
   * @throws MusterError NOT_FOUND when there is no such person; FORBIDDEN for oneself
   */
  async reset(actor: Actor, userId: string): Promise<UserInvitation> {
    if (userId === actor.userId) throw forbidden();
    const token = newToken('mit');
    const user = await this.database.write(actor, async (tx) => {
      const [person] = await prepared<User & { [column: string]: unknown }>(
        tx,
        'UPDATE users SET password_hash = NULL WHERE id = $1 RETURNING id, name, email',
        [userId],
      );
      if (!person) throw notFound();
      await prepared(tx, 'DELETE FROM provider_links WHERE user_id = $1', [userId]);
      await this.factors.clear(tx, userId);
      await this.sessions.endAllOf(tx, actor, userId, 'account-reset');
      await this.keep(tx, userId, token);
      await this.audit.append(tx, actor, { operationId: null, action: 'user.reset', subjectId: userId });
      return { id: person.id, name: person.name, email: person.email };
    });
    return { user, token };
  }

  /**
   * Opens the account with a password and signs the person in.
   * @throws MusterError UNAUTHENTICATED, in the same words, for a token that is unknown, used or too old
   */
  async accept(token: string, password: string, client: Client): Promise<Session> {
    const hash = tokenHash(token);
    const invited = await this.database.read(partOfMuster('accounts'), async (tx) => {
      const [person] = await prepared<{ email: string; name: string }>(
        tx,
        `SELECT u.email, u.name FROM user_invitations i JOIN users u ON u.id = i.user_id
         WHERE i.token_hash = $1 AND i.used_at IS NULL AND i.expires_at > $2`,
        [hash, this.clock.now()],
      );
      return person;
    });
    if (!invited) throw notValid();
    const faults = new Faults();
    checkNewPassword(password, 'password', faults, { ...invited, hasSecondFactor: false });
    faults.throwIfAny();

    const passwordHash = await hashPassword(password);
    return this.database.write(partOfMuster('accounts'), async (tx) => {
      const [user] = await prepared<User & { [column: string]: unknown }>(
        tx,
        `WITH used AS (
           UPDATE user_invitations SET used_at = $2
           WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING user_id)
         UPDATE users u SET password_hash = $3 FROM used WHERE u.id = used.user_id AND ${NOT_OPEN}
         RETURNING u.id, u.name, u.email`,
        [hash, this.clock.now(), passwordHash],
      );
      if (!user) throw notValid();
      await this.audit.append(tx, asUser(user.id), { operationId: null, action: 'user.joined', subjectId: user.id });
      return this.sessions.begin(
        tx,
        { id: user.id, name: user.name, email: user.email },
        { method: SignInMethod.INVITATION, secondFactor: false, client },
      );
    });
  }

  /** Gives the country of the home agency; an administrator may invite people who have none. */
  private async checkAgency(tx: Tx, actor: Actor, agencyId: string | null, faults: Faults): Promise<string | null> {
    const isAdministrator = hasRole(actor, Role.ADMINISTRATOR);
    if (agencyId === null) {
      if (!isAdministrator) faults.add('input.agencyId', 'required', 'Give the home agency, one of the own country.');
      return null;
    }
    const [agency] = await prepared<{ country: string }>(tx, 'SELECT country FROM agencies WHERE id = $1', [agencyId]);
    if (!agency) {
      faults.add('input.agencyId', 'unknown', 'There is no such agency.');
      return null;
    }
    if (!isAdministrator && !coordinates(actor, agency.country)) throw forbidden();
    return agency.country;
  }

  private async keep(tx: Tx, userId: string, token: string): Promise<void> {
    const now = this.clock.now();
    await prepared(
      tx,
      'UPDATE user_invitations SET expires_at = $2 WHERE user_id = $1 AND used_at IS NULL AND expires_at > $2',
      [userId, now],
    );
    await prepared(tx, 'INSERT INTO user_invitations (token_hash, user_id, expires_at) VALUES ($1, $2, $3)', [
      tokenHash(token),
      userId,
      new Date(now.getTime() + INVITATION_DAYS * 24 * 60 * 60_000),
    ]);
  }
}

interface InvitedAgain extends User {
  readonly agencyId: string | null;
  /** Of the home agency. */
  readonly country: string | null;
}

/**
 * The token makes its holder the person, with all that was given to the account meanwhile. So a coordinator invites again only
 * people of the own country who hold nothing that a coordinator does not give; and nobody changes the home agency of a person
 * who holds anything.
 */
async function inviteAgain(tx: Tx, actor: Actor, { email, name, agencyId, country }: InvitedAgain): Promise<User> {
  const [user] = await prepared<User & { [column: string]: unknown }>(
    tx,
    `UPDATE users u SET name = $2, agency_id = $3
     WHERE u.email = $1 AND ${NOT_OPEN}
       AND ($4 OR EXISTS (SELECT FROM agencies a WHERE a.id = u.agency_id AND a.country = $5))
       AND NOT EXISTS (SELECT FROM grants g WHERE g.user_id = u.id AND g.ended_at IS NULL
         AND (u.agency_id IS DISTINCT FROM $3 OR NOT ($4 OR (g.country IS NOT DISTINCT FROM $5 AND g.role = ANY($6::text[])))))
       AND NOT EXISTS (SELECT FROM postings o WHERE o.user_id = u.id AND u.agency_id IS DISTINCT FROM $3)
     RETURNING u.id, u.name, u.email`,
    [email, name, agencyId, hasRole(actor, Role.ADMINISTRATOR), country, COORDINATORS_GIVE],
  );
  if (!user) throw new MusterError('CONFLICT', 'This address has an account.');
  return user;
}

function notValid(): MusterError {
  return new MusterError('UNAUTHENTICATED', 'This invitation is not valid (any more).');
}
