import { hash } from '@node-rs/argon2';
import { Secret, TOTP } from 'otpauth';
import pg from 'pg';
import { v7 } from 'uuid';

import { graphql, type GraphqlAnswer } from './graphql.js';
import type { Muster } from './muster.js';

const PASSWORD = 'a password for tests';

/** Whoever holds one of these signs in with a second factor. */
const ROLES_WITH_SECOND_FACTOR = ['HUB', 'ANALYST', 'ADMINISTRATOR'];

/** A right of a person, as grants hold it. */
export interface HeldGrant {
  readonly role: string;
  readonly operationId?: string;
  readonly country?: string;
  readonly unitId?: string;
}

/** Somebody who is signed in. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly token: string;
  /** Sends a request as this person and gives the whole answer. */
  ask<Data = Readonly<Record<string, never>>>(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
  ): Promise<GraphqlAnswer<Data>>;
  /** Sends a request that must succeed and gives the one field asked for. */
  do<Field>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Field>;
  /** Sends a request that must be refused and gives `extensions` of its first error, with its message. */
  refused(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Refusal>;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly reason?: string;
  readonly phase?: string;
  readonly missing?: readonly string[];
  readonly fields?: readonly { readonly path: string; readonly rule: string; readonly message: string }[];
}

/** Makes people, agencies, units and operations for the tests of one file, and speaks for them through the public API. */
export class Scene {
  private readonly database: pg.Client;
  private passwordHash = '';
  /** Secrets of the authenticator apps that were enrolled, by e-mail. */
  private readonly secrets = new Map<string, string>();

  private constructor(readonly muster: Muster) {
    this.database = new pg.Client({ connectionString: muster.databaseUrl });
    // A server that is ended on purpose must not end the test with it.
    this.database.on('error', () => undefined);
  }

