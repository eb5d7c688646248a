import { registerEnumType } from '@nestjs/graphql';

/** What an agency is. */
export enum AgencyKind {
  CUSTOMS = 'CUSTOMS',
  POLICE = 'POLICE',
  ENVIRONMENT = 'ENVIRONMENT',
  COAST_GUARD = 'COAST_GUARD',
  NAVY = 'NAVY',
  PORT_AUTHORITY = 'PORT_AUTHORITY',
  WILDLIFE = 'WILDLIFE',
  FORESTRY = 'FORESTRY',
  FISHERIES = 'FISHERIES',
  OZONE_UNIT = 'OZONE_UNIT',
  CHEMICAL_WEAPONS_AUTHORITY = 'CHEMICAL_WEAPONS_AUTHORITY',
  PROSECUTION = 'PROSECUTION',
  OTHER = 'OTHER',
}
registerEnumType(AgencyKind, { name: 'AgencyKind', description: 'What an agency is.' });

/** Where a port unit works. */
export enum PortUnitKind {
  SEA_PORT = 'SEA_PORT',
  DRY_PORT = 'DRY_PORT',
  AIRPORT = 'AIRPORT',
  RAIL_TERMINAL = 'RAIL_TERMINAL',
  LAND_BORDER = 'LAND_BORDER',
}
registerEnumType(PortUnitKind, { name: 'PortUnitKind', description: 'Where a port unit works.' });
