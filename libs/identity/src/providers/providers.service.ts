import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import {
  type Actor,
  Clock,
  CONFIG,
  type Config,
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

import { publicUrl } from '../accounts/public-url.js';
import { SecretBox } from '../accounts/secret-box.js';
import type { Agency } from '../agencies/agency.js';
import { LONGEST_NAME } from '../agencies/checks.js';
import { Directory } from '../directory.service.js';
import type { IdentityProvider, RegisterProviderInput, SignInProvider } from './identity-provider.js';
import type { Registration } from './openid-clients.js';
import { mayBeAsked } from './reachable-issuer.js';

const LONGEST_ISSUER = 500;
const LONGEST_SECRET = 1_000;
const MOST_DOMAINS = 20;
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** A provider as sign-in needs it. */
export interface ProviderInUse extends Registration {
  readonly agencyId: string;
  readonly emailDomains: readonly string[];
}

/** Which agencies sign their people in by a provider of their own. */
@Injectable()
export class Providers {
  constructor(
    private readonly database: Database,
    private readonly directory: Directory,
    private readonly secrets: SecretBox,
    private readonly audit: Audit,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** By name; for anybody who is about to sign in. */
  offered(): Promise<SignInProvider[]> {
    return this.database.read(partOfMuster('accounts'), (tx) =>
      prepared<SignInProvider & { readonly [column: string]: unknown }>(
        tx,
        'SELECT id, name FROM identity_providers WHERE removed_at IS NULL ORDER BY name, id',
        [],
      ),
    );
  }

  registered(actor: Actor): Promise<IdentityProvider[]> {
    return this.database.read(actor, async (tx) => {
      const rows = await prepared<ProviderRow>(
        tx,
        `SELECT ${COLUMNS} FROM identity_providers WHERE removed_at IS NULL ORDER BY name, id`,
        [],
      );
      const agencies = await this.directory.agenciesById(
        tx,
        rows.map((row) => row.agency_id),
      );
      return rows.map((row) => this.toProvider(row, agencies.get(row.agency_id)));
    });
  }

  /** @throws MusterError BAD_USER_INPUT with all that is wrong; CONFLICT when the issuer knows this client already */
  async register(actor: Actor, input: RegisterProviderInput): Promise<IdentityProvider> {
    const id = uuidv7();
    const faults = new Faults();
    const name = requiredText(faults, 'input.name', input.name, LONGEST_NAME);
    const clientId = requiredText(faults, 'input.clientId', input.clientId, LONGEST_SECRET);
    const clientSecret = requiredText(faults, 'input.clientSecret', input.clientSecret, LONGEST_SECRET);
    const issuer = this.checkIssuer(input.issuer.trim(), faults);
    const emailDomains = checkDomains(input.emailDomains, faults);
    const sealed = await this.secrets.seal(placeOf(id), clientSecret);
    return this.database.write(actor, async (tx) => {
      if (!(await this.directory.agency(tx, input.agencyId))) {
        faults.add('input.agencyId', 'unknown', 'There is no such agency.');
      }
      faults.throwIfAny();
      const [row] = await prepared<ProviderRow>(
        tx,
        `INSERT INTO identity_providers (id, name, issuer, client_id, client_secret, agency_id, email_domains, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (issuer, client_id) WHERE removed_at IS NULL DO NOTHING RETURNING ${COLUMNS}`,
        [id, name, issuer, clientId, sealed, input.agencyId, emailDomains, this.clock.now()],
      );
      if (!row) throw new MusterError('CONFLICT', 'This client of the issuer is registered already.');
      await this.note(tx, actor, 'provider.registered', id, { issuer, agencyId: input.agencyId, emailDomains });
      return this.toProvider(row, await this.directory.agency(tx, row.agency_id));
    });
  }

  /** Nobody signs in by it from now on; sessions go on to their end. @throws MusterError NOT_FOUND when there is none */
  async remove(actor: Actor, id: string): Promise<void> {
    await this.database.write(actor, async (tx) => {
      const removed = await prepared(
        tx,
        'UPDATE identity_providers SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL RETURNING id',
        [id, this.clock.now()],
      );
      if (removed.length === 0) throw notFound();
      await this.note(tx, actor, 'provider.removed', id);
    });
  }

  async inUse(tx: Tx, id: string): Promise<ProviderInUse | undefined> {
    const [row] = await prepared<ProviderRow & { client_secret: Buffer }>(
      tx,
      `SELECT ${COLUMNS}, client_secret FROM identity_providers WHERE id::text = $1 AND removed_at IS NULL`,
      [id],
    );
    return (
      row && {
        id: row.id,
        issuer: row.issuer,
        clientId: row.client_id,
        clientSecret: await this.secrets.open(placeOf(row.id), row.client_secret),
        agencyId: row.agency_id,
        emailDomains: row.email_domains,
      }
    );
  }

  redirectUri(id: string): string {
    return new URL(`/auth/${id}/callback`, publicUrl(this.config)).href;
  }

  private checkIssuer(issuer: string, faults: Faults): string {
    const url = URL.canParse(issuer) && issuer.length <= LONGEST_ISSUER ? new URL(issuer) : undefined;
    if (!url || !mayBeAsked(url, this.config.production) || url.search !== '' || url.hash !== '') {
      faults.add('input.issuer', 'issuer', 'Give an https URL without a query, such as https://login.customs.example.');
    }
    return issuer;
  }

  private toProvider(row: ProviderRow, agency: Agency | undefined): IdentityProvider {
    if (!agency) throw new Error('A provider is of no agency.');
    return {
      id: row.id,
      name: row.name,
      issuer: row.issuer,
      clientId: row.client_id,
      agency,
      emailDomains: row.email_domains,
      redirectUri: this.redirectUri(row.id),
    };
  }

  private note(tx: Tx, actor: Actor, action: string, subjectId: string, details = {}): Promise<void> {
    return this.audit.append(tx, actor, { operationId: null, action, subjectId, details });
  }
}

const COLUMNS = 'id, name, issuer, client_id, agency_id, email_domains';

interface ProviderRow {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly client_id: string;
  readonly agency_id: string;
  readonly email_domains: string[];
  readonly [column: string]: unknown;
}

function placeOf(id: string): string {
  return `provider:${id}`;
}

function checkDomains(given: readonly string[], faults: Faults): string[] {
  const domains = [...new Set(given.map((domain) => domain.trim().toLowerCase()))];
  if (domains.length === 0 || domains.length > MOST_DOMAINS) {
    faults.add('input.emailDomains', 'length', `Give 1 to ${MOST_DOMAINS} domains.`);
  }
  given.forEach((domain, index) => {
    if (!DOMAIN.test(domain.trim().toLowerCase())) {
      faults.add(`input.emailDomains.${index}`, 'domain', 'Give a domain such as customs.example.');
    }
  });
  return domains;
}
