import { Field, ObjectType } from '@nestjs/graphql';
import { CountryCodeScalar, UUIDScalar } from '#platform';

import { AgencyKind } from '../vocabulary.js';

@ObjectType({ description: 'A service of a country: customs, police, a wildlife service and so on.' })
export class Agency {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => AgencyKind)
  readonly kind!: AgencyKind;

  @Field(() => CountryCodeScalar)
  readonly country!: string;
}
