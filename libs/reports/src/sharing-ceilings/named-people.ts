/**
 * SQL of whose people those are whom a sharing names, as JSON; null where it names none that there are. A person without a home agency may
 * well work for a country: the grants tell, in the operation and standing ones.
 * @param ids SQL of an array of their ids
 * @param operation SQL of the operation's id
 */
export function namedPeople(ids: string, operation: string): string {
  const grants = `FROM grants g WHERE g.user_id = n.id AND g.ended_at IS NULL AND (g.operation_id = ${operation} OR g.operation_id IS NULL)`;
  return `(SELECT jsonb_object_agg(n.id, jsonb_build_object(
    'countries', ARRAY(SELECT y.country FROM agencies y WHERE y.id = n.agency_id UNION SELECT g.country ${grants} AND g.country IS NOT NULL),
    'hub', EXISTS (SELECT ${grants} AND g.country IS NULL AND g.role IN ('HUB', 'ANALYST')),
    'observer', EXISTS (SELECT ${grants} AND g.role = 'OBSERVER')))
    FROM users n WHERE n.id = ANY (${ids}))`;
}
