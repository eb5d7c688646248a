import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Accounts } from '#identity';
import { Operations } from '#operations';
import {
  type Actor,
  Clock,
  Database,
  errorCode,
  Faults,
  isUnavailable,
  LEASE_SECONDS,
  LeasedRounds,
  type LeasedWork,
  MusterError,
  Outbox,
  type OutboxHandler,
  OutboxHandlers,
  partOfMuster,
  pauseAfter,
  query,
  rehearse,
  type Tx,
} from '#platform';
import { ReferenceService } from '#reference';

import { OBJECT_STORE, type ObjectStore } from '../attachments/object-store.js';
import { daysSince } from '../records/codes.js';
import { type LogOutcome, type ReportedViolation, ViolationLogging } from '../violations/violation-logging.js';
import { type Case, casesOfObjects, casesOfTable } from './cases.js';
import { type Ending, ImportProgress, type Piece } from './import-progress.js';
import type { ImportRow } from './import-row.js';
import { FileFormat } from './job.js';
import { layOut } from './mapping.js';
import { Names } from './names.js';
import { openSheet } from './open-sheet.js';
import { withMadeFile } from './made-file.js';
import { writeRefused } from './refused-file.js';
import { ReportReader } from './report-reader.js';
import { refusedRows } from './row-errors.js';
import { type Sheet, textOf } from './sheet.js';

const KIND = 'import.run';
const WORKER = partOfMuster('worker');
/** Each piece of an import makes its lease as long again, where so much of it is over. */
const RENEW_MS = 15_000;
/** Runs of an import of which none came to an end, not even to an error: it ends the worker itself. */
const MOST_CRASHES = 5;
/** Rows of a piece: one transaction, which holds the operation's counter for some of its time. */
const PIECE_ROWS = 100;
/** Characters of a piece, which is kept in memory several times over; a row that has more is a piece of its own. */
const PIECE_LENGTH = 1_000_000;
/** Errors that are about the whole import, not about one row of it. */
const WHOLE: readonly string[] = ['PHASE', 'FORBIDDEN', 'NOT_FOUND'];

/** A case with the report that it makes. */
interface Draft {
  readonly found: Case;
  readonly report: ReportedViolation;
}

/** Somebody else has brought the import on, or ended it. */
class Overtaken extends Error {}

/**
 * Imports files that are owed, one at a time. A file is read as a stream, in pieces of a hundred rows; each piece is a transaction in the
 * author's name and with the author's rights at that moment, and keeps how far the file is read. So whatever dies at whatever instant, each
 * row is taken once: the next run reads from the beginning, and goes on behind what is done.
 */
@Injectable()
export class ImportRunner implements OutboxHandler, OnModuleInit, BeforeApplicationShutdown {
  readonly kind = KIND;
  private readonly logger = new Logger(ImportRunner.name);
  private readonly rounds: LeasedRounds;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly accounts: Accounts,
    private readonly operations: Operations,
    private readonly reference: ReferenceService,
    private readonly logging: ViolationLogging,
    private readonly progress: ImportProgress,
    private readonly outbox: Outbox,
    private readonly handlers: OutboxHandlers,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {
    this.rounds = new LeasedRounds(database, outbox, KIND, this.logger, (work) => this.runOne(work));
  }

  onModuleInit(): void {
    this.handlers.register(this);
  }

