import { Field, InputType } from '@nestjs/graphql';
import { UUIDScalar } from '#platform';
import { ViolationFilter } from '#trends';

import { FileFormat } from './job.js';

@InputType()
export class ExportReportsInput {
  @Field(() => UUIDScalar, { description: 'Made by the sender: a UUIDv7.' })
  readonly id!: string;

  @Field(() => UUIDScalar)
  readonly operationId!: string;

  @Field(() => FileFormat)
  readonly format!: FileFormat;

  @Field(() => ViolationFilter, { nullable: true, description: 'As for the list of violations.' })
  readonly filter?: ViolationFilter | null;
}
