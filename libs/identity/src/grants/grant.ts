import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { CountryCodeScalar, Role, UUIDScalar } from '#platform';

@ObjectType({ description: 'What a person may do, in one operation or everywhere.' })
export class Grant {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => Role)
  readonly role!: Role;

  @Field(() => UUIDScalar, { nullable: true, description: 'Null for a standing grant.' })
  readonly operationId!: string | null;

  @Field(() => CountryCodeScalar, { nullable: true, description: "Null for the hub's own people." })
  readonly country!: string | null;

  @Field(() => UUIDScalar, { nullable: true, description: 'The port unit, for its officers.' })
  readonly unitId!: string | null;
}

@InputType()
export class GrantRoleInput {
  @Field(() => UUIDScalar)
  readonly userId!: string;

  @Field(() => Role)
  readonly role!: Role;

  @Field(() => UUIDScalar, { nullable: true, description: 'Left out for a standing grant.' })
  readonly operationId?: string | null;

  @Field(() => CountryCodeScalar, {
    nullable: true,
    description: "Left out for the hub's own people; for a port unit officer it is the unit's.",
  })
  readonly country?: string | null;

  @Field(() => UUIDScalar, { nullable: true, description: 'The port unit; for its officers alone.' })
  readonly unitId?: string | null;
}
