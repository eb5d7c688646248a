import { randomBytes } from 'node:crypto';

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What every part stands on: keys of this installation, work that is owed, and the audit log. */
export class CreatePlatform1700000000000 implements MigrationInterface {
  readonly name = 'CreatePlatform1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE secrets (
        name text PRIMARY KEY,
        value bytea NOT NULL
      )`);
    await runner.query(`INSERT INTO secrets (name, value) VALUES ('cursors', $1)`, [randomBytes(32)]);

    await runner.query(`
      CREATE TABLE outbox (
        kind text NOT NULL,
        subject_id uuid NOT NULL,
        operation_id uuid NOT NULL,
        country char(2) NOT NULL,
        created_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        attempts integer NOT NULL,
        last_error text,
        failed_at timestamptz,
        -- Of whoever has it lent out; what was lent before has another.
        lease uuid,
        PRIMARY KEY (kind, subject_id)
      )`);
    await runner.query(
      `CREATE INDEX outbox_due ON outbox (kind, operation_id, country, created_at, subject_id) WHERE failed_at IS NULL`,
    );
    await runner.query(`CREATE INDEX outbox_failed ON outbox (operation_id, kind) WHERE failed_at IS NOT NULL`);

    await runner.query(`
      CREATE TABLE audit_entries (
        id bigint GENERATED ALWAYS AS IDENTITY,
        operation_id uuid,
        at timestamptz NOT NULL,
        actor_id uuid,
        part text,
        action text NOT NULL,
        subject_id uuid,
        version integer,
        details jsonb NOT NULL DEFAULT '{}',
        UNIQUE (id, operation_id)
      ) PARTITION BY LIST (operation_id)`);
    await runner.query(`CREATE INDEX audit_entries_subject ON audit_entries (subject_id, id)`);
    // Append-only, also for those who may write to the table.
    await runner.query(`
      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
      END $$`);
    await runner.query(`
      CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE audit_entries`);
    await runner.query(`DROP FUNCTION refuse_change()`);
    await runner.query(`DROP TABLE outbox`);
    await runner.query(`DROP TABLE secrets`);
  }
}
