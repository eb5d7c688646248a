import { Inject, Injectable, Logger } from '@nestjs/common';
import { Audit } from '#audit';
import { dueDay } from '#operations';
import { type AttachmentSettings, Clock, Database, partOfMuster, query, type Tx } from '#platform';
import { Recount } from '#trends';

import { ATTACHMENT_SETTINGS } from '../attachments/attachment-providers.js';
import { OBJECT_STORE, type ObjectStore } from '../attachments/object-store.js';
import { anonymise, type Ending, erase, eraseBesides } from './removal.js';
import { GRACE_DAYS, hashOf, isHeld, isReceived, RECORDS } from './retained.js';

/** What one run did. */
export interface RetentionOutcome {
  /** Operations whose records became due. */
  readonly noticed: number;
  readonly anonymised: number;
  readonly erased: number;
  /** Operations whose figures do not agree with their records: nothing of them is touched until they do. */
  readonly refused: readonly string[];
}

interface DueOperation {
  readonly id: string;
  readonly due_on: string;
}

interface Ready {
  readonly id: string;
  readonly is_counted: boolean;
  readonly sha256: string;
  /** Whether the owner has it in this form. */
  readonly is_exported: boolean;
}

interface Batch {
  readonly last: string | undefined;
  readonly records: readonly Ready[];
}

const RETENTION = partOfMuster('retention');
/** Records ended in one transaction, and files removed in one go. */
const BATCH = 200;
/** Before every id. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** SQL that holds when the owners have had time enough, at `$4`, since the notice of the day `$3`. */
const GRACE_IS_OVER = `EXISTS (SELECT FROM retention_notices n WHERE n.operation_id = $1 AND n.due_on = $3::date
  AND n.noticed_at + interval '${GRACE_DAYS} days' <= $4::timestamptz)`;

