import type { Attachment, AttachmentRefusal, AttachmentScan, AttachmentStatus } from './attachment.js';

/** A row of `attachments`. */
export interface AttachmentRow {
  readonly operation_id: string;
  readonly record_id: string;
  readonly id: string;
  readonly country: string;
  readonly name: string;
  /** As listed; what it is stands in `found_type`. */
  readonly listed_type: string | null;
  /** Of PostgreSQL's type integer: no file is as large as that. */
  readonly size: number;
  readonly sha256: Buffer;
  readonly listed_at: Date;
  readonly status: AttachmentStatus;
  readonly refusal: AttachmentRefusal | null;
  /** The sealed original, by the name that the server gave it. */
  readonly object_id: string | null;
  readonly received_at: Date | null;
  readonly found_type: string | null;
  readonly scan: AttachmentScan | null;
  readonly shared_type: string | null;
  readonly shared_size: number | null;
  readonly shared_sha256: Buffer | null;
}

/** @param isOwner whether the reader is one of the owning country's people */
export function wordAttachment(row: AttachmentRow, isOwner: boolean): Attachment {
  const { shared_type: mediaType, shared_size: size, shared_sha256: sha256 } = row;
  return {
    id: row.id,
    recordId: row.record_id,
    name: row.name,
    mediaType: row.found_type,
    size: row.size,
    sha256: row.sha256.toString('hex'),
    status: row.status,
    scan: row.scan,
    refusal: isOwner ? row.refusal : null,
    shared:
      mediaType === null || size === null || sha256 === null
        ? null
        : { mediaType, size, sha256: sha256.toString('hex') },
    listedAt: row.listed_at,
    receivedAt: row.received_at,
  };
}