  /** The piece under way is finished, and no other begun. */
  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.end();
  }

  drain(): Promise<void> {
    return this.rounds.begin();
  }

  private async runOne(work: LeasedWork): Promise<void> {
    const row = await this.rowOf(work);
    if (!row || row.finished_at !== null) {
      await this.database.write(WORKER, (tx) => this.outbox.done(tx, work));
      return;
    }
    try {
      if (work.attempts > MOST_CRASHES && work.lastError === null)
        throw new Error('It ended the worker several times.');
      const header = await this.read(row, work);
      if (header === 'ending') return await this.release(work);
      await this.finish(row, work, header);
    } catch (error) {
      if (error instanceof Overtaken) return;
      if (error instanceof MusterError && error.code !== 'UNAVAILABLE') {
        await this.end(row, work, { failure: error.message });
      } else if (isUnavailable(error) || work.attempts <= MOST_CRASHES) {
        const pause = pauseAfter(work);
        this.logger.warn({ err: error, importId: row.id, pause }, 'An import has to wait.');
        await this.database.write(WORKER, (tx) => this.outbox.postpone(tx, work, pause, String(error)));
      } else {
        this.logger.error({ err: error, importId: row.id }, 'An import is given up.');
        await this.end(row, work, {
          failure: 'It could not be read to its end; what is taken stays. Send it again, or in parts.',
        });
      }
    }
  }

  /** Reads the file from where it was left to its end; gives its header. */
  private async read(row: ImportRow, work: LeasedWork): Promise<readonly string[] | 'ending'> {
    await this.objects.prepare();
    const sheet = await openSheet(row.format, () => this.objects.read('imports', row.upload_id));
    const reports = await this.readerOf(row, sheet);
    let rowsRead = 0;
    let renewed = performance.now();
    let piece: Draft[] = [];
    let rows = 0;
    let length = 0;
    const ids = new Set<string>();
    const seen = row.dry_run ? new Map<string, string>() : undefined;
    const take = async (): Promise<void> => {
      await this.takePiece(row, rowsRead, piece, rows, seen);
      rowsRead += rows;
      [piece, rows, length] = [[], 0, 0];
      ids.clear();
      if (performance.now() - renewed < RENEW_MS) return;
      renewed = performance.now();
      await this.renew(work);
    };
    for await (const found of casesOf(row, sheet)) {
      const draft = { found, report: reports.read(found) };
      if (rowsRead < row.rows_read) {
        // Taken by a run before this one: read again for what later ids and repeats depend on alone.
        rowsRead += found.rows.length;
        seen?.set(draft.report.input.id, draft.report.hash);
        continue;
      }
      const more = lengthOf(found);
      const isFull = rows + found.rows.length > PIECE_ROWS || length + more > PIECE_LENGTH;
      if (rows > 0 && (isFull || ids.has(draft.report.input.id))) await take();
      if (this.rounds.isEnding) {
        await sheet.close();
        return 'ending';
      }
      piece.push(draft);
      ids.add(draft.report.input.id);
      rows += found.rows.length;
      length += more;
    }
    if (rows > 0) await take();
    return sheet.header;
  }

  private async readerOf(row: ImportRow, sheet: Sheet): Promise<ReportReader> {
    const operation = await this.database.read(WORKER, (tx) => this.operations.byId(tx, row.operation_id));
    const frame = {
      operationId: row.operation_id,
      country: row.country,
      agencyId: row.agency_id,
      exercise: row.exercise,
      sharing: row.sharing,
    };
    const spelling = {
      timeZone: operation.timeZone,
      dateFormat: row.mapping?.dateFormat ?? null,
      decimalComma: row.mapping?.decimalComma ?? false,
      is1904: sheet.is1904,
    };
    const names = new Names(this.reference, daysSince(operation, this.clock.now()));
    return new ReportReader(this.logging, frame, spelling, names);
  }

  /** Takes one piece; where the database refuses all of it, its cases one by one, so that each gets its own error. */
  private async takePiece(
    row: ImportRow,
    rowsRead: number,
    drafts: readonly Draft[],
    rows: number,
    seen: Map<string, string> | undefined,
  ): Promise<void> {
    const actor = await this.accounts.actorFor(row.author_id);
    try {
      await this.takeTogether(actor, row, rowsRead, drafts, seen);
    } catch (error) {
      if (error instanceof MusterError || error instanceof Overtaken || isUnavailable(error)) throw error;
      if (drafts.length === 1) return this.refuse(row, rowsRead, drafts, error);
      this.logger.warn({ err: error, importId: row.id, rows }, 'A piece of an import is taken one by one.');
      let read = rowsRead;
      for (const draft of drafts) {
        const length = draft.found.rows.length;
        await this.takePiece(row, read, [draft], length, seen);
        read += length;
      }
    }
  }

  private async takeTogether(
    actor: Actor,
    row: ImportRow,
    rowsRead: number,
    drafts: readonly Draft[],
    seen: Map<string, string> | undefined,
  ): Promise<void> {
    const { operation_id: operationId } = row;
    const outcomes = await this.database.writeFor(
      actor,
      async (tx) => {
        const present = await this.progress.lock(tx, row, rowsRead);
        if (!present) throw await this.whyNot(tx, row);
        const log = (): Promise<LogOutcome[]> =>
          this.logging.logAll(
            tx,
            actor,
            operationId,
            drafts.map(({ report }) => report),
          );
        const outcomes = row.dry_run ? await rehearse(tx, log) : await log();
        const whole = outcomes.find(
          (each): each is MusterError => each !== 'LOGGED' && each !== 'REPEATED' && isWhole(each),
        );
        if (whole) throw whole;
        await this.progress.note(tx, row, pieceOf(row, drafts, outcomes, seen));
        return outcomes;
      },
      { operationId },
    );
    // What was refused leaves its id free, for another row of the file too.
    drafts.forEach(({ report: { input, hash } }, index) => {
      if (outcomes[index] === 'LOGGED' && seen?.has(input.id) === false) seen.set(input.id, hash);
    });
  }

  /** The import is not there for its author, or not where it was left. */
  private async whyNot(tx: Tx, { operation_id: operationId, id }: ImportRow): Promise<Error> {
    const rows = await query(tx, `SELECT FROM imports WHERE operation_id = $1 AND id = $2`, [operationId, id]);
    if (rows.length > 0) return new Overtaken();
    return new MusterError('FORBIDDEN', "The author's right to report for the country has ended; what is taken stays.");
  }

  /** Notes a case that the database refuses for no reason that the rules know. */
  private async refuse(row: ImportRow, rowsRead: number, drafts: readonly Draft[], error: unknown): Promise<void> {
    this.logger.error({ err: error, importId: row.id }, 'A row of an import could not be stored.');
    const told = new MusterError('BAD_USER_INPUT', `It could not be stored (${errorCode(error) ?? 'error'}).`);
    await this.database.write(WORKER, async (tx) => {
      if (!(await this.progress.lock(tx, row, rowsRead))) throw new Overtaken();
      await this.progress.note(
        tx,
        row,
        pieceOf(
          row,
          drafts,
          drafts.map(() => told),
          undefined,
        ),
      );
    });
  }

  /** Makes the file of the refused rows, where there are any, and ends the import. */
  private async finish(row: ImportRow, work: LeasedWork, header: readonly string[]): Promise<void> {
    const present = await this.rowOf(work);
    if (!present || present.rows_refused === 0) return this.end(row, work, { failure: null, errors: null });
    const rows = this.progress.refused(row, (look) => this.database.read(WORKER, look));
    await withMadeFile(
      (file) => writeRefused(row.format, header, rows, file),
      async ({ size, sha256, open }) => {
        if (!(await this.objects.keep('refused', row.id, { content: open(), size, sha256 }))) {
          throw new Error('The file of refused rows was not kept whole.');
        }
        await this.end(row, work, { failure: null, errors: { size, sha256 } });
      },
    );
  }

  private async end(row: ImportRow, work: LeasedWork, ending: Ending): Promise<void> {
    await this.database.write(WORKER, (tx) => this.progress.end(tx, row, work, ending), {
      operationId: row.operation_id,
    });
  }

  private async rowOf({ operationId, subjectId }: LeasedWork): Promise<ImportRow | undefined> {
    const [row] = await this.database.read(WORKER, (tx) =>
      query<ImportRow>(tx, `SELECT * FROM imports WHERE operation_id = $1 AND id = $2`, [operationId, subjectId]),
    );
    return row;
  }

  private async renew(work: LeasedWork): Promise<void> {
    await this.database.write(WORKER, (tx) => this.outbox.renew(tx, work, LEASE_SECONDS));
  }

  /** Lets another worker take it up at once. */
  private async release(work: LeasedWork): Promise<void> {
    await this.database.write(WORKER, (tx) => this.outbox.postpone(tx, work, 0, 'The worker was ended.'));
  }
}

