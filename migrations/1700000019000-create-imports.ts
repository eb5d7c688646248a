import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Imports of a coordinator's spreadsheet: the file that was brought, how far it is read, and what was refused. The records that come of it
 * are violations like any other; nothing here holds one for longer than the import runs, but for the refused rows' file.
 */
export class CreateImports1700000019000 implements MigrationInterface {
  readonly name = 'CreateImports1700000019000';

  async up(runner: QueryRunner): Promise<void> {
    // As attachment_uploads: the id is that of the upload in the store and in its URL, and becomes that of the kept file. A lock is a lease.
    await runner.query(`
      CREATE TABLE import_uploads (
        operation_id uuid NOT NULL,
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        file_name text NOT NULL,
        size integer NOT NULL,
        sha256 bytea NOT NULL,
        created_at timestamptz NOT NULL,
        lock_id uuid,
        locked_until timestamptz,
        is_wanted boolean NOT NULL DEFAULT false,
        sealed_at timestamptz,
        ended_at timestamptz,
        PRIMARY KEY (operation_id, id)
      )`);
    await runner.query(`CREATE UNIQUE INDEX import_uploads_id ON import_uploads (id)`);
    await runner.query(`CREATE INDEX import_uploads_user ON import_uploads (user_id, created_at)`);

    await runner.query(`
      CREATE TABLE imports (
        operation_id uuid NOT NULL,
        id uuid NOT NULL,
        country text NOT NULL,
        author_id uuid NOT NULL,
        agency_id uuid NOT NULL,
        upload_id uuid NOT NULL,
        command_hash bytea NOT NULL,
        file_name text NOT NULL,
        format text NOT NULL CHECK (format IN ('CSV', 'XLSX', 'NDJSON')),
        dry_run boolean NOT NULL,
        exercise boolean NOT NULL,
        mapping jsonb,
        sharing jsonb NOT NULL,
        status text NOT NULL CHECK (status IN ('WAITING', 'RUNNING', 'DONE', 'FAILED')),
        failure text,
        rows_read integer NOT NULL DEFAULT 0,
        rows_taken integer NOT NULL DEFAULT 0,
        rows_repeated integer NOT NULL DEFAULT 0,
        rows_refused integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        finished_at timestamptz,
        errors_size integer,
        errors_sha256 bytea,
        errors_removed_at timestamptz,
        PRIMARY KEY (operation_id, id),
        CHECK ((status IN ('DONE', 'FAILED')) = (finished_at IS NOT NULL)),
        CHECK ((status = 'FAILED') = (failure IS NOT NULL))
      )`);
    // Its file of refused rows lies under this id, and it is asked for by it alone.
    await runner.query(`CREATE UNIQUE INDEX imports_id ON imports (id)`);
    await runner.query(`CREATE INDEX imports_waiting ON imports (operation_id, country) WHERE finished_at IS NULL`);
    // The mapping that a country's files were last read with.
    await runner.query(
      `CREATE INDEX imports_mapping ON imports (country, finished_at) WHERE status = 'DONE' AND mapping IS NOT NULL AND NOT dry_run`,
    );
    await runner.query(
      `CREATE INDEX imports_files ON imports (finished_at) WHERE errors_size IS NOT NULL AND errors_removed_at IS NULL`,
    );

    // Kept from the piece that refused a row until the file of them all is made.
    await runner.query(`
      CREATE TABLE import_refusals (
        operation_id uuid NOT NULL,
        import_id uuid NOT NULL,
        row_number integer NOT NULL,
        cells jsonb NOT NULL,
        errors text NOT NULL,
        PRIMARY KEY (operation_id, import_id, row_number)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['import_refusals', 'imports', 'import_uploads']) await runner.query(`DROP TABLE ${table}`);
  }
}
