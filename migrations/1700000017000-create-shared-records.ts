import type { MigrationInterface, QueryRunner } from 'typeorm';

import { waitingLevel } from './rules/visible.js';

/** The columns that the rule of who sees what asks for, and that a change of a record may change. */
const RULE = ['level', 'country', 'author_id', 'named_user_ids', 'told_countries', 'left_out_countries'];

/**
 * How each record is shared now, in one narrow row: what hangs on a record (lines, versions, feed events, attachments, log entries) is
 * shown to who sees this row. A report has one from when it is received, by the rule of reports that wait; when it is accepted the row
 * becomes that of its violation.
 *
 * Not partitioned, so that a policy that asks for it costs the planner one table and not one of each operation there ever was. Kept by
 * triggers, once per statement and in its transaction: no program can write a record and forget it.
 */
export class CreateSharedRecords1700000017000 implements MigrationInterface {
  readonly name = 'CreateSharedRecords1700000017000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE shared_records (
        operation_id uuid NOT NULL,
        id uuid NOT NULL,
        is_violation boolean NOT NULL,
        level text NOT NULL,
        country text NOT NULL,
        author_id uuid NOT NULL,
        named_user_ids uuid[] NOT NULL,
        told_countries text[] NOT NULL,
        left_out_countries text[] NOT NULL,
        PRIMARY KEY (operation_id, id)
      ) WITH (fillfactor = 80)`);
    const columns = RULE.join(', ');
    const present = RULE.map((column) => `s.${column}`).join(', ');
    const written = RULE.map((column) => `w.${column}`).join(', ');
    const violations = `SELECT operation_id, id, TRUE AS is_violation, sharing_level AS level, country, author_id, named_user_ids,
        told_countries, left_out_countries FROM written`;
    // Nobody is told of a report that waits because of what it concerns.
    const reports = `SELECT operation_id, id, FALSE AS is_violation, ${waitingLevel('sharing_level')} AS level, country, author_id,
        named_user_ids, '{}'::text[] AS told_countries, left_out_countries FROM written`;
    const keep = (rows: string): string => `
        INSERT INTO shared_records (operation_id, id, is_violation, ${columns}) SELECT operation_id, id, is_violation, ${columns} FROM (${rows}) w
        ON CONFLICT (operation_id, id) DO UPDATE SET is_violation = EXCLUDED.is_violation,
          ${RULE.map((column) => `${column} = EXCLUDED.${column}`).join(', ')};`;
    const change = (rows: string): string => `
        UPDATE shared_records s SET ${RULE.map((column) => `${column} = w.${column}`).join(', ')}
        FROM (${rows}) w WHERE s.operation_id = w.operation_id AND s.id = w.id AND s.is_violation = w.is_violation
          AND (${present}) IS DISTINCT FROM (${written});`;
    const remove = (isViolation: string): string => `
        DELETE FROM shared_records s USING written w
        WHERE s.operation_id = w.operation_id AND s.id = w.id AND s.is_violation = ${isViolation};`;
    for (const [table, rows, isViolation] of [
      ['violations', violations, 'TRUE'],
      ['seizures', reports, 'FALSE'],
    ] as const) {
      for (const [event, transition, statement] of [
        ['INSERT', 'NEW', keep(rows)],
        ['UPDATE', 'NEW', change(rows)],
        ['DELETE', 'OLD', remove(isViolation)],
      ] as const) {
        const name = `${table}_shared_on_${event.toLowerCase()}`;
        await runner.query(`
          CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
          BEGIN
            ${statement.trim()}
            RETURN NULL;
          END $$`);
        await runner.query(`REVOKE EXECUTE ON FUNCTION ${name}() FROM PUBLIC`);
        await runner.query(`
          CREATE TRIGGER ${name} AFTER ${event} ON ${table} REFERENCING ${transition} TABLE AS written
          FOR EACH STATEMENT EXECUTE FUNCTION ${name}()`);
      }
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['violations', 'seizures']) {
      for (const event of ['insert', 'update', 'delete']) {
        await runner.query(`DROP TRIGGER ${table}_shared_on_${event} ON ${table}`);
        await runner.query(`DROP FUNCTION ${table}_shared_on_${event}()`);
      }
    }
    await runner.query(`DROP TABLE shared_records`);
  }
}
