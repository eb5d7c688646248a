import { Inject, Injectable, Logger } from '@nestjs/common';
import { Audit } from '#audit';
import { lookInto } from '#identity';
import {
  type Actor,
  badInput,
  Clock,
  Database,
  type FieldFault,
  forbidden,
  MusterError,
  notFound,
  Outbox,
  prepared,
  query,
  type Tx,
} from '#platform';
import { v7, validate } from 'uuid';

import { ReportsWake } from '../seizures/reports-wake.js';
import { AttachmentRefusal, AttachmentStatus } from './attachment.js';
import { AttachmentReading, type SeenRecord } from './attachment-reading.js';
import type { AttachmentRow } from './attachment-row.js';
import { OBJECT_STORE, type ObjectStore } from './object-store.js';
import type { BroughtUpload, UploadKeeper, UploadMetadata } from './tus-door.js';

/** Uploads of one attachment that may be under way at once: two devices, and a start that was forgotten. */
const MOST_AT_ONCE = 3;

/** An upload that the actor may go on with, or the one that brought the attachment. */
export interface Upload extends BroughtUpload {
  readonly record: SeenRecord;
  readonly attachment: AttachmentRow;
}

/** Brings attachments in: who may begin, go on and end an upload, and what happens when it is whole. */
@Injectable()
export class Uploads implements UploadKeeper<Upload> {
  readonly table = 'attachment_uploads';
  private readonly logger = new Logger(Uploads.name);

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly reading: AttachmentReading,
    private readonly audit: Audit,
    private readonly outbox: Outbox,
    private readonly wake: ReportsWake,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  faultsOf({ recordId, id }: UploadMetadata): FieldFault[] {
    return [
      ...(validate(recordId) ? [] : [{ path: 'Upload-Metadata', rule: 'recordId', message: 'Name the record.' }]),
      ...(validate(id) ? [] : [{ path: 'Upload-Metadata', rule: 'id', message: 'Name the attachment.' }]),
    ];
  }

