import { Field, ObjectType } from '@nestjs/graphql';
import { CountryCodeScalar, DateTimeScalar, UUIDScalar } from '#platform';
import { Agency, User } from '#identity';

import { ParticipationStatus } from './vocabulary.js';

/** How a country takes part in an operation. */
@ObjectType({ description: "A country's participation in an operation." })
export class Participation {
  @Field(() => UUIDScalar)
  readonly id!: string;

  readonly operationId!: string;

  @Field(() => CountryCodeScalar)
  readonly country!: string;

  @Field(() => ParticipationStatus)
  readonly status!: ParticipationStatus;

  @Field(() => Agency, { nullable: true, description: "The agency that leads the country's part." })
  readonly leadAgency!: Agency | null;

  @Field(() => [User], { description: 'Who coordinates for the country in this operation.' })
  readonly coordinators!: User[];

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the country certified its figures; null when it has not, or again may.',
  })
  readonly certifiedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'The feed cursor up to which the certified figures stand.' })
  readonly certifiedAsOf!: string | null;
}
