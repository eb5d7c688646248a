import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';

import { AccessCheck } from './access/access-check.js';
import { AccessGuard } from './access/access.guard.js';
import { RequestActors } from './access/request-actors.js';
import { AccountsResolver } from './accounts/accounts.resolver.js';
import { AgenciesResolver } from './agencies/agencies.resolver.js';
import { PortUnitsResolver } from './agencies/port-units.resolver.js';
import { GrantsResolver } from './grants/grants.resolver.js';
import { IdentityModule } from './identity.module.js';

/** Accounts, grants and agencies over GraphQL, and the guard before everything that the api offers. */
@Module({
  imports: [IdentityModule, DiscoveryModule],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    RequestActors,
    AccessCheck,
    AccountsResolver,
    GrantsResolver,
    AgenciesResolver,
    PortUnitsResolver,
  ],
})
export class IdentityApiModule {}
