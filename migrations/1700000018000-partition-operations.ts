import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The chain of entries that belong to no operation, as libs/audit has it. */
const PLATFORM_CHAIN = '00000000-0000-0000-0000-000000000000';

/**
 * Gives each operation partitions of its own, made in the transaction that makes the operation. The tables are partitioned by the
 * operation where they are made; the partitions stand in a schema of their own, which nobody but the owner may enter: what is not
 * reached through the partitioned table is not reached, as its policies hold there alone.
 */
export class PartitionOperations1700000018000 implements MigrationInterface {
  readonly name = 'PartitionOperations1700000018000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE SCHEMA operation_parts`);
    await runner.query(`
      CREATE FUNCTION part_name(parent regclass, operation uuid) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT relname || '_' || replace(operation::text, '-', '') FROM pg_catalog.pg_class WHERE oid = parent
      $$`);
    // Attached rather than made as a partition at once: that would wait for every transaction that writes to the table, and hold up
    // all that come after.
    await runner.query(`
      CREATE FUNCTION make_part(parent regclass, operation uuid, of_value text) RETURNS void
      LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
      DECLARE
        part text := format('operation_parts.%I', part_name(parent, operation));
      BEGIN
        -- The parts of an archived operation are elsewhere: one that is made anew would stand in their way.
        IF to_regclass(part) IS NOT NULL OR EXISTS (SELECT FROM operations WHERE id = operation AND archived_at IS NOT NULL) THEN RETURN; END IF;
        EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE)', part, parent);
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES IN (%s)', parent, part, of_value);
      END $$`);
    await runner.query(`
      CREATE FUNCTION open_parts(operation uuid) RETURNS void
      LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
        SELECT make_part(p.partrelid, operation, quote_literal(operation)) FROM pg_partitioned_table p
        JOIN pg_class c ON c.oid = p.partrelid WHERE c.relnamespace = 'public'::regnamespace ORDER BY c.relname
      $$`);
    await runner.query(`
      CREATE FUNCTION operation_opened() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
      BEGIN
        PERFORM open_parts(NEW.id);
        RETURN NULL;
      END $$`);
    // Where parts of archived operations stand until they are dropped or put back, for the owner alone.
    await runner.query(`CREATE SCHEMA archived_parts`);
    // Laid on the parts of an operation that is being archived, so that what was copied is all that there is. Its code is known to the
    // programs, which tell the client that the operation is archived.
    await runner.query(`
      CREATE FUNCTION refuse_archived() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION '% belongs to an archived operation', TG_TABLE_NAME USING ERRCODE = 'MU410';
      END $$`);
    await runner.query(
      `REVOKE ALL ON FUNCTION make_part(regclass, uuid, text), part_name(regclass, uuid), open_parts(uuid), operation_opened(), refuse_archived()
       FROM PUBLIC`,
    );
    await runner.query(
      `CREATE TRIGGER operations_opened AFTER INSERT ON operations FOR EACH ROW EXECUTE FUNCTION operation_opened()`,
    );
    await runner.query(`SELECT make_part('audit_entries', '${PLATFORM_CHAIN}', 'NULL')`);
    await runner.query(`SELECT make_part('audit_seals', '${PLATFORM_CHAIN}', quote_literal('${PLATFORM_CHAIN}'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TRIGGER operations_opened ON operations`);
    await runner.query(`DROP SCHEMA operation_parts, archived_parts CASCADE`);
    await runner.query(`DROP FUNCTION refuse_archived()`);
    await runner.query(`DROP FUNCTION operation_opened()`);
    await runner.query(`DROP FUNCTION open_parts(uuid)`);
    await runner.query(`DROP FUNCTION make_part(regclass, uuid, text)`);
    await runner.query(`DROP FUNCTION part_name(regclass, uuid)`);
  }
}
