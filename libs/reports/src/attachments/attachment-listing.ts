import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { type Actor, type AttachmentSettings, Clock, type Faults, insertRows, type Tx } from '#platform';

import { AttachmentStatus } from './attachment.js';
import type { AttachmentInput } from './attachment.inputs.js';
import { ATTACHMENT_SETTINGS } from './attachment-providers.js';
import { type AttachmentContent, readAttachments } from './read-attachments.js';

/** Attachments that somebody lists for a record. */
export interface ListedAttachments {
  readonly actor: Actor;
  readonly operationId: string;
  readonly recordId: string;
  /** The owning country. */
  readonly country: string;
  readonly attachments: readonly AttachmentContent[];
  /** How many the record has already. */
  readonly before?: number;
}

/** Notes which attachments a record has, from when they are awaited until they are here. */
@Injectable()
export class AttachmentListing {
  constructor(
    private readonly clock: Clock,
    private readonly audit: Audit,
    @Inject(ATTACHMENT_SETTINGS) private readonly settings: AttachmentSettings,
  ) {}

  /** Reads the attachments that a report lists, and notes what is wrong with them. */
  read(faults: Faults, inputs: readonly AttachmentInput[] | null | undefined): AttachmentContent[] {
    return readAttachments(faults, 'input.attachments', inputs, this.settings);
  }

  /** Lists attachments of records, in the transaction that stores the records. */
  async list(tx: Tx, lists: readonly ListedAttachments[]): Promise<void> {
    const now = this.clock.now();
    const all = lists.flatMap(({ attachments, ...record }) =>
      attachments.map((attachment, index) => ({ ...record, attachment, ordinal: (record.before ?? 0) + index })),
    );
    if (all.length === 0) return;
    await insertRows(
      tx,
      'attachments',
      all.map(({ operationId, recordId, country, actor, attachment, ordinal }) => ({
        operation_id: operationId,
        record_id: recordId,
        id: attachment.id,
        ordinal,
        country,
        listed_by: actor.userId,
        listed_at: now,
        name: attachment.name,
        listed_type: attachment.mediaType,
        size: attachment.size,
        sha256: `\\x${attachment.sha256}`,
        status: AttachmentStatus.AWAITED,
      })),
    );
    await this.audit.appendAll(
      tx,
      all.map(({ actor, operationId, recordId, attachment: { id, sha256, size } }) => ({
        actor,
        operationId,
        action: 'attachment.listed',
        subjectId: recordId,
        details: { attachmentId: id, sha256, size },
      })),
    );
  }
}
