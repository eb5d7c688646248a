import { Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { CountryCodeScalar, DateTimeScalar } from '#platform';

import { AuditActor } from '../log/logged-entry.js';

/** As whom somebody read a record, as they stood in the operation then. */
export enum ReaderKind {
  OWN_COUNTRY = 'OWN_COUNTRY',
  HUB = 'HUB',
  COUNTRY = 'COUNTRY',
  OBSERVER = 'OBSERVER',
  OUTSIDE = 'OUTSIDE',
}
registerEnumType(ReaderKind, {
  name: 'ReaderKind',
  description:
    'As whom somebody read a record: of its own country, of the hub, of another country, an observer, or somebody with an account alone.',
});

@ObjectType({ description: 'Who was told a record, on its own, in a list, a feed or an export.' })
export class RecordReader {
  @Field(() => ReaderKind)
  readonly kind!: ReaderKind;

  @Field(() => CountryCodeScalar, { nullable: true, description: 'The country, of COUNTRY and OWN_COUNTRY.' })
  readonly country!: string | null;

  @Field(() => AuditActor, {
    nullable: true,
    description: "The person, where it is one of the record's own country; of others only where they belong is told.",
  })
  readonly person!: AuditActor | null;

  @Field(() => DateTimeScalar)
  readonly firstAt!: Date;

  @Field(() => DateTimeScalar)
  readonly lastAt!: Date;

  @Field(() => Int, { description: 'How many times it was told.' })
  readonly times!: number;
}
