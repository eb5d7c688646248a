import { Field, ObjectType } from '@nestjs/graphql';

/** Where a page of a list stands in it; the cursors are those of its first and last item. */
@ObjectType('PageInfo')
export class PageInfo {
  @Field(() => Boolean)
  readonly hasNextPage!: boolean;

  @Field(() => Boolean)
  readonly hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true })
  readonly startCursor!: string | null;

  @Field(() => String, { nullable: true })
  readonly endCursor!: string | null;
}
