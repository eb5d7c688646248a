import { Field, Float, InputType, Int } from '@nestjs/graphql';
import { CountryCodeScalar, DateTimeScalar, DecimalScalar, UUIDScalar } from '#platform';
import {
  Agreement,
  CrimeArea,
  OffenceNature,
  QuantityBasis,
  QuantityUnit,
  TradeDirection,
  TransportMode,
  ValueBasis,
} from '#reference';

import { InformationGrade, SharingLevel, SourceGrade, UseRestriction } from '../vocabulary.js';

@InputType({ description: 'One kind of goods of a record.' })
export class CommodityLineInput {
  @Field(() => Agreement, {
    description: 'The agreement broken; need not be the one that the reference list names first.',
  })
  readonly agreement!: Agreement;

  @Field(() => String, { description: 'A code of the reference list, such as household-waste.' })
  readonly commodity!: string;

  @Field(() => String, {
    nullable: true,
    description: "The agreement's own reference: an annex, an entry, a schedule.",
  })
  readonly agreementReference?: string | null;

  @Field(() => String, { nullable: true, description: 'Harmonized System code, as text.' })
  readonly hsCode?: string | null;

  @Field(() => DecimalScalar, { description: 'As reported, more than nothing.' })
  readonly quantity!: string;

  @Field(() => QuantityUnit)
  readonly unit!: QuantityUnit;

  @Field(() => QuantityBasis, { defaultValue: QuantityBasis.ESTIMATED })
  readonly basis!: QuantityBasis;

  @Field(() => DecimalScalar, { nullable: true, description: 'The weight in kilograms beside a count, where known.' })
  readonly netWeightKg?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'In the currency beside it.' })
  readonly value?: string | null;

  @Field(() => String, { nullable: true, description: 'ISO 4217 code; required with a value.' })
  readonly currency?: string | null;

  @Field(() => ValueBasis, { defaultValue: ValueBasis.ESTIMATED })
  readonly valueBasis!: ValueBasis;
}

@InputType({ description: 'A UN/LOCODE, coordinates, a name, or several of these.' })
export class PlaceInput {
  @Field(() => String, { nullable: true, description: 'UN/LOCODE, such as KEMBA.' })
  readonly unlocode?: string | null;

  @Field(() => Float, { nullable: true, description: 'Degrees on WGS 84, -90 to 90; goes with the longitude.' })
  readonly latitude?: number | null;

  @Field(() => Float, { nullable: true, description: 'Degrees on WGS 84, -180 to 180; goes with the latitude.' })
  readonly longitude?: number | null;

  @Field(() => String, { nullable: true })
  readonly name?: string | null;
}

@InputType({ description: 'Countries in the order in which the goods pass them; XZ is the high seas, ZZ is unknown.' })
export class RouteInput {
  @Field(() => CountryCodeScalar)
  readonly origin!: string;

  @Field(() => [CountryCodeScalar], { nullable: true })
  readonly transit?: string[] | null;

  @Field(() => CountryCodeScalar)
  readonly destination!: string;
}

@InputType({ description: 'Exactly one of the five identifiers.' })
export class CargoUnitInput {
  @Field(() => String, { nullable: true, description: 'Freight container number, ISO 6346.' })
  readonly container?: string | null;

  @Field(() => String, { nullable: true, description: 'Air waybill number, IATA resolution 600a.' })
  readonly airWaybill?: string | null;

  @Field(() => String, { nullable: true, description: 'Registration of a vehicle.' })
  readonly vehicle?: string | null;

  @Field(() => String, { nullable: true, description: 'Rail wagon number of twelve digits, UIC 438.' })
  readonly railWagon?: string | null;

  @Field(() => String, { nullable: true, description: 'Postal item identifier, UPU S10.' })
  readonly postalItem?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'The unit is really marked so, although its check digit is wrong.',
  })
  readonly asMarked!: boolean;
}

@InputType()
export class VesselInput {
  @Field(() => String, { nullable: true, description: 'IMO ship identification number.' })
  readonly imo?: string | null;

  @Field(() => String, { nullable: true })
  readonly name?: string | null;

  @Field(() => CountryCodeScalar, { nullable: true, description: 'Flag state.' })
  readonly flag?: string | null;

  @Field(() => String, { nullable: true })
  readonly voyage?: string | null;
}

@InputType({ description: 'Who sees the record.' })
export class SharingInput {
  @Field(() => SharingLevel)
  readonly level!: SharingLevel;

  @Field(() => [CountryCodeScalar], { nullable: true, description: 'With AMBER: accepted countries that see it too.' })
  readonly addCountries?: string[] | null;

  @Field(() => [CountryCodeScalar], {
    nullable: true,
    description: 'With AMBER and GREEN: countries that do not see it.',
  })
  readonly leaveOutCountries?: string[] | null;

  @Field(() => [UUIDScalar], { nullable: true, description: 'With RED: people who see it too.' })
  readonly nameUserIds?: string[] | null;
}

@InputType({ description: 'How sure it is, by the 4 x 4 grading that police use.' })
export class GradingInput {
  @Field(() => SourceGrade)
  readonly source!: SourceGrade;

  @Field(() => InformationGrade)
  readonly information!: InformationGrade;
}

/** What a violation and a seizure report have in common. */
@InputType({ isAbstract: true })
export abstract class RecordInput {
  @Field(() => DateTimeScalar, { description: "When it was found, by the reporter's clock." })
  readonly detectedAt!: Date;

  @Field(() => String, { description: "The reporter's IANA time zone." })
  readonly timeZone!: string;

  @Field(() => CrimeArea)
  readonly crimeArea!: CrimeArea;

  @Field(() => OffenceNature)
  readonly nature!: OffenceNature;

  @Field(() => VesselInput, { nullable: true })
  readonly vessel?: VesselInput | null;

  @Field(() => [CommodityLineInput], { description: 'At least one.' })
  readonly lines!: CommodityLineInput[];

  @Field(() => Int, { nullable: true, description: 'How many suspects; they are counted, not named.' })
  readonly persons?: number | null;

  @Field(() => Int, { nullable: true })
  readonly companies?: number | null;

  @Field(() => UseRestriction, { defaultValue: UseRestriction.NONE })
  readonly useRestriction!: UseRestriction;

  @Field(() => GradingInput, { nullable: true })
  readonly grading?: GradingInput | null;

  @Field(() => String, { nullable: true, description: 'In words, without names of persons.' })
  readonly narrative?: string | null;
}

@InputType({ description: 'How goods move.' })
export class ConsignmentInput {
  @Field(() => TransportMode)
  readonly transportMode!: TransportMode;

  @Field(() => TradeDirection)
  readonly direction!: TradeDirection;

  @Field(() => RouteInput)
  readonly route!: RouteInput;

  @Field(() => [CargoUnitInput], { nullable: true })
  readonly cargoUnits?: CargoUnitInput[] | null;

  @Field(() => String, { nullable: true })
  readonly billOfLading?: string | null;
}
