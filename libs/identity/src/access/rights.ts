import { type Actor, type ActorPosting, Role } from '#platform';

/** Whether the actor speaks for a country as its coordinator: standing, or in an operation that the country takes part in. */
export function coordinates(actor: Actor, country: string): boolean {
  return actor.grants.some(
    (grant) =>
      grant.role === Role.NATIONAL_COORDINATOR &&
      grant.country === country &&
      (grant.operationId === null || grant.participation === 'ACCEPTED'),
  );
}

/** Whether the actor belongs to the coordination hub, as an officer or an analyst of it. */
export function isOfHub(actor: Actor): boolean {
  return actor.grants.some(({ role, country }) => role === Role.HUB || (role === Role.ANALYST && country === null));
}

/** Whether the actor is one of a country's people: by the home agency, or by a role held for the country. */
export function isOfCountry(actor: Actor, country: string): boolean {
  if (actor.agencyCountry === country) return true;
  return actor.grants.some((grant) => grant.country === country && grant.role !== Role.OBSERVER);
}

/**
 * Whether the officer was posted to the unit on a day. Whatever asks for a posting, such as a seizure report of a unit, asks here; it is
 * known only to the person and so asked of the actor.
 */
export function isPosted(actor: { readonly postings: readonly ActorPosting[] }, unitId: string, day: string): boolean {
  return actor.postings.some(
    (posting) => posting.unitId === unitId && posting.from <= day && (posting.until === null || day <= posting.until),
  );
}
