import { Field, ObjectType } from '@nestjs/graphql';
import { DateTimeScalar } from '#platform';

import { User } from './user.js';

@ObjectType({ description: 'What a client needs to act as a person until it signs out.' })
export class Session {
  @Field(() => String, { description: 'Goes into the header `Authorization: Bearer …`; works for 15 minutes.' })
  readonly accessToken!: string;

  @Field(() => String, {
    description:
      'Gives the next session, once, within 30 days. A second use ends the session: one of the two was a thief. However often it is ' +
      'refreshed, a session ends 30 days after the sign-in, unless the server is set otherwise.',
  })
  readonly refreshToken!: string;

  @Field(() => DateTimeScalar, { description: 'When the access token ends.' })
  readonly expiresAt!: Date;

  @Field(() => User)
  readonly user!: User;
}
