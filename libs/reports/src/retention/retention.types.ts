import { Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { CountryCodeScalar, DateScalar, DateTimeScalar, UUIDScalar } from '#platform';

@ObjectType({
  description: 'How many records of a country there are, by where they stand; told to its coordinators alone.',
})
export class RetentionCount {
  @Field(() => CountryCodeScalar)
  readonly country!: string;

  @Field(() => Int, { description: 'Still whole, and due on the day or due already.' })
  readonly due!: number;

  @Field(() => Int, { description: 'Anonymised. What was erased is not counted any more.' })
  readonly anonymised!: number;

  @Field(() => Int, { description: 'Of the due ones: held back by the owner for a legal case.' })
  readonly held!: number;

  @Field(() => Int, { description: 'Of the due ones: received by the owner, at least in an earlier form.' })
  readonly exported!: number;
}

@ObjectType({ description: 'What is due of an operation, and when.' })
export class RetentionDue {
  @Field(() => DateScalar, {
    nullable: true,
    description: "First day, in the operation's own time zone, on which records are due; null while it is not closed.",
  })
  readonly dueOn!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When they were found to be due.' })
  readonly noticedAt!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      'From then on also what its owner has not exported is ended, within a day; only what an owner holds back stays whole.',
  })
  readonly graceEndsAt!: Date | null;

  @Field(() => [RetentionCount], {
    description: 'Of the countries that you coordinate; the hub is told no counts of others.',
  })
  readonly countries!: readonly RetentionCount[];
}

@ObjectType({ description: 'A whole record for its owner, to be kept outside: each content is one line of a file.' })
export class RetainedRecord {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => String, {
    description:
      'JSON in one line: the violation, its lines and all its versions, the seizure report, cargo units, and what is known of its ' +
      'attachments, whose files are downloaded by their links.',
  })
  readonly content!: string;

  @Field(() => String, { description: 'SHA-256 of the content as UTF-8, in hexadecimal.' })
  readonly sha256!: string;

  @Field(() => String, { description: 'JSON in one line: the entries of the audit log about it, in their order.' })
  readonly audit!: string;

  @Field(() => Boolean, { description: 'Whether its receipt was confirmed in this form.' })
  readonly exported!: boolean;

  @Field(() => Boolean, { description: 'Whether it is held back for a legal case.' })
  readonly held!: boolean;
}

@InputType({ description: 'That a record was received and is kept outside.' })
export class RetentionReceiptInput {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => String, { description: 'SHA-256 of the content that was received, in hexadecimal.' })
  readonly sha256!: string;
}

@ObjectType({ description: "A record's legal hold: while it lasts, retention does not touch the record." })
export class LegalHold {
  @Field(() => UUIDScalar)
  readonly recordId!: string;

  @Field(() => String)
  readonly reason!: string;

  @Field(() => DateTimeScalar)
  readonly setAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  readonly endedAt!: Date | null;
}
