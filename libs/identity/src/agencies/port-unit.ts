import { Field, ObjectType } from '@nestjs/graphql';
import { CountryCodeScalar, DateScalar, UUIDScalar } from '#platform';

import { User } from '../accounts/user.js';
import { PortUnitKind } from '../vocabulary.js';
import { Agency } from './agency.js';

@ObjectType({ description: 'A dated secondment of an officer to a port unit; the officer stays with the home agency.' })
export class Posting {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => User)
  readonly officer!: User;

  @Field(() => Agency)
  readonly homeAgency!: Agency;

  @Field(() => DateScalar, { description: 'The first day.' })
  readonly from!: string;

  @Field(() => DateScalar, { nullable: true, description: 'The last day; null while it is open.' })
  readonly until!: string | null;
}

@ObjectType({
  description: 'A joint unit of several agencies of one country at a port, an airport, a terminal or a border.',
})
export class PortUnit {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => PortUnitKind)
  readonly kind!: PortUnitKind;

  @Field(() => CountryCodeScalar)
  readonly country!: string;

  @Field(() => String, { description: 'The UN/LOCODE of the place, without a space.' })
  readonly unlocode!: string;

  /** Absent, like the postings, where the unit comes with a record; then it is looked up when it is asked for. */
  readonly agencies?: Agency[];

  readonly postings?: Posting[];
}
