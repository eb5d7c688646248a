import { registerEnumType } from '@nestjs/graphql';

/** What a person may do; held by a grant, for one operation or standing. */
export enum Role {
  ADMINISTRATOR = 'ADMINISTRATOR',
  HUB = 'HUB',
  ANALYST = 'ANALYST',
  NATIONAL_COORDINATOR = 'NATIONAL_COORDINATOR',
  AGENCY_OFFICER = 'AGENCY_OFFICER',
  PORT_UNIT_OFFICER = 'PORT_UNIT_OFFICER',
  OBSERVER = 'OBSERVER',
}
registerEnumType(Role, {
  name: 'Role',
  description: 'What a person may do; held by a grant, for one operation or standing.',
});
