import { Injectable } from '@nestjs/common';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import { Audit } from '#audit';
import {
  type Actor,
  badInput,
  Clock,
  Database,
  Faults,
  MusterError,
  notFound,
  partOfMuster,
  prepared,
  requiredText,
  type Tx,
} from '#platform';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';

import { type Client, SignInMethod } from '../accounts/open-session.js';
import type { Session } from '../accounts/session.js';
import { asUser, Sessions } from '../accounts/sessions.service.js';
import { SignInLimits } from '../accounts/sign-in-limits.js';
import { SignInSteps } from '../accounts/sign-in-steps.js';
import type { User } from '../accounts/user.js';
import { SecondFactors } from '../second-factor/second-factors.service.js';
import { Ceremonies, CEREMONY_MINUTES, challengeIn, type KeptPasskey, readPasskeyAnswer } from './ceremonies.js';
import type { EnrolledPasskey, Passkey } from './passkey.js';

const LONGEST_NAME = 100;

/** What is kept with the challenge of an enrolment: it is for this person alone. */
const Enrolment = z.object({ userId: z.string() });

const PARTS = partOfMuster('accounts');

/** Passkeys (WebAuthn): enrolling, signing in with, naming and removing them. */
@Injectable()
export class Passkeys {
  constructor(
    private readonly database: Database,
    private readonly ceremonies: Ceremonies,
    private readonly steps: SignInSteps,
    private readonly limits: SignInLimits,
    private readonly factors: SecondFactors,
    private readonly sessions: Sessions,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** The actor's passkeys, the newest first. */
  of(actor: Actor): Promise<Passkey[]> {
    return this.database.read(actor, (tx) =>
      prepared<Passkey & { readonly [column: string]: unknown }>(
        tx,
        `SELECT ${COLUMNS} FROM passkeys WHERE user_id = $1 ORDER BY created_at DESC, id DESC`,
        [actor.userId],
      ),
    );
  }

  /** What the browser is to ask an authenticator for; its challenge works once, for five minutes, for this person. */
  async beginEnrolment(actor: Actor): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const owner = await this.database.read(actor, async (tx) => {
      const [user] = await prepared<{ id: string; email: string; name: string }>(
        tx,
        'SELECT id, email, name FROM users WHERE id = $1',
        [actor.userId],
      );
      if (!user) throw new Error('A session belongs to nobody.');
      const passkeys = await prepared<{ credentialId: string; transports: string[] }>(
        tx,
        'SELECT credential_id AS "credentialId", transports FROM passkeys WHERE user_id = $1',
        [actor.userId],
      );
      return { ...user, passkeys };
    });
    const options = await this.ceremonies.registrationOptions(owner);
    await this.database.write(actor, (tx) =>
      this.steps.keep(tx, 'passkey-enrolment', options.challenge, { userId: actor.userId }, CEREMONY_MINUTES),
    );
    return options;
  }

  /**
   * Enrols the passkey that an authenticator made. The session has proved a second factor by it, and the person's sessions that have
   * not end.
   * @throws MusterError BAD_USER_INPUT for an answer to no challenge of this person, to one answered before, or one that is not right
   */
  async enrol(actor: Actor, named: string, answer: unknown): Promise<EnrolledPasskey> {
    const faults = new Faults();
    const name = requiredText(faults, 'name', named, LONGEST_NAME);
    faults.throwIfAny();
    const challenge = challengeIn(answer);
    // Taken by itself: an answer that is refused has used its challenge up.
    const kept = await this.database.write(actor, (tx) => this.steps.take(tx, 'passkey-enrolment', challenge));
    const isForActor = Enrolment.safeParse(kept).data?.userId === actor.userId;
    const made = isForActor ? await this.ceremonies.registered(answer, challenge) : undefined;
    if (!made)
      throw badInput([{ path: 'answer', rule: 'wrong', message: 'This is no right answer. Begin once more.' }]);

    return this.database.write(actor, async (tx) => {
      const [passkey] = await prepared<Passkey & { readonly [column: string]: unknown }>(
        tx,
        `INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, backed_up, name, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (credential_id) DO NOTHING RETURNING ${COLUMNS}`,
        [
          uuidv7(),
          actor.userId,
          made.credentialId,
          Buffer.from(made.publicKey),
          made.counter,
          made.transports,
          made.backedUp,
          name,
          this.clock.now(),
        ],
      );
      if (!passkey) throw new MusterError('CONFLICT', 'This passkey is enrolled already.');
      await this.note(tx, actor, 'passkey.enrolled', passkey.id);
      await this.factors.proved(tx, actor);
      const { recoveryCodesLeft } = await this.factors.of(tx, actor.userId);
      return { passkey, recoveryCodes: recoveryCodesLeft > 0 ? [] : await this.factors.renewIn(tx, actor) };
    });
  }

