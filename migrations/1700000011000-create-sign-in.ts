import { randomBytes } from 'node:crypto';

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Second factors, passkeys, agencies' own sign-in, and what a session tells of itself. */
export class CreateSignIn1700000011000 implements MigrationInterface {
  readonly name = 'CreateSignIn1700000011000';

  async up(runner: QueryRunner): Promise<void> {
    // Encrypts what must be read back: secrets of authenticator apps and of providers, and steps of a sign-in under way.
    await runner.query(`INSERT INTO secrets (name, value) VALUES ('sign-in', $1)`, [randomBytes(32)]);

    // Sessions from before have proved no second factor: who needs one signs in anew. passkey_id is the passkey that one began with, and
    // no foreign key: a session is kept when the passkey is removed.
    await runner.query(`
      ALTER TABLE sessions
        ADD COLUMN method text NOT NULL DEFAULT 'PASSWORD',
        ADD COLUMN second_factor boolean NOT NULL DEFAULT false,
        ADD COLUMN last_used_at timestamptz,
        ADD COLUMN address text,
        ADD COLUMN user_agent text,
        ADD COLUMN passkey_id uuid`);

    // One row per person. secret is null until the first code was shown; pending_secret is one that was not confirmed yet. Both are
    // encrypted. pending_session is the session that began it, and alone may confirm it. last_step is the thirty-second step of the last
    // code that was taken.
    await runner.query(`
      CREATE TABLE totp_factors (
        user_id uuid PRIMARY KEY REFERENCES users,
        secret bytea,
        confirmed_at timestamptz,
        last_step bigint,
        pending_secret bytea,
        pending_until timestamptz,
        pending_session uuid,
        CHECK ((secret IS NULL) = (confirmed_at IS NULL)),
        CHECK ((pending_secret IS NULL) = (pending_until IS NULL)),
        CHECK ((pending_secret IS NULL) = (pending_session IS NULL))
      )`);
    await runner.query(`
      CREATE TABLE recovery_codes (
        hash bytea PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        created_at timestamptz NOT NULL,
        used_at timestamptz
      )`);
    await runner.query(`CREATE INDEX recovery_codes_user ON recovery_codes (user_id)`);

    await runner.query(`
      CREATE TABLE passkeys (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        credential_id text NOT NULL UNIQUE,
        public_key bytea NOT NULL,
        counter bigint NOT NULL,
        transports text[] NOT NULL,
        backed_up boolean NOT NULL,
        name text NOT NULL,
        created_at timestamptz NOT NULL,
        last_used_at timestamptz
      )`);
    await runner.query(`CREATE INDEX passkeys_user ON passkeys (user_id)`);

    // What a sign-in or an enrolment in several steps keeps from one to the next; each is taken once. Held by the hash of what the
    // other side keeps, and encrypted.
    await runner.query(`
      CREATE TABLE sign_in_steps (
        hash bytea PRIMARY KEY,
        kind text NOT NULL,
        content bytea NOT NULL,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query(`CREATE INDEX sign_in_steps_expiry ON sign_in_steps (expires_at)`);

    await runner.query(`
      CREATE TABLE identity_providers (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        issuer text NOT NULL,
        client_id text NOT NULL,
        client_secret bytea NOT NULL,
        agency_id uuid NOT NULL REFERENCES agencies,
        email_domains text[] NOT NULL,
        created_at timestamptz NOT NULL,
        removed_at timestamptz
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX identity_providers_once ON identity_providers (issuer, client_id) WHERE removed_at IS NULL`);
    await runner.query(`CREATE INDEX identity_providers_agency ON identity_providers (agency_id)`);
    // Whom a provider means by its subject; the address only ever made the link.
    await runner.query(`
      CREATE TABLE provider_links (
        issuer text NOT NULL,
        subject text NOT NULL,
        user_id uuid NOT NULL REFERENCES users,
        linked_at timestamptz NOT NULL,
        PRIMARY KEY (issuer, subject)
      )`);
    await runner.query(`CREATE UNIQUE INDEX provider_links_user ON provider_links (user_id, issuer)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = [
      'provider_links',
      'identity_providers',
      'sign_in_steps',
      'passkeys',
      'recovery_codes',
      'totp_factors',
    ];
    for (const table of tables) await runner.query(`DROP TABLE ${table}`);
    await runner.query(`
      ALTER TABLE sessions
        DROP COLUMN method, DROP COLUMN second_factor, DROP COLUMN last_used_at, DROP COLUMN address, DROP COLUMN user_agent,
        DROP COLUMN passkey_id`);
    await runner.query(`DELETE FROM secrets WHERE name = 'sign-in'`);
  }
}
