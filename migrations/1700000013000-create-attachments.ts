import { randomBytes } from 'node:crypto';

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Photos and documents of records, and the uploads that bring them. What is in them lies in a store of objects, each under an id that the
 * server made. Keys begin with the operation and the record, whose sharing rules the attachment.
 */
export class CreateAttachments1700000013000 implements MigrationInterface {
  readonly name = 'CreateAttachments1700000013000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE attachments (
        operation_id uuid NOT NULL,
        record_id uuid NOT NULL,
        id uuid NOT NULL,
        ordinal smallint NOT NULL,
        country text NOT NULL,
        listed_by uuid,
        listed_at timestamptz NOT NULL,
        name text NOT NULL,
        listed_type text,
        size integer NOT NULL,
        sha256 bytea NOT NULL,
        status text NOT NULL CHECK (status IN ('AWAITED', 'RECEIVED', 'SCANNING', 'READY', 'REFUSED')),
        refusal text CHECK (refusal IN ('OTHER_CONTENT', 'TYPE', 'UNREADABLE', 'INFECTED')),
        object_id uuid,
        received_by uuid,
        received_at timestamptz,
        found_type text,
        scan text CHECK (scan IN ('CLEAN', 'NOT_SCANNED')),
        settled_at timestamptz,
        shared_type text,
        shared_size integer,
        shared_sha256 bytea,
        PRIMARY KEY (operation_id, record_id, id),
        CHECK ((status = 'REFUSED') = (refusal IS NOT NULL)),
        CHECK (status NOT IN ('RECEIVED', 'SCANNING', 'READY') OR object_id IS NOT NULL),
        CHECK ((status = 'READY') = (scan IS NOT NULL))
      ) PARTITION BY LIST (operation_id)`);
    await runner.query(
      `CREATE UNIQUE INDEX attachments_object ON attachments (object_id, operation_id) WHERE object_id IS NOT NULL`,
    );

    // The id is that of the upload in the store and in its URL, and becomes that of the sealed original. A lock is a lease, renewed while
    // its process lives. Ended: nothing more may be added, and what is left of it is to be cleared away.
    await runner.query(`
      CREATE TABLE attachment_uploads (
        operation_id uuid NOT NULL,
        record_id uuid NOT NULL,
        attachment_id uuid NOT NULL,
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        created_at timestamptz NOT NULL,
        lock_id uuid,
        locked_until timestamptz,
        is_wanted boolean NOT NULL DEFAULT false,
        ended_at timestamptz,
        is_sealed boolean NOT NULL DEFAULT false,
        PRIMARY KEY (operation_id, record_id, attachment_id, id)
      )`);
    await runner.query(`CREATE UNIQUE INDEX attachment_uploads_id ON attachment_uploads (id)`);
    await runner.query(`CREATE INDEX attachment_uploads_age ON attachment_uploads (created_at)`);

    await runner.query(`INSERT INTO secrets (name, value) VALUES ('attachment-links', $1)`, [randomBytes(32)]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM secrets WHERE name = 'attachment-links'`);
    await runner.query(`DROP TABLE attachment_uploads`);
    await runner.query(`DROP TABLE attachments`);
  }
}
