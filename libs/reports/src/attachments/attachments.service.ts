import { Inject, Injectable } from '@nestjs/common';
import { Accounts } from '#identity';
import { Operations } from '#operations';
import { Audit } from '#audit';
import {
  type Actor,
  type AttachmentSettings,
  Database,
  Faults,
  MusterError,
  notFound,
  partOfMuster,
  query,
  type Tx,
} from '#platform';

import { operationOf } from '../records/claims.js';
import { assertTakesChanges } from '../records/reportable.js';
import { type Attachment, AttachmentRefusal, type AttachmentLink, AttachmentStatus } from './attachment.js';
import type { AttachmentInput } from './attachment.inputs.js';
import { AttachmentLinks } from './attachment-links.js';
import { AttachmentListing } from './attachment-listing.js';
import { ATTACHMENT_SETTINGS } from './attachment-providers.js';
import { AttachmentReading, type RecordInHand, type SeenRecord } from './attachment-reading.js';
import { type AttachmentRow, wordAttachment } from './attachment-row.js';
import { fileName } from './file-name.js';
import type { ObjectKind } from './object-store.js';
import { type AttachmentContent, readAttachment } from './read-attachments.js';
import { notKeeper } from './uploads.service.js';

/** What is to be sent to somebody who opened a link. */
export interface Download {
  readonly kind: ObjectKind;
  readonly objectId: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly size: number;
  readonly sha256: Buffer;
}

const LINKS = partOfMuster('attachment-links');

/** Attachments of records: added, told, and given out to those who see the record. */
@Injectable()
export class Attachments {
  constructor(
    private readonly database: Database,
    private readonly operations: Operations,
    private readonly accounts: Accounts,
    private readonly reading: AttachmentReading,
    private readonly listing: AttachmentListing,
    private readonly links: AttachmentLinks,
    private readonly audit: Audit,
    @Inject(ATTACHMENT_SETTINGS) private readonly settings: AttachmentSettings,
  ) {}

  /** The attachments of records in hand, each list in the order of listing. */
  of(actor: Actor, records: readonly RecordInHand[]): Promise<Attachment[][]> {
    return this.database.readAnywhere(actor, (tx) => this.reading.of(tx, actor, records));
  }

  /**
   * Lists one more attachment of a record; sent again with the same content it gets the attachment as it is now.
   * @throws NOT_FOUND, FORBIDDEN; CONFLICT where its id has other content or the record was withdrawn; PHASE; BAD_USER_INPUT
   */
  async add(actor: Actor, recordId: string, input: AttachmentInput): Promise<Attachment> {
    const faults = new Faults();
    const content = readAttachment(faults, 'input', input, this.limits);
    const operationId = await this.database.read(actor, (tx) => operationOf(tx, recordId));
    return this.database.write(
      actor,
      async (tx) => {
        const record = await this.reading.record(tx, actor, recordId);
        if (!record.isKeeper) throw notKeeper();
        const present = await lockedList(tx, record);
        const repeated = present.find(({ id }) => id === content.id);
        if (repeated) return assertSame(repeated, content, record);
        assertTakesChanges(await this.operations.byId(tx, operationId), record.exercise);
        if (record.withdrawn) throw new MusterError('CONFLICT', 'The record was withdrawn.');
        if (present.length >= this.limits.most) {
          faults.add('input', 'length', `A record has at most ${this.limits.most} attachments.`);
        }
        faults.throwIfAny();
        const { country } = record;
        const before = present.length;
        await this.listing.list(tx, [{ actor, operationId, recordId, country, attachments: [content], before }]);
        return wordAttachment(await this.reading.row(tx, record, content.id), record.isOwner);
      },
      { operationId },
    );
  }

