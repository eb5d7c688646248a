import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Feed } from '#feed';
import { Clock, insertRows, type LeasedWork, Outbox, partOfMuster, query, type Tx } from '#platform';

import { ExportFiles } from './export-files.js';
import type { ExportRow } from './export-row.js';
import { JobStatus } from './job.js';
import type { MadeFile } from './made-file.js';

const WORKER = partOfMuster('worker');
/** The least time between two events of an export's progress. */
const TELL_EVERY_MS = 1_000;
/** How long a file is kept. */
export const KEPT_HOURS = 24;

/** An export as one run has it. */
export interface ExportRun {
  readonly row: ExportRow;
  readonly id: string;
}

/** What is written next: the records of a page of the list. */
export interface NotedPage {
  readonly number: number;
  readonly recordIds: readonly string[];
  /** Those of them that retention had left the figures of, when the page was read. */
  readonly anonymisedIds: readonly string[];
  /** Rows that they make. */
  readonly rows: number;
}

/** How an export ended. */
export type ExportEnding =
  { readonly failure: string } | { readonly failure: null; readonly file: Pick<MadeFile, 'size' | 'sha256'> };

/** Keeps how far an export has come. Whoever begins it takes it from the run before: of two that write one, only the later comes to an end. */
@Injectable()
export class ExportProgress {
  private readonly told = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly feed: Feed,
    private readonly audit: Audit,
    private readonly outbox: Outbox,
    private readonly files: ExportFiles,
  ) {}

  /** Begins a run, from nothing; undefined where the export has ended. */
  async begin(tx: Tx, { operationId, subjectId }: LeasedWork): Promise<ExportRun | undefined> {
    const id = randomUUID();
    const [row] = await query<ExportRow>(
      tx,
      `UPDATE exports SET status = 'RUNNING', run_id = $3, records_in_all = NULL, records_written = 0, rows_written = 0
       WHERE operation_id = $1 AND id = $2 AND finished_at IS NULL RETURNING *`,
      [operationId, subjectId, id],
    );
    if (!row) return undefined;
    this.told.delete(subjectId);
    await query(tx, `DELETE FROM export_records WHERE operation_id = $1 AND export_id = $2`, [operationId, subjectId]);
    await this.files.note(tx, { operationId, exportId: subjectId, runId: id });
    return { row, id };
  }

  /** Notes how many there will be; false where another run has it now. */
  async expect(tx: Tx, { row, id }: ExportRun, records: number): Promise<boolean> {
    const rows = await query(
      tx,
      `UPDATE exports SET records_in_all = $4 WHERE operation_id = $1 AND id = $2 AND run_id = $3 AND finished_at IS NULL RETURNING id`,
      [row.operation_id, row.id, id, records],
    );
    return rows.length > 0;
  }

  /** Notes the records that go into the file next, and tells of it where it was not told of a moment ago; false where another run has it now. */
  async note(tx: Tx, run: ExportRun, { number, recordIds, anonymisedIds, rows }: NotedPage): Promise<boolean> {
    const { operation_id: operationId, id: exportId } = run.row;
    const moved = await query(
      tx,
      `UPDATE exports SET records_written = records_written + $4, rows_written = rows_written + $5
       WHERE operation_id = $1 AND id = $2 AND run_id = $3 AND finished_at IS NULL RETURNING id`,
      [operationId, exportId, run.id, recordIds.length, rows],
    );
    if (moved.length === 0) return false;
    await insertRows(tx, 'export_records', [
      {
        operation_id: operationId,
        export_id: exportId,
        page: number,
        record_ids: recordIds,
        anonymised_ids: anonymisedIds,
      },
    ]);
    const now = performance.now();
    if (now - (this.told.get(exportId) ?? -Infinity) < TELL_EVERY_MS) return true;
    this.told.set(exportId, now);
    await this.feed.tell(tx, operationId, { kind: 'export.progressed', subjectId: exportId, country: null });
    return true;
  }

  /** Ends an export, with the work that was owed for it; false where another run has it now. */
  async end(tx: Tx, { row, id: runId }: ExportRun, work: LeasedWork, ending: ExportEnding): Promise<boolean> {
    const { operation_id: operationId, id } = row;
    this.told.delete(id);
    const now = this.clock.now();
    const file = ending.failure === null ? ending.file : null;
    const [ended] = await query<ExportRow>(
      tx,
      `UPDATE exports SET status = $4, failure = $5, finished_at = $6, expires_at = $7, file_size = $8, file_sha256 = $9
       WHERE operation_id = $1 AND id = $2 AND run_id = $3 AND finished_at IS NULL RETURNING *`,
      [
        operationId,
        id,
        runId,
        file ? JobStatus.DONE : JobStatus.FAILED,
        ending.failure,
        now,
        file && new Date(now.getTime() + KEPT_HOURS * 3_600_000),
        file?.size ?? null,
        file?.sha256 ?? null,
      ],
    );
    if (!ended) return false;
    await this.outbox.done(tx, work);
    if (!file) {
      await query(tx, `DELETE FROM export_records WHERE operation_id = $1 AND export_id = $2`, [operationId, id]);
    }
    await this.audit.append(tx, WORKER, {
      operationId,
      action: 'export.finished',
      subjectId: id,
      details: { status: ended.status, records: ended.records_written, rows: ended.rows_written },
    });
    await this.feed.tell(tx, operationId, { kind: 'export.finished', subjectId: id, country: null });
    return true;
  }
}
