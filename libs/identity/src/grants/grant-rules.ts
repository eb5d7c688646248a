import { type Actor, type Faults, hasRole, Role } from '#platform';

/** What a grant gives: a role, in one operation or standing, for a country or none, in a port unit or none. */
export interface GrantShape {
  readonly role: Role;
  readonly operationId: string | null;
  readonly country: string | null;
  readonly unitId: string | null;
}

type Need = 'required' | 'optional' | 'never';

/** Which parts a grant of each role has. */
const SHAPES: Readonly<Record<Role, { readonly operationId: Need; readonly country: Need; readonly unitId: Need }>> = {
  [Role.ADMINISTRATOR]: { operationId: 'never', country: 'never', unitId: 'never' },
  [Role.HUB]: { operationId: 'never', country: 'never', unitId: 'never' },
  [Role.ANALYST]: { operationId: 'optional', country: 'optional', unitId: 'never' },
  [Role.NATIONAL_COORDINATOR]: { operationId: 'optional', country: 'required', unitId: 'never' },
  [Role.AGENCY_OFFICER]: { operationId: 'required', country: 'required', unitId: 'never' },
  [Role.PORT_UNIT_OFFICER]: { operationId: 'required', country: 'optional', unitId: 'required' },
  [Role.OBSERVER]: { operationId: 'required', country: 'optional', unitId: 'never' },
};

const PARTS = { operationId: 'an operation', country: 'a country', unitId: 'a port unit' } as const;

/** Says what a grant of its role lacks, or has too much of. */
export function checkShape(grant: GrantShape, path: string, faults: Faults): void {
  for (const part of ['operationId', 'country', 'unitId'] as const) {
    const need = SHAPES[grant.role][part];
    const has = grant[part] !== null;
    if (need === 'required' && !has)
      faults.add(`${path}.${part}`, 'required', `${grant.role} is held for ${PARTS[part]}.`);
    if (need === 'never' && has)
      faults.add(`${path}.${part}`, 'not-allowed', `${grant.role} is not held for ${PARTS[part]}.`);
  }
  if (grant.role === Role.ANALYST && grant.country !== null && grant.operationId === null) {
    faults.add(
      `${path}.operationId`,
      'required',
      'An analyst of a country works in one operation; only those of the hub are standing.',
    );
  }
}

/** Roles that the hub gives: observers, and its own analysts, who have no country. */
function isHubsToGive({ role, country }: GrantShape): boolean {
  return role === Role.OBSERVER || (role === Role.ANALYST && country === null);
}

/** Roles that coordinators give to people of their own country. */
export const COORDINATORS_GIVE: readonly Role[] = [Role.AGENCY_OFFICER, Role.PORT_UNIT_OFFICER, Role.ANALYST];

/** For which countries the actor coordinates an operation: as a standing coordinator, or as one of that operation. */
export function coordinatedIn(actor: Actor, operationId: string | null): string[] {
  return actor.grants.flatMap(({ role, country, operationId: of }) =>
    role === Role.NATIONAL_COORDINATOR && country !== null && (of === null || of === operationId) ? [country] : [],
  );
}

/** Whether such a grant is a coordinator's to give and not also an administrator's who asks: then its operation is looked at. */
export function givesAsCoordinator(actor: Actor, { role, country }: GrantShape): boolean {
  if (hasRole(actor, Role.ADMINISTRATOR) || !COORDINATORS_GIVE.includes(role)) return false;
  return role !== Role.ANALYST || country !== null;
}

/**
 * Whether the actor may give, or end, such a grant. How the country stands in the operation is asked apart. A coordinator who
 * leaves the country of an officer out is not turned away for it: that is a fault of the input.
 */
export function mayGrant(actor: Actor, grant: GrantShape): boolean {
  if (hasRole(actor, Role.ADMINISTRATOR)) return true;
  if (!givesAsCoordinator(actor, grant)) return hasRole(actor, Role.HUB) && isHubsToGive(grant);
  return actor.grants.some(
    ({ role, country }) => role === Role.NATIONAL_COORDINATOR && (grant.country === null || grant.country === country),
  );
}

/** Whether the actor may know that the grant exists: it is the own, or of a country that the actor coordinates there. */
export function mayKnowOf(actor: Actor, grant: GrantShape & { readonly userId: string }): boolean {
  if (grant.userId === actor.userId || hasRole(actor, Role.ADMINISTRATOR, Role.HUB)) return true;
  return grant.country !== null && coordinatedIn(actor, grant.operationId).includes(grant.country);
}
