import { Field, InputType } from '@nestjs/graphql';
import { UUIDScalar } from '#platform';
import { RegionScheme } from '#reference';

import { ViolationFilter } from './violation-filter.js';
import { TrendDimension, TrendMeasure } from './vocabulary.js';

@InputType({ description: 'The point of an operation that its figures are asked for.' })
export class AsOfInput {
  @Field(() => UUIDScalar)
  readonly operationId!: string;

  @Field(() => String, { description: "A cursor of the operation's feed." })
  readonly cursor!: string;
}

@InputType({ description: 'What to add up, over which violations, and split by what.' })
export class TrendQuery {
  @Field(() => [UUIDScalar], { description: 'One operation or several, side by side with the dimension OPERATION.' })
  readonly operationIds!: string[];

  @Field(() => TrendMeasure, {
    description: 'PERSONS and COMPANIES go with record dimensions alone, RISK_INDICATOR with VIOLATIONS alone.',
  })
  readonly measure!: TrendMeasure;

  @Field(() => [TrendDimension], { description: 'Up to three dimensions; none gives the total.' })
  readonly groupBy!: TrendDimension[];

  @Field(() => ViolationFilter, {
    nullable: true,
    description: 'Figures take neither search nor cargoUnit, and neither what was withdrawn nor exercises.',
  })
  readonly filter?: ViolationFilter | null;

  @Field(() => RegionScheme, {
    defaultValue: RegionScheme.M49_SUBREGION,
    description: 'The scheme of regions and of FLOW_SCOPE.',
  })
  readonly regionScheme!: RegionScheme;

  @Field(() => [AsOfInput], {
    nullable: true,
    description:
      'The figures as they stood at these cursors, such as certified ones; may be slow. Operations left out stand as now.',
  })
  readonly asOf?: AsOfInput[] | null;
}
