import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import {
  type Actor,
  Allow,
  CountryCodeScalar,
  CurrentActor,
  Database,
  DateScalar,
  Role,
  SignedIn,
  UUIDScalar,
} from '#platform';

import { Directory } from '../directory.service.js';
import { AgencyKind, PortUnitKind } from '../vocabulary.js';
import { Agencies } from './agencies.service.js';
import { Agency } from './agency.js';
import { PortUnit, Posting } from './port-unit.js';

@Resolver()
export class AgenciesResolver {
  constructor(
    private readonly database: Database,
    private readonly directory: Directory,
    private readonly service: Agencies,
  ) {}

  @Query(() => [Agency], { description: 'The agencies of a country, or of all.' })
  @SignedIn()
  agencies(
    @CurrentActor() actor: Actor,
    @Args('country', { type: () => CountryCodeScalar, nullable: true }) country: string | null = null,
  ): Promise<Agency[]> {
    return this.database.readAnywhere(actor, (tx) => this.directory.agencies(tx, country));
  }

  @Query(() => [PortUnit], { description: 'The port units of a country, or of all.' })
  @SignedIn()
  portUnits(
    @CurrentActor() actor: Actor,
    @Args('country', { type: () => CountryCodeScalar, nullable: true }) country: string | null = null,
  ): Promise<PortUnit[]> {
    return this.database.readAnywhere(actor, (tx) => this.directory.units(tx, country, actor));
  }

  @Mutation(() => Agency, { description: 'Adds an agency to a country; for its coordinators and administrators.' })
  @Allow(Role.ADMINISTRATOR, Role.NATIONAL_COORDINATOR)
  createAgency(
    @CurrentActor() actor: Actor,
    @Args('name', { type: () => String }) name: string,
    @Args('kind', { type: () => AgencyKind }) kind: AgencyKind,
    @Args('country', { type: () => CountryCodeScalar }) country: string,
  ): Promise<Agency> {
    return this.service.createAgency(actor, { name, kind, country });
  }

  @Mutation(() => PortUnit, {
    description: 'Adds a joint unit of agencies of one country; for its coordinators and administrators.',
  })
  @Allow(Role.ADMINISTRATOR, Role.NATIONAL_COORDINATOR)
  createPortUnit(
    @CurrentActor() actor: Actor,
    @Args('name', { type: () => String }) name: string,
    @Args('kind', { type: () => PortUnitKind }) kind: PortUnitKind,
    @Args('country', { type: () => CountryCodeScalar }) country: string,
    @Args('unlocode', { type: () => String, description: "The place, by UN/LOCODE; of the unit's country." })
    unlocode: string,
    @Args('agencyIds', { type: () => [UUIDScalar], description: "At least one; all of the unit's country." })
    agencyIds: string[],
  ): Promise<PortUnit> {
    return this.service.createPortUnit(actor, { name, kind, country, unlocode, agencyIds });
  }

  @Mutation(() => Posting, {
    description:
      "Seconds an officer of one of the unit's agencies to the unit; for coordinators of its country and administrators.",
  })
  @Allow(Role.ADMINISTRATOR, Role.NATIONAL_COORDINATOR)
  postOfficer(
    @CurrentActor() actor: Actor,
    @Args('unitId', { type: () => UUIDScalar }) unitId: string,
    @Args('userId', { type: () => UUIDScalar }) userId: string,
    @Args('from', { type: () => DateScalar, description: 'The first day.' }) from: string,
    @Args('until', { type: () => DateScalar, nullable: true, description: 'The last day; left out, it is open.' })
    until: string | null = null,
  ): Promise<Posting> {
    return this.service.postOfficer(actor, { unitId, userId, from, until });
  }
}
