import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { UUIDScalar } from '#platform';

import { User } from './user.js';

@InputType()
export class InviteUserInput {
  @Field(() => String, { description: 'Accounts are told apart by it; capitals make no difference.' })
  readonly email!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => UUIDScalar, {
    nullable: true,
    description: 'The home agency; a coordinator must give one of the own country.',
  })
  readonly agencyId?: string | null;
}

@ObjectType({ description: 'An invitation to open an account.' })
export class UserInvitation {
  @Field(() => User)
  readonly user!: User;

  @Field(() => String, { description: 'Works once, for seven days; told here alone, and to be handed to the person.' })
  readonly token!: string;
}
