import { registerEnumType } from '@nestjs/graphql';

/** TIME_BOUND has a last day; STANDING goes on all year. */
export enum OperationKind {
  TIME_BOUND = 'TIME_BOUND',
  STANDING = 'STANDING',
}
registerEnumType(OperationKind, {
  name: 'OperationKind',
  description: 'TIME_BOUND has a last day; STANDING goes on all year.',
});

/** The life of an operation, in this order. */
export enum OperationPhase {
  PREPARATION = 'PREPARATION',
  OPERATIONAL = 'OPERATIONAL',
  POST_OPERATIONAL = 'POST_OPERATIONAL',
  CLOSED = 'CLOSED',
}
registerEnumType(OperationPhase, { name: 'OperationPhase', description: 'The life of an operation, in this order.' });

/** Where a country's participation stands. */
export enum ParticipationStatus {
  INVITED = 'INVITED',
  ACCEPTED = 'ACCEPTED',
  DECLINED = 'DECLINED',
  WITHDRAWN = 'WITHDRAWN',
}
registerEnumType(ParticipationStatus, {
  name: 'ParticipationStatus',
  description: "Where a country's participation stands.",
});
