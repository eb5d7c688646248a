import { Args, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type Actor, Allow, CountryCodeScalar, CurrentActor, Role, UUIDScalar } from '#platform';

import { SharingCeiling, SharingLimitsInput } from './sharing-ceiling.js';
import { SharingCeilings } from './sharing-ceilings.service.js';

const SCOPE = "Null: the country's standing one, which its contact points set and see.";

@Resolver(() => SharingCeiling)
export class SharingCeilingsResolver {
  constructor(private readonly ceilings: SharingCeilings) {}

  @Query(() => SharingCeiling, {
    description: "A country's ceiling on what its own people share; NOT_FOUND for all but its own people.",
  })
  @Allow(Role.NATIONAL_COORDINATOR, Role.AGENCY_OFFICER, Role.PORT_UNIT_OFFICER, Role.ANALYST)
  sharingCeiling(
    @CurrentActor() actor: Actor,
    @Args('country', { type: () => CountryCodeScalar }) country: string,
    @Args('operationId', { type: () => UUIDScalar, nullable: true, description: SCOPE })
    operationId: string | null | undefined,
  ): Promise<SharingCeiling> {
    return this.ceilings.of(actor, { operationId: operationId ?? null, country });
  }

  @Mutation(() => SharingCeiling, {
    description:
      "Sets the widest sharing that a country's own people may give to its records from now on; by a coordinator of the country. " +
      'Logging and reporting are held to it; so is changing the sharing, for coordinators only where it binds them. What was ' +
      'acknowledged stays as it is. CONFLICT where it was set by somebody else in the meantime.',
  })
  @Allow(Role.NATIONAL_COORDINATOR)
  setSharingCeiling(
    @CurrentActor() actor: Actor,
    @Args('country', { type: () => CountryCodeScalar }) country: string,
    @Args('expectedVersion', { type: () => Int, description: '0 where none was set here.' }) expectedVersion: number,
    @Args('reason', { type: () => String }) reason: string,
    @Args('operationId', { type: () => UUIDScalar, nullable: true, description: SCOPE })
    operationId: string | null | undefined,
    @Args('limits', {
      type: () => SharingLimitsInput,
      nullable: true,
      description:
        'Null takes back what was set here: in an operation the standing limits hold again, if there are any.',
    })
    limits: SharingLimitsInput | null | undefined,
  ): Promise<SharingCeiling> {
    return this.ceilings.set(
      actor,
      { operationId: operationId ?? null, country },
      expectedVersion,
      reason,
      limits ?? null,
    );
  }
}
