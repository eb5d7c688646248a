import { Field, InputType } from '@nestjs/graphql';
import { DateScalar, UUIDScalar } from '#platform';
import { CrimeArea } from '#reference';

import { OperationKind } from './vocabulary.js';

@InputType()
export class CreateOperationInput {
  @Field(() => OperationKind, { defaultValue: OperationKind.TIME_BOUND })
  readonly kind!: OperationKind;

  @Field(() => String)
  readonly codeName!: string;

  @Field(() => String, { nullable: true })
  readonly objectives?: string | null;

  @Field(() => [CrimeArea])
  readonly crimeAreas!: CrimeArea[];

  @Field(() => String, {
    description: 'IANA time zone that the days of the operation are counted in, such as Africa/Nairobi.',
  })
  readonly timeZone!: string;

  @Field(() => DateScalar)
  readonly operationalStartsOn!: string;

  @Field(() => DateScalar, {
    nullable: true,
    description: 'Required for a time-bound operation, absent for a standing one.',
  })
  readonly operationalEndsOn?: string | null;

  @Field(() => DateScalar, {
    nullable: true,
    description: 'Required for a time-bound operation, absent for a standing one.',
  })
  readonly reportingDeadline?: string | null;
}

@InputType({ description: 'What is left out stays as it is.' })
export class UpdateOperationInput {
  @Field(() => String, { nullable: true })
  readonly codeName?: string | null;

  @Field(() => String, { nullable: true, description: 'Null takes the objectives away.' })
  readonly objectives?: string | null;

  @Field(() => [CrimeArea], { nullable: true })
  readonly crimeAreas?: CrimeArea[] | null;

  @Field(() => DateScalar, { nullable: true })
  readonly operationalStartsOn?: string | null;

  @Field(() => DateScalar, { nullable: true })
  readonly operationalEndsOn?: string | null;

  @Field(() => DateScalar, { nullable: true })
  readonly reportingDeadline?: string | null;
}

@InputType()
export class AnswerInvitationInput {
  @Field(() => UUIDScalar)
  readonly participationId!: string;

  @Field(() => Boolean)
  readonly accept!: boolean;

  @Field(() => UUIDScalar, {
    nullable: true,
    description: 'An agency of the country; the gate into OPERATIONAL asks for it.',
  })
  readonly leadAgencyId?: string | null;

  @Field(() => [UUIDScalar], { nullable: true, description: 'Who coordinates; the person who answers, if none.' })
  readonly coordinatorUserIds?: string[] | null;

  @Field(() => String, { nullable: true })
  readonly reason?: string | null;
}
