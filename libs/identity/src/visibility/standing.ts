import { type Actor, type ActorGrant, enterOperation, type Looker, Role, type Tx } from '#platform';

/**
 * How a viewer stands in one operation, as the programs need it to say what is told of a record and to refuse with a good error. Which
 * records there are for the viewer, the database works out by itself.
 */
export interface Standing extends Looker {
  /** The coordination hub or its analysts. */
  readonly hub: boolean;
  /** Accepted countries whose people the viewer belongs to. */
  readonly people: readonly string[];
  /** Those of them that the viewer coordinates. */
  readonly coordinates: readonly string[];
  /** A partner observer, and the country it observes for, where it has one. */
  readonly observer: boolean;
  readonly observesFor: readonly string[];
  /** Knows the operation's frame (dates, phase, participants) without being in it: invited, or a platform administrator. */
  readonly frameOnly: boolean;
}

const NOBODY = { hub: false, people: [], coordinates: [], observer: false, observesFor: [] } as const;

/** How the actor stands in an operation. A country that declined or withdrew is outside. */
export function standingIn(actor: Actor, operationId: string): Standing {
  const here = actor.grants.filter((grant) => grant.operationId === operationId);
  const people = here.filter((grant) => grant.participation === 'ACCEPTED' && isNational(grant.role));
  const observers = here.filter((grant) => grant.role === Role.OBSERVER);
  const standing = {
    ...NOBODY,
    userId: actor.userId,
    asPerson: true,
    hub: actor.grants.some((grant) => isOfHub(grant, operationId)),
    people: countriesOf(people),
    coordinates: countriesOf(people.filter((grant) => grant.role === Role.NATIONAL_COORDINATOR)),
    observer: observers.length > 0,
    observesFor: countriesOf(observers),
  };
  return { ...standing, frameOnly: !isInside(standing) };
}

/** The standing of an account that has no part in an operation: it may open what is CLEAR, by its id. */
export function outside(actor: Actor): Standing {
  return { ...NOBODY, userId: actor.userId, asPerson: true, frameOnly: true };
}

/** How the actor stands towards records of an operation; one who has no part in it still opens what is CLEAR. */
export function viewerOf(actor: Actor, operationId: string): Standing {
  const standing = standingIn(actor, operationId);
  return isInside(standing) ? standing : outside(actor);
}

/** Looks into an operation from wherever the actor stands, for records that are asked for by their ids. */
export async function lookInto(tx: Tx, actor: Actor, operationId: string): Promise<Standing> {
  const viewer = viewerOf(actor, operationId);
  await enterOperation(tx, viewer, operationId);
  return viewer;
}

/** Whether the viewer takes part in the operation and may ask for its records at all. */
export function isInside(standing: Pick<Standing, 'hub' | 'people' | 'observer'>): boolean {
  return standing.hub || standing.observer || standing.people.length > 0;
}

/** The same for every viewer who sees the same, but for what is one person's own. */
export function viewerClass(standing: Standing): string {
  return JSON.stringify([
    standing.hub,
    [...standing.people].sort(),
    [...standing.coordinates].sort(),
    standing.observer,
    [...standing.observesFor].sort(),
  ]);
}

function isNational(role: Role): boolean {
  return [Role.NATIONAL_COORDINATOR, Role.AGENCY_OFFICER, Role.PORT_UNIT_OFFICER, Role.ANALYST].includes(role);
}

function isOfHub(grant: ActorGrant, operationId: string): boolean {
  if (grant.operationId !== null && grant.operationId !== operationId) return false;
  return grant.role === Role.HUB || (grant.role === Role.ANALYST && grant.country === null);
}

function countriesOf(grants: readonly ActorGrant[]): string[] {
  return [...new Set(grants.flatMap(({ country }) => country ?? []))];
}