  static async open(muster: Muster): Promise<Scene> {
    const scene = new Scene(muster);
    await scene.database.connect();
    scene.passwordHash = await hash(PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 });
    return scene;
  }

  async close(): Promise<void> {
    await this.database.end();
  }

  /** Looks at the tables. */
  async sql<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.database.query(text, [...values])).rows as Row[];
  }

  async agency(country: string, kind = 'CUSTOMS', name = `${kind} of ${country}`): Promise<string> {
    const id = v7();
    await this.sql(`INSERT INTO agencies (id, name, kind, country) VALUES ($1, $2, $3, $4)`, [id, name, kind, country]);
    return id;
  }

  async unit(country: string, unlocode: string, agencyIds: readonly string[]): Promise<string> {
    const id = v7();
    await this.sql(`INSERT INTO port_units (id, name, kind, country, unlocode) VALUES ($1, $2, 'SEA_PORT', $3, $4)`, [
      id,
      `Unit of ${unlocode}`,
      country,
      unlocode,
    ]);
    for (const agencyId of agencyIds) {
      await this.sql(`INSERT INTO port_unit_agencies (unit_id, agency_id) VALUES ($1, $2)`, [id, agencyId]);
    }
    return id;
  }

  async post(
    userId: string,
    unitId: string,
    agencyId: string,
    from: string,
    until: string | null = null,
  ): Promise<void> {
    await this.sql(
      `INSERT INTO postings (id, unit_id, user_id, home_agency_id, from_day, until_day) VALUES ($1, $2, $3, $4, $5, $6)`,
      [v7(), unitId, userId, agencyId, from, until],
    );
  }

  async grant(userId: string, { role, operationId, country, unitId }: HeldGrant): Promise<string> {
    const id = v7();
    await this.sql(
      `INSERT INTO grants (id, user_id, role, operation_id, country, unit_id, granted_at) VALUES ($1, $2, $3, $4, $5, $6, now())`,
      [id, userId, role, operationId ?? null, country ?? null, unitId ?? null],
    );
    // Who is signed in already goes on as if a second factor had been proved: few tests are about it.
    if (ROLES_WITH_SECOND_FACTOR.includes(role)) {
      await this.sql(`UPDATE sessions SET second_factor = true WHERE user_id = $1`, [userId]);
    }
    return id;
  }

  /** A person with an account, signed in. */
  async person(agencyId: string | null, ...grants: readonly HeldGrant[]): Promise<Person> {
    const id = v7();
    const email = `${id}@test.muster.example`;
    await this.sql(
      `INSERT INTO users (id, email, name, password_hash, agency_id, created_at) VALUES ($1, $2, $3, $4, $5, now())`,
      [id, email, `Person ${id.slice(-6)}`, this.passwordHash, agencyId],
    );
    for (const grant of grants) await this.grant(id, grant);
    const needsSecondFactor = grants.some(({ role }) => ROLES_WITH_SECOND_FACTOR.includes(role));
    const token = needsSecondFactor ? await this.enrol(email) : (await this.begin(email)).token;
    return this.speaker(id, email, token);
  }

  /** Signs a person in who has no second factor, and enrols an authenticator app as the person would; gives the token. */
  async enrol(email: string): Promise<string> {
    const { token } = await this.begin(email);
    const person = this.speaker('', email, token);
    const { secret } = await person.do<{ secret: string }>(
      `mutation ($password: String!) { beginTotp(password: $password) { secret } }`,
      { password: PASSWORD },
    );
    await person.do(`mutation ($code: String!) { confirmTotp(code: $code) }`, { code: codeOf(secret) });
    this.secrets.set(email, secret);
    return token;
  }

  async signIn(email: string): Promise<{ token: string; refreshToken: string }> {
    const secret = this.secrets.get(email);
    if (secret === undefined) return this.begin(email);
    // A code works once, and a test does not wait half a minute for the next.
    await this.sql(`UPDATE totp_factors SET last_step = NULL WHERE user_id = (SELECT id FROM users WHERE email = $1)`, [
      email,
    ]);
    return this.begin(email, codeOf(secret));
  }

  private async begin(email: string, otp?: string): Promise<{ token: string; refreshToken: string }> {
    const { data, errors } = await graphql<{ signIn: { accessToken: string; refreshToken: string } }>(
      this.muster.graphqlUrl,
      `
        mutation ($email: String!, $password: String!, $otp: String) {
          signIn(email: $email, password: $password, otp: $otp) {
            accessToken
            refreshToken
          }
        }
      `,
      { email, password: PASSWORD, otp },
    );
    if (errors.length > 0) throw new Error(`Sign-in failed: ${JSON.stringify(errors)}`);
    return { token: data.signIn.accessToken, refreshToken: data.signIn.refreshToken };
  }

  speaker(id: string, email: string, token: string, url = this.muster.graphqlUrl): Person {
    const ask = <Data>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<GraphqlAnswer<Data>> =>
      graphql<Data>(url, query, variables, token);
    return {
      id,
      email,
      token,
      ask,
      async do<Field>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Field> {
        const { data, errors } = await ask<Record<string, Field>>(query, variables);
        if (errors.length > 0) throw new Error(`${query.slice(0, 200)}\n${JSON.stringify(errors, null, 1)}`);
        return Object.values(data)[0] as Field;
      },
      async refused(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Refusal> {
        const { data, errors } = await ask(query, variables);
        const [error] = errors;
        if (!error) throw new Error(`It was not refused: ${JSON.stringify(data).slice(0, 500)}`);
        return { message: error.message, ...error.extensions } as unknown as Refusal;
      },
    };
  }

  /** An operation in preparation, made by the hub; its window holds today unless days are given. */
  async operation(
    hub: Person,
    input: Readonly<Record<string, unknown>> = {},
  ): Promise<{ id: string; version: number }> {
    return hub.do(`mutation ($input: CreateOperationInput!) { createOperation(input: $input) { id version } }`, {
      input: {
        codeName: 'Operation of a test',
        crimeAreas: ['POLLUTION', 'WILDLIFE'],
        timeZone: 'Africa/Nairobi',
        operationalStartsOn: day(-10),
        operationalEndsOn: day(20),
        reportingDeadline: day(40),
        ...input,
      },
    });
  }

  /** Invites a country and accepts for it: gives its coordinator in the operation. */
  async join(hub: Person, operationId: string, country: string, leadAgencyId: string): Promise<Person> {
    const [participation] = await hub.do<{ id: string }[]>(
      `mutation ($id: UUID!, $countries: [CountryCode!]!) { inviteCountries(operationId: $id, countries: $countries) { id } }`,
      { id: operationId, countries: [country] },
    );
    const coordinator = await this.person(leadAgencyId, { role: 'NATIONAL_COORDINATOR', country });
    await coordinator.do(`mutation ($input: AnswerInvitationInput!) { answerInvitation(input: $input) { status } }`, {
      input: { participationId: participation?.id, accept: true, leadAgencyId },
    });
    return coordinator;
  }

  async move(hub: Person, operationId: string, to: string, reason = 'As the test needs it.'): Promise<number> {
    const { version } = await hub.do<{ version: number }>(`query ($id: UUID!) { operation(id: $id) { version } }`, {
      id: operationId,
    });
    const moved = await hub.do<{ version: number }>(
      `mutation ($id: UUID!, $to: OperationPhase!, $version: Int!, $reason: String) {
         moveOperation(id: $id, to: $to, expectedVersion: $version, reason: $reason) { version } }`,
      { id: operationId, to, version, reason },
    );
    return moved.version;
  }
}

