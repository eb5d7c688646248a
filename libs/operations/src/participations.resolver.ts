import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { type Actor, Allow, CountryCodeScalar, CurrentActor, Role, UUIDScalar } from '#platform';

import { AnswerInvitationInput } from './operations.inputs.js';
import { Participation } from './participation.entity.js';
import { Participations } from './participations.service.js';

@Resolver(() => Participation)
export class ParticipationsResolver {
  constructor(private readonly participations: Participations) {}

  @Mutation(() => [Participation], { description: 'Invites countries, and again those that declined.' })
  @Allow(Role.HUB)
  inviteCountries(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
    @Args('countries', { type: () => [CountryCodeScalar] }) countries: string[],
  ): Promise<Participation[]> {
    return this.participations.invite(actor, operationId, countries);
  }

  @Mutation(() => Participation, {
    description:
      'Answers the invitation of a country; an accepted country may answer again to change its lead agency or coordinators.',
  })
  @Allow(Role.NATIONAL_COORDINATOR)
  answerInvitation(@CurrentActor() actor: Actor, @Args('input') input: AnswerInvitationInput): Promise<Participation> {
    return this.participations.answer(actor, input);
  }

  @Mutation(() => Participation, {
    description: 'Takes an accepted country out of the operation; its past reports stay.',
  })
  @Allow(Role.NATIONAL_COORDINATOR, Role.HUB)
  withdrawParticipation(
    @CurrentActor() actor: Actor,
    @Args('participationId', { type: () => UUIDScalar }) participationId: string,
    @Args('reason', { type: () => String }) reason: string,
  ): Promise<Participation> {
    return this.participations.withdraw(actor, participationId, reason);
  }

  @Mutation(() => Participation, {
    description:
      "Certifies a country's figures as they stood at a feed cursor; CONFLICT where one of them changed after it.",
  })
  @Allow(Role.NATIONAL_COORDINATOR)
  certifyFigures(
    @CurrentActor() actor: Actor,
    @Args('participationId', { type: () => UUIDScalar }) participationId: string,
    @Args('asOf', { type: () => String }) asOf: string,
  ): Promise<Participation> {
    return this.participations.certify(actor, participationId, asOf);
  }
}
