import { Args, Context, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type Actor, CurrentActor, type RequestContext, SignedIn, UUIDScalar } from '#platform';

import { RequestActors } from '../access/request-actors.js';
import { OpenSession } from './open-session.js';
import { PasswordChanges } from './password-changes.service.js';
import { Sessions } from './sessions.service.js';

@Resolver(() => OpenSession)
export class SessionsResolver {
  constructor(
    private readonly sessions: Sessions,
    private readonly passwords: PasswordChanges,
    private readonly requests: RequestActors,
  ) {}

  @Query(() => [OpenSession], {
    name: 'sessions',
    description: 'The own sessions that are under way, the newest first.',
  })
  @SignedIn()
  openSessions(@CurrentActor() actor: Actor): Promise<OpenSession[]> {
    return this.sessions.of(actor);
  }

  @Mutation(() => Boolean, { description: 'Ends one of the own sessions at once, its sockets too.' })
  @SignedIn()
  async endSession(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => UUIDScalar }) id: string,
    @Context() { req }: RequestContext,
  ): Promise<boolean> {
    await this.sessions.endOne(actor, id);
    this.requests.forget(req);
    return true;
  }

  @Mutation(() => Int, { description: 'Ends the own sessions but for this one; gives how many.' })
  @SignedIn()
  endOtherSessions(@CurrentActor() actor: Actor): Promise<number> {
    return this.sessions.endOthers(actor);
  }

  @Mutation(() => Boolean, {
    description:
      'Sets another password, and ends the other sessions. It has at least 15 characters, or 8 where a second factor is enrolled, and is ' +
      'neither a common password nor easily guessed from the name or the address; nothing else is asked of it.',
  })
  @SignedIn()
  async changePassword(
    @CurrentActor() actor: Actor,
    @Args('currentPassword', { type: () => String }) current: string,
    @Args('newPassword', { type: () => String }) wanted: string,
    @Context() { req }: RequestContext,
  ): Promise<boolean> {
    await this.passwords.change(actor, current, wanted, req.ip);
    return true;
  }
}
