import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The durable, ordered log of each operation. */
export class CreateFeed1700000003000 implements MigrationInterface {
  readonly name = 'CreateFeed1700000003000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE feed_heads (
        operation_id uuid PRIMARY KEY,
        position bigint NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE feed_events (
        operation_id uuid NOT NULL,
        position bigint NOT NULL,
        kind text NOT NULL,
        occurred_at timestamptz NOT NULL,
        subject_id uuid NOT NULL,
        country text,
        shared_before jsonb,
        PRIMARY KEY (operation_id, position)
      ) PARTITION BY LIST (operation_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE feed_events`);
    await runner.query(`DROP TABLE feed_heads`);
  }
}
