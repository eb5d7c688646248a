import { Injectable, Logger, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { type Actor, Clock, Database, insertRows, MusterError, partOfMuster, prepared, Role, type Tx } from '#platform';
import { v7 } from 'uuid';

import { Audit } from '../audit.service.js';
import { toMicroseconds } from '../chain/entry-form.js';
import { hashBatch, hashReading, type ReadingRow } from './reading-form.js';

/** What was asked for when records were told. */
export type ReadingKind = 'violation' | 'violations' | 'versions' | 'seizure' | 'seizures' | 'feed' | 'live' | 'export';

/** Records that were told to somebody. */
export interface Reading {
  readonly operationId: string;
  readonly what: ReadingKind;
  /** A list that was told nothing is recorded too: what somebody looked for may matter. */
  readonly recordIds: readonly string[];
  /** What the client asked the list for, as it was given. */
  readonly filter?: object;
}

interface Waiting extends Reading {
  readonly at: Date;
  readonly readers: readonly Actor[];
}

const PART = partOfMuster('readings');

/** A process that dies loses no more than the readings of this time, in milliseconds. */
const FLUSH_AFTER = 1_000;

/** Rows written in one transaction. */
const BATCH = 1_000;

/** Readings that may wait while they can't be written; then nothing is told any more until they can. */
const MOST_WAITING = 20_000;

/**
 * Records who was told which record, apart from the hot path: readings wait in memory and are written together, each batch with an entry
 * of the audit log that holds its hash. Where they can't be written for long, reading ends too: nothing is told unrecorded.
 */
@Injectable()
export class Readings implements OnModuleDestroy, OnApplicationShutdown {
  private readonly logger = new Logger(Readings.name);
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<boolean> | undefined;
  private isStopping = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {}

  /**
   * Notes what a person was told. Call it before the answer goes out. A part of Muster that reads for itself is no reader.
   * @throws UNAVAILABLE where readings could not be written for so long that no more can wait
   */
  note(actor: Actor, reading: Reading): void {
    this.noteAll([actor], reading);
  }

  /** Notes what several people were told, who stand the same in the operation. */
  noteAll(actors: readonly Actor[], reading: Reading): void {
    const readers = actors.filter(({ userId }) => userId !== null);
    if (readers.length === 0) return;
    if (this.waiting.length >= MOST_WAITING) throw new MusterError('UNAVAILABLE', 'Reading is not possible now.', SOON);
    this.waiting.push({ ...reading, readers, at: this.clock.now() });
    this.timer ??= setTimeout(() => void this.flush(), this.isStopping ? 0 : FLUSH_AFTER);
  }

  /** The same for what nobody asked for: where no record is told, nothing is noted. */
  noteIfAny(actors: readonly Actor[], reading: Reading): void {
    if (reading.recordIds.length > 0) this.noteAll(actors, reading);
  }

  /** Writes all that waits. Where that fails it is kept, and tried again; what was noted before may then still wait, and false is given. */
  async flush(): Promise<boolean> {
    await this.writing;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length === 0) return true;
    this.writing ??= this.writeAll().finally(() => (this.writing = undefined));
    return this.writing;
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    await this.flush();
  }

  /** Once more, for what was told while the last requests were answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.flush();
  }

  private async writeAll(): Promise<boolean> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, BATCH);
      try {
        await this.write(batch);
        this.waiting = this.waiting.slice(batch.length);
      } catch (error) {
        this.logger.warn(`Readings could not be written and will be: ${String(error)}`);
        if (!this.isStopping) this.timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER);
        return false;
      }
    }
    return true;
  }

  private async write(readings: readonly Waiting[]): Promise<void> {
    const batch = v7();
    const rows = readings.map((reading, index) => rowOf(reading, batch, index + 1));
    const hashes = rows.map(hashReading);
    await this.database.write(PART, async (tx) => {
      const archived = await archivedAmong(tx, rows);
      await insertRows(tx, 'readings', rows.filter((row) => !archived.has(row.operation_id)).map(columns));
      // Told before the operation was archived, and written after: nothing of it is left to write to, and the rest of the batch doesn't wait.
      const late = rows.filter((row) => archived.has(row.operation_id));
      await insertRows(tx, 'archived_readings', late.map(lateColumns));
      await this.audit.append(tx, PART, {
        operationId: null,
        action: 'readings.recorded',
        subjectId: batch,
        details: { readings: rows.length, sha256: hashBatch(hashes) },
      });
    });
  }
}

const SOON = { retryAfterSeconds: 2 };

function rowOf(
  { at, readers, operationId, what, recordIds, filter }: Waiting,
  batch: string,
  ordinal: number,
): ReadingRow {
  const [first] = readers;
  const here = (first?.grants ?? []).filter((grant) => grant.operationId === operationId || grant.operationId === null);
  const ofCountry = here.filter(({ role, participation }) => participation === 'ACCEPTED' && role !== Role.OBSERVER);
  return {
    batch,
    ordinal,
    at: toMicroseconds(at),
    operation_id: operationId,
    what,
    reader_ids: [...new Set(readers.flatMap(({ userId }) => userId ?? []))].sort(),
    hub: here.some(({ role, country }) => role === Role.HUB || (role === Role.ANALYST && country === null)),
    countries: [...new Set(ofCountry.flatMap(({ country }) => country ?? []))].sort(),
    observer: here.some(({ role }) => role === Role.OBSERVER),
    record_ids: recordIds,
    filter: filter === undefined ? null : JSON.stringify(filter),
  };
}

function columns(row: ReadingRow): Record<string, unknown> {
  return { ...row };
}

function lateColumns(row: ReadingRow): Record<string, unknown> {
  const { operation_id, batch, ordinal } = row;
  return { operation_id, batch, ordinal, sha256: `\\x${hashReading(row).toString('hex')}`, late: row };
}

/** The operations of the rows that are archived. One that is archived at this very moment refuses the batch, which is written again. */
async function archivedAmong(tx: Tx, rows: readonly ReadingRow[]): Promise<ReadonlySet<string>> {
  const archived = await prepared<{ id: string }>(
    tx,
    `SELECT id FROM operations WHERE id = ANY($1::uuid[]) AND archived_at IS NOT NULL`,
    [[...new Set(rows.map(({ operation_id: id }) => id))]],
  );
  return new Set(archived.map(({ id }) => id));
}
