import type { WriteStream } from 'node:fs';

import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Readings } from '#audit';
import { Accounts, enter, standingIn, viewerClass } from '#identity';
import {
  type Actor,
  Database,
  isUnavailable,
  LeasedRounds,
  type LeasedWork,
  MusterError,
  Outbox,
  type OutboxHandler,
  OutboxHandlers,
  partOfMuster,
  pauseAfter,
  query,
  type Tx,
} from '#platform';

import { OBJECT_STORE, type ObjectStore } from '../attachments/object-store.js';
import type { Violation } from '../violations/violation.js';
import { type Listed, ViolationList } from '../violations/violation-list.js';
import { HEADER, objectOf, rowsOf } from './export-content.js';
import { ExportFiles } from './export-files.js';
import { type ExportEnding, ExportProgress, type ExportRun } from './export-progress.js';
import { FileFormat } from './job.js';
import { withMadeFile, writeObjects, writeTable } from './made-file.js';
import { type Cell, LIMITS } from './sheet.js';

const KIND = 'export.make';
const WORKER = partOfMuster('worker');
/** Runs of which none came to an end, not even to an error; and runs of any kind. */
const MOST_CRASHES = 5;
const MOST_RUNS = 20;
/** Violations of a page: one transaction. */
const PAGE = 200;
/** Bytes of a file; what is exported can be imported. */
const MOST_BYTES = 200 * 1024 ** 2;

/** Another run has the export, or has ended it. */
class Overtaken extends Error {}

/** The process ends. */
class Ending extends Error {}

/**
 * Makes files that are owed, one at a time, page by page of the very list that the author could ask for, with the author's rights at that moment.
 * A run that is broken off is begun anew by the next: a file takes half a minute, and tells the more of now. Records that come meanwhile stand
 * before the first page, so each stands in the file once.
 */
@Injectable()
export class ExportRunner implements OutboxHandler, OnModuleInit, BeforeApplicationShutdown {
  readonly kind = KIND;
  private readonly logger = new Logger(ExportRunner.name);
  private readonly rounds: LeasedRounds;

  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly list: ViolationList,
    private readonly readings: Readings,
    private readonly progress: ExportProgress,
    private readonly files: ExportFiles,
    private readonly outbox: Outbox,
    private readonly handlers: OutboxHandlers,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {
    this.rounds = new LeasedRounds(database, outbox, KIND, this.logger, (work) => this.runOne(work));
  }

  onModuleInit(): void {
    this.handlers.register(this);
  }

