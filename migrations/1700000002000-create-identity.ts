import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Agencies, port units, people, how they prove who they are, and what they may do. */
export class CreateIdentity1700000002000 implements MigrationInterface {
  readonly name = 'CreateIdentity1700000002000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE agencies (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        kind text NOT NULL,
        country text NOT NULL
      )`);
    await runner.query(`CREATE INDEX agencies_country ON agencies (country, name)`);

    await runner.query(`
      CREATE TABLE port_units (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        kind text NOT NULL,
        country text NOT NULL,
        unlocode text NOT NULL
      )`);
    await runner.query(`CREATE INDEX port_units_country ON port_units (country, name)`);
    await runner.query(`
      CREATE TABLE port_unit_agencies (
        unit_id uuid NOT NULL REFERENCES port_units,
        agency_id uuid NOT NULL REFERENCES agencies,
        PRIMARY KEY (unit_id, agency_id)
      )`);
    await runner.query(`CREATE INDEX port_unit_agencies_agency ON port_unit_agencies (agency_id)`);

    // email is kept in lower case by the one place that writes it; password_hash is null until the invitation is accepted.
    await runner.query(`
      CREATE TABLE users (
        id uuid PRIMARY KEY,
        email text NOT NULL UNIQUE,
        name text NOT NULL,
        password_hash text,
        agency_id uuid REFERENCES agencies,
        created_at timestamptz NOT NULL
      )`);
    await runner.query(`CREATE INDEX users_agency ON users (agency_id)`);

    // Tokens are kept as SHA-256 alone: whoever reads the tables can't act with what they find.
    await runner.query(`
      CREATE TABLE user_invitations (
        token_hash bytea PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      )`);
    await runner.query(`CREATE INDEX user_invitations_user ON user_invitations (user_id)`);
    await runner.query(`
      CREATE TABLE sessions (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        ended_at timestamptz
      )`);
    await runner.query(`CREATE INDEX sessions_user ON sessions (user_id)`);
    await runner.query(`
      CREATE TABLE access_tokens (
        hash bytea PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query(`CREATE INDEX access_tokens_session ON access_tokens (session_id)`);
    await runner.query(`
      CREATE TABLE refresh_tokens (
        hash bytea PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      )`);
    await runner.query(`CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id)`);

    // What sign-in counts: failures of accounts and of network addresses, and sign-ins that an address has begun. The form that
    // rate-limiter-flexible asks for.
    await runner.query(`
      CREATE TABLE sign_in_failures (
        key varchar(255) PRIMARY KEY,
        points integer NOT NULL DEFAULT 0,
        expire bigint
      )`);

    // operation_id has no foreign key here: operations stand in a later migration and in another lib.
    await runner.query(`
      CREATE TABLE grants (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        role text NOT NULL,
        operation_id uuid,
        country text,
        unit_id uuid REFERENCES port_units,
        granted_by uuid REFERENCES users,
        granted_at timestamptz NOT NULL,
        ended_at timestamptz
      )`);
    // Nobody holds the same right twice; also the way from a person to what they may do.
    await runner.query(`
      CREATE UNIQUE INDEX grants_once ON grants (user_id, role, operation_id, country, unit_id)
      NULLS NOT DISTINCT WHERE ended_at IS NULL`);
    await runner.query(`CREATE INDEX grants_operation ON grants (operation_id, country, role) WHERE ended_at IS NULL`);
    await runner.query(`CREATE INDEX grants_country ON grants (country) WHERE ended_at IS NULL`);

    // until_day is the last day; null while the posting is open.
    await runner.query(`
      CREATE TABLE postings (
        id uuid PRIMARY KEY,
        unit_id uuid NOT NULL REFERENCES port_units,
        user_id uuid NOT NULL REFERENCES users,
        home_agency_id uuid NOT NULL REFERENCES agencies,
        from_day date NOT NULL,
        until_day date,
        CHECK (until_day >= from_day)
      )`);
    await runner.query(`CREATE INDEX postings_user ON postings (user_id)`);
    await runner.query(`CREATE INDEX postings_unit ON postings (unit_id, from_day)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = [
      'postings',
      'grants',
      'sign_in_failures',
      'refresh_tokens',
      'access_tokens',
      'sessions',
      'user_invitations',
      'users',
      'port_unit_agencies',
      'port_units',
      'agencies',
    ];
    for (const table of tables) await runner.query(`DROP TABLE ${table}`);
  }
}
