import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  type Actor,
  Allow,
  CountryCodeScalar,
  CurrentActor,
  Database,
  forbidden,
  hasRole,
  Public,
  type RequestContext,
  Role,
  SignedIn,
} from '#platform';

import { RequestActors } from '../access/request-actors.js';
import { coordinates, isOfHub } from '../access/rights.js';
import { Directory } from '../directory.service.js';
import { Grants } from '../grants/grants.service.js';
import { Invitations } from './invitations.service.js';
import { Me } from './me.js';
import { Session } from './session.js';
import { Sessions } from './sessions.service.js';
import { User } from './user.js';
import { InviteUserInput, UserInvitation } from './user-invitation.js';

@Resolver(() => User)
export class AccountsResolver {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly invitations: Invitations,
    private readonly directory: Directory,
    private readonly grants: Grants,
    private readonly requests: RequestActors,
  ) {}

  @Query(() => Me, { description: 'Who asks, and what they may do.' })
  @SignedIn()
  me(@CurrentActor() actor: Actor): Promise<Me> {
    return this.database.read(actor, async (tx) => {
      const userId = actor.userId ?? '';
      const user = (await this.directory.usersById(tx, [userId])).get(userId);
      if (!user) throw new Error('A session belongs to nobody.');
      const agency = actor.agencyId === null ? undefined : await this.directory.agency(tx, actor.agencyId);
      return { user, agency: agency ?? null, grants: await this.grants.of(tx, userId) };
    });
  }

  @Query(() => [User], {
    description:
      "A country's people: those of its agencies and those who hold a role for it. For its coordinators, the hub and administrators.",
  })
  @Allow(Role.NATIONAL_COORDINATOR, Role.HUB, Role.ANALYST, Role.ADMINISTRATOR)
  users(
    @CurrentActor() actor: Actor,
    @Args('country', { type: () => CountryCodeScalar }) country: string,
  ): Promise<User[]> {
    if (!hasRole(actor, Role.ADMINISTRATOR) && !isOfHub(actor) && !coordinates(actor, country)) throw forbidden();
    return this.database.read(actor, (tx) => this.directory.usersOf(tx, country));
  }

  @Mutation(() => Session, {
    description: 'Begins a session. Ten failures in 15 minutes shut an account out for the rest of them, known or not.',
  })
  @Public()
  signIn(
    @Args('email', { type: () => String }) email: string,
    @Args('password', { type: () => String }) password: string,
    @Args('otp', { type: () => String, nullable: true, description: 'A second factor; not asked for yet.' })
    _otp: string | null | undefined,
    @Context() { req }: RequestContext,
  ): Promise<Session> {
    return this.sessions.signIn(email, password, req.ip);
  }

  @Mutation(() => Session, { description: 'The next tokens of a session. A refresh token works once.' })
  @Public()
  refreshSession(@Args('refreshToken', { type: () => String }) refreshToken: string): Promise<Session> {
    return this.sessions.refresh(refreshToken);
  }

  @Mutation(() => Boolean, { description: 'Ends the session at once, its sockets too.' })
  @SignedIn()
  async signOut(@CurrentActor() actor: Actor, @Context() { req }: RequestContext): Promise<boolean> {
    const ended = await this.sessions.signOut(actor);
    this.requests.forget(req);
    return ended;
  }

  @Mutation(() => Session, { description: 'Opens an account with a password of 8 to 1024 characters, and signs in.' })
  @Public()
  acceptInvitation(
    @Args('token', { type: () => String }) token: string,
    @Args('password', { type: () => String }) password: string,
  ): Promise<Session> {
    return this.invitations.accept(token, password);
  }

  @Mutation(() => UserInvitation, {
    description:
      'Invites a person to open an account: an administrator anybody, a coordinator people of agencies of the country. Given ' +
      'again before the account is opened, the invitation before it ends.',
  })
  @Allow(Role.ADMINISTRATOR, Role.NATIONAL_COORDINATOR)
  inviteUser(
    @CurrentActor() actor: Actor,
    @Args('input', { type: () => InviteUserInput }) input: InviteUserInput,
  ): Promise<UserInvitation> {
    return this.invitations.invite(actor, input);
  }

  @ResolveField('email', () => String, { nullable: true, description: 'Told to the person and to administrators.' })
  async email(@Parent() user: User, @Context() { req }: RequestContext): Promise<string | null> {
    const { actor } = req;
    if (user.isAsker) return user.email ?? null;
    if (!actor || (actor.userId !== user.id && !hasRole(actor, Role.ADMINISTRATOR))) return null;
    // People who come with a record come without their address, which is nobody's business in most places.
    return (
      user.email ??
      this.database.read(
        actor,
        async (tx) => (await this.directory.usersById(tx, [user.id])).get(user.id)?.email ?? null,
      )
    );
  }
}
