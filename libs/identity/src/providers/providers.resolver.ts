import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type Actor, Allow, CurrentActor, Public, type RequestContext, Role, UUIDScalar } from '#platform';

import { clientOf } from '../accounts/open-session.js';
import { Session } from '../accounts/session.js';
import { IdentityProvider, RegisterProviderInput, SignInProvider } from './identity-provider.js';
import { ProviderSignIn } from './provider-sign-in.service.js';
import { Providers } from './providers.service.js';

@Resolver(() => IdentityProvider)
export class ProvidersResolver {
  constructor(
    private readonly providers: Providers,
    private readonly signIns: ProviderSignIn,
  ) {}

  @Query(() => [SignInProvider], { description: "The agencies' own sign-ins that may be chosen, by name." })
  @Public()
  signInProviders(): Promise<SignInProvider[]> {
    return this.providers.offered();
  }

  @Query(() => [IdentityProvider], { description: "The agencies' own OpenID Connect providers, by name." })
  @Allow(Role.ADMINISTRATOR)
  identityProviders(@CurrentActor() actor: Actor): Promise<IdentityProvider[]> {
    return this.providers.registered(actor);
  }

  @Mutation(() => IdentityProvider, {
    description:
      "Lets an agency's people sign in by its own OpenID Connect provider: those who were invited with an address of one of the domains. " +
      'It makes no accounts and gives no rights.',
  })
  @Allow(Role.ADMINISTRATOR)
  registerIdentityProvider(
    @CurrentActor() actor: Actor,
    @Args('input', { type: () => RegisterProviderInput }) input: RegisterProviderInput,
  ): Promise<IdentityProvider> {
    return this.providers.register(actor, input);
  }

  @Mutation(() => Boolean, { description: 'Nobody signs in by the provider from now on; sessions go on to their end.' })
  @Allow(Role.ADMINISTRATOR)
  async removeIdentityProvider(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => UUIDScalar }) id: string,
  ): Promise<boolean> {
    await this.providers.remove(actor, id);
    return true;
  }

  @Mutation(() => Session, {
    description:
      'Ends a sign-in by a provider. The client makes a random verifier, sends the browser to `/auth/{provider}/start?challenge=` with ' +
      'its SHA-256 in base64url, and gets it back at `/sign-in#code=…` or `/sign-in#error=…` (a code of errors). The code works once, for ' +
      'five minutes, with the verifier. UNAUTHENTICATED with reason OTP_REQUIRED where an authenticator app is enrolled and the ' +
      'provider has asked for one factor alone, and with reason OTP_USED for a code of the app that came before; the code waits.',
  })
  @Public()
  signInByProvider(
    @Args('code', { type: () => String }) code: string,
    @Args('verifier', { type: () => String }) verifier: string,
    @Args('otp', {
      type: () => String,
      nullable: true,
      description: 'A code of the authenticator app, which works once, or one of the recovery codes.',
    })
    otp: string | null | undefined,
    @Context() { req }: RequestContext,
  ): Promise<Session> {
    return this.signIns.signIn(code, verifier, otp ?? null, clientOf(req));
  }
}
