import { type Looker, type SharedRecord, sharedColumns, toldCountries, visible } from './visible.js';

/** SQL of whether the viewer sees the event's subject: any record, or one that is a violation. */
interface Subject {
  readonly seen: string;
  readonly violationSeen: string;
}

/** Holds for rows about an export of the viewer's own. */
export function exportOf(table: string, id: string, { person }: Pick<Looker, 'person'>): string {
  return `EXISTS (SELECT FROM exports x WHERE x.operation_id = ${table}.operation_id AND x.id = ${table}.${id} AND x.author_id = ${person})`;
}

/** Holds for the events of the viewer's operation that the viewer is told of. */
export function eventSeen(event: string, viewer: Looker, { seen, violationSeen }: Subject): string {
  const { hub, people, coordinates, inside, frame } = viewer;
  return `CASE
    WHEN ${event}.kind IN ('operation.created', 'operation.updated', 'operation.phase-moved') THEN ${frame}
    WHEN ${event}.kind LIKE 'participation.%' THEN ${frame}
    WHEN NOT ${inside} THEN FALSE
    WHEN ${event}.kind LIKE 'import.%' THEN ${event}.country = ANY (${coordinates})
    WHEN ${event}.kind LIKE 'export.%' THEN ${exportOf(event, 'subject_id', viewer)}
    WHEN ${event}.kind = 'operation.findings-published' THEN TRUE
    WHEN ${event}.kind = 'violation.gone' THEN ${goneSeen(event, viewer)} AND NOT ${violationSeen}
    WHEN ${event}.kind LIKE 'violation.%' THEN ${violationSeen}
    WHEN ${event}.kind = 'seizure.same-unit' THEN (${hub} OR ${event}.country = ANY (${people})) AND ${seen}
    WHEN ${event}.kind LIKE 'seizure.%' THEN ${seen}
    ELSE FALSE END`;
}

// To those who could see the record and no longer can. Who came later never saw what was gone by then.
function goneSeen(event: string, viewer: Looker): string {
  const before = `${event}.shared_before`;
  const wereThere = (field: string): string => `ARRAY(SELECT jsonb_array_elements_text(${before} -> '${field}'))`;
  return `
    (${viewer.hub} OR ${wereThere('accepted')} && ${viewer.people} OR (${viewer.person})::text = ANY (${wereThere('observers')}))
    AND (${before} ->> 'sharing_level' = 'CLEAR' OR ${visible(kept(before, before), viewer)})
    AND (${visible(kept(before, `(${before} -> 'after')`), viewer)}) IS NOT TRUE`;
}

/** How a record was shared before or after a change that took it out of somebody's sight, as its event keeps it. */
function kept(event: string, shared: string): SharedRecord {
  const list = (field: string, type: string): string =>
    `ARRAY(SELECT jsonb_array_elements_text(${shared} -> '${field}'))::${type}[]`;
  return {
    level: `(${shared} ->> 'sharing_level')`,
    country: `(${event} ->> 'owner')`,
    author: `(${event} ->> 'author')::uuid`,
    named: list('named_user_ids', 'uuid'),
    told: toldCountries(
      list('concerned_countries', 'text'),
      list('added_countries', 'text'),
      list('left_out_countries', 'text'),
    ),
    leftOut: list('left_out_countries', 'text'),
  };
}

const LOOKER: Looker = {
  person: 'w.person',
  hub: 'w.hub',
  people: 'w.people',
  coordinates: 'w.coordinates',
  observesFor: 'w.observes_for',
  inside: 'w.inside',
  frame: 'w.frame',
};

const RECORD_SEEN = `(r.is_violation AND r.level = 'CLEAR' OR ${visible(sharedColumns('r'), LOOKER)})`;

/**
 * The events of a stretch of an operation's log, each with the numbers, from 0, of those of `viewers` (a list of { userId, asPerson }) who
 * see it: the rule of the policies, asked once for all viewers and not once for each. For the live feed alone, which may then read the
 * records of these events in the same transaction (`told_records`), once for all whom it tells of them.
 */
export const EVENTS_SEEN_BY = `
  CREATE FUNCTION events_seen_by(operation uuid, viewers jsonb, after bigint, up_to bigint)
  RETURNS TABLE ("position" bigint, kind text, occurred_at timestamptz, subject_id uuid, country text, seen_by int[])
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DECLARE
    told uuid[] := '{}';
  BEGIN
    IF current_setting('muster.part', true) IS DISTINCT FROM 'live feed' THEN
      RAISE insufficient_privilege USING MESSAGE = 'Only the live feed asks for several viewers.';
    END IF;
    FOR "position", kind, occurred_at, subject_id, country, seen_by IN
      WITH lookers AS MATERIALIZED (
        SELECT (l.place - 1)::int AS number, s.* FROM jsonb_array_elements(viewers) WITH ORDINALITY AS l (viewer, place)
        CROSS JOIN LATERAL standing_in(operation, (l.viewer ->> 'userId')::uuid, (l.viewer ->> 'asPerson')::boolean) AS s)
      SELECT e.position, e.kind, e.occurred_at, e.subject_id, e.country, seen.numbers FROM feed_events e
      LEFT JOIN LATERAL (SELECT * FROM shared_records r WHERE r.operation_id = e.operation_id AND r.id = e.subject_id OFFSET 0) AS r ON TRUE
      CROSS JOIN LATERAL (SELECT array_agg(w.number) AS numbers FROM lookers w WHERE ${eventSeen('e', LOOKER, {
        seen: `coalesce(${RECORD_SEEN}, FALSE)`,
        violationSeen: `coalesce(r.is_violation AND ${RECORD_SEEN}, FALSE)`,
      })}) AS seen
      WHERE e.operation_id = operation AND e.position > after AND e.position <= up_to AND seen.numbers IS NOT NULL
      ORDER BY e.position
    LOOP
      told := told || subject_id;
      RETURN NEXT;
    END LOOP;
    -- Whoever was entered before is left.
    PERFORM
      set_config('muster.user_id', '', TRUE),
      set_config('muster.told_records', told::text, TRUE),
      set_config('muster.viewer_operation', operation::text, TRUE),
      set_config('muster.viewer_person', '', TRUE),
      set_config('muster.viewer_is_hub', '', TRUE),
      set_config('muster.viewer_people', '', TRUE),
      set_config('muster.viewer_coordinates', '', TRUE),
      set_config('muster.viewer_observes_for', '', TRUE),
      set_config('muster.viewer_is_inside', '', TRUE),
      set_config('muster.viewer_knows_frame', '', TRUE);
  END $$`;
