import { createHash } from 'node:crypto';

import { Injectable, Logger } from '@nestjs/common';
import { Audit } from '#audit';
import { Clock, Database, MusterError, partOfMuster, prepared, type Tx } from '#platform';
import { z } from 'zod';

import { normalEmail } from '../accounts/email.js';
import { type Client, SignInMethod } from '../accounts/open-session.js';
import type { Session } from '../accounts/session.js';
import { asUser, Sessions } from '../accounts/sessions.service.js';
import { SignInLimits } from '../accounts/sign-in-limits.js';
import { SignIn } from '../accounts/sign-in.service.js';
import { SignInSteps } from '../accounts/sign-in-steps.js';
import { newToken } from '../accounts/tokens.js';
import { type Claims, OpenidClients } from './openid-clients.js';
import { type ProviderInUse, Providers } from './providers.service.js';
import { isUnreachable } from './reachable-issuer.js';

/** How long the browser may stay at the provider. */
export const AT_PROVIDER_MINUTES = 10;

/** How long the one-time code works; a code of the authenticator app may have to be typed meanwhile. */
const CODE_MINUTES = 5;

const PART = partOfMuster('accounts');

/** SHA-256 in base64url, as PKCE (RFC 7636) has it. */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

const AtProvider = z.object({
  providerId: z.string(),
  challenge: z.string(),
  begun: z.object({ state: z.string(), nonce: z.string(), verifier: z.string() }),
});
const Proved = z.object({
  providerId: z.string(),
  subject: z.string(),
  multiFactor: z.boolean(),
  challenge: z.string(),
});

/** Where a sign-in by a provider has got to: where the browser goes, and what it holds until it comes back. */
export interface Departure {
  readonly url: URL;
  /** Goes into a cookie: whoever comes back must be the one who left. */
  readonly ticket: string;
}

/**
 * Signing in by an agency's own OpenID Connect provider. It makes no account and gives no right: who comes was invited before, with an
 * address of that agency.
 */
@Injectable()
export class ProviderSignIn {
  private readonly logger = new Logger(ProviderSignIn.name);

