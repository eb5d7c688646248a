import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import { type Actor, type ActorGrant, MusterError, Role } from '#platform';

/** Whoever holds one of these, anywhere, needs a second factor: they see many countries' records, or decide who does. */
const ROLES_WITH_SECOND_FACTOR: readonly string[] = [Role.HUB, Role.ANALYST, Role.ADMINISTRATOR];

/** Metadata key of the word that a field is there for those, too, who still have to prove a second factor. */
export const BEFORE_SECOND_FACTOR = 'muster:before-second-factor';

/** Also for whom a role asks for a second factor that the session has not proved: to look who they are, to enrol and to sign out. */
export const BeforeSecondFactor = (): CustomDecorator => SetMetadata(BEFORE_SECOND_FACTOR, true);

/** Who acts by a session. */
export interface SessionActor extends Actor {
  /**
   * A role of the person asks for a second factor, and the session has not proved one. What the person may do is left out of
   * `grants` and `postings` as well, so that nothing is given away where nobody looks at this.
   */
  readonly lacksSecondFactor: boolean;
}

export function needsSecondFactor(grants: readonly Pick<ActorGrant, 'role'>[]): boolean {
  return grants.some(({ role }) => ROLES_WITH_SECOND_FACTOR.includes(role));
}

export function secondFactorMissing(): MusterError {
  return new MusterError(
    'FORBIDDEN',
    'Your role asks for a second factor. Enrol a passkey or an authenticator app (beginPasskey, beginTotp), or sign in with it.',
    { reason: 'SECOND_FACTOR_REQUIRED' },
  );
}