/** Ends what is due: notices it, and anonymises or erases what its owner has exported or had time enough to export. */
@Injectable()
export class RetentionRun {
  private readonly logger = new Logger(RetentionRun.name);

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly recount: Recount,
    private readonly audit: Audit,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(ATTACHMENT_SETTINGS) private readonly settings: AttachmentSettings,
  ) {}

  /** Does all that is due. It may be run at any time and by several processes: each batch is a transaction of its own, and of one alone. */
  async run(): Promise<RetentionOutcome> {
    let noticed = 0;
    const ended = { anonymised: 0, erased: 0 };
    const refused: string[] = [];
    for (const operation of await this.database.read(RETENTION, (tx) => this.dueOperations(tx))) {
      if (await this.notice(operation)) noticed++;
      const [first] = await this.database.read(RETENTION, (tx) => this.candidates(tx, operation, NO_ID, 1));
      if (first === undefined) continue;
      // What stays must hold the figures: afterwards nothing is left that could tell which of the two was wrong.
      const differences = await this.recount.run(operation.id);
      if (differences.length > 0) {
        this.logger.error(`Operation ${operation.id}: figures and records differ, so none of its records is ended.`);
        refused.push(operation.id);
        continue;
      }
      for (let after: string | undefined = NO_ID; after !== undefined;) {
        const { last, records }: Batch = await this.endBatch(operation, after);
        for (const record of records) ended[endingOf(record)]++;
        after = last;
      }
    }
    await this.removeObjects();
    return { noticed, ...ended, refused };
  }

  private dueOperations(tx: Tx, only: string | null = null): Promise<DueOperation[]> {
    return query(
      tx,
      `SELECT o.id, ${dueDay('o')}::text AS due_on FROM operations o
       WHERE ($2::uuid IS NULL OR o.id = $2) AND o.archived_at IS NULL AND ${dueDay('o')} <= ($1::timestamptz AT TIME ZONE o.time_zone)::date ORDER BY o.id`,
      [this.clock.now(), only],
    );
  }

  private notice({ id: operationId, due_on: dueOn }: DueOperation): Promise<boolean> {
    return this.database.write(
      RETENTION,
      async (tx) => {
        const isNew = await query(
          tx,
          `INSERT INTO retention_notices (operation_id, due_on, noticed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING due_on`,
          [operationId, dueOn, this.clock.now()],
        );
        if (isNew.length === 0) return false;
        await this.audit.append(tx, RETENTION, {
          operationId,
          action: 'operation.records-due',
          subjectId: operationId,
          details: { dueOn, graceDays: GRACE_DAYS },
        });
        return true;
      },
      { operationId },
    );
  }

  /** The next records whose time may have come, in the order of their ids: exported in some form, or all when the grace is over. */
  private async candidates(
    tx: Tx,
    { id, due_on: dueOn }: DueOperation,
    after: string,
    most: number,
  ): Promise<string[]> {
    const rows = await query<{ id: string }>(
      tx,
      `SELECT id FROM (${RECORDS}) AS record
       WHERE anonymised_at IS NULL AND id > $2 AND NOT ${isHeld('record.id')} AND (${GRACE_IS_OVER} OR ${isReceived('record.id')})
       ORDER BY id LIMIT ${most}`,
      [id, after, dueOn, this.clock.now()],
    );
    return rows.map((row) => row.id);
  }

  /** Those of the candidates whose time has come, as they are at this moment. */
  private ready(tx: Tx, { id, due_on: dueOn }: DueOperation, ids: readonly string[]): Promise<Ready[]> {
    return query(
      tx,
      `SELECT id, is_counted, encode(hash, 'hex') AS sha256, is_exported FROM (
         SELECT id, is_counted, hash, ${isReceived('hashed.id', 'hashed.hash')} AS is_exported
         FROM (SELECT *, ${hashOf('retained_record($1, id)')} AS hash FROM (${RECORDS}) AS record WHERE id = ANY($2::uuid[])) AS hashed
       ) AS r
       WHERE is_exported OR ${GRACE_IS_OVER} ORDER BY id`,
      [id, ids, dueOn, this.clock.now()],
    );
  }

  /** Ends the records of a batch; gives the last id that it looked at, and none where it is the last batch. */
  private endBatch(operation: DueOperation, after: string): Promise<Batch> {
    const operationId = operation.id;
    return this.database.write(
      RETENTION,
      async (tx) => {
        const [lock] = await query<{ isMine: boolean }>(
          tx,
          `SELECT pg_try_advisory_xact_lock(hashtextextended('muster retention', 0)) AS "isMine"`,
        );
        // Whoever has it goes on with it. The operation may have been moved back, or its period be longer by now.
        const [due] = await this.dueOperations(tx, operationId);
        if (!lock?.isMine || due?.due_on !== operation.due_on) return { last: undefined, records: [] };
        const ids = await this.candidates(tx, operation, after, BATCH);
        await lockRecords(tx, operationId, ids);
        const records = await this.ready(tx, operation, ids);
        await this.end(tx, operationId, records);
        return { last: ids.at(-1), records };
      },
      { operationId },
    );
  }

  private async end(tx: Tx, operationId: string, records: readonly Ready[]): Promise<void> {
    const at = this.clock.now();
    const ids = (ending: Ending): string[] =>
      records.filter((record) => endingOf(record) === ending).map(({ id }) => id);
    await eraseBesides(
      tx,
      operationId,
      records.map(({ id }) => id),
      at,
    );
    await anonymise(tx, operationId, ids('anonymised'), at);
    await erase(tx, operationId, ids('erased'));
    await this.audit.append(
      tx,
      RETENTION,
      ...records.map((record) => ({
        operationId,
        action: `retention.${endingOf(record)}`,
        subjectId: record.id,
        details: { sha256: record.sha256, exported: record.is_exported },
      })),
    );
  }

  /** Removes files of attachments that were erased; a file is forgotten only once it is gone. */
  private async removeObjects(): Promise<void> {
    if (this.settings.folder === '' && !this.settings.s3) return; // a process that has no store leaves them to one that has
    for (;;) {
      const owed = await this.database.read(RETENTION, (tx) =>
        query<{ object_id: string }>(tx, `SELECT object_id FROM erased_objects LIMIT ${BATCH}`),
      );
      if (owed.length === 0) return;
      const ids = owed.map(({ object_id: id }) => id);
      for (const id of ids) {
        await this.objects.remove('originals', id);
        await this.objects.remove('shared', id);
      }
      await this.database.write(RETENTION, (tx) =>
        query(tx, `DELETE FROM erased_objects WHERE object_id = ANY($1::uuid[])`, [ids]),
      );
    }
  }
}

function endingOf({ is_counted: isCounted }: Ready): Ending {
  return isCounted ? 'anonymised' : 'erased';
}

async function lockRecords(tx: Tx, operationId: string, ids: readonly string[]): Promise<void> {
  for (const table of ['violations', 'seizures']) {
    await query(tx, `SELECT FROM ${table} WHERE operation_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE`, [
      operationId,
      ids,
    ]);
  }
}
