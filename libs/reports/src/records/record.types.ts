import { Field, Float, ObjectType } from '@nestjs/graphql';
import { CountryCodeScalar, DateScalar, DecimalScalar, type PageInfo, UUIDScalar } from '#platform';
import {
  Agreement,
  Commodity,
  QuantityBasis,
  QuantityUnit,
  TradeDirection,
  TransportMode,
  ValueBasis,
} from '#reference';

import { InformationGrade, SharingLevel, SourceGrade } from '../vocabulary.js';

@ObjectType({ description: 'One kind of goods of a record.' })
export class CommodityLine {
  @Field(() => Agreement)
  readonly agreement!: Agreement;

  @Field(() => Commodity)
  readonly commodity!: Commodity;

  @Field(() => String, { nullable: true })
  readonly agreementReference!: string | null;

  @Field(() => String, { nullable: true })
  readonly hsCode!: string | null;

  @Field(() => DecimalScalar, { description: 'As reported.' })
  readonly quantity!: string;

  @Field(() => QuantityUnit)
  readonly unit!: QuantityUnit;

  @Field(() => QuantityBasis)
  readonly basis!: QuantityBasis;

  @Field(() => DecimalScalar, { nullable: true })
  readonly netWeightKg!: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Exact kilograms; null where nothing can be converted.' })
  readonly quantityKg!: string | null;

  @Field(() => DecimalScalar, { nullable: true })
  readonly value!: string | null;

  @Field(() => String, { nullable: true })
  readonly currency!: string | null;

  @Field(() => ValueBasis)
  readonly valueBasis!: ValueBasis;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'US dollars, fixed when the version was recorded and rounded half up to cents; null where no rate was loaded.',
  })
  readonly valueUsd!: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'The day of the exchange rate.' })
  readonly rateDate!: string | null;
}

@ObjectType()
export class Place {
  @Field(() => String, { nullable: true })
  readonly unlocode!: string | null;

  @Field(() => Float, { nullable: true })
  readonly latitude!: number | null;

  @Field(() => Float, { nullable: true })
  readonly longitude!: number | null;

  @Field(() => String, { nullable: true })
  readonly name!: string | null;

  @Field(() => CountryCodeScalar, {
    nullable: true,
    description: 'Derived from the UN/LOCODE, else from the coordinates.',
  })
  readonly country!: string | null;
}

@ObjectType()
export class Route {
  @Field(() => CountryCodeScalar)
  readonly origin!: string;

  @Field(() => [CountryCodeScalar], { description: 'In the order of passage.' })
  readonly transit!: readonly string[];

  @Field(() => CountryCodeScalar)
  readonly destination!: string;
}

@ObjectType()
export class CargoUnit {
  @Field(() => String, { nullable: true })
  readonly container!: string | null;

  @Field(() => String, { nullable: true })
  readonly airWaybill!: string | null;

  @Field(() => String, { nullable: true })
  readonly vehicle!: string | null;

  @Field(() => String, { nullable: true })
  readonly railWagon!: string | null;

  @Field(() => String, { nullable: true })
  readonly postalItem!: string | null;

  @Field(() => Boolean)
  readonly asMarked!: boolean;
}

@ObjectType()
export class Consignment {
  @Field(() => TransportMode)
  readonly transportMode!: TransportMode;

  @Field(() => TradeDirection)
  readonly direction!: TradeDirection;

  @Field(() => Route)
  readonly route!: Route;

  @Field(() => [CargoUnit])
  readonly cargoUnits!: readonly CargoUnit[];

  @Field(() => String, { nullable: true })
  readonly billOfLading!: string | null;
}

@ObjectType()
export class Vessel {
  @Field(() => String, { nullable: true })
  readonly imo!: string | null;

  @Field(() => String, { nullable: true })
  readonly name!: string | null;

  @Field(() => CountryCodeScalar, { nullable: true })
  readonly flag!: string | null;

  @Field(() => String, { nullable: true })
  readonly voyage!: string | null;
}

@ObjectType({ description: 'Who was added, left out and named is told to the owning country alone.' })
export class Sharing {
  @Field(() => SharingLevel)
  readonly level!: SharingLevel;

  @Field(() => [CountryCodeScalar], { nullable: true })
  readonly addCountries!: readonly string[] | null;

  @Field(() => [CountryCodeScalar], { nullable: true })
  readonly leaveOutCountries!: readonly string[] | null;

  @Field(() => [UUIDScalar], { nullable: true })
  readonly nameUserIds!: readonly string[] | null;
}

@ObjectType()
export class Grading {
  @Field(() => SourceGrade)
  readonly source!: SourceGrade;

  @Field(() => InformationGrade)
  readonly information!: InformationGrade;
}

/** A page of a list: its edges, and how many items the viewer may see in all. */
export interface Page<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: PageInfo;
  readonly totalCount: () => Promise<number>;
}

/** How many items a list gives at most at once. */
export const LARGEST_PAGE = 200;
