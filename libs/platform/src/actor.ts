import { Role } from './role.js';

/** One right of a person: a role for one operation, or standing where `operationId` is null. */
export interface ActorGrant {
  readonly role: Role;
  readonly operationId: string | null;
  /** Null for the hub's own people, administrators and observers of no country. */
  readonly country: string | null;
  readonly unitId: string | null;
  /** How the grant's country stands in the grant's operation; null for standing grants and for those of no country. */
  readonly participation: string | null;
}

/** A dated secondment of the person to a port unit; `until` is the last day, null when open. */
export interface ActorPosting {
  readonly unitId: string;
  readonly from: string;
  readonly until: string | null;
}

/**
 * Who acts. Every transaction carries the actor's id (`muster.user_id`, set for the transaction alone), so that row-level
 * security can be laid over any table. A part of Muster itself acts with no user id.
 */
export interface Actor {
  readonly userId: string | null;
  readonly sessionId: string | null;
  /** The person's home agency and its country. */
  readonly agencyId: string | null;
  readonly agencyCountry: string | null;
  readonly grants: readonly ActorGrant[];
  readonly postings: readonly ActorPosting[];
  /** What acts when no person does: the worker, a console command. */
  readonly part: string | null;
  /**
   * Where the primary's log ended after the request had come in. A reading may come from the replica once that has come so far; absent: the
   * primary has to answer, as for a request that may have written something meanwhile.
   */
  readonly logPoint?: string;
}

/** A part of Muster that acts by itself, such as the worker that settles reports. */
export function partOfMuster(part: string): Actor {
  return { userId: null, sessionId: null, agencyId: null, agencyCountry: null, grants: [], postings: [], part };
}

/** Whether the actor holds the role, anywhere. Which operation and which country is asked later, where it matters. */
export function hasRole(actor: Actor, ...roles: readonly Role[]): boolean {
  return actor.grants.some((grant) => roles.includes(grant.role));
}
