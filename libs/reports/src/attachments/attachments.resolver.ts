import { Args, Context, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { type Actor, CurrentActor, type RequestContext, RequestLoader, SignedIn, UUIDScalar } from '#platform';

import { Seizure } from '../seizures/seizure.js';
import { Violation } from '../violations/violation.js';
import { Attachment, AttachmentLink, AttachmentStatus } from './attachment.js';
import { AttachmentInput } from './attachment.inputs.js';
import type { RecordInHand } from './attachment-reading.js';
import { Attachments } from './attachments.service.js';

/** What records of both kinds tell of their attachments. */
abstract class RecordAttachments {
  private readonly attachmentsOf = new RequestLoader((actor, records: readonly RecordInHand[]) =>
    this.service.of(actor, records),
  );

  constructor(protected readonly service: Attachments) {}

  protected list(req: object, actor: Actor, record: RecordInHand): Promise<Attachment[]> {
    return this.attachmentsOf.load(req, actor, record);
  }

  protected async areAllReady(req: object, actor: Actor, record: RecordInHand): Promise<boolean> {
    const attachments = await this.list(req, actor, record);
    return attachments.every(({ status }) => status === AttachmentStatus.READY);
  }
}

const COMPLETE =
  'Whether all attachments that were listed have come and passed. An incomplete record counts all the same.';

@Resolver(() => Violation)
export class ViolationAttachmentsResolver extends RecordAttachments {
  constructor(service: Attachments) {
    super(service);
  }

  @ResolveField(() => [Attachment], { description: 'Photos and documents, in the order of listing.' })
  attachments(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() violation: Violation,
  ): Promise<Attachment[]> {
    return this.list(req, actor, violation);
  }

  @ResolveField(() => Boolean, { description: COMPLETE })
  complete(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() violation: Violation,
  ): Promise<boolean> {
    return this.areAllReady(req, actor, violation);
  }

  @Mutation(() => Attachment, {
    description:
      'Lists one more photo or document of a violation or seizure, to be uploaded to /attachments/upload. Sent again it gets the ' +
      'attachment as it is now.',
  })
  @SignedIn()
  addAttachment(
    @CurrentActor() actor: Actor,
    @Args('recordId', { type: () => UUIDScalar }) recordId: string,
    @Args('input') input: AttachmentInput,
  ): Promise<Attachment> {
    return this.service.add(actor, recordId, input);
  }

  @Mutation(() => AttachmentLink, {
    description:
      "A link to an attachment, for five minutes and this session. The original goes to the owning country's coordinators and the author " +
      'alone; others get the shared copy. CONFLICT where it is not READY.',
  })
  @SignedIn()
  attachmentLink(
    @CurrentActor() actor: Actor,
    @Args('recordId', { type: () => UUIDScalar }) recordId: string,
    @Args('id', { type: () => UUIDScalar }) id: string,
    @Args('original', { type: () => Boolean, defaultValue: false }) original: boolean,
  ): Promise<AttachmentLink> {
    return this.service.link(actor, recordId, id, original);
  }
}

@Resolver(() => Seizure)
export class SeizureAttachmentsResolver extends RecordAttachments {
  constructor(service: Attachments) {
    super(service);
  }

  @ResolveField(() => [Attachment], { description: 'Photos and documents, in the order of listing.' })
  attachments(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() seizure: Seizure,
  ): Promise<Attachment[]> {
    return this.list(req, actor, seizure);
  }

  @ResolveField(() => Boolean, { description: COMPLETE })
  complete(
    @CurrentActor() actor: Actor,
    @Context() { req }: RequestContext,
    @Parent() seizure: Seizure,
  ): Promise<boolean> {
    return this.areAllReady(req, actor, seizure);
  }
}