function casesOf({ format, mapping }: ImportRow, sheet: Sheet): AsyncIterable<Case> {
  if (format === FileFormat.NDJSON) return casesOfObjects(sheet.rows);
  const faults = new Faults();
  const layout = layOut(faults, sheet.header, mapping);
  faults.throwIfAny();
  return casesOfTable(sheet.rows, layout);
}

function lengthOf({ rows }: Case): number {
  return rows.reduce((all, { cells }) => cells.reduce((sum, cell) => sum + textOf(cell).length, all), 0);
}

function isWhole({ code }: MusterError): boolean {
  return WHOLE.includes(code);
}

/** What came of the cases of a piece. @param seen what a rehearsal took of the file before, which is stored nowhere */
function pieceOf(
  { mapping }: ImportRow,
  drafts: readonly Draft[],
  outcomes: readonly LogOutcome[],
  seen: ReadonlyMap<string, string> | undefined,
): Piece {
  let [read, taken, repeated] = [0, 0, 0];
  const refused = drafts.flatMap(({ found, report }, index) => {
    const { length } = found.rows;
    read += length;
    const outcome = seenBefore(report, seen) ?? outcomes[index];
    if (outcome === 'LOGGED') taken += length;
    else if (outcome === 'REPEATED') repeated += length;
    else if (outcome) return refusedRows(found, outcome, mapping);
    return [];
  });
  return { read, taken, repeated, refused };
}

function seenBefore(
  { input, hash, isWhole }: ReportedViolation,
  seen: ReadonlyMap<string, string> | undefined,
): LogOutcome | undefined {
  const before = isWhole ? seen?.get(input.id) : undefined;
  if (before === undefined) return undefined;
  return before === hash ? 'REPEATED' : new MusterError('CONFLICT', 'This id was used for other content.');
}
