import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type Actor, CurrentActor, JSONScalar, Public, type RequestContext, SignedIn, UUIDScalar } from '#platform';

import { BeforeSecondFactor } from '../access/enrolment.js';
import { RequestActors } from '../access/request-actors.js';
import { clientOf } from '../accounts/open-session.js';
import { Session } from '../accounts/session.js';
import { Proofs } from '../second-factor/proofs.service.js';
import { EnrolledPasskey, Passkey } from './passkey.js';
import { Passkeys } from './passkeys.service.js';

const PASSWORD = 'Wanted where no authenticator app is enrolled.';
const OTP =
  'Wanted where an authenticator app is enrolled, or a passkey that the session was begun without: a code of the app, or a recovery code. ' +
  'BAD_USER_INPUT has reason OTP_USED for a code of the app that came before.';

@Resolver(() => Passkey)
export class PasskeysResolver {
  constructor(
    private readonly keys: Passkeys,
    private readonly proofs: Proofs,
    private readonly requests: RequestActors,
  ) {}

  @Query(() => [Passkey], { description: 'The own passkeys, the newest first.' })
  @SignedIn()
  passkeys(@CurrentActor() actor: Actor): Promise<Passkey[]> {
    return this.keys.of(actor);
  }

  @Mutation(() => JSONScalar, {
    description:
      'Begins the enrolment of a passkey. Gives `PublicKeyCredentialCreationOptionsJSON` of WebAuthn, for the browser to create it with; ' +
      'the challenge in it works once, for five minutes.',
  })
  @SignedIn()
  @BeforeSecondFactor()
  async beginPasskey(
    @CurrentActor() actor: Actor,
    @Args('password', { type: () => String, nullable: true, description: PASSWORD })
    password: string | null | undefined,
    @Args('otp', { type: () => String, nullable: true, description: OTP }) otp: string | null | undefined,
    @Context() { req }: RequestContext,
  ): Promise<unknown> {
    await this.proofs.prove(actor, { password, otp, address: req.ip });
    return this.keys.beginEnrolment(actor);
  }

  @Mutation(() => EnrolledPasskey, {
    description:
      'Enrols the passkey that the browser created. The other sessions of the person that have proved no second factor end.',
  })
  @SignedIn()
  @BeforeSecondFactor()
  async addPasskey(
    @CurrentActor() actor: Actor,
    @Args('name', { type: () => String, description: 'What the person calls it, such as the device it is in.' })
    name: string,
    @Args('answer', { type: () => JSONScalar, description: '`RegistrationResponseJSON` of WebAuthn.' })
    answer: unknown,
    @Context() { req }: RequestContext,
  ): Promise<EnrolledPasskey> {
    const enrolled = await this.keys.enrol(actor, name, answer);
    this.requests.forget(req);
    return enrolled;
  }

  @Mutation(() => Passkey, { description: 'Gives one of the own passkeys another name.' })
  @SignedIn()
  renamePasskey(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => UUIDScalar }) id: string,
    @Args('name', { type: () => String }) name: string,
  ): Promise<Passkey> {
    return this.keys.rename(actor, id, name);
  }

  @Mutation(() => Boolean, {
    description:
      'Removes one of the own passkeys, and ends the sessions that began with it, but for this one. FORBIDDEN where it is the last ' +
      'second factor and a role of the person asks for one.',
  })
  @SignedIn()
  async removePasskey(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => UUIDScalar }) id: string,
    @Args('password', { type: () => String, nullable: true, description: PASSWORD })
    password: string | null | undefined,
    @Args('otp', { type: () => String, nullable: true, description: OTP }) otp: string | null | undefined,
    @Context() { req }: RequestContext,
  ): Promise<boolean> {
    await this.proofs.prove(actor, { password, otp, address: req.ip });
    await this.keys.remove(actor, id);
    return true;
  }

  @Mutation(() => JSONScalar, {
    description:
      'Begins a sign-in with a passkey. Gives `PublicKeyCredentialRequestOptionsJSON` of WebAuthn; the challenge in it works once, for ' +
      'five minutes. RATE_LIMITED after 600 in 15 minutes from one network address, sign-ins by a provider counted with them.',
  })
  @Public()
  beginPasskeySignIn(@Context() { req }: RequestContext): Promise<unknown> {
    return this.keys.beginSignIn(req.ip);
  }

  @Mutation(() => Session, {
    description: 'Begins a session with a passkey, which is the second factor as well. Nothing else is asked for.',
  })
  @Public()
  signInWithPasskey(
    @Args('answer', { type: () => JSONScalar, description: '`AuthenticationResponseJSON` of WebAuthn.' })
    answer: unknown,
    @Context() { req }: RequestContext,
  ): Promise<Session> {
    return this.keys.signIn(answer, clientOf(req));
  }
}
