import { registerEnumType } from '@nestjs/graphql';

/** Who sees a record, labelled after the Traffic Light Protocol 2.0 and bound to the operation. */
export enum SharingLevel {
  RED = 'RED',
  AMBER_STRICT = 'AMBER_STRICT',
  AMBER = 'AMBER',
  GREEN = 'GREEN',
  CLEAR = 'CLEAR',
}
registerEnumType(SharingLevel, {
  name: 'SharingLevel',
  description: 'Who sees a record, labelled after the Traffic Light Protocol 2.0 and bound to the operation.',
});

/** What the receiver of a record may do with it. */
export enum UseRestriction {
  NONE = 'NONE',
  NOT_IN_COURT = 'NOT_IN_COURT',
  NO_ONWARD = 'NO_ONWARD',
}
registerEnumType(UseRestriction, {
  name: 'UseRestriction',
  description: 'What the receiver of a record may do with it.',
});

/** Reliability of the source, by the 4 x 4 grading that police use. */
export enum SourceGrade {
  A = 'A',
  B = 'B',
  C = 'C',
  X = 'X',
}
registerEnumType(SourceGrade, {
  name: 'SourceGrade',
  description: 'Reliability of the source, by the 4 x 4 grading that police use.',
});

/** Accuracy of the information, by the 4 x 4 grading that police use. */
export enum InformationGrade {
  ONE = 'ONE',
  TWO = 'TWO',
  THREE = 'THREE',
  FOUR = 'FOUR',
}
registerEnumType(InformationGrade, {
  name: 'InformationGrade',
  description: 'Accuracy of the information, by the 4 x 4 grading that police use.',
});

/** Where a seizure report stands: RECEIVED, then ACCEPTED, NEEDS_REVIEW or REJECTED. */
export enum SeizureStatus {
  RECEIVED = 'RECEIVED',
  ACCEPTED = 'ACCEPTED',
  NEEDS_REVIEW = 'NEEDS_REVIEW',
  REJECTED = 'REJECTED',
}
registerEnumType(SeizureStatus, {
  name: 'SeizureStatus',
  description: 'Where a seizure report stands: RECEIVED, then ACCEPTED, NEEDS_REVIEW or REJECTED.',
});
