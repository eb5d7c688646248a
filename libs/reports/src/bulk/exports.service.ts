import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Feed } from '#feed';
import { enter, isInside, type Standing, standingIn, viewerClass } from '#identity';
import {
  type Actor,
  Clock,
  Database,
  errorCode,
  Faults,
  insertRows,
  MusterError,
  notFound,
  Outbox,
  prepared,
  query,
  type Tx,
} from '#platform';
import { checkUuidV7 } from '#reference';
import { z } from 'zod';

import { OpenedLinks } from '../attachments/opened-links.js';
import { SealedLinks } from '../attachments/sealed-links.js';
import { unusableId } from '../records/claims.js';
import { fingerprint } from '../records/fingerprint.js';
import { ReportsWake } from '../seizures/reports-wake.js';
import { ViolationList } from '../violations/violation-list.js';
import type { Export } from './export.js';
import type { ExportReportsInput } from './export.inputs.js';
import { type ExportRow, type ExportWithFile, hasFile, wordExport } from './export-row.js';

export const EXPORTS_PATH = '/exports/download';

/** Exports of an operation that wait or run: of one person, and of those who are served in turn as one. */
const MOST_WAITING = { person: 3, lane: 20 } as const;
/** Exports of a person in an operation whose files are there, or will be. */
const MOST_KEPT = 20;
const COME_BACK_SECONDS = 60;
/** Exports told in a list, the newest first. */
const MOST_TOLD = 100;
/** The lanes of those who belong to no country of the operation; no country has these codes. */
const NO_COUNTRYS = { hub: 'ZZ', observers: 'XO' } as const;

const UNIQUE_VIOLATION = '23505';

/** What a link to an export stands for. */
const Claims = z.object({ session: z.uuid(), fileOf: z.uuid() });