  /**
   * Begins an upload of an attachment that its record lists. Where it has come already, gives the upload that brought it.
   * @param size bytes, as the sender says now
   * @throws NOT_FOUND, FORBIDDEN; BAD_USER_INPUT where the size is not the one listed; CONFLICT where it was refused for good
   */
  async begin(actor: Actor, metadata: UploadMetadata, size: number): Promise<Upload> {
    const recordId = metadata.recordId?.toLowerCase() ?? '';
    const attachmentId = metadata.id?.toLowerCase() ?? '';
    let ended: readonly string[] = [];
    const upload = await this.database.write(actor, async (tx) => {
      const record = await this.keptRecord(tx, actor, recordId);
      const attachment = await this.reading.row(tx, record, attachmentId, 'FOR UPDATE');
      if (attachment.size !== size) {
        const message = `The attachment was listed with ${attachment.size} bytes.`;
        throw badInput([{ path: 'Upload-Length', rule: 'size', message }]);
      }
      if (hasCome(attachment)) return uploadOf(attachment.object_id, record, attachment, true);
      if (attachment.refusal !== null && attachment.refusal !== AttachmentRefusal.OTHER_CONTENT) {
        throw new MusterError('CONFLICT', `The attachment was refused (${attachment.refusal}): list another one.`);
      }
      const id = v7();
      const now = this.clock.now();
      ended = await this.endOldest(tx, record, attachmentId, now);
      await prepared(
        tx,
        `INSERT INTO attachment_uploads (operation_id, record_id, attachment_id, id, user_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
        [record.operationId, recordId, attachmentId, id, actor.userId, now],
      );
      await this.note(tx, actor, record, 'attachment.upload-began', { attachmentId, uploadId: id });
      return uploadOf(id, record, attachment, false);
    });
    // At once, so that whoever begins again and again fills no disk.
    for (const id of ended) await this.tidy(actor, { ...upload, id });
    return upload;
  }

  /** An upload by its id. @throws NOT_FOUND where it is absent, has ended, or its record is not for the actor to see; FORBIDDEN */
  find(actor: Actor, id: string): Promise<Upload> {
    return this.database.read(actor, async (tx) => {
      const [named] = await query<{ record_id: string; attachment_id: string }>(
        tx,
        `SELECT record_id, attachment_id FROM upload_named($1)`,
        [id],
      );
      // What is absent and what is hidden take the same steps.
      const record = await this.keptRecord(tx, actor, named?.record_id ?? id);
      const attachment = await this.reading.row(tx, record, named?.attachment_id ?? id);
      return uploadOf(id, record, attachment, hasCome(attachment) && attachment.object_id === id);
    });
  }

  /**
   * Seals an upload whose last byte has come, if its SHA-256 is the one listed; it is owed from then on that the worker looks at it. What
   * is left of the upload is to be tidied away after it.
   * @returns false where its content is another one: it was refused, and may be sent anew
   * @throws NOT_FOUND where the upload was ended meanwhile
   */
  async finish(actor: Actor, upload: Upload): Promise<boolean> {
    const { attachment, id } = upload;
    const { size, sha256 } = attachment;
    const content = await this.objects.readUpload(id);
    if (!content) return this.finishedBefore(actor, upload);
    const isRight = await this.objects.keep('originals', id, { content, size, sha256 });
    const outcome = await this.database.write(actor, async (tx) => {
      await lookInto(tx, actor, upload.record.operationId);
      return isRight ? this.seal(tx, actor, upload) : this.refuse(tx, actor, upload);
    });
    if (outcome === 'sealed') this.wake.soon();
    if (outcome === 'ended') {
      // Whoever ended it may have cleared it away before the original was kept, and no row tells of that any more.
      await this.objects.remove('originals', id);
      throw notFound();
    }
    return isRight;
  }

  /** Removes what is left of an upload that is over, as far as that works now: the sweep finds the rest. */
  async tidy(actor: Actor, { id, record }: Upload): Promise<void> {
    await this.clear(actor, id, record.operationId).catch((error: unknown) =>
      this.logger.warn(`An upload is not cleared: ${String(error)}`),
    );
  }

  /** Ends an upload on the sender's word. */
  async end(actor: Actor, { id, record, attachment }: Upload): Promise<void> {
    await this.database.write(actor, async (tx) => {
      await lookInto(tx, actor, record.operationId);
      if (!(await this.endOne(tx, id, false))) return;
      await this.note(tx, actor, record, 'attachment.upload-ended', { attachmentId: attachment.id, uploadId: id });
    });
    await this.clear(actor, id, record.operationId);
  }

  /** Removes what is left of an upload that has ended. */
  async clear(actor: Actor, id: string, operationId: string): Promise<void> {
    const [ended] = await this.database.read(actor, async (tx) => {
      await lookInto(tx, actor, operationId);
      return query<{ is_sealed: boolean }>(
        tx,
        `SELECT is_sealed FROM attachment_uploads WHERE id = $1 AND ended_at IS NOT NULL`,
        [id],
      );
    });
    if (!ended) return;
    await this.objects.removeUpload(id);
    if (!ended.is_sealed) await this.objects.remove('originals', id);
    await this.database.write(actor, async (tx) => {
      await lookInto(tx, actor, operationId);
      await query(tx, `DELETE FROM attachment_uploads WHERE id = $1`, [id]);
    });
  }

  /** Of two requests that find an upload whole at one instant, the second may find it cleared away by the first. */
  private async finishedBefore(actor: Actor, { record, attachment }: Upload): Promise<boolean> {
    const row = await this.database.read(actor, async (tx) => {
      await lookInto(tx, actor, record.operationId);
      return this.reading.row(tx, record, attachment.id);
    });
    if (row.object_id === null) throw notFound();
    return true;
  }

  /** `elsewhere`: it came by another upload, or by another request of this one. `ended`: this one was ended, and nothing has come. */
  private async seal(
    tx: Tx,
    actor: Actor,
    { id, record, attachment }: Upload,
  ): Promise<'sealed' | 'elsewhere' | 'ended'> {
    const { operationId, id: recordId } = record;
    // Of two uploads of one attachment that are whole at one instant, the second waits here and finds that it has come.
    const { object_id: objectId } = await this.reading.row(tx, record, attachment.id, 'FOR UPDATE');
    // Of this and of whoever ends the upload at the same instant, one alone finds it open: what was ended is cleared away, and with it
    // the original that it says is not sealed.
    const isOpen = await this.endOne(tx, id, objectId === null);
    if (objectId !== null) return 'elsewhere';
    if (!isOpen) return 'ended';
    await query(
      tx,
      `UPDATE attachments SET status = 'RECEIVED', refusal = NULL, object_id = $4, received_by = $5, received_at = $6
       WHERE operation_id = $1 AND record_id = $2 AND id = $3`,
      [operationId, recordId, attachment.id, id, actor.userId, this.clock.now()],
    );
    await this.outbox.owe(tx, [{ kind: 'attachment.examine', operationId, country: record.country, subjectId: id }]);
    const details = { attachmentId: attachment.id, sha256: attachment.sha256.toString('hex'), size: attachment.size };
    await this.note(tx, actor, record, 'attachment.received', details);
    return 'sealed';
  }

  private async refuse(tx: Tx, actor: Actor, { id, record, attachment }: Upload): Promise<'refused'> {
    if (!(await this.endOne(tx, id, false))) return 'refused';
    await query(
      tx,
      `UPDATE attachments SET status = $4, refusal = $5
       WHERE operation_id = $1 AND record_id = $2 AND id = $3 AND status IN ('AWAITED', 'REFUSED') AND object_id IS NULL`,
      [record.operationId, record.id, attachment.id, AttachmentStatus.REFUSED, AttachmentRefusal.OTHER_CONTENT],
    );
    const details = { attachmentId: attachment.id, reason: AttachmentRefusal.OTHER_CONTENT };
    await this.note(tx, actor, record, 'attachment.refused', details);
    return 'refused';
  }

  /** @throws NOT_FOUND, or FORBIDDEN for who may see the record and does not keep it */
  private async keptRecord(tx: Tx, actor: Actor, recordId: string): Promise<SeenRecord> {
    const record = await this.reading.record(tx, actor, recordId);
    if (!record.isKeeper) throw notKeeper();
    return record;
  }

  /** Makes room for one more, and gives those that it ended. */
  private async endOldest(
    tx: Tx,
    { operationId, id }: SeenRecord,
    attachmentId: string,
    now: Date,
  ): Promise<readonly string[]> {
    const ended = await query<{ id: string }>(
      tx,
      `UPDATE attachment_uploads SET ended_at = $4 WHERE id IN (
         SELECT id FROM attachment_uploads WHERE operation_id = $1 AND record_id = $2 AND attachment_id = $3 AND ended_at IS NULL
         ORDER BY created_at DESC, id DESC OFFSET ${MOST_AT_ONCE - 1})
       RETURNING id`,
      [operationId, id, attachmentId, now],
    );
    return ended.map((row) => row.id);
  }

  /** False where it had ended before. */
  private async endOne(tx: Tx, id: string, isSealed: boolean): Promise<boolean> {
    const ended = await query(
      tx,
      `UPDATE attachment_uploads SET ended_at = $2, is_sealed = $3 WHERE id = $1 AND ended_at IS NULL RETURNING id`,
      [id, this.clock.now(), isSealed],
    );
    return ended.length > 0;
  }

  private note(
    tx: Tx,
    actor: Actor,
    { operationId, id }: SeenRecord,
    action: string,
    details: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    return this.audit.append(tx, actor, { operationId, action, subjectId: id, details });
  }
}

function uploadOf(id: string, record: SeenRecord, attachment: AttachmentRow, isDone: boolean): Upload {
  return { id, operationId: record.operationId, size: attachment.size, record, attachment, isDone };
}

export function notKeeper(): MusterError {
  return forbidden("This is for the owning country's coordinators and the record's author.");
}

function hasCome(attachment: AttachmentRow): attachment is AttachmentRow & { readonly object_id: string } {
  return attachment.object_id !== null && attachment.status !== AttachmentStatus.REFUSED;
}
