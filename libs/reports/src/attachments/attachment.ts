import { Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { DateTimeScalar, UUIDScalar } from '#platform';

/** How far an attachment has come: AWAITED, RECEIVED, SCANNING, and READY or REFUSED. */
export enum AttachmentStatus {
  AWAITED = 'AWAITED',
  RECEIVED = 'RECEIVED',
  SCANNING = 'SCANNING',
  READY = 'READY',
  REFUSED = 'REFUSED',
}
registerEnumType(AttachmentStatus, {
  name: 'AttachmentStatus',
  description:
    'AWAITED: listed and not yet here. RECEIVED: here, with its SHA-256. SCANNING: with the virus scanner, or waiting for it. ' +
    'READY: passed. REFUSED: not taken.',
});

/** Why an attachment was refused. */
export enum AttachmentRefusal {
  OTHER_CONTENT = 'OTHER_CONTENT',
  TYPE = 'TYPE',
  UNREADABLE = 'UNREADABLE',
  INFECTED = 'INFECTED',
}
registerEnumType(AttachmentRefusal, {
  name: 'AttachmentRefusal',
  description:
    'OTHER_CONTENT: its SHA-256 is not the one listed; it may be sent anew. TYPE: not a kind of file that is taken. ' +
    'UNREADABLE: damaged, or an image too large to open. INFECTED: by the virus scanner.',
});

/** What the virus scanner said. */
export enum AttachmentScan {
  CLEAN = 'CLEAN',
  NOT_SCANNED = 'NOT_SCANNED',
}
registerEnumType(AttachmentScan, {
  name: 'AttachmentScan',
  description: 'CLEAN: by the virus scanner. NOT_SCANNED: this server has none.',
});

@ObjectType({
  description: 'The copy for everyone who sees the record: without what the file tells of place, device and author.',
})
export class SharedCopy {
  @Field(() => String)
  readonly mediaType!: string;

  @Field(() => Int, { description: 'Bytes.' })
  readonly size!: number;

  @Field(() => String, { description: 'In 64 hexadecimal digits.' })
  readonly sha256!: string;
}

@ObjectType({ description: 'A photo or document of a violation or seizure; seen by those who see the record.' })
export class Attachment {
  @Field(() => UUIDScalar, { description: 'Unique within the record.' })
  readonly id!: string;

  @Field(() => UUIDScalar)
  readonly recordId!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => String, { nullable: true, description: 'Found from the content; null until it was looked at.' })
  readonly mediaType!: string | null;

  @Field(() => Int, { description: 'Bytes of the original.' })
  readonly size!: number;

  @Field(() => String, { description: 'Of the original, which is kept untouched; 64 hexadecimal digits.' })
  readonly sha256!: string;

  @Field(() => AttachmentStatus)
  readonly status!: AttachmentStatus;

  @Field(() => AttachmentScan, { nullable: true, description: 'Null until it is READY.' })
  readonly scan!: AttachmentScan | null;

  @Field(() => AttachmentRefusal, { nullable: true, description: 'Told to the owning country alone.' })
  readonly refusal!: AttachmentRefusal | null;

  @Field(() => SharedCopy, {
    nullable: true,
    description:
      'Null until it is READY, and for documents: what those tell of their author cannot be taken out safely, so their original goes ' +
      "to the owning country's coordinators and the author alone.",
  })
  readonly shared!: SharedCopy | null;

  @Field(() => DateTimeScalar, { description: 'When it was listed.' })
  readonly listedAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  readonly receivedAt!: Date | null;
}

@ObjectType({ description: 'Where to get an attachment, for a few minutes and as long as your session lasts.' })
export class AttachmentLink {
  @Field(() => String, { description: 'To be opened with GET, without a token. For you alone: do not pass it on.' })
  readonly url!: string;

  @Field(() => DateTimeScalar)
  readonly expiresAt!: Date;
}
