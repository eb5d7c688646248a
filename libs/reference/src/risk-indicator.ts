import { Field, ObjectType } from '@nestjs/graphql';

/** A sign for which cargo is picked out and inspected; never a fiscal one. */
@ObjectType({ description: 'A sign for which cargo is picked out and inspected; none of them is fiscal.' })
export class RiskIndicator {
  @Field({ description: 'Category and name, such as route.unusual-transit.' })
  readonly code!: string;

  @Field({
    description:
      'What the sign is about: route, vessel, documents, goods, container, consignee, carrier or intelligence.',
  })
  readonly category!: string;

  @Field({ description: 'The sign in one English sentence.' })
  readonly text!: string;
}
