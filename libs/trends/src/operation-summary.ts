import { Field, Int, ObjectType } from '@nestjs/graphql';
import { DecimalScalar } from '#platform';

@ObjectType({
  description:
    'The totals of an operation over all counted records up to asOf. A total that counts a record which the viewer may not see is null.',
})
export class OperationSummary {
  @Field(() => Int, { description: 'Ever invited, whatever they answered.' })
  readonly countriesInvited!: number;

  @Field(() => Int)
  readonly countriesAccepted!: number;

  @Field(() => Int, { description: 'Accepted countries whose lead agency is a customs service.' })
  readonly customsLedCountries!: number;

  @Field(() => Int, { nullable: true })
  readonly violations!: number | null;

  @Field(() => Int, { nullable: true })
  readonly criminal!: number | null;

  @Field(() => Int, { nullable: true })
  readonly administrative!: number | null;

  @Field(() => Int, { nullable: true })
  readonly undetermined!: number | null;

  @Field(() => Int, { nullable: true, description: 'Violations that port units reported.' })
  readonly seizures!: number | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'US dollars, over the lines that could be converted.' })
  readonly valueUsd!: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Kilograms, over the lines that could be converted.' })
  readonly quantityKg!: string | null;

  @Field(() => Int, { nullable: true })
  readonly persons!: number | null;

  @Field(() => Int, { nullable: true })
  readonly companies!: number | null;

  @Field(() => Boolean, {
    description: 'Some of the value is estimated (of what the viewer may see, where the value is hidden).',
  })
  readonly valueEstimated!: boolean;

  @Field(() => Boolean, { description: 'Something is hidden or perturbed.' })
  readonly protected!: boolean;

  @Field(() => String, { description: 'The cursor that the totals hold for.' })
  readonly asOf!: string;
}
