import { Field, Int, ObjectType } from '@nestjs/graphql';
import { CountryCodeScalar, DateTimeScalar, UUIDScalar } from '#platform';

@ObjectType({
  description: "Somebody who follows an operation's live feed on one socket, as looked at within the last half minute.",
})
export class FeedFollower {
  @Field(() => UUIDScalar)
  readonly userId!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => [CountryCodeScalar], {
    description:
      'The countries that the person has a role for, in the operation or standing; empty for people of the hub.',
  })
  readonly countries!: readonly string[];

  @Field(() => DateTimeScalar, { description: 'When following began on this socket.' })
  readonly since!: Date;

  @Field(() => Int, {
    description:
      'Events, of those that the viewer of this answer may see, which the follower had not been told or passed over yet; 1000 for that ' +
      'many or more. Whether the follower may see them is not asked.',
  })
  readonly eventsBehind!: number;

  @Field(() => Int, { description: 'Seconds since the oldest of those events; 0 where there is none.' })
  readonly secondsBehind!: number;
}
