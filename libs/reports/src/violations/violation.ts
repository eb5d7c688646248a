import { Field, Int, ObjectType } from '@nestjs/graphql';
import { Agency, PortUnit, User } from '#identity';
import {
  CountryCodeScalar,
  DateScalar,
  DateTimeScalar,
  DecimalScalar,
  JSONScalar,
  PageInfo,
  UUIDScalar,
} from '#platform';
import { CrimeArea, DetectionMethod, OffenceNature, Scene } from '#reference';
import { ViolationSource } from '#trends';

import { CommodityLine, Consignment, Grading, Place, Sharing, Vessel } from '../records/record.types.js';
import { UseRestriction } from '../vocabulary.js';

@ObjectType({ description: 'Author, reason and changes are told to the owning country alone.' })
export class ViolationVersion {
  @Field(() => Int)
  readonly version!: number;

  @Field(() => DateTimeScalar)
  readonly recordedAt!: Date;

  @Field(() => Agency)
  readonly agency!: Agency;

  @Field(() => User, { nullable: true })
  readonly author!: User | null;

  @Field(() => String, { nullable: true })
  readonly reason!: string | null;

  @Field(() => JSONScalar, {
    nullable: true,
    description: 'The fields that differ from the version before, as { field: [before, after] }.',
  })
  readonly changes!: unknown;
}

@ObjectType({ description: 'One row of what the operation is counted by, owned by one country.' })
export class Violation {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => Int)
  readonly version!: number;

  @Field(() => UUIDScalar)
  readonly operationId!: string;

  @Field(() => CountryCodeScalar, { description: 'The owning country.' })
  readonly country!: string;

  @Field(() => Agency)
  readonly agency!: Agency;

  @Field(() => PortUnit, { nullable: true, description: 'The port unit whose seizure report it came from.' })
  readonly unit!: PortUnit | null;

  @Field(() => ViolationSource)
  readonly source!: ViolationSource;

  @Field(() => Scene)
  readonly scene!: Scene;

  @Field(() => DateTimeScalar)
  readonly detectedAt!: Date;

  @Field(() => String)
  readonly timeZone!: string;

  @Field(() => DateScalar, { nullable: true })
  readonly offenceFrom!: string | null;

  @Field(() => DateScalar, { nullable: true })
  readonly offenceTo!: string | null;

  @Field(() => Place)
  readonly place!: Place;

  @Field(() => CrimeArea)
  readonly crimeArea!: CrimeArea;

  @Field(() => OffenceNature)
  readonly nature!: OffenceNature;

  @Field(() => DetectionMethod)
  readonly detection!: DetectionMethod;

  @Field(() => Consignment, { nullable: true })
  readonly consignment!: Consignment | null;

  @Field(() => Vessel, { nullable: true })
  readonly vessel!: Vessel | null;

  @Field(() => [CommodityLine])
  readonly lines!: readonly CommodityLine[];

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Over the lines that can be converted; null where none can.',
  })
  readonly valueUsd!: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Over the lines that can be converted; null where none can.',
  })
  readonly quantityKg!: string | null;

  @Field(() => Int, { nullable: true })
  readonly persons!: number | null;

  @Field(() => Int, { nullable: true })
  readonly companies!: number | null;

  @Field(() => Sharing)
  readonly sharing!: Sharing;

  @Field(() => UseRestriction)
  readonly useRestriction!: UseRestriction;

  @Field(() => Grading, { nullable: true })
  readonly grading!: Grading | null;

  @Field(() => String, { nullable: true })
  readonly narrative!: string | null;

  @Field(() => Boolean, { description: "Received after the operation's last day, in the operation's own time zone." })
  readonly late!: boolean;

  @Field(() => Boolean)
  readonly exercise!: boolean;

  @Field(() => Boolean)
  readonly withdrawn!: boolean;

  @Field(() => String, { nullable: true })
  readonly withdrawalReason!: string | null;

  @Field(() => DateTimeScalar)
  readonly recordedAt!: Date;
}

@ObjectType()
export class ViolationEdge {
  @Field(() => String)
  readonly cursor!: string;

  @Field(() => Violation)
  readonly node!: Violation;
}

@ObjectType({ description: 'Newest recorded first.' })
export class ViolationConnection {
  @Field(() => [ViolationEdge])
  readonly edges!: readonly ViolationEdge[];

  @Field(() => PageInfo)
  readonly pageInfo!: PageInfo;

  @Field(() => Int, { description: 'How many you may see; counted only when asked for.' })
  readonly totalCount!: () => Promise<number>;
}
