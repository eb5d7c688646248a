import { Field, Int, ObjectType } from '@nestjs/graphql';
import { CountryCodeScalar, DateTimeScalar, JSONScalar, PageInfo, UUIDScalar } from '#platform';

@ObjectType({ description: 'A person as the audit log names them.' })
export class AuditActor {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => String)
  readonly name!: string;
}

@ObjectType('AuditEntry', { description: 'Who did what, when and to which version.' })
export class LoggedEntry {
  @Field(() => String, { description: 'Opaque; the same each time.' })
  readonly id!: string;

  @Field(() => DateTimeScalar)
  readonly at!: Date;

  @Field(() => String, { description: 'What was done, such as violation.logged.' })
  readonly action!: string;

  @Field(() => AuditActor, {
    nullable: true,
    description: "Told of a country's people to its coordinators, of the hub's to the hub, of all to administrators.",
  })
  readonly actor!: AuditActor | null;

  @Field(() => String, { nullable: true, description: 'The part of Muster that did it, where no person did.' })
  readonly part!: string | null;

  @Field(() => CountryCodeScalar, {
    nullable: true,
    description: 'The country that the subject belongs to, if to one.',
  })
  readonly country!: string | null;

  @Field(() => UUIDScalar, { nullable: true })
  readonly subjectId!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The version of the subject that came of it, where it has versions.',
  })
  readonly version!: number | null;

  @Field(() => JSONScalar, {
    nullable: true,
    description:
      "Which fields a change touched and the like, never their content. Told to the subject's own country; of the operation itself to the hub.",
  })
  readonly details!: unknown;

  @Field(() => Boolean, {
    description: 'Whether the entry has its place in the chain of hashes; it gets it within seconds.',
  })
  readonly sealed!: boolean;
}

@ObjectType()
export class AuditEdge {
  @Field(() => String)
  readonly cursor!: string;

  @Field(() => LoggedEntry)
  readonly node!: LoggedEntry;
}

@ObjectType({ description: 'A page of the audit log, newest first.' })
export class AuditConnection {
  @Field(() => [AuditEdge])
  readonly edges!: readonly AuditEdge[];

  @Field(() => PageInfo)
  readonly pageInfo!: PageInfo;
}
