import { Module } from '@nestjs/common';
import { AuditModule } from '#audit';
import { ReferenceModule } from '#reference';

import { Accounts } from './accounts/accounts.service.js';
import { Invitations } from './accounts/invitations.service.js';
import { PasswordChanges } from './accounts/password-changes.service.js';
import { SecretBox } from './accounts/secret-box.js';
import { Sessions } from './accounts/sessions.service.js';
import { SignInLimits } from './accounts/sign-in-limits.js';
import { SignInSteps } from './accounts/sign-in-steps.js';
import { SignIn } from './accounts/sign-in.service.js';
import { Agencies } from './agencies/agencies.service.js';
import { Directory } from './directory.service.js';
import { Grants } from './grants/grants.service.js';
import { Ceremonies } from './passkeys/ceremonies.js';
import { Passkeys } from './passkeys/passkeys.service.js';
import { OpenidClients } from './providers/openid-clients.js';
import { ProviderSignIn } from './providers/provider-sign-in.service.js';
import { Providers } from './providers/providers.service.js';
import { Proofs } from './second-factor/proofs.service.js';
import { SecondFactors } from './second-factor/second-factors.service.js';
import { LogEntering } from './visibility/log-entering.js';

/** People, their agencies and port units, and what they may do. */
@Module({
  imports: [AuditModule, ReferenceModule],
  providers: [
    Accounts,
    LogEntering,
    SignInLimits,
    SignInSteps,
    SignIn,
    SecretBox,
    Sessions,
    SecondFactors,
    Proofs,
    PasswordChanges,
    Ceremonies,
    Passkeys,
    OpenidClients,
    Providers,
    ProviderSignIn,
    Invitations,
    Grants,
    Agencies,
    Directory,
  ],
  exports: [
    Accounts,
    SignInLimits,
    SignInSteps,
    SignIn,
    SecretBox,
    Sessions,
    SecondFactors,
    Proofs,
    PasswordChanges,
    Passkeys,
    Providers,
    ProviderSignIn,
    Invitations,
    Grants,
    Agencies,
    Directory,
  ],
})
export class IdentityModule {}
