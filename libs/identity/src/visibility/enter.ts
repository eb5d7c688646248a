import { type Actor, archived, enterOperation, hasRole, notFound, prepared, Role, type Tx } from '#platform';

import { isInside, type Standing, standingIn } from './standing.js';

/**
 * Enters an operation as the actor: everything that reads or does something in one operation begins here.
 * @param frame whether it is enough to know the operation's frame, as an invited country's contact points and administrators do
 * @param alsoArchived for the frame alone, which stays
 * @throws NOT_FOUND where the operation is absent or not the actor's to know; PHASE where it is archived
 */
export async function enter(
  tx: Tx,
  actor: Actor,
  operationId: string,
  { frame = false, alsoArchived = false } = {},
): Promise<Standing> {
  const standing = standingIn(actor, operationId);
  await enterOperation(tx, standing, operationId);
  const [operation] = await prepared<{ contact: boolean; archived: boolean }>(
    tx,
    `SELECT EXISTS (SELECT FROM participations p WHERE p.operation_id = o.id AND p.country = ANY($2::text[])
       AND p.status IN ('INVITED', 'ACCEPTED')) AS contact, o.archived_at IS NOT NULL AS archived
     FROM operations o WHERE o.id = $1`,
    [operationId, contactOf(actor)],
  );
  if (!operation) throw notFound();
  const isAdmitted = isInside(standing) || (frame && (operation.contact || hasRole(actor, Role.ADMINISTRATOR)));
  if (!isAdmitted) throw notFound();
  if (operation.archived && !alsoArchived) throw archived();
  return standing;
}

/** The countries that the actor is a standing contact point of. */
export function contactOf(actor: Actor): string[] {
  return actor.grants.flatMap(({ role, operationId, country }) =>
    role === Role.NATIONAL_COORDINATOR && operationId === null && country !== null ? [country] : [],
  );
}
