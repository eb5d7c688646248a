import { Field, InputType } from '@nestjs/graphql';
import { DateScalar, UUIDScalar } from '#platform';
import { DetectionMethod, Scene } from '#reference';

import { AttachmentInput } from '../attachments/attachment.inputs.js';
import { ConsignmentInput, PlaceInput, RecordInput, SharingInput } from '../records/record.inputs.js';

/** What a violation says; the same when it is logged and when it is corrected. */
@InputType({ isAbstract: true })
export abstract class ViolationContentInput extends RecordInput {
  @Field(() => UUIDScalar, { description: 'The agency that records it, of the owning country.' })
  readonly agencyId!: string;

  @Field(() => Scene)
  readonly scene!: Scene;

  @Field(() => DateScalar, { nullable: true, description: 'First day of the offence itself, where known.' })
  readonly offenceFrom?: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'Last day of the offence itself, where known.' })
  readonly offenceTo?: string | null;

  @Field(() => PlaceInput)
  readonly place!: PlaceInput;

  @Field(() => DetectionMethod)
  readonly detection!: DetectionMethod;

  @Field(() => ConsignmentInput, {
    nullable: true,
    description: 'Required for the scene CONSIGNMENT, not allowed for others.',
  })
  readonly consignment?: ConsignmentInput | null;
}

@InputType()
export class LogViolationInput extends ViolationContentInput {
  @Field(() => UUIDScalar, { description: 'Made by the sender: a UUIDv7.' })
  readonly id!: string;

  @Field(() => UUIDScalar)
  readonly operationId!: string;

  @Field(() => SharingInput)
  readonly sharing!: SharingInput;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'A rehearsal, taken in PREPARATION alone and never counted.',
  })
  readonly exercise!: boolean;

  @Field(() => [AttachmentInput], { nullable: true, description: 'Photos and documents that are to come.' })
  readonly attachments?: AttachmentInput[] | null;
}

@InputType({ description: 'The whole content anew; sharing is changed by changeSharing.' })
export class CorrectViolationInput extends ViolationContentInput {}