/**
 * The code that an authenticator app shows.
 * @param secret in base32
 * @param step steps of thirty seconds from now: 1 for the next code, which is taken early
 */
export function codeOf(secret: string, step = 0): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + step * 30_000 });
}

/** The day that lies some days from today, in the zone of the tests' operations. */
export function day(fromToday: number): string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: 'Africa/Nairobi' });
  return format.format(new Date(Date.now() + fromToday * 86_400_000));
}

/** An instant some hours from now. */
export function hours(fromNow: number): string {
  return new Date(Date.now() + fromNow * 3_600_000).toISOString();
}

/** A violation that is right: a find of household waste on a ship's way from the Netherlands by Oman to Kenya. */
export function violationInput(
  operationId: string,
  agencyId: string,
  change: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    id: v7(),
    operationId,
    agencyId,
    scene: 'CONSIGNMENT',
    detectedAt: hours(-2),
    timeZone: 'Africa/Nairobi',
    place: { unlocode: 'KEMBA' },
    crimeArea: 'POLLUTION',
    nature: 'CRIMINAL',
    detection: 'RISK_PROFILE',
    consignment: {
      transportMode: 'MARITIME',
      direction: 'IMPORT',
      route: { origin: 'NL', transit: ['OM'], destination: 'KE' },
      cargoUnits: [{ container: 'CSQU3054383' }],
    },
    lines: [
      {
        agreement: 'BASEL',
        commodity: 'household-waste',
        quantity: '22.50',
        unit: 'TONNE',
        value: '1000.00',
        currency: 'USD',
      },
    ],
    persons: 2,
    companies: 1,
    sharing: { level: 'AMBER' },
    ...change,
  };
}

/** A seizure report that is right and of nothing suspicious but its goods. */
export function seizureInput(
  operationId: string,
  unitId: string,
  change: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    id: v7(),
    operationId,
    unitId,
    cargoUnit: { container: containerNumber() },
    declaredGoods: 'Used tyres',
    foundGoods: 'Household waste',
    detectedAt: hours(-1),
    timeZone: 'Africa/Nairobi',
    crimeArea: 'POLLUTION',
    nature: 'CRIMINAL',
    transportMode: 'MARITIME',
    direction: 'IMPORT',
    route: { origin: 'NL', destination: 'KE' },
    lines: [{ agreement: 'BASEL', commodity: 'household-waste', quantity: '20', unit: 'TONNE' }],
    sharing: { level: 'AMBER_STRICT' },
    ...change,
  };
}

let serial = Math.floor(Math.random() * 900_000);

/** A container number with a right check digit (ISO 6346), another one each time. */
export function containerNumber(): string {
  for (;;) {
    serial = (serial + 1) % 1_000_000;
    const stem = `QDTU${String(serial).padStart(6, '0')}`;
    const remainder = [...stem].reduce((sum, character, place) => sum + valueOf(character) * 2 ** place, 0) % 11;
    if (remainder < 10) return `${stem}${remainder}`;
  }
}

function valueOf(character: string): number {
  if (/[0-9]/.test(character)) return Number(character);
  const plain = character.charCodeAt(0) - 65 + 10;
  // Letters leave out the multiples of 11.
  return plain + Math.floor((plain - 1) / 10);
}

/** What tests usually ask of a violation. */
export const VIOLATION = `id version country late withdrawn exercise source valueUsd quantityKg
  sharing { level addCountries leaveOutCountries nameUserIds } agency { id name } place { unlocode country }
  consignment { route { origin transit destination } cargoUnits { container asMarked } }
  lines { commodity { code name } quantity unit quantityKg value currency valueUsd rateDate }`;

export const LOG = `mutation ($input: LogViolationInput!) { logViolation(input: $input) { ${VIOLATION} } }`;
export const REPORT = `mutation ($input: ReportSeizureInput!) { reportSeizure(input: $input) { id status receivedAt } }`;
export const SEIZURE = `query ($id: UUID!) { seizure(id: $id) { id version status country findings { rule message } decisionReason
  reportedBy { id } agencies { id } cargoUnit { container asMarked } sharing { level } violation { ${VIOLATION} } } }`;
