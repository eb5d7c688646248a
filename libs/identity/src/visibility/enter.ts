import { type Actor, enterOperation, hasRole, notFound, prepared, Role, type Tx } from '#platform';

import { isInside, type Standing, standingIn } from './standing.js';

/**
 * Enters an operation as the actor: everything that reads or does something in one operation begins here.
 * @param frame whether it is enough to know the operation's frame, as an invited country's contact points and administrators do
 * @throws NOT_FOUND where the operation is absent or not the actor's to know
 */
export async function enter(tx: Tx, actor: Actor, operationId: string, { frame = false } = {}): Promise<Standing> {
  const standing = standingIn(actor, operationId);
  await enterOperation(tx, standing, operationId);
  const [operation] = await prepared<{ contact: boolean }>(
    tx,
    `SELECT EXISTS (SELECT FROM participations p WHERE p.operation_id = o.id AND p.country = ANY($2::text[])
       AND p.status IN ('INVITED', 'ACCEPTED')) AS contact
     FROM operations o WHERE o.id = $1`,
    [operationId, contactOf(actor)],
  );
  if (!operation) throw notFound();
  if (isInside(standing)) return standing;
  if (frame && (operation.contact || hasRole(actor, Role.ADMINISTRATOR))) return standing;
  throw notFound();
}

/** The countries that the actor is a standing contact point of. */
export function contactOf(actor: Actor): string[] {
  return actor.grants.flatMap(({ role, operationId, country }) =>
    role === Role.NATIONAL_COORDINATOR && operationId === null && country !== null ? [country] : [],
  );
}
