import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Audit } from '#audit';
import {
  type AttachmentSettings,
  Clock,
  Database,
  LeasedRounds,
  type LeasedWork,
  Outbox,
  type OutboxHandler,
  OutboxHandlers,
  partOfMuster,
  pauseAfter,
  prepared,
  query,
} from '#platform';

import { AttachmentRefusal, AttachmentScan } from './attachment.js';
import { ATTACHMENT_SETTINGS } from './attachment-providers.js';
import type { AttachmentRow } from './attachment-row.js';
import { type ClamdVerdict, scan } from './clamd.js';
import { findType, type TakenType } from './content-type.js';
import { type NewObject, OBJECT_STORE, type ObjectStore } from './object-store.js';
import { redraw, UnreadableImage } from './redrawn-image.js';

const KIND = 'attachment.examine';
const WORKER = partOfMuster('worker');
/** Looks at an attachment of which none came to an end, not even to an error: it ends the worker, and is not looked at again. */
const MOST_CRASHES = 3;

/** What came of looking at an attachment. */
type Outcome =
  | { readonly refusal: AttachmentRefusal; readonly type?: TakenType; readonly signature?: string }
  | { readonly type: TakenType; readonly scan: AttachmentScan; readonly shared: SharedObject | null };

interface SharedObject {
  readonly mediaType: string;
  readonly size: number;
  readonly sha256: Buffer;
}

/**
 * Looks at attachments that have come: what they are, whether the virus scanner lets them pass, and the copy for those who see the
 * record. Where the scanner or the store is away an attachment waits, however long; it is never let through without, and never given up.
 * One that ended the worker itself several times is refused.
 */
@Injectable()
export class AttachmentExaminer implements OutboxHandler, OnModuleInit, BeforeApplicationShutdown {
  readonly kind = KIND;
  private readonly logger = new Logger(AttachmentExaminer.name);
  private readonly rounds: LeasedRounds;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly handlers: OutboxHandlers,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(ATTACHMENT_SETTINGS) private readonly settings: AttachmentSettings,
  ) {
    this.rounds = new LeasedRounds(database, outbox, KIND, this.logger, (work) => this.examineOne(work));
  }

  onModuleInit(): void {
    this.handlers.register(this);
  }

  /** The one under way is finished, and no other begun. */
  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.end();
  }

  drain(): Promise<void> {
    return this.rounds.begin();
  }

  private async examineOne(work: LeasedWork): Promise<void> {
    try {
      const row = await this.begin(work);
      const outcome = row ? await this.outcomeOf(work, row) : undefined;
      await this.settle(work, row, outcome);
    } catch (error) {
      const pause = pauseAfter(work);
      this.logger.warn({ err: error, objectId: work.subjectId, pause }, 'An attachment has to wait.');
      await this.database.write(WORKER, (tx) => this.outbox.postpone(tx, work, pause, String(error)));
    }
  }

  /** The attachment, if it still waits; where there is a scanner it says from here on that it is with it. */
  private begin({ subjectId }: LeasedWork): Promise<AttachmentRow | undefined> {
    return this.database.write(WORKER, async (tx) => {
      const status = this.settings.clamdUrl === undefined ? 'RECEIVED' : 'SCANNING';
      const [row] = await query<AttachmentRow>(
        tx,
        `UPDATE attachments SET status = $2 WHERE object_id = $1 AND status IN ('RECEIVED', 'SCANNING') RETURNING *`,
        [subjectId, status],
      );
      return row;
    });
  }

  private outcomeOf({ attempts, lastError }: LeasedWork, row: AttachmentRow): Outcome | Promise<Outcome> {
    if (attempts > MOST_CRASHES && lastError === null) return { refusal: AttachmentRefusal.UNREADABLE };
    return this.examine(row);
  }

  private async examine(row: AttachmentRow): Promise<Outcome> {
    const { object_id: id } = row;
    if (id === null) throw new Error('An attachment that has come has no original.');
    const open = (): Promise<Readable> => this.objects.read('originals', id);
    const type = await findType(open);
    if (!type) return { refusal: AttachmentRefusal.TYPE };
    const verdict = await this.scan(open);
    if (verdict === 'too large') return { refusal: AttachmentRefusal.UNREADABLE, type };
    if (verdict && !verdict.isClean) {
      return { refusal: AttachmentRefusal.INFECTED, type, signature: verdict.signature };
    }
    try {
      const shared = await this.share(id, row, type, open);
      return { type, scan: verdict ? AttachmentScan.CLEAN : AttachmentScan.NOT_SCANNED, shared };
    } catch (error) {
      if (!(error instanceof UnreadableImage)) throw error;
      this.logger.debug(`${id}: ${error.message}`);
      return { refusal: AttachmentRefusal.UNREADABLE, type };
    }
  }

  private async scan(open: () => Promise<Readable>): Promise<ClamdVerdict | undefined> {
    const { clamdUrl } = this.settings;
    return clamdUrl === undefined ? undefined : scan(clamdUrl, await open());
  }

  /** Makes the copy for those who see the record. */
  private async share(
    id: string,
    { size, sha256 }: AttachmentRow,
    { mediaType, sharing }: TakenType,
    open: () => Promise<Readable>,
  ): Promise<SharedObject | null> {
    if (sharing === 'none') return null;
    const copy =
      sharing === 'same' ? { content: await open(), size, sha256 } : objectOf(await redraw(await open(), mediaType));
    if (!(await this.objects.keep('shared', id, copy))) throw new Error('The shared copy was not kept whole.');
    return { mediaType, size: copy.size, sha256: copy.sha256 };
  }

  private async settle(work: LeasedWork, row: AttachmentRow | undefined, outcome: Outcome | undefined): Promise<void> {
    await this.database.write(WORKER, async (tx) => {
      if (!(await this.outbox.done(tx, work)) || !row || !outcome) return;
      const isRefused = 'refusal' in outcome;
      const shared = isRefused ? null : outcome.shared;
      await prepared(
        tx,
        `UPDATE attachments SET status = $4, refusal = $5, found_type = $6, scan = $7, settled_at = $8,
           shared_type = $9, shared_size = $10, shared_sha256 = $11
         WHERE operation_id = $1 AND record_id = $2 AND id = $3`,
        [
          row.operation_id,
          row.record_id,
          row.id,
          isRefused ? 'REFUSED' : 'READY',
          isRefused ? outcome.refusal : null,
          outcome.type?.mediaType ?? null,
          isRefused ? null : outcome.scan,
          this.clock.now(),
          shared?.mediaType ?? null,
          shared?.size ?? null,
          shared?.sha256 ?? null,
        ],
      );
      await this.audit.append(tx, WORKER, {
        operationId: row.operation_id,
        action: isRefused ? 'attachment.refused' : 'attachment.ready',
        subjectId: row.record_id,
        details: { attachmentId: row.id, ...toldOf(outcome) },
      });
    });
  }
}

function objectOf(bytes: Buffer): NewObject {
  return {
    content: Readable.from([bytes], { objectMode: false }),
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest(),
  };
}

function toldOf(outcome: Outcome): Readonly<Record<string, unknown>> {
  if ('refusal' in outcome) return { reason: outcome.refusal, signature: outcome.signature };
  return {
    mediaType: outcome.type.mediaType,
    scan: outcome.scan,
    sharedSha256: outcome.shared?.sha256.toString('hex'),
  };
}
