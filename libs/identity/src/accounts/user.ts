import { Field, ObjectType } from '@nestjs/graphql';
import { UUIDScalar } from '#platform';

@ObjectType({ description: 'A person with an account.' })
export class User {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => String)
  readonly name!: string;

  /** In lower case; who is told it, the field's resolver says. Absent where the person comes with a record. */
  readonly email?: string;

  /** Set where the answer goes to the person themself, who has no session yet when the request comes in. */
  readonly isAsker?: boolean;
}
