import { Field, ObjectType } from '@nestjs/graphql';
import { User } from '#identity';
import { DateTimeScalar, UUIDScalar } from '#platform';

@ObjectType({ description: "What the analysts found, published to the operation's countries and observers." })
export class Findings {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => String)
  readonly text!: string;

  @Field(() => String, { description: 'The feed cursor that the findings rest on.' })
  readonly asOf!: string;

  @Field(() => User)
  readonly author!: User;

  @Field(() => DateTimeScalar)
  readonly publishedAt!: Date;
}
