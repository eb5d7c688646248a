import { Field, Int, ObjectType } from '@nestjs/graphql';
import { Agency, PortUnit, User } from '#identity';
import { CountryCodeScalar, DateTimeScalar, PageInfo, UUIDScalar } from '#platform';
import { CrimeArea, DetectionMethod, OffenceNature, RiskIndicator, TradeDirection, TransportMode } from '#reference';

import { CargoUnit, CommodityLine, Grading, Route, Sharing, Vessel } from '../records/record.types.js';
import { SeizureStatus, UseRestriction } from '../vocabulary.js';

@ObjectType({ description: 'What is acknowledged here is stored for good.' })
export class SeizureReceipt {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => SeizureStatus)
  readonly status!: SeizureStatus;

  @Field(() => DateTimeScalar)
  readonly receivedAt!: Date;
}

@ObjectType({ description: 'same-unit, as-marked, route and clock send a report to review; other rules are notes.' })
export class SeizureFinding {
  @Field(() => String)
  readonly rule!: string;

  @Field(() => String)
  readonly message!: string;
}

@ObjectType({ description: 'A report of a port unit; on acceptance it becomes a violation with the same id.' })
export class Seizure {
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Field(() => Int)
  readonly version!: number;

  @Field(() => UUIDScalar)
  readonly operationId!: string;

  @Field(() => CountryCodeScalar)
  readonly country!: string;

  @Field(() => PortUnit)
  readonly unit!: PortUnit;

  @Field(() => User, { nullable: true, description: 'Told to the owning country alone.' })
  readonly reportedBy!: User | null;

  @Field(() => [Agency], { description: "The reporter's home agency first, then the others that took part." })
  readonly agencies!: readonly Agency[];

  @Field(() => CargoUnit)
  readonly cargoUnit!: CargoUnit;

  @Field(() => String, { nullable: true })
  readonly sizeType!: string | null;

  @Field(() => [String])
  readonly seals!: readonly string[];

  @Field(() => String, { nullable: true })
  readonly billOfLading!: string | null;

  @Field(() => Vessel, { nullable: true })
  readonly vessel!: Vessel | null;

  @Field(() => String, { nullable: true })
  readonly carrier!: string | null;

  @Field(() => String)
  readonly declaredGoods!: string;

  @Field(() => String)
  readonly foundGoods!: string;

  @Field(() => [RiskIndicator])
  readonly riskIndicators!: readonly RiskIndicator[];

  @Field(() => DateTimeScalar)
  readonly detectedAt!: Date;

  @Field(() => String)
  readonly timeZone!: string;

  @Field(() => CrimeArea)
  readonly crimeArea!: CrimeArea;

  @Field(() => OffenceNature)
  readonly nature!: OffenceNature;

  @Field(() => DetectionMethod)
  readonly detection!: DetectionMethod;

  @Field(() => TransportMode)
  readonly transportMode!: TransportMode;

  @Field(() => TradeDirection)
  readonly direction!: TradeDirection;

  @Field(() => Route)
  readonly route!: Route;

  @Field(() => [CommodityLine])
  readonly lines!: readonly CommodityLine[];

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

  @Field(() => Boolean)
  readonly exercise!: boolean;

  @Field(() => Boolean)
  readonly late!: boolean;

  @Field(() => SeizureStatus)
  readonly status!: SeizureStatus;

  @Field(() => [SeizureFinding])
  readonly findings!: readonly SeizureFinding[];

  @Field(() => DateTimeScalar)
  readonly receivedAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  readonly decidedAt!: Date | null;

  @Field(() => User, { nullable: true, description: 'Null where the checks alone decided.' })
  readonly decidedBy!: User | null;

  @Field(() => String, { nullable: true })
  readonly decisionReason!: string | null;
}

@ObjectType()
export class SeizureEdge {
  @Field(() => String)
  readonly cursor!: string;

  @Field(() => Seizure)
  readonly node!: Seizure;
}

@ObjectType({ description: 'Newest received first.' })
export class SeizureConnection {
  @Field(() => [SeizureEdge])
  readonly edges!: readonly SeizureEdge[];

  @Field(() => PageInfo)
  readonly pageInfo!: PageInfo;

  @Field(() => Int, { description: 'How many you may see; counted only when asked for.' })
  readonly totalCount!: () => Promise<number>;
}

@ObjectType({ description: 'What the queue gave up on, kept until the hub sends it again.' })
export class FailedReport {
  @Field(() => UUIDScalar)
  readonly seizureId!: string;

  @Field(() => DateTimeScalar)
  readonly failedAt!: Date;

  @Field(() => Int)
  readonly attempts!: number;

  @Field(() => String)
  readonly reason!: string;
}