  constructor(
    private readonly database: Database,
    private readonly providers: Providers,
    private readonly clients: OpenidClients,
    private readonly steps: SignInSteps,
    private readonly limits: SignInLimits,
    private readonly signIns: SignIn,
    private readonly sessions: Sessions,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /**
   * @param challenge of a verifier that the client keeps: the one-time code is of use to it alone
   * @param address the network address that it comes from: each beginning is kept, so they are counted by it
   * @throws MusterError NOT_FOUND for a provider that is none; UNAVAILABLE when it can't be reached; RATE_LIMITED after too many
   */
  async begin(providerId: string, challenge: string, address: string): Promise<Departure> {
    await this.limits.begin(address);
    if (!CHALLENGE.test(challenge))
      throw new MusterError('BAD_USER_INPUT', 'The challenge must be a SHA-256 in base64url.');
    const provider = await this.provider(providerId);
    if (!provider) throw new MusterError('NOT_FOUND', 'Not found.');
    const { url, begun } = await this.asking(provider, () =>
      this.clients.begin(provider, this.providers.redirectUri(provider.id)),
    );
    const ticket = newToken('mst');
    await this.database.write(PART, (tx) =>
      this.steps.keep(tx, 'provider-sign-in', ticket, { providerId, challenge, begun }, AT_PROVIDER_MINUTES),
    );
    return { url, ticket };
  }

  /**
   * Takes who comes back from the provider, once; links the account at the first time.
   * @param parameters what the provider added to the address
   * @returns a one-time code, which the client changes into a session
   * @throws MusterError UNAUTHENTICATED in the same words for all that may be wrong, and for whoever was not invited; UNAVAILABLE when
   *   the provider can't be reached
   */
  async comeBack(providerId: string, ticket: string, parameters: URLSearchParams): Promise<string> {
    const [kept, provider] = await this.database.write(PART, async (tx) => [
      AtProvider.safeParse(await this.steps.take(tx, 'provider-sign-in', ticket)).data,
      await this.providers.inUse(tx, providerId),
    ]);
    if (!provider || kept?.providerId !== providerId) throw refused();
    const returned = new URL(this.providers.redirectUri(providerId));
    returned.search = parameters.toString();
    const claims = await this.asking(provider, () => this.clients.end(provider, returned, kept.begun));

    const code = newToken('msc');
    const isKnown = await this.database.write(PART, async (tx) => {
      const person = (await this.linked(tx, provider, claims.subject)) ?? (await this.link(tx, provider, claims));
      if (!person) {
        await this.audit.append(tx, PART, { operationId: null, action: 'provider.refused', subjectId: providerId });
        return false;
      }
      const { challenge } = kept;
      const proved = { providerId, subject: claims.subject, multiFactor: claims.multiFactor, challenge };
      await this.steps.keep(tx, 'provider-code', code, proved, CODE_MINUTES);
      return true;
    });
    if (!isKnown) throw refused();
    return code;
  }

  /**
   * Changes a one-time code into a session. A second factor that the provider has not asked for is asked for here; the code waits.
   * @param verifier what the challenge of the beginning was made of
   * @throws MusterError UNAUTHENTICATED, with reason OTP_REQUIRED where a code of the authenticator app is wanted
   */
  async signIn(code: string, verifier: string, otp: string | null, client: Client): Promise<Session> {
    const { proved, person } = await this.database.read(PART, async (tx) => {
      const proved = Proved.safeParse(await this.steps.look(tx, 'provider-code', code)).data;
      const provider = proved && (await this.providers.inUse(tx, proved.providerId));
      return { proved, person: provider && (await this.linked(tx, provider, proved.subject)) };
    });
    if (!proved || !person || challengeOf(verifier) !== proved.challenge) throw refused();
    const attempt = { email: person.email, address: client.address };
    const user = { id: person.id, name: person.name, email: person.email };
    const secondFactor = proved.multiFactor || (await this.signIns.askForOtp({ user, otp, attempt }));
    return this.database.write(asUser(user.id), async (tx) => {
      if ((await this.steps.take(tx, 'provider-code', code)) === undefined) throw refused();
      return this.sessions.begin(tx, user, { method: SignInMethod.PROVIDER, secondFactor, client });
    });
  }

  private provider(id: string): Promise<ProviderInUse | undefined> {
    return this.database.read(PART, (tx) => this.providers.inUse(tx, id));
  }

  /** Whom the provider means by a subject that it was linked by; somebody who has left the agency is nobody. */
  private async linked(tx: Tx, provider: ProviderInUse, subject: string): Promise<PersonRow | undefined> {
    const [row] = await prepared<PersonRow>(
      tx,
      `SELECT u.id, u.name, u.email FROM provider_links l JOIN users u ON u.id = l.user_id
       WHERE l.issuer = $1 AND l.subject = $2 AND u.agency_id = $3`,
      [provider.issuer, subject, provider.agencyId],
    );
    return row;
  }

  /**
   * Links an account of the agency by its address, where the provider has verified it and answers for its domain. An address that is
   * linked stays so: the next subject with it is another person's. What was sent to the person to open the account with has ended.
   */
  private async link(tx: Tx, provider: ProviderInUse, claims: Claims): Promise<PersonRow | undefined> {
    const email = normalEmail(claims.verifiedEmail ?? '');
    const domain = email.slice(email.lastIndexOf('@') + 1);
    if (!email.includes('@') || !provider.emailDomains.includes(domain)) return undefined;
    const now = this.clock.now();
    const [person] = await prepared<PersonRow>(
      tx,
      `WITH linked AS (
         INSERT INTO provider_links (issuer, subject, user_id, linked_at)
         SELECT $1, $2, u.id, $3 FROM users u WHERE u.email = $4 AND u.agency_id = $5
         ON CONFLICT DO NOTHING RETURNING user_id)
       SELECT u.id, u.name, u.email FROM users u JOIN linked ON linked.user_id = u.id`,
      [provider.issuer, claims.subject, now, email, provider.agencyId],
    );
    if (!person) return undefined;
    await prepared(
      tx,
      'UPDATE user_invitations SET expires_at = $2 WHERE user_id = $1 AND used_at IS NULL AND expires_at > $2',
      [person.id, now],
    );
    await this.audit.append(tx, asUser(person.id), {
      operationId: null,
      action: 'provider.linked',
      subjectId: person.id,
      details: { providerId: provider.id },
    });
    return person;
  }

  /** Why a provider's answer was refused stands in the log alone, for those who run the server. */
  private async asking<T>(provider: ProviderInUse, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
      this.logger.warn(`Sign-in by ${provider.issuer} failed: ${error instanceof Error ? error.message : ''}${cause}`);
      if (!isUnreachable(error)) throw refused();
      throw new MusterError('UNAVAILABLE', "The agency's sign-in does not answer.", { retryAfterSeconds: 30 });
    }
  }
}

interface PersonRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly [column: string]: unknown;
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function refused(): MusterError {
  return new MusterError('UNAUTHENTICATED', 'This sign-in is not valid (any more), or nobody here is known by it.');
}
