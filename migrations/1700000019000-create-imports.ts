import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Imports of a coordinator's spreadsheet: the file that was brought, how far it is read, and what was refused. The records that come of it
 * are violations like any other; nothing here holds one for longer than the import runs, but for the refused rows' file.
 *
 * Exports of what somebody may see, and which records stand in a file: it is given out only while all of them are still that person's to see.
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

    // "standing": as whom the author stood in the operation when it was begun. "lane": whose turn it is to be served, the author's country,
    // ZZ for the hub, or XO for observers. Each run has an id of its own, by which its file is kept: of two runs only one can end.
    await runner.query(`
      CREATE TABLE exports (
        operation_id uuid NOT NULL,
        id uuid NOT NULL,
        author_id uuid NOT NULL,
        lane char(2) NOT NULL,
        standing text NOT NULL,
        command_hash bytea NOT NULL,
        format text NOT NULL CHECK (format IN ('CSV', 'XLSX', 'NDJSON')),
        filter jsonb NOT NULL,
        status text NOT NULL CHECK (status IN ('WAITING', 'RUNNING', 'DONE', 'FAILED')),
        failure text,
        run_id uuid,
        records_in_all integer,
        records_written integer NOT NULL DEFAULT 0,
        rows_written integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        finished_at timestamptz,
        expires_at timestamptz,
        file_size integer,
        file_sha256 bytea,
        file_removed_at timestamptz,
        PRIMARY KEY (operation_id, id),
        CHECK ((status IN ('DONE', 'FAILED')) = (finished_at IS NOT NULL)),
        CHECK ((status = 'FAILED') = (failure IS NOT NULL)),
        CHECK ((status = 'DONE') = (file_size IS NOT NULL))
      )`);
    await runner.query(`CREATE UNIQUE INDEX exports_id ON exports (id)`);
    await runner.query(`CREATE INDEX exports_author ON exports (operation_id, author_id, created_at)`);
    await runner.query(`CREATE INDEX exports_waiting ON exports (operation_id, lane) WHERE finished_at IS NULL`);
    await runner.query(
      `CREATE INDEX exports_files ON exports (expires_at) WHERE file_size IS NOT NULL AND file_removed_at IS NULL`,
    );
    await runner.query(`
      CREATE TABLE export_records (
        operation_id uuid NOT NULL,
        export_id uuid NOT NULL,
        page integer NOT NULL,
        record_ids uuid[] NOT NULL,
        -- Those of them of which there was nothing left but their figures when the page was read.
        anonymised_ids uuid[] NOT NULL DEFAULT '{}',
        PRIMARY KEY (operation_id, export_id, page)
      )`);
    // A run's file in the store, from before it is there until it is not there any more, whatever becomes of the run.
    await runner.query(`
      CREATE TABLE export_files (
        operation_id uuid NOT NULL,
        export_id uuid NOT NULL,
        run_id uuid PRIMARY KEY,
        created_at timestamptz NOT NULL
      )`);
    await runner.query(`CREATE INDEX export_files_export ON export_files (operation_id, export_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['export_files', 'export_records', 'exports', 'import_refusals', 'imports', 'import_uploads'])
      await runner.query(`DROP TABLE ${table}`);
  }
}
