import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Feed } from '#feed';
import { Clock, insertRows, type LeasedWork, Outbox, partOfMuster, query, type Tx } from '#platform';

import type { ImportRow } from './import-row.js';
import { JobStatus } from './job.js';
import type { RefusedRow } from './row-errors.js';
import type { Cell } from './sheet.js';

const WORKER = partOfMuster('worker');
/** The least time between two events of an import's progress. */
const TELL_EVERY_MS = 1_000;
/** Refused rows read at once. */
const MOST_ROWS = 500;

/** What came of a piece of a file. */
export interface Piece {
  readonly read: number;
  readonly taken: number;
  readonly repeated: number;
  readonly refused: readonly RefusedRow[];
}

/** How an import ended. */
export type Ending =
  | { readonly failure: string }
  | { readonly failure: null; readonly errors: { readonly size: number; readonly sha256: Buffer } | null };

/** Keeps how far an import has come, in the transactions of its pieces. */
@Injectable()
export class ImportProgress {
  private readonly told = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly feed: Feed,
    private readonly audit: Audit,
    private readonly outbox: Outbox,
  ) {}

  /** Locks the import until the transaction ends; undefined where somebody else has brought it on meanwhile, or it is not the actor's any more. */
  async lock(tx: Tx, { operation_id: operationId, id }: ImportRow, rowsRead: number): Promise<ImportRow | undefined> {
    const [row] = await query<ImportRow>(
      tx,
      `SELECT * FROM imports WHERE operation_id = $1 AND id = $2 AND finished_at IS NULL FOR UPDATE`,
      [operationId, id],
    );
    return row?.rows_read === rowsRead ? row : undefined;
  }

  /** Notes what came of a piece, and tells of it where it was not told of a moment ago. */
  async note(tx: Tx, { operation_id: operationId, id, country }: ImportRow, piece: Piece): Promise<void> {
    await insertRows(
      tx,
      'import_refusals',
      piece.refused.map(({ number, cells, errors }) => ({
        operation_id: operationId,
        import_id: id,
        row_number: number,
        cells: cells.map((cell) => (typeof cell === 'string' ? storable(cell) : cell)),
        errors: storable(errors),
      })),
    );
    await query(
      tx,
      `UPDATE imports SET status = 'RUNNING', rows_read = rows_read + $3, rows_taken = rows_taken + $4,
         rows_repeated = rows_repeated + $5, rows_refused = rows_refused + $6 WHERE operation_id = $1 AND id = $2`,
      [operationId, id, piece.read, piece.taken, piece.repeated, piece.refused.length],
    );
    const now = performance.now();
    if (now - (this.told.get(id) ?? -Infinity) < TELL_EVERY_MS) return;
    this.told.set(id, now);
    await this.feed.tell(tx, operationId, { kind: 'import.progressed', subjectId: id, country });
  }

  /** Ends an import, with the work that was owed for it; false where it had ended. */
  async end(tx: Tx, row: ImportRow, work: LeasedWork, ending: Ending): Promise<boolean> {
    const { operation_id: operationId, id, country } = row;
    this.told.delete(id);
    await this.outbox.done(tx, work);
    const errors = ending.failure === null ? ending.errors : null;
    const ended = await query<ImportRow>(
      tx,
      `UPDATE imports SET status = $3, failure = $4, finished_at = $5, errors_size = $6, errors_sha256 = $7
       WHERE operation_id = $1 AND id = $2 AND finished_at IS NULL RETURNING *`,
      [
        operationId,
        id,
        ending.failure === null ? JobStatus.DONE : JobStatus.FAILED,
        ending.failure,
        this.clock.now(),
        errors?.size ?? null,
        errors?.sha256 ?? null,
      ],
    );
    const [told] = ended;
    if (!told) return false;
    await query(tx, `DELETE FROM import_refusals WHERE operation_id = $1 AND import_id = $2`, [operationId, id]);
    await this.audit.append(tx, WORKER, {
      operationId,
      action: 'import.finished',
      subjectId: id,
      details: {
        status: told.status,
        rowsRead: told.rows_read,
        rowsTaken: told.rows_taken,
        rowsRepeated: told.rows_repeated,
        rowsRefused: told.rows_refused,
      },
    });
    await this.feed.tell(tx, operationId, { kind: 'import.finished', subjectId: id, country });
    return true;
  }

  /** The refused rows in their order, some at a time. @param read runs a look of its own each time */
  async *refused(
    { operation_id: operationId, id }: ImportRow,
    read: <T>(look: (tx: Tx) => Promise<T>) => Promise<T>,
  ): AsyncGenerator<RefusedRow> {
    for (let after = 0; ;) {
      const rows = await read((tx) =>
        query<{ row_number: number; cells: Cell[]; errors: string }>(
          tx,
          `SELECT row_number, cells, errors FROM import_refusals WHERE operation_id = $1 AND import_id = $2 AND row_number > $3
           ORDER BY row_number LIMIT ${MOST_ROWS}`,
          [operationId, id, after],
        ),
      );
      for (const { row_number: number, cells, errors } of rows) yield { number, cells, errors };
      const last = rows.at(-1);
      if (!last || rows.length < MOST_ROWS) return;
      after = last.row_number;
    }
  }
}

/** A text that the database can hold: a file may bring what it can't. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD').toWellFormed();
}
