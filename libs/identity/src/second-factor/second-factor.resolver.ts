import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { type Actor, CurrentActor, type RequestContext, SignedIn } from '#platform';

import { BeforeSecondFactor } from '../access/enrolment.js';
import { RequestActors } from '../access/request-actors.js';
import { Proofs } from './proofs.service.js';
import { TotpEnrolment } from './second-factor.js';
import { SecondFactors } from './second-factors.service.js';

const PASSWORD = 'Wanted where no authenticator app is enrolled.';
const OTP =
  'Wanted where an authenticator app is enrolled, or a passkey that the session was begun without: a code of the app, or a recovery code. ' +
  'BAD_USER_INPUT has reason OTP_USED for a code of the app that came before.';

@Resolver()
export class SecondFactorResolver {
  constructor(
    private readonly factors: SecondFactors,
    private readonly proofs: Proofs,
    private readonly requests: RequestActors,
  ) {}

  @Mutation(() => TotpEnrolment, {
    description:
      'Makes a secret for an authenticator app. It counts, in place of one enrolled before, once `confirmTotp` has taken its first code ' +
      'in the same session.',
  })
  @SignedIn()
  @BeforeSecondFactor()
  async beginTotp(
    @CurrentActor() actor: Actor,
    @Args('password', { type: () => String, nullable: true, description: PASSWORD })
    password: string | null | undefined,
    @Args('otp', { type: () => String, nullable: true, description: OTP }) otp: string | null | undefined,
    @Context() { req }: RequestContext,
  ): Promise<TotpEnrolment> {
    await this.proofs.prove(actor, { password, otp, address: req.ip });
    return this.factors.begin(actor);
  }

  @Mutation(() => [String], {
    description:
      'Enrols the authenticator app that this session has begun with by its first code. Gives ten recovery codes, which are told here alone; those before end, and so do ' +
      'the sessions of the person that have proved no second factor, but for this one.',
  })
  @SignedIn()
  @BeforeSecondFactor()
  async confirmTotp(
    @CurrentActor() actor: Actor,
    @Args('code', { type: () => String }) code: string,
    @Context() { req }: RequestContext,
  ): Promise<string[]> {
    await this.proofs.firstCode(actor, code, req.ip);
    const recoveryCodes = await this.factors.confirm(actor, code);
    this.requests.forget(req);
    return recoveryCodes;
  }

  @Mutation(() => Boolean, {
    description:
      'Removes the authenticator app. FORBIDDEN where it is the last second factor and a role of the person asks for one.',
  })
  @SignedIn()
  async removeTotp(
    @CurrentActor() actor: Actor,
    @Args('otp', {
      type: () => String,
      description: 'A code of it, or a recovery code; BAD_USER_INPUT has reason OTP_USED for a code that came before.',
    })
    otp: string,
    @Context() { req }: RequestContext,
  ): Promise<boolean> {
    await this.proofs.prove(actor, { otp, address: req.ip });
    await this.factors.remove(actor);
    return true;
  }

  @Mutation(() => [String], {
    description:
      'Ten new recovery codes, each for one sign-in without the second factor. Told here alone; those before end.',
  })
  @SignedIn()
  async renewRecoveryCodes(
    @CurrentActor() actor: Actor,
    @Args('password', { type: () => String, nullable: true, description: PASSWORD })
    password: string | null | undefined,
    @Args('otp', { type: () => String, nullable: true, description: OTP }) otp: string | null | undefined,
    @Context() { req }: RequestContext,
  ): Promise<string[]> {
    await this.proofs.prove(actor, { password, otp, address: req.ip });
    return this.factors.renew(actor);
  }
}
