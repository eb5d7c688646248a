import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Operations, the countries that take part in them, their risk indicators and findings. */
export class CreateOperations1700000004000 implements MigrationInterface {
  readonly name = 'CreateOperations1700000004000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE operations (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        kind text NOT NULL CHECK (kind IN ('TIME_BOUND', 'STANDING')),
        code_name text NOT NULL,
        objectives text,
        phase text NOT NULL CHECK (phase IN ('PREPARATION', 'OPERATIONAL', 'POST_OPERATIONAL', 'CLOSED')),
        crime_areas text[] NOT NULL,
        time_zone text NOT NULL,
        operational_starts_on date NOT NULL,
        operational_ends_on date,
        reporting_deadline date,
        created_at timestamptz NOT NULL,
        created_by uuid REFERENCES users,
        archived_at timestamptz,
        CHECK ((kind = 'STANDING') = (operational_ends_on IS NULL)),
        CHECK ((operational_ends_on IS NULL) = (reporting_deadline IS NULL))
      )`);
    await runner.query(`
      CREATE TABLE participations (
        id uuid PRIMARY KEY,
        operation_id uuid NOT NULL REFERENCES operations,
        country text NOT NULL,
        status text NOT NULL CHECK (status IN ('INVITED', 'ACCEPTED', 'DECLINED', 'WITHDRAWN')),
        lead_agency_id uuid REFERENCES agencies,
        invited_at timestamptz NOT NULL,
        answered_at timestamptz,
        certified_at timestamptz,
        certified_position bigint,
        UNIQUE (operation_id, country)
      )`);
    await runner.query(`CREATE INDEX participations_country ON participations (country, operation_id)`);
    await runner.query(`
      CREATE TABLE operation_risk_indicators (
        operation_id uuid NOT NULL REFERENCES operations,
        code text NOT NULL,
        ordinal integer NOT NULL,
        removed_at timestamptz,
        PRIMARY KEY (operation_id, code)
      )`);
    await runner.query(`
      CREATE TABLE findings (
        id uuid PRIMARY KEY,
        operation_id uuid NOT NULL REFERENCES operations,
        title text NOT NULL,
        text text NOT NULL,
        as_of_position bigint NOT NULL,
        author_id uuid NOT NULL REFERENCES users,
        published_at timestamptz NOT NULL
      )`);
    await runner.query(`CREATE INDEX findings_operation ON findings (operation_id, published_at)`);
    await runner.query(
      `ALTER TABLE grants ADD CONSTRAINT grants_operation FOREIGN KEY (operation_id) REFERENCES operations`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE grants DROP CONSTRAINT grants_operation`);
    for (const table of ['findings', 'operation_risk_indicators', 'participations', 'operations']) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
