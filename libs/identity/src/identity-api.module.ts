import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';

import { AccessCheck } from './access/access-check.js';
import { AccessGuard } from './access/access.guard.js';
import { RequestActors } from './access/request-actors.js';
import { AccountsResolver } from './accounts/accounts.resolver.js';
import { SessionsResolver } from './accounts/sessions.resolver.js';
import { AgenciesResolver } from './agencies/agencies.resolver.js';
import { PortUnitsResolver } from './agencies/port-units.resolver.js';
import { GrantsResolver } from './grants/grants.resolver.js';
import { PasskeysResolver } from './passkeys/passkeys.resolver.js';
import { ProviderController } from './providers/provider.controller.js';
import { ProvidersResolver } from './providers/providers.resolver.js';
import { SecondFactorResolver } from './second-factor/second-factor.resolver.js';
import { IdentityModule } from './identity.module.js';

/** Accounts, grants and agencies over GraphQL, and the guard before everything that the api offers. */
@Module({
  imports: [IdentityModule, DiscoveryModule],
  controllers: [ProviderController],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    RequestActors,
    AccessCheck,
    AccountsResolver,
    SessionsResolver,
    SecondFactorResolver,
    PasskeysResolver,
    ProvidersResolver,
    GrantsResolver,
    AgenciesResolver,
    PortUnitsResolver,
  ],
})
export class IdentityApiModule {}
