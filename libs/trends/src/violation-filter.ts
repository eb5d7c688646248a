import { Field, InputType } from '@nestjs/graphql';
import { CountryCodeScalar, DateTimeScalar, type Faults, UUIDScalar } from '#platform';
import {
  Agreement,
  CrimeArea,
  DetectionMethod,
  isHighSeasOrUnknown,
  OffenceNature,
  type ReferenceService,
  Scene,
  TradeDirection,
  TransportMode,
} from '#reference';

import { ViolationSource } from './vocabulary.js';

/**
 * Which violations are meant, for lists of records and for figures alike. All that is given must hold; of a list, any one value.
 * An empty list holds for no record.
 */
@InputType({ description: 'Which violations are meant: all that is given must hold, and of each list any one value.' })
export class ViolationFilter {
  @Field(() => [CountryCodeScalar], { nullable: true, description: 'Countries that own the record.' })
  readonly countries?: string[] | null;

  @Field(() => [UUIDScalar], { nullable: true, description: 'Agencies that recorded it.' })
  readonly agencyIds?: string[] | null;

  @Field(() => [UUIDScalar], { nullable: true, description: 'Port units that reported it.' })
  readonly unitIds?: string[] | null;

  @Field(() => [CrimeArea], { nullable: true })
  readonly crimeAreas?: CrimeArea[] | null;

  @Field(() => [OffenceNature], { nullable: true })
  readonly natures?: OffenceNature[] | null;

  @Field(() => [Agreement], {
    nullable: true,
    description: 'Agreements of a line; together with commodities, both hold on one line.',
  })
  readonly agreements?: Agreement[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Commodity codes of a line; together with agreements, both hold on one line.',
  })
  readonly commodities?: string[] | null;

  @Field(() => [Scene], { nullable: true })
  readonly scenes?: Scene[] | null;

  @Field(() => [TransportMode], { nullable: true })
  readonly transportModes?: TransportMode[] | null;

  @Field(() => [TradeDirection], { nullable: true })
  readonly directions?: TradeDirection[] | null;

  @Field(() => [CountryCodeScalar], {
    nullable: true,
    description: 'Where the route begins; XZ the high seas, ZZ unknown.',
  })
  readonly origins?: string[] | null;

  @Field(() => [CountryCodeScalar], {
    nullable: true,
    description: 'Where the route ends; XZ the high seas, ZZ unknown.',
  })
  readonly destinations?: string[] | null;

  @Field(() => [CountryCodeScalar], {
    nullable: true,
    description: 'Any country that the record concerns: of its route, flag or place.',
  })
  readonly concerning?: string[] | null;

  @Field(() => [DetectionMethod], { nullable: true })
  readonly detections?: DetectionMethod[] | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Detected at this instant or later.' })
  readonly detectedFrom?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Detected before this instant.' })
  readonly detectedTo?: Date | null;

  @Field(() => Boolean, { nullable: true, description: "Received after the operation's last operational day, or not." })
  readonly late?: boolean | null;

  @Field(() => ViolationSource, { nullable: true })
  readonly source?: ViolationSource | null;

  @Field(() => String, { nullable: true, description: 'The number of a cargo unit. Not for figures.' })
  readonly cargoUnit?: string | null;

  @Field(() => String, { nullable: true, description: 'Words of the narrative and the goods. Not for figures.' })
  readonly search?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'False: none that was withdrawn. True: those alone. Null: both. For figures false alone.',
  })
  readonly withdrawn?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'False: no rehearsal. True: those alone. Null: both. For figures false alone.',
  })
  readonly exercise?: boolean | null;
}

/**
 * Judges the codes of a filter: a country or commodity that the reference lists never had is refused, with the nearest matches;
 * one that they once had is taken, as records of that time may name it.
 */
export function checkFilter(faults: Faults, path: string, filter: ViolationFilter, reference: ReferenceService): void {
  for (const field of ['countries', 'origins', 'destinations', 'concerning'] as const) {
    filter[field]?.forEach((code, index) => {
      if (reference.isCountry(code) || isHighSeasOrUnknown(code)) return;
      faults.add(`${path}.${field}.${index}`, 'country', reference.explainCountry(code));
    });
  }
  filter.commodities?.forEach((code, index) => {
    if (reference.commodity(code, { from: '0001-01-01', to: '9999-12-31' })) return;
    faults.add(`${path}.commodities.${index}`, 'commodity', reference.explainCommodity(code));
  });
}
