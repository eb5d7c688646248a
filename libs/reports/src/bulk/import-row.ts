import type { SharingInput } from '../records/record.inputs.js';
import type { Import, ImportMapping } from './import.js';
import type { FileFormat, JobStatus } from './job.js';

/** A row of `imports`. */
export interface ImportRow {
  readonly operation_id: string;
  readonly id: string;
  readonly country: string;
  readonly author_id: string;
  readonly agency_id: string;
  readonly upload_id: string;
  readonly command_hash: Buffer;
  readonly file_name: string;
  readonly format: FileFormat;
  readonly dry_run: boolean;
  readonly exercise: boolean;
  readonly mapping: ImportMapping | null;
  readonly sharing: SharingInput;
  readonly status: JobStatus;
  readonly failure: string | null;
  readonly rows_read: number;
  readonly rows_taken: number;
  readonly rows_repeated: number;
  readonly rows_refused: number;
  readonly created_at: Date;
  readonly finished_at: Date | null;
  /** Of the file of refused rows, whose id in the store is the import's own. */
  readonly errors_size: number | null;
  readonly errors_sha256: Buffer | null;
  readonly errors_removed_at: Date | null;
}

/** Whether there is a file of refused rows to download. */
export function hasErrorsFile(
  row: ImportRow,
): row is ImportRow & { readonly errors_size: number; readonly errors_sha256: Buffer } {
  return row.errors_size !== null && row.errors_sha256 !== null && row.errors_removed_at === null;
}

/** An import as it is told. @param errorsUrl the link to its refused rows, where the teller may make one */
export function wordImport(row: ImportRow, errorsUrl: string | null = null): Import {
  return {
    id: row.id,
    operationId: row.operation_id,
    country: row.country,
    authorId: row.author_id,
    fileName: row.file_name,
    format: row.format,
    dryRun: row.dry_run,
    status: row.status,
    failure: row.failure,
    rowsRead: row.rows_read,
    rowsTaken: row.rows_taken,
    rowsRepeated: row.rows_repeated,
    rowsRefused: row.rows_refused,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    errorsUrl,
  };
}
