import { Field, InputType } from '@nestjs/graphql';
import { DateTimeScalar, UUIDScalar } from '#platform';
import { DetectionMethod, TradeDirection, TransportMode } from '#reference';

import { AttachmentInput } from '../attachments/attachment.inputs.js';
import { CargoUnitInput, RecordInput, RouteInput, SharingInput } from '../records/record.inputs.js';
import { SeizureStatus } from '../vocabulary.js';

@InputType({ description: 'One report of a port unit about one cargo unit.' })
export class ReportSeizureInput extends RecordInput {
  @Field(() => UUIDScalar, { description: 'Made by the sender: a UUIDv7.' })
  readonly id!: string;

  @Field(() => UUIDScalar)
  readonly operationId!: string;

  @Field(() => UUIDScalar, { description: 'The unit that the reporter is posted to on the day of detection.' })
  readonly unitId!: string;

  @Field(() => CargoUnitInput)
  readonly cargoUnit!: CargoUnitInput;

  @Field(() => String, { nullable: true, description: 'ISO 6346 size and type, such as 22G1.' })
  readonly sizeType?: string | null;

  @Field(() => [String], { nullable: true })
  readonly seals?: string[] | null;

  @Field(() => String, { nullable: true })
  readonly billOfLading?: string | null;

  @Field(() => String, { nullable: true })
  readonly carrier?: string | null;

  @Field(() => String, { description: 'The goods as the papers say.' })
  readonly declaredGoods!: string;

  @Field(() => String, { description: 'The goods as they were found.' })
  readonly foundGoods!: string;

  @Field(() => [String], { nullable: true, description: "Codes of the operation's vocabulary." })
  readonly riskIndicators?: string[] | null;

  @Field(() => DetectionMethod, { defaultValue: DetectionMethod.RISK_PROFILE })
  readonly detection!: DetectionMethod;

  @Field(() => TransportMode)
  readonly transportMode!: TransportMode;

  @Field(() => TradeDirection)
  readonly direction!: TradeDirection;

  @Field(() => RouteInput)
  readonly route!: RouteInput;

  @Field(() => [UUIDScalar], { nullable: true, description: 'Further agencies of the unit that took part.' })
  readonly agencyIds?: string[] | null;

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

@InputType({ description: 'All that is given must hold.' })
export class SeizureFilter {
  @Field(() => [SeizureStatus], { nullable: true })
  readonly statuses?: SeizureStatus[] | null;

  @Field(() => [UUIDScalar], { nullable: true })
  readonly unitIds?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Those that you reported yourself.' })
  readonly mine?: boolean | null;

  @Field(() => String, { nullable: true, description: 'A number of a cargo unit, in any usual writing.' })
  readonly cargoUnit?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Included.' })
  readonly detectedFrom?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Not included.' })
  readonly detectedTo?: Date | null;
}