  /** The page under way is finished, and no other begun. */
  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.end();
  }

  drain(): Promise<void> {
    return this.rounds.begin();
  }

  private async runOne(work: LeasedWork): Promise<void> {
    const run = await this.database.write(WORKER, async (tx) => {
      const begun = await this.progress.begin(tx, work);
      if (!begun) await this.outbox.done(tx, work);
      return begun;
    });
    if (!run) return;
    const { operation_id: operationId, id: exportId } = run.row;
    if (!(await this.tryOne(run, work))) await this.files.drop({ operationId, exportId, runId: run.id });
  }

  /** False where no file is to be left of the run. */
  private async tryOne(run: ExportRun, work: LeasedWork): Promise<boolean> {
    const about = { exportId: run.row.id };
    try {
      if (work.attempts > MOST_RUNS || (work.attempts > MOST_CRASHES && work.lastError === null)) {
        this.logger.error(about, 'An export is given up.');
        return await this.end(run, work, { failure: 'The file could not be made. Try again, or narrow the filter.' });
      }
      return await this.make(run, work);
    } catch (error) {
      if (error instanceof Overtaken) return false;
      if (error instanceof MusterError && error.code !== 'UNAVAILABLE') {
        return this.end(run, work, { failure: error.code === 'NOT_FOUND' ? RIGHTS_ENDED : error.message });
      }
      const pause = error instanceof Ending ? 0 : pauseAfter(work);
      if (!(error instanceof Ending)) {
        const level = isUnavailable(error) || error instanceof MusterError ? 'warn' : 'error';
        this.logger[level]({ err: error, ...about, pause }, 'An export has to wait.');
      }
      await this.database.write(WORKER, (tx) => this.outbox.postpone(tx, work, pause, String(error)));
      return false;
    }
  }

  /** Writes the file, and keeps it in the store under the id of the run. */
  private make(run: ExportRun, work: LeasedWork): Promise<boolean> {
    return withMadeFile(
      (file) => this.write(run, file),
      async ({ size, sha256, open }) => {
        if (size > MOST_BYTES) throw tooLarge();
        // What is written down is told from here on: who was told it must last first.
        if (!(await this.readings.flush())) {
          throw new MusterError('UNAVAILABLE', 'Who is told what the file holds could not be recorded yet.');
        }
        if (!(await this.objects.keep('exports', run.id, { content: open(), size, sha256 }))) {
          throw new Error('The file was not kept whole.');
        }
        await this.readerOf(run);
        return this.end(run, work, { failure: null, file: { size, sha256 } });
      },
    );
  }

  private write(run: ExportRun, file: WriteStream): Promise<void> {
    const { format } = run.row;
    const pages = this.pages(run, file);
    if (format === FileFormat.NDJSON) {
      return writeObjects(
        (async function* () {
          for await (const { violations } of pages) yield* violations.map(objectOf);
        })(),
        file,
      );
    }
    const rows = (async function* (): AsyncGenerator<readonly Cell[]> {
      yield HEADER;
      for await (const { violations } of pages) for (const violation of violations) yield* rowsOf(violation);
    })();
    return writeTable(format, 'Violations', rows, file);
  }

  /** The pages of the list, each noted before it is written. */
  private async *pages(
    run: ExportRun,
    file: WriteStream,
  ): AsyncGenerator<{ readonly violations: readonly Violation[] }> {
    let before: number | undefined;
    let rows = 0;
    for (let number = 0; ; number++) {
      if (this.rounds.isEnding) throw new Ending('The worker was ended.');
      const { listed, anonymisedIds } = await this.page(run, before);
      const last = listed.at(-1);
      if (!last) return;
      const violations = listed.map(({ violation }) => violation);
      const more = run.row.format === FileFormat.NDJSON ? violations.length : linesOf(violations);
      rows += more;
      if (rows > LIMITS.rows) throw tooMuch(`${LIMITS.rows} rows`);
      if (file.bytesWritten > MOST_BYTES) throw tooLarge();
      const page = { number, recordIds: violations.map(({ id }) => id), anonymisedIds, rows: more };
      await this.still(run, (tx) => this.progress.note(tx, run, page));
      yield { violations };
      before = last.arrival;
    }
  }

  /** One page, as the author would be told it at this moment, and recorded as told to the author. */
  private async page(run: ExportRun, before: number | undefined): Promise<ReadPage> {
    const { operation_id: operationId, filter } = run.row;
    const reader = await this.readerOf(run);
    const { listed, anonymisedIds, inAll } = await this.database.readFor(reader, async (tx) => {
      const viewer = await enter(tx, reader, operationId);
      const all = (): Promise<number> => this.list.countUpTo(tx, operationId, filter, LIMITS.rows + 1);
      const inAll = before === undefined ? await all() : undefined;
      const listed = await this.list.some(tx, viewer, operationId, filter, before, PAGE);
      return { inAll, listed, anonymisedIds: await anonymisedOf(tx, operationId, listed) };
    });
    if (inAll !== undefined && inAll > LIMITS.rows) throw tooMuch(`${LIMITS.rows} rows`);
    if (inAll !== undefined) await this.still(run, (tx) => this.progress.expect(tx, run, inAll));
    const recordIds = listed.map(({ violation: { id } }) => id);
    if (recordIds.length > 0 || before === undefined) {
      this.readings.note(reader, { operationId, what: 'export', recordIds, filter });
    }
    return { listed, anonymisedIds };
  }

  /** The author, with all that the author may do now. @throws FORBIDDEN where that is something else than when the export was begun */
  private async readerOf({ row }: ExportRun): Promise<Actor> {
    const reader = await this.accounts.readerFor(row.author_id);
    if (viewerClass(standingIn(reader, row.operation_id)) === row.standing) return reader;
    throw new MusterError('FORBIDDEN', RIGHTS_ENDED);
  }

  /** @throws Overtaken where another run has the export now */
  private async still({ row }: ExportRun, work: (tx: Tx) => Promise<boolean>): Promise<void> {
    const isOurs = await this.database.write(WORKER, work, { operationId: row.operation_id });
    if (!isOurs) throw new Overtaken();
  }

  /** Ends the export; false where no file is to be left of the run. */
  private async end(run: ExportRun, work: LeasedWork, ending: ExportEnding): Promise<boolean> {
    const { operation_id: operationId } = run.row;
    const isOurs = await this.database.write(WORKER, (tx) => this.progress.end(tx, run, work, ending), { operationId });
    return isOurs && ending.failure === null;
  }
}

/** A page of the list, as one snapshot has it. */
interface ReadPage {
  readonly listed: readonly Listed[];
  readonly anonymisedIds: readonly string[];
}

/** Those of some violations of which retention has left the figures alone; what ends others later takes the file back. */
async function anonymisedOf(tx: Tx, operationId: string, listed: readonly Listed[]): Promise<string[]> {
  const rows = await query<{ id: string }>(
    tx,
    `SELECT id FROM violations WHERE operation_id = $1 AND id = ANY($2::uuid[]) AND anonymised_at IS NOT NULL`,
    [operationId, listed.map(({ violation: { id } }) => id)],
  );
  return rows.map(({ id }) => id);
}

const RIGHTS_ENDED = 'Your part in the operation has changed since the export was begun: make it anew.';

function tooMuch(most: string): MusterError {
  return new MusterError('BAD_USER_INPUT', `A file has at most ${most}: narrow the filter.`);
}

function tooLarge(): MusterError {
  return tooMuch(`${MOST_BYTES / 1024 ** 2} MiB`);
}

function linesOf(violations: readonly Violation[]): number {
  return violations.reduce((sum, { lines }) => sum + lines.length, 0);
}
