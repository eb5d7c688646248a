import { Field, ObjectType } from '@nestjs/graphql';
import { DateTimeScalar, UUIDScalar } from '#platform';

@ObjectType({
  description: 'A passkey of the person: a key in a phone, a computer or a security key, which signs in by itself.',
})
export class Passkey {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => String, { description: 'What the person calls it.' })
  readonly name!: string;

  @Field(() => DateTimeScalar)
  readonly createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When somebody last signed in with it.' })
  readonly lastUsedAt!: Date | null;

  @Field(() => Boolean, { description: "Whether it is copied to the person's other devices by their maker." })
  readonly backedUp!: boolean;
}

@ObjectType({ description: 'A passkey that was just enrolled.' })
export class EnrolledPasskey {
  @Field(() => Passkey)
  readonly passkey!: Passkey;

  @Field(() => [String], {
    description: 'Ten recovery codes, told here alone, with the first second factor of the person; else none.',
  })
  readonly recoveryCodes!: string[];
}