/** Exports of what somebody may see: asked for and told by the api to their author alone, and made by the worker. */
@Injectable()
export class Exports {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly list: ViolationList,
    private readonly links: SealedLinks,
    private readonly opened: OpenedLinks,
    private readonly audit: Audit,
    private readonly feed: Feed,
    private readonly outbox: Outbox,
    private readonly wake: ReportsWake,
  ) {}

  /**
   * Begins an export for whoever may list the operation's violations. Sent again it gets the export as it is now.
   * @throws NOT_FOUND; BAD_USER_INPUT; CONFLICT where the id was used before; UNAVAILABLE where too many wait or are kept
   */
  async begin(actor: Actor, input: ExportReportsInput): Promise<Export> {
    const { operationId, format } = input;
    const filter = input.filter ?? {};
    const commandHash = fingerprint({ format, filter: JSON.stringify(filter) });
    if (!isInside(standingIn(actor, operationId))) throw notFound();
    const begin = async (tx: Tx): Promise<Export> => {
      const viewer = await enter(tx, actor, operationId);
      const faults = new Faults();
      const id = checkUuidV7(input.id);
      if (!id.ok) faults.add('input.id', id.rule, id.message);
      this.list.judgeFilter(faults, 'input.filter', filter);
      faults.throwIfAny();
      const lane = laneOf(viewer);
      // Those who are served in turn wait for each other here, so that no two of them are the last that may come.
      await query(tx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 7))`, [`${operationId} ${lane}`]);
      const before = await rowOf(tx, operationId, input.id);
      if (before) return this.repeated(tx, actor, before, commandHash);
      await this.assertRoom(tx, operationId, lane);
      await insertRows(tx, 'exports', [
        {
          operation_id: operationId,
          id: input.id,
          author_id: actor.userId,
          lane,
          standing: viewerClass(viewer),
          command_hash: commandHash,
          format,
          filter,
          status: 'WAITING',
          records_written: 0,
          rows_written: 0,
          created_at: this.clock.now(),
        },
      ]);
      await this.outbox.owe(tx, [{ kind: 'export.make', operationId, country: lane, subjectId: input.id }]);
      await this.audit.append(tx, actor, {
        operationId,
        action: 'export.begun',
        subjectId: input.id,
        details: { format },
      });
      await this.feed.tell(tx, operationId, { kind: 'export.begun', subjectId: input.id, country: null });
      const row = await rowOf(tx, operationId, input.id);
      if (!row) throw notFound();
      return wordExport(row);
    };
    const told = await this.database.write(actor, begin, { operationId }).catch((error: unknown) => {
      // Somebody else's, or that of another operation: it is told nothing more.
      throw errorCode(error) === UNIQUE_VIOLATION ? unusableId() : error;
    });
    this.wake.soon();
    return told;
  }

  /** @throws NOT_FOUND where it is absent, somebody else's, or of an operation that the actor has no part in */
  find(actor: Actor, id: string): Promise<Export> {
    return this.database.readAnywhere(actor, async (tx) => this.word(tx, actor, (await own(tx, actor, id)).row));
  }

  /** The actor's own exports in an operation, the newest first. */
  ofOperation(actor: Actor, operationId: string): Promise<Export[]> {
    return this.database.readAnywhere(actor, async (tx) => {
      await enter(tx, actor, operationId);
      const rows = await query<ExportRow>(
        tx,
        `SELECT * FROM exports WHERE operation_id = $1 AND author_id = $2 ORDER BY created_at DESC, id DESC LIMIT ${MOST_TOLD}`,
        [operationId, actor.userId],
      );
      const told: Export[] = [];
      for (const row of rows) told.push(await this.word(tx, actor, row));
      return told;
    });
  }

  /**
   * What a link to a file stands for, judged anew: the session must last, its person take part in the operation as when the file was made,
   * and still see each record in it. On the primary, so that a narrowing that was acknowledged counts.
   * @throws NOT_FOUND; CONFLICT where the file is not to be given out any more
   */
  async open(link: string): Promise<ExportWithFile> {
    const { claims, actor } = await this.opened.open(link, Claims);
    return this.database.write(actor, async (tx) => {
      const { row, viewer } = await own(tx, actor, claims.fileOf);
      if (!hasFile(row, this.clock.now())) throw notFound();
      if (viewerClass(viewer) !== row.standing) {
        throw anew('Your part in the operation is another than when this file was made');
      }
      if (await tellsTooMuch(tx, row)) throw anew('Something in this file is not yours to see any more');
      await this.audit.append(tx, actor, {
        operationId: row.operation_id,
        action: 'export.downloaded',
        subjectId: row.id,
      });
      return row;
    });
  }

  private async repeated(tx: Tx, actor: Actor, row: ExportRow, commandHash: string): Promise<Export> {
    if (`\\x${row.command_hash.toString('hex')}` !== commandHash) {
      throw new MusterError('CONFLICT', 'This id was used for another export: make a new one.');
    }
    return this.word(tx, actor, row);
  }

  private async assertRoom(tx: Tx, operationId: string, lane: string): Promise<void> {
    const now = this.clock.now();
    const [row] = await prepared<{ own: number; kept: number; nextExpiry: Date | null; lane: number }>(
      tx,
      `SELECT count(*) FILTER (WHERE finished_at IS NULL)::int AS own,
         count(*) FILTER (WHERE finished_at IS NULL OR expires_at > $3)::int AS kept,
         min(expires_at) FILTER (WHERE expires_at > $3) AS "nextExpiry",
         exports_waiting($1, $2) AS lane
       FROM exports WHERE operation_id = $1`,
      [operationId, lane, now],
    );
    const { own, kept, nextExpiry, lane: waiting } = row ?? { own: 0, kept: 0, nextExpiry: null, lane: 0 };
    if (own >= MOST_WAITING.person) throw later(`At most ${MOST_WAITING.person} exports of a person wait at once`);
    if (waiting >= MOST_WAITING.lane) throw later(`At most ${MOST_WAITING.lane} exports ${ofLane(lane)} wait at once`);
    if (kept >= MOST_KEPT) {
      const seconds = nextExpiry ? Math.ceil((nextExpiry.getTime() - now.getTime()) / 1000) : COME_BACK_SECONDS;
      throw later(`At most ${MOST_KEPT} files of a person are kept, each for a day`, seconds);
    }
  }

  private async word(tx: Tx, actor: Actor, row: ExportRow): Promise<Export> {
    if (!hasFile(row, this.clock.now())) return wordExport(row);
    const { url } = await this.links.make(tx, actor, EXPORTS_PATH, { fileOf: row.id });
    return wordExport(row, url);
  }
}

/** The actor's own export by its id alone. What is absent and what is hidden take the same steps. */
async function own(tx: Tx, actor: Actor, id: string): Promise<{ row: ExportRow; viewer: Standing }> {
  const [named] = await prepared<{ id: string | null }>(tx, `SELECT export_named($1) AS id`, [id]);
  const operationId = named?.id ?? id;
  const viewer = await enter(tx, actor, operationId);
  const row = await rowOf(tx, operationId, id);
  if (!row) throw notFound();
  return { row, viewer };
}

async function rowOf(tx: Tx, operationId: string, id: string): Promise<ExportRow | undefined> {
  const [row] = await query<ExportRow>(tx, `SELECT * FROM exports WHERE operation_id = $1 AND id = $2`, [
    operationId,
    id,
  ]);
  return row;
}

/**
 * Whether the file holds a record that the viewer, who has entered the operation, can't see now, or of which retention has left the figures alone
 * since its page was read; also where it is not known which records it holds. OFFSET 0 keeps the planner from reading all records into a hash, where it looks for some by their keys.
 */
async function tellsTooMuch(tx: Tx, row: ExportWithFile): Promise<boolean> {
  const [found] = await prepared<{ any: boolean }>(
    tx,
    `SELECT (SELECT coalesce(sum(cardinality(record_ids)), 0) <> $3 FROM export_records WHERE operation_id = $1 AND export_id = $2) OR EXISTS (
       SELECT FROM export_records r CROSS JOIN unnest(r.record_ids) AS told (id)
       WHERE r.operation_id = $1 AND r.export_id = $2 AND NOT EXISTS (
         SELECT FROM violations v WHERE v.operation_id = $1 AND v.id = told.id
           AND (v.anonymised_at IS NULL OR told.id = ANY(r.anonymised_ids)) OFFSET 0)) AS any`,
    [row.operation_id, row.id, row.records_written],
  );
  return found?.any !== false;
}

/** With whom a person is served in turn. Observers take none of the turns of the country that they observe for. */
function laneOf({ people, hub }: Standing): string {
  return [...people].sort()[0] ?? (hub ? NO_COUNTRYS.hub : NO_COUNTRYS.observers);
}

function ofLane(lane: string): string {
  if (lane === NO_COUNTRYS.hub) return 'of the hub';
  return lane === NO_COUNTRYS.observers ? 'of observers' : 'of a country';
}

function later(reason: string, retryAfterSeconds = COME_BACK_SECONDS): MusterError {
  return new MusterError('UNAVAILABLE', `${reason}: come back later.`, { retryAfterSeconds });
}

function anew(reason: string): MusterError {
  return new MusterError('CONFLICT', `${reason}: make the export anew.`);
}