  /** @throws MusterError NOT_FOUND when it is not the actor's */
  async rename(actor: Actor, id: string, named: string): Promise<Passkey> {
    const faults = new Faults();
    const name = requiredText(faults, 'name', named, LONGEST_NAME);
    faults.throwIfAny();
    return this.database.write(actor, async (tx) => {
      const [passkey] = await prepared<Passkey & { readonly [column: string]: unknown }>(
        tx,
        `UPDATE passkeys SET name = $3 WHERE id = $1 AND user_id = $2 RETURNING ${COLUMNS}`,
        [id, actor.userId, name],
      );
      if (!passkey) throw notFound();
      await this.note(tx, actor, 'passkey.renamed', id);
      return passkey;
    });
  }

  /**
   * Removes one, and ends the sessions that began with it, but for the actor's own: whoever found the device is out.
   * @throws MusterError NOT_FOUND when it is not the actor's; FORBIDDEN when it is the last second factor of a person whose role asks
   *   for one
   */
  async remove(actor: Actor, id: string): Promise<void> {
    await this.database.write(actor, async (tx) => {
      const removed = await prepared(tx, 'DELETE FROM passkeys WHERE id = $1 AND user_id = $2 RETURNING id', [
        id,
        actor.userId,
      ]);
      if (removed.length === 0) throw notFound();
      await this.note(tx, actor, 'passkey.removed', id);
      await this.sessions.endAllOf(tx, actor, actor.userId, 'passkey-removed', { onlyOfPasskey: id });
      await this.factors.afterRemoval(tx, actor);
    });
  }

  /**
   * What the browser is to ask an authenticator for, whoever it may be; its challenge works once, for five minutes.
   * @param address the network address that asks: each challenge is kept, so they are counted by it
   * @throws MusterError RATE_LIMITED after too many
   */
  async beginSignIn(address: string): Promise<PublicKeyCredentialRequestOptionsJSON> {
    await this.limits.begin(address);
    const options = await this.ceremonies.authenticationOptions();
    await this.database.write(PARTS, (tx) =>
      this.steps.keep(tx, 'passkey-sign-in', options.challenge, {}, CEREMONY_MINUTES),
    );
    return options;
  }

  /**
   * Signs the holder of a passkey in: a second factor with it, as the device has asked for a PIN or a finger.
   * @throws MusterError UNAUTHENTICATED in the same words for all that may be wrong; RATE_LIMITED after too many failures
   */
  async signIn(answer: unknown, client: Client): Promise<Session> {
    const read = readPasskeyAnswer(answer);
    const challenge = challengeIn(answer);
    const attempt = { email: `passkey ${read?.id ?? ''}`, address: client.address };
    await this.limits.admit(attempt);
    const [kept, owner] = await this.database.write(PARTS, async (tx) => [
      await this.steps.take(tx, 'passkey-sign-in', challenge),
      read && (await this.holder(tx, read.id)),
    ]);
    const isOwners =
      read?.response.userHandle === undefined ||
      Buffer.from(read.response.userHandle, 'base64url').toString() === owner?.user_id;
    const counter =
      kept !== undefined && read && owner && isOwners
        ? await this.ceremonies.authenticated(read, challenge, toKept(owner))
        : undefined;
    await this.limits.settle(attempt, counter !== undefined);
    const session = owner && counter !== undefined ? await this.begin(owner, counter, client) : undefined;
    if (!session) throw new MusterError('UNAUTHENTICATED', 'This passkey is not known here, or the answer is too old.');
    return session;
  }

  /** Of two answers with one counter, as of a copied key, only the first begins a session. */
  private begin(owner: HolderRow, counter: number, client: Client): Promise<Session | undefined> {
    const actor = asUser(owner.user_id);
    return this.database.write(actor, async (tx) => {
      const used = await prepared(
        tx,
        `UPDATE passkeys SET counter = $2, last_used_at = $3
         WHERE id = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0)) RETURNING id`,
        [owner.id, counter, this.clock.now()],
      );
      if (used.length === 0) return undefined;
      const user = { id: owner.user_id, name: owner.name, email: owner.email };
      const proved = { method: SignInMethod.PASSKEY, secondFactor: true, passkeyId: owner.id };
      return this.sessions.begin(tx, user, { ...proved, client });
    });
  }

  private async holder(tx: Tx, credentialId: string): Promise<HolderRow | undefined> {
    const [row] = await prepared<HolderRow>(
      tx,
      `SELECT p.id, p.user_id, p.credential_id, p.public_key, p.counter::float8 AS counter, p.transports, u.name, u.email
       FROM passkeys p JOIN users u ON u.id = p.user_id WHERE p.credential_id = $1`,
      [credentialId],
    );
    return row;
  }

  private note(tx: Tx, actor: Actor, action: string, subjectId: string): Promise<void> {
    return this.audit.append(tx, actor, { operationId: null, action, subjectId });
  }
}

const COLUMNS = 'id, name, created_at AS "createdAt", last_used_at AS "lastUsedAt", backed_up AS "backedUp"';

interface HolderRow extends Omit<User, 'email'> {
  readonly email: string;
  readonly user_id: string;
  readonly credential_id: string;
  readonly public_key: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly [column: string]: unknown;
}

function toKept({ credential_id, public_key, counter, transports }: HolderRow): KeptPasskey {
  return { credentialId: credential_id, publicKey: public_key, counter, transports };
}
