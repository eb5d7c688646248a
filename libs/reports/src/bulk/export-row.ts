import type { ViolationFilter } from '#trends';

import type { Export } from './export.js';
import type { FileFormat, JobStatus } from './job.js';

/** A row of `exports`. */
export interface ExportRow {
  readonly operation_id: string;
  readonly id: string;
  readonly author_id: string;
  /** Whose turn it is to be served: a country, ZZ for the hub, or XO for observers. */
  readonly lane: string;
  /** As whom the author stood in the operation when it was begun: `viewerClass`. */
  readonly standing: string;
  readonly command_hash: Buffer;
  readonly format: FileFormat;
  /** As JSON holds it: instants are texts, which the conditions in SQL take alike. */
  readonly filter: ViolationFilter;
  readonly status: JobStatus;
  readonly failure: string | null;
  /** The run that writes the file, and the name of its file in the store. */
  readonly run_id: string | null;
  readonly records_in_all: number | null;
  readonly records_written: number;
  readonly rows_written: number;
  readonly created_at: Date;
  readonly finished_at: Date | null;
  readonly expires_at: Date | null;
  readonly file_size: number | null;
  readonly file_sha256: Buffer | null;
  readonly file_removed_at: Date | null;
}

/** An export whose file is there. */
export type ExportWithFile = ExportRow & {
  readonly run_id: string;
  readonly finished_at: Date;
  readonly file_size: number;
  readonly file_sha256: Buffer;
};

export function hasFile(row: ExportRow, now: Date): row is ExportWithFile {
  return row.file_size !== null && row.file_removed_at === null && row.expires_at !== null && now < row.expires_at;
}

/** An export as it is told. @param url the link to its file, where the teller may make one */
export function wordExport(row: ExportRow, url: string | null = null): Export {
  return {
    id: row.id,
    operationId: row.operation_id,
    format: row.format,
    filter: row.filter,
    status: row.status,
    failure: row.failure,
    recordsInAll: row.records_in_all,
    recordsWritten: row.records_written,
    rowsWritten: row.rows_written,
    size: row.file_size,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    expiresAt: row.expires_at,
    url,
  };
}
