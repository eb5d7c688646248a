import { type Agency, type Standing, standingIn } from '#identity';
import { type Actor, forbidden, MusterError, Role } from '#platform';

import type { Limits } from '../sharing-ceilings/ceiling-rule.js';
import type { ViolationState } from './violation-state.js';

/** The country that a report would belong to: coordinators log for any agency of theirs, agency officers for their own. */
export function ownerOf(
  actor: Actor,
  { coordinates }: Standing,
  operationId: string,
  agency: Agency | undefined,
): string {
  const officerFor = actor.grants
    .filter(
      ({ role, operationId: of, participation }) =>
        role === Role.AGENCY_OFFICER && of === operationId && participation === 'ACCEPTED',
    )
    .flatMap(({ country }) => country ?? []);
  const [candidate] = [...coordinates, ...officerFor];
  if (candidate === undefined) throw forbidden('Violations are logged by national coordinators and agency officers.');
  if (!agency) return candidate;
  const isOwn = agency.id === actor.agencyId && officerFor.includes(agency.country);
  if (!isOwn && !coordinates.includes(agency.country))
    throw forbidden('Violations are logged for agencies of the own country.');
  return agency.country;
}

/** Only the author and the coordinators of the owning country change a record. @throws FORBIDDEN otherwise */
export function assertMayChange(actor: Actor, viewer: Standing, { identity }: ViolationState): void {
  const isAuthor = actor.userId === identity.authorId && viewer.people.includes(identity.country);
  if (!isAuthor && !viewer.coordinates.includes(identity.country)) {
    throw forbidden('Only the author and the coordinators of the owning country change a record.');
  }
}

/** A coordinator keeps a record for any agency of the country, an officer for the own one. @throws FORBIDDEN otherwise */
export function assertMayRecordFor(actor: Actor, { identity, content }: ViolationState, agency: Agency): void {
  const coordinates = standingIn(actor, identity.operationId).coordinates.includes(identity.country);
  const isAllowed = coordinates
    ? agency.country === identity.country
    : [actor.agencyId, content.agencyId].includes(agency.id);
  if (!isAllowed)
    throw forbidden('A record is kept for agencies of the owning country; an officer keeps it for the own one.');
}

/** @throws CONFLICT where the record was withdrawn */
export function assertNotWithdrawn({ withdrawn }: ViolationState): void {
  if (withdrawn) throw new MusterError('CONFLICT', 'The record was withdrawn and can no longer be changed.');
}

/**
 * Whether somebody who changes a record, with a reason that the audit log keeps, is not held to the country's ceiling: its coordinators,
 * unless it binds them too. Nobody goes beyond it without a reason, and logging and reporting carry none.
 */
export function mayExceed(actor: Actor, { identity }: ViolationState, limits: Limits | null): boolean {
  if (!limits) return true;
  return !limits.bindsCoordinators && standingIn(actor, identity.operationId).coordinates.includes(identity.country);
}
