import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What makes the audit log provable: its chains, their signed heads, and who read which record. */
export class CreateAuditChain1700000012000 implements MigrationInterface {
  readonly name = 'CreateAuditChain1700000012000';

  async up(runner: QueryRunner): Promise<void> {
    // The transaction that wrote an entry. Entries become visible in another order than their ids were given out, so the sealer
    // asks which transactions have ended since it looked last, and misses none.
    await runner.query(`ALTER TABLE audit_entries ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id()`);
    await runner.query(`CREATE INDEX audit_entries_written ON audit_entries (written_in, id)`);

    // One row: what has been sealed. Whoever holds its lock is the one sealer. All entries of transactions that \`seen\` sees are sealed;
    // of those that \`upto\` sees besides, the entries up to (after_xid, after_id) are.
    await runner.query(`
      CREATE TABLE audit_sealer (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        seen pg_snapshot NOT NULL,
        upto pg_snapshot,
        after_xid xid8 NOT NULL DEFAULT '0',
        after_id bigint NOT NULL DEFAULT 0
      )`);
    await runner.query(`INSERT INTO audit_sealer (seen) VALUES ('1:1:')`);

    // No foreign key: an entry that somebody took away is what a verification is to find.
    await runner.query(`
      CREATE TABLE audit_seals (
        chain uuid NOT NULL,
        seq bigint NOT NULL,
        entry_id bigint NOT NULL,
        sealed_at timestamptz NOT NULL,
        hash bytea NOT NULL,
        PRIMARY KEY (chain, seq),
        UNIQUE (chain, entry_id)
      ) PARTITION BY LIST (chain)`);
    await runner.query(`
      CREATE TABLE audit_keys (
        id text PRIMARY KEY,
        public_key bytea NOT NULL,
        first_used_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE audit_heads (
        chain uuid NOT NULL,
        signed_at timestamptz NOT NULL,
        seq bigint NOT NULL,
        hash bytea NOT NULL,
        nonce bytea NOT NULL,
        is_hourly boolean NOT NULL,
        key_id text NOT NULL,
        signature bytea NOT NULL,
        PRIMARY KEY (chain, signed_at)
      )`);
    await runner.query(`CREATE INDEX audit_heads_seq ON audit_heads (chain, seq)`);

    // One row: some readers who were told some records. Countries and hub as the readers stood in the operation then.
    await runner.query(`
      CREATE TABLE readings (
        batch uuid NOT NULL,
        ordinal integer NOT NULL,
        at timestamptz NOT NULL,
        operation_id uuid NOT NULL,
        what text NOT NULL,
        reader_ids uuid[] NOT NULL,
        hub boolean NOT NULL,
        countries text[] NOT NULL,
        observer boolean NOT NULL,
        record_ids uuid[] NOT NULL,
        filter text,
        PRIMARY KEY (operation_id, batch, ordinal)
      ) PARTITION BY LIST (operation_id)`);
    await runner.query(`CREATE INDEX readings_records ON readings USING gin (record_ids)`);
    // What is left here of the readings of archived operations: a batch holds those of several, and its hash is over the hashes of its rows. A
    // reading that came to be written when the operation was archived already is kept whole (late).
    await runner.query(`
      CREATE TABLE archived_readings (
        operation_id uuid NOT NULL,
        batch uuid NOT NULL,
        ordinal integer NOT NULL,
        sha256 bytea NOT NULL,
        late jsonb,
        PRIMARY KEY (batch, ordinal)
      )`);
    await runner.query(`CREATE INDEX archived_readings_operation ON archived_readings (operation_id)`);

    // They go when the operation is put back, or is not archived after all: as long as it is marked, and in the transaction that unmarks it.
    await runner.query(`
      CREATE FUNCTION refuse_change_of_archived() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'DELETE' THEN
          IF EXISTS (SELECT FROM public.operations o WHERE o.id = OLD.operation_id AND o.archived_at IS NOT NULL) THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
      END $$`);
    await runner.query(`
      CREATE TRIGGER archived_readings_kept BEFORE UPDATE OR DELETE ON archived_readings
      FOR EACH ROW EXECUTE FUNCTION refuse_change_of_archived()`);
    await runner.query(`
      CREATE TRIGGER archived_readings_append_only BEFORE TRUNCATE ON archived_readings
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);

    for (const table of ['audit_seals', 'audit_keys', 'audit_heads', 'readings']) {
      await runner.query(`
        CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['archived_readings', 'readings', 'audit_heads', 'audit_keys', 'audit_seals', 'audit_sealer']) {
      await runner.query(`DROP TABLE ${table}`);
    }
    await runner.query(`DROP FUNCTION refuse_change_of_archived()`);
    await runner.query(`DELETE FROM secrets WHERE name = 'audit-signing'`);
    await runner.query(`ALTER TABLE audit_entries DROP COLUMN written_in`);
  }
}
