import { Field, ObjectType } from '@nestjs/graphql';
import { CountryCodeScalar, DateTimeScalar, JSONScalar, UUIDScalar } from '#platform';

@ObjectType({ description: 'Something that happened in an operation, as the viewer may see it now.' })
export class FeedEvent {
  @Field(() => String, {
    description:
      'Opaque; the same for every reader of the event, at every read. Tells nothing of events that the viewer may not see.',
  })
  readonly cursor!: string;

  @Field(() => UUIDScalar)
  readonly operationId!: string;

  @Field(() => String, {
    description: 'Such as operation.phase-moved, participation.answered, violation.logged, seizure.accepted.',
  })
  readonly kind!: string;

  @Field(() => DateTimeScalar)
  readonly occurredAt!: Date;

  @Field(() => UUIDScalar, {
    description: 'The id of the record that it happened to; of seizure events, the id of the seizure.',
  })
  readonly subjectId!: string;

  @Field(() => CountryCodeScalar, {
    nullable: true,
    description: 'The country that the record belongs to, where it belongs to one.',
  })
  readonly country!: string | null;

  @Field(() => JSONScalar, {
    description:
      '`{ record }`, with the fields of Violation, Seizure, Operation or Participation that the viewer may see of it now; `{}` ' +
      'where that is nothing.',
  })
  readonly payload!: object;
}

@ObjectType({ description: "A page of an operation's feed, in its order." })
export class FeedPage {
  @Field(() => [FeedEvent])
  readonly events!: readonly FeedEvent[];

  @Field(() => String, {
    description: 'The cursor of the last event in the page, or the one given where the page is empty.',
  })
  readonly cursor!: string;

  @Field(() => Boolean, { description: 'Whether the viewer may see more events after these.' })
  readonly hasMore!: boolean;
}
