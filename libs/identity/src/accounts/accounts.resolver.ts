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
  RequestLoader,
  Role,
  SignedIn,
  UUIDScalar,
} from '#platform';

import { BeforeSecondFactor } from '../access/enrolment.js';
import { RequestActors } from '../access/request-actors.js';
import { coordinates, isOfHub } from '../access/rights.js';
import { Directory } from '../directory.service.js';
import { Grants } from '../grants/grants.service.js';
import { SecondFactors } from '../second-factor/second-factors.service.js';
import { Invitations } from './invitations.service.js';
import { Me } from './me.js';
import { Session } from './session.js';
import { Sessions } from './sessions.service.js';
import { SignIn } from './sign-in.service.js';
import { clientOf } from './open-session.js';
import { User } from './user.js';
import { InviteUserInput, UserInvitation } from './user-invitation.js';

@Resolver(() => User)
export class AccountsResolver {
  private readonly emailsOfAll = new RequestLoader((actor, users: readonly User[]) => this.emailsOf(actor, users));

  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly signIns: SignIn,
    private readonly invitations: Invitations,
    private readonly directory: Directory,
    private readonly grants: Grants,
    private readonly factors: SecondFactors,
    private readonly requests: RequestActors,
  ) {}

  @Query(() => Me, { description: 'Who asks, and what they may do.' })
  @SignedIn()
  @BeforeSecondFactor()
  me(@CurrentActor() actor: Actor): Promise<Me> {
    return this.database.read(actor, async (tx) => {
      const userId = actor.userId ?? '';
      const user = (await this.directory.usersById(tx, [userId])).get(userId);
      if (!user) throw new Error('A session belongs to nobody.');
      const agency = actor.agencyId === null ? undefined : await this.directory.agency(tx, actor.agencyId);
      const grants = await this.grants.of(tx, userId);
      return { user, agency: agency ?? null, grants, secondFactor: await this.factors.stateOf(tx, actor, grants) };
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
    return this.database.readAnywhere(actor, (tx) => this.directory.usersOf(tx, country));
  }

  @Mutation(() => Session, {
    description:
      'Begins a session. Where an authenticator app is enrolled, a right password without a code answers UNAUTHENTICATED with reason ' +
      'OTP_REQUIRED, and a code that is right and came before answers it with reason OTP_USED: the next one will do. Ten failures in 15 minutes, of passwords and codes together, shut an account out for the rest of them, known or not.',
  })
  @Public()
  signIn(
    @Args('email', { type: () => String }) email: string,
    @Args('password', { type: () => String }) password: string,
    @Args('otp', {
      type: () => String,
      nullable: true,
      description: 'A code of the authenticator app, which works once, or one of the recovery codes.',
    })
    otp: string | null | undefined,
    @Context() { req }: RequestContext,
  ): Promise<Session> {
    return this.signIns.byPassword(email, password, otp ?? null, clientOf(req));
  }

  @Mutation(() => Session, { description: 'The next tokens of a session. A refresh token works once.' })
  @Public()
  refreshSession(@Args('refreshToken', { type: () => String }) refreshToken: string): Promise<Session> {
    return this.sessions.refresh(refreshToken);
  }

  @Mutation(() => Boolean, { description: 'Ends the session at once, its sockets too.' })
  @SignedIn()
  @BeforeSecondFactor()
  async signOut(@CurrentActor() actor: Actor, @Context() { req }: RequestContext): Promise<boolean> {
    const ended = await this.sessions.signOut(actor);
    this.requests.forget(req);
    return ended;
  }

  @Mutation(() => Session, {
    description:
      'Opens an account with a password, and signs in. The password has at least 15 characters and at most 1024 bytes, and is neither ' +
      'common nor easily guessed from the name or the address; nothing else is asked of it.',
  })
  @Public()
  acceptInvitation(
    @Args('token', { type: () => String }) token: string,
    @Args('password', { type: () => String }) password: string,
    @Context() { req }: RequestContext,
  ): Promise<Session> {
    return this.invitations.accept(token, password, clientOf(req));
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

  @Mutation(() => UserInvitation, {
    description:
      'For a person who lost the password or the second factors: a new invitation. What was enrolled ends with the sessions; what the ' +
      'person may do stays. Never for oneself.',
  })
  @Allow(Role.ADMINISTRATOR)
  resetAccount(
    @CurrentActor() actor: Actor,
    @Args('userId', { type: () => UUIDScalar }) userId: string,
  ): Promise<UserInvitation> {
    return this.invitations.reset(actor, userId);
  }

  @ResolveField('email', () => String, { nullable: true, description: 'Told to the person and to administrators.' })
  async email(@Parent() user: User, @Context() { req }: RequestContext): Promise<string | null> {
    const { actor } = req;
    if (user.isAsker) return user.email ?? null;
    if (!actor || (actor.userId !== user.id && !hasRole(actor, Role.ADMINISTRATOR))) return null;
    // People who come with a record come without their address, which is nobody's business in most places.
    return user.email ?? this.emailsOfAll.load(req, actor, user);
  }

  private emailsOf(actor: Actor, users: readonly User[]): Promise<(string | null)[]> {
    return this.database.readAnywhere(actor, async (tx) => {
      const known = await this.directory.usersById(tx, [...new Set(users.map(({ id }) => id))]);
      return users.map(({ id }) => known.get(id)?.email ?? null);
    });
  }
}
