import { Field, Int, ObjectType } from '@nestjs/graphql';
import { DateScalar, DateTimeScalar, UUIDScalar } from '#platform';
import { CrimeArea } from '#reference';
import { Column, Entity, PrimaryColumn } from 'typeorm';

import { OperationKind, OperationPhase } from './vocabulary.js';

/** A joint operation: its frame, which every invited country may know. */
@Entity({ name: 'operations' })
@ObjectType({ description: 'A joint enforcement operation of several countries and agencies.' })
export class Operation {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => UUIDScalar)
  readonly id!: string;

  @Column({ type: 'int' })
  @Field(() => Int, { description: 'Counts the changes; a change names the version that it was made on.' })
  readonly version!: number;

  @Column({ type: 'text' })
  @Field(() => OperationKind)
  readonly kind!: OperationKind;

  @Column({ type: 'text' })
  @Field(() => String)
  readonly codeName!: string;

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true })
  readonly objectives!: string | null;

  @Column({ type: 'text' })
  @Field(() => OperationPhase)
  readonly phase!: OperationPhase;

  @Column({ type: 'text', array: true })
  @Field(() => [CrimeArea], { description: 'What the operation is about; records may be of other crime areas too.' })
  readonly crimeAreas!: CrimeArea[];

  @Column({ type: 'text' })
  @Field(() => String, { description: "The IANA time zone that the operation's days are counted in." })
  readonly timeZone!: string;

  @Column({ type: 'date' })
  @Field(() => DateScalar, { description: 'First day of the operational window.' })
  readonly operationalStartsOn!: string;

  @Column({ type: 'date', nullable: true })
  @Field(() => DateScalar, {
    nullable: true,
    description: 'Last day of the operational window; null for a standing operation.',
  })
  readonly operationalEndsOn!: string | null;

  @Column({ type: 'date', nullable: true })
  @Field(() => DateScalar, {
    nullable: true,
    description: 'Last day on which late reports are taken; null for a standing operation.',
  })
  readonly reportingDeadline!: string | null;

  @Column({ type: 'int' })
  @Field(() => Int, { description: 'Months that records are kept after the operation has closed.' })
  readonly retentionMonths!: number;

  @Column({ type: 'timestamptz', nullable: true })
  @Field(() => DateTimeScalar, { nullable: true, description: 'Since when it is closed; null while it is not.' })
  readonly closedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      'Since when it is archived; null while it is not. Of an archived operation this frame is told, and nothing of its records, feed, ' +
      'findings and figures: what asks for them or would change something is refused with PHASE.',
  })
  readonly archivedAt!: Date | null;

  @Field(() => DateScalar, {
    nullable: true,
    description: 'First day on which its records are due to be anonymised or erased; null while it is not closed.',
  })
  readonly recordsDueOn!: string | null;
}

/** A standing operation never ends; any other one has a last day. */
export type OperationWindow = Pick<Operation, 'operationalStartsOn' | 'operationalEndsOn'>;

/** Whether a day lies in the operational window, both ends included. */
export function isInWindow({ operationalStartsOn, operationalEndsOn }: OperationWindow, day: string): boolean {
  return day >= operationalStartsOn && (operationalEndsOn === null || day <= operationalEndsOn);
}

/** Received after the operation's last day, counted in the operation's own time zone. Late reports count, and say that they were late. */
export function isLate({ operationalEndsOn }: OperationWindow, dayOfArrival: string): boolean {
  return operationalEndsOn !== null && dayOfArrival > operationalEndsOn;
}
