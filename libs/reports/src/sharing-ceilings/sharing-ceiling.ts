import { Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { User } from '#identity';
import { CountryCodeScalar, DateTimeScalar, UUIDScalar } from '#platform';

import { SharingLevel } from '../vocabulary.js';
import type { Limits } from './ceiling-rule.js';

const HIGHEST = 'The widest level that may be given, from RED over AMBER_STRICT, AMBER and GREEN to CLEAR.';
const ALLOW =
  'Countries that may be added, and whose people may be named: by their home agency, their grants in the operation and standing ones; ' +
  'null: any, [] none.';
const DENY =
  'Countries with which nothing is shared: they may not be added, their people not be named, and they must be left out ' +
  'where the level alone would tell them (AMBER: where the record concerns them; GREEN: always).';
const BINDS =
  'Whether coordinators are held to it when they change a sharing, too. Otherwise they may go beyond it there, with the reason that a ' +
  'change of sharing needs.';

@InputType()
export class SharingLimitsInput {
  @Field(() => SharingLevel, { description: HIGHEST })
  readonly highestLevel!: SharingLevel;

  @Field(() => [CountryCodeScalar], { nullable: true, description: ALLOW })
  readonly allowCountries?: string[] | null;

  @Field(() => [CountryCodeScalar], { defaultValue: [], description: DENY })
  readonly denyCountries!: string[];

  @Field(() => Boolean, { defaultValue: false, description: BINDS })
  readonly bindsCoordinators!: boolean;
}

@ObjectType({ description: 'The widest sharing that a country lets its own people give to its records.' })
export class SharingLimits implements Limits {
  @Field(() => SharingLevel, { description: HIGHEST })
  readonly highestLevel!: SharingLevel;

  @Field(() => [CountryCodeScalar], { nullable: true, description: ALLOW })
  readonly allowCountries!: readonly string[] | null;

  @Field(() => [CountryCodeScalar], { description: DENY })
  readonly denyCountries!: readonly string[];

  @Field(() => Boolean, { description: BINDS })
  readonly bindsCoordinators!: boolean;
}

@ObjectType({ description: "A country's ceiling on what its own people share, told to its own people alone." })
export class SharingCeiling {
  @Field(() => CountryCodeScalar)
  readonly country!: string;

  @Field(() => UUIDScalar, { nullable: true, description: "Null: the country's standing one, for every operation." })
  readonly operationId!: string | null;

  @Field(() => Int, { description: 'Counts the settings made here; 0 where none was.' })
  readonly version!: number;

  @Field(() => SharingLimits, { nullable: true, description: 'What was set here; null where nothing is.' })
  readonly limits!: SharingLimits | null;

  @Field(() => SharingLimits, {
    nullable: true,
    description:
      'What holds: what was set for the operation, or else the standing limits; null where everything is allowed.',
  })
  readonly inForce!: SharingLimits | null;

  @Field(() => String, { nullable: true, description: 'Why it was set.' })
  readonly reason!: string | null;

  @Field(() => DateTimeScalar, { nullable: true })
  readonly setAt!: Date | null;

  @Field(() => User, { nullable: true })
  readonly setBy!: User | null;
}
