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
    // Who follows where, as each process of the api last looked: for the hub, and no longer than it is so.
    await runner.query(`
      CREATE TABLE feed_followers (
        operation_id uuid NOT NULL,
        socket text NOT NULL,
        process uuid NOT NULL,
        user_id uuid NOT NULL,
        since timestamptz NOT NULL,
        position bigint NOT NULL,
        head bigint NOT NULL,
        seen_at timestamptz NOT NULL,
        PRIMARY KEY (operation_id, socket)
      )`);
    await runner.query(`CREATE INDEX feed_followers_process ON feed_followers (process)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE feed_followers`);
    await runner.query(`DROP TABLE feed_events`);
    await runner.query(`DROP TABLE feed_heads`);
  }
}
