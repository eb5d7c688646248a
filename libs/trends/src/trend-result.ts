import { Field, Int, ObjectType } from '@nestjs/graphql';
import { DecimalScalar, UUIDScalar } from '#platform';

@ObjectType({ description: 'One figure of a trend.' })
export class TrendCell {
  @Field(() => [String], {
    description:
      'One value per dimension, in the order asked for. NONE where a record has no such thing, ZZ or UNKNOWN where it is unknown, WITHHELD where the viewer may not know, because it may not see the record.',
  })
  readonly key!: readonly string[];

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Null where it is hidden; "0" where nothing could be converted.',
  })
  readonly value!: string | null;

  @Field(() => Boolean, {
    description:
      'Hidden: the viewer may not see every record that could stand behind it, and it would tell of too few.',
  })
  readonly suppressed!: boolean;

  @Field(() => Boolean, {
    description:
      'The viewer may not see every record that could stand behind it: what hidden ones give to it has noise, or is left out.',
  })
  readonly perturbed!: boolean;
}

@ObjectType({ description: 'The point of an operation that figures hold for.' })
export class AsOf {
  @Field(() => UUIDScalar)
  readonly operationId!: string;

  @Field(() => String)
  readonly cursor!: string;
}

@ObjectType({ description: 'Figures, equal to a recount of the records at the cursors that they name.' })
export class TrendResult {
  @Field(() => [TrendCell], { description: 'In the order of their keys; those without a record are left out.' })
  readonly cells!: readonly TrendCell[];

  @Field(() => [AsOf], { description: 'The cursor that the figures of each operation hold for.' })
  readonly asOf!: readonly AsOf[];

  @Field(() => Int, {
    nullable: true,
    description:
      'Counted lines without kilograms (QUANTITY_KG) or US dollars (VALUE_USD); 0 for other measures, null where protected.',
  })
  readonly linesLeftOut!: number | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'To the hub: what records that are RED to it give, where the filter asks for more of them than countries, crime areas and natures, so that nobody can say whether they match. They are in no cell then. "0" in any other question, null where protected.',
  })
  readonly withheld!: string | null;
}