  /** A link to an attachment for this session. @throws NOT_FOUND, FORBIDDEN; CONFLICT where it is not READY */
  link(actor: Actor, recordId: string, id: string, original: boolean): Promise<AttachmentLink> {
    return this.database.read(actor, async (tx) => {
      await this.given(tx, actor, recordId, id, original);
      return this.links.make(tx, actor, { record: recordId, attachment: id, original });
    });
  }

  /**
   * What a link stands for, judged anew: the session must last, and its person see the record, at this moment. Whoever opens one is noted.
   * @throws NOT_FOUND in every other case
   */
  async open(link: string): Promise<Download> {
    const claims = await this.database.read(LINKS, (tx) => this.links.read(tx, link));
    if (!claims) throw notFound();
    const actor = (await this.accounts.actorsOf([claims.session])).get(claims.session);
    if (!actor) throw notFound();
    const { record: recordId, attachment: id, original } = claims;
    return this.database.write(actor, async (tx) => {
      const { record, row, download } = await this.given(tx, actor, recordId, id, original).catch((error: unknown) => {
        throw error instanceof MusterError ? notFound() : error;
      });
      await this.audit.append(tx, actor, {
        operationId: record.operationId,
        action: 'attachment.read',
        subjectId: record.id,
        details: { attachmentId: row.id, original },
      });
      return download;
    });
  }

  private get limits(): { readonly most: number; readonly largest: number } {
    return this.settings;
  }

  /** What the actor may be given of an attachment. */
  private async given(
    tx: Tx,
    actor: Actor,
    recordId: string,
    id: string,
    original: boolean,
  ): Promise<{ readonly record: SeenRecord; readonly row: AttachmentRow; readonly download: Download }> {
    const record = await this.reading.record(tx, actor, recordId);
    const row = await this.reading.row(tx, record, id);
    if (original && !record.isKeeper) throw notKeeper();
    if (row.status !== AttachmentStatus.READY) {
      const said = row.status === AttachmentStatus.REFUSED ? AttachmentRefusal[row.refusal ?? 'TYPE'] : row.status;
      throw new MusterError('CONFLICT', `The attachment can't be opened (${record.isOwner ? said : row.status}).`);
    }
    const download = original ? originalOf(row) : sharedOf(row);
    if (!download) {
      throw new MusterError(
        'FORBIDDEN',
        "There is no copy of this kind of file to share: its original goes to the owning country's coordinators and the author alone.",
      );
    }
    return { record, row, download };
  }
}

/** The attachments that a record has; those who add to them wait for each other. */
async function lockedList(tx: Tx, { operationId, id }: SeenRecord): Promise<AttachmentRow[]> {
  await query(tx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 5))`, [id]);
  return query<AttachmentRow>(tx, `SELECT * FROM attachments WHERE operation_id = $1 AND record_id = $2`, [
    operationId,
    id,
  ]);
}

function assertSame(row: AttachmentRow, content: AttachmentContent, { isOwner }: SeenRecord): Attachment {
  const attachment = wordAttachment(row, isOwner);
  const isSame =
    attachment.sha256 === content.sha256 &&
    attachment.size === content.size &&
    attachment.name === content.name &&
    row.listed_type === content.mediaType;
  if (!isSame)
    throw new MusterError('CONFLICT', 'This id was used for another attachment of the record: make a new one.');
  return attachment;
}

function originalOf(row: AttachmentRow): Download | undefined {
  if (row.object_id === null || row.found_type === null) return undefined;
  return {
    kind: 'originals',
    objectId: row.object_id,
    fileName: fileName(row.name, row.found_type),
    mediaType: row.found_type,
    size: row.size,
    sha256: row.sha256,
  };
}

function sharedOf(row: AttachmentRow): Download | undefined {
  const { object_id: objectId, shared_type: mediaType, shared_size: size, shared_sha256: sha256 } = row;
  if (objectId === null || mediaType === null || size === null || sha256 === null) return undefined;
  return { kind: 'shared', objectId, fileName: fileName(row.name, mediaType), mediaType, size, sha256 };
}
