import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { type Actor, Allow, CurrentActor, Role, UUIDScalar } from '#platform';

import { Grant, GrantRoleInput } from './grant.js';
import { Grants } from './grants.service.js';

@Resolver(() => Grant)
export class GrantsResolver {
  constructor(private readonly grants: Grants) {}

  @Mutation(() => Grant, {
    description:
      'Gives a role: an administrator any, the hub observers and its analysts, a coordinator the officers and analysts of the ' +
      'country; never to oneself. Given again, it is the grant that stands.',
  })
  @Allow(Role.ADMINISTRATOR, Role.HUB, Role.NATIONAL_COORDINATOR)
  grantRole(
    @CurrentActor() actor: Actor,
    @Args('input', { type: () => GrantRoleInput }) input: GrantRoleInput,
  ): Promise<Grant> {
    return this.grants.grantRole(actor, input);
  }

  @Mutation(() => Boolean, { description: 'Ends a grant, at once; whoever may give it may end it, but for the own.' })
  @Allow(Role.ADMINISTRATOR, Role.HUB, Role.NATIONAL_COORDINATOR)
  endGrant(@CurrentActor() actor: Actor, @Args('id', { type: () => UUIDScalar }) id: string): Promise<boolean> {
    return this.grants.endGrant(actor, id);
  }
}
