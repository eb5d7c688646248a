import { Module } from '@nestjs/common';
import { AuditModule } from '#audit';
import { ReferenceModule } from '#reference';

import { Accounts } from './accounts/accounts.service.js';
import { Invitations } from './accounts/invitations.service.js';
import { Sessions } from './accounts/sessions.service.js';
import { SignInLimits } from './accounts/sign-in-limits.js';
import { Agencies } from './agencies/agencies.service.js';
import { Directory } from './directory.service.js';
import { Grants } from './grants/grants.service.js';

/** People, their agencies and port units, and what they may do. */
@Module({
  imports: [AuditModule, ReferenceModule],
  providers: [Accounts, SignInLimits, Sessions, Invitations, Grants, Agencies, Directory],
  exports: [Accounts, Sessions, Invitations, Grants, Agencies, Directory],
})
export class IdentityModule {}
