import { Field, ObjectType } from '@nestjs/graphql';

import { Agency } from '../agencies/agency.js';
import { Grant } from '../grants/grant.js';
import { SecondFactor } from '../second-factor/second-factor.js';
import { User } from './user.js';

@ObjectType({ description: 'Who asks, and what they may do.' })
export class Me {
  @Field(() => User)
  readonly user!: User;

  @Field(() => Agency, { nullable: true, description: 'The home agency.' })
  readonly agency!: Agency | null;

  @Field(() => [Grant], { description: 'What the person may do now; what has ended is left out.' })
  readonly grants!: Grant[];

  @Field(() => SecondFactor)
  readonly secondFactor!: SecondFactor;
}
