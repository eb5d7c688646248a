import type { MigrationInterface, QueryRunner } from 'typeorm';

import { rolesOf } from './rules/roles.js';
import { toldCountries } from './rules/visible.js';

/** What a viewer's standing is kept in, for the transaction alone. */
const STANDING = {
  viewer_operation: 'uuid',
  viewer_person: 'uuid',
  viewer_is_hub: 'boolean',
  viewer_people: 'text[]',
  viewer_coordinates: 'text[]',
  viewer_observes_for: 'text[]',
  viewer_is_inside: 'boolean',
  viewer_knows_frame: 'boolean',
} as const;

const EMPTY = { uuid: 'NULL', boolean: 'FALSE', 'text[]': `'{}'` } as const;

/**
 * How a viewer stands in an operation, worked out by the database itself from the grants: the programs say who acts
 * (`muster.user_id`) and which operation they enter, and nothing of what that person may see.
 */
export class CreateViewers1700000010000 implements MigrationInterface {
  readonly name = 'CreateViewers1700000010000';

  async up(runner: QueryRunner): Promise<void> {
    const { api, worker, deputy } = await rolesOf(runner);
    for (const [name, type] of Object.entries(STANDING)) {
      const empty = name === 'viewer_observes_for' ? 'NULL' : EMPTY[type];
      await runner.query(`
        CREATE FUNCTION ${name}() RETURNS ${type} LANGUAGE sql STABLE PARALLEL SAFE
        AS $$ SELECT coalesce(nullif(current_setting('muster.${name}', true), '')::${type}, ${empty}) $$`);
    }
    await runner.query(`
      CREATE FUNCTION told_countries(concerned text[], added text[], left_out text[]) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
      AS $$ SELECT ${toldCountries('concerned', 'added', 'left_out')} $$`);
    await runner.query(`
      ALTER TABLE violations ADD COLUMN told_countries text[] NOT NULL
        GENERATED ALWAYS AS (told_countries(concerned_countries, added_countries, left_out_countries)) STORED`);
    await runner.query(`
      CREATE FUNCTION viewer_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
      AS $$ SELECT nullif(current_setting('muster.user_id', true), '')::uuid $$`);
    // The records of the events that the live feed tells in this transaction, once \`events_seen_by\` has said to whom; null in any other.
    await runner.query(`
      CREATE FUNCTION told_records() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
      AS $$ SELECT CASE WHEN viewer_user() IS NULL AND current_setting('muster.part', true) = 'live feed'
        THEN nullif(current_setting('muster.told_records', true), '')::uuid[] END $$`);
    // How somebody stands in an operation, by the grants. A viewer without a person (as_person false) stands for the class of viewers that
    // the user belongs to: what only one person may see is then seen by none. Who has no part in the operation sees there what is CLEAR, be it
    // the own record.
    // Of an archived operation those who were inside know the frame: its records are there in part, or not at all.
    await runner.query(`
      CREATE FUNCTION standing_in(entered uuid, viewer uuid, as_person boolean) RETURNS TABLE (
        person uuid, hub boolean, people text[], coordinates text[], observes_for text[], inside boolean, frame boolean)
      LANGUAGE sql STABLE AS $$
        SELECT CASE WHEN as_person AND i.inside THEN viewer END, s.hub AND i.inside,
          CASE WHEN i.inside AND s.people IS NOT NULL THEN s.people ELSE '{}' END,
          CASE WHEN i.inside AND s.coordinates IS NOT NULL THEN s.coordinates ELSE '{}' END,
          CASE WHEN i.inside AND s.observer THEN coalesce(s.observes_for, '{}') END,
          i.inside, i.has_part OR s.frame
        FROM (
          SELECT
            coalesce(bool_or(g.role = 'HUB' OR (g.role = 'ANALYST' AND g.country IS NULL)), FALSE) AS hub,
            array_agg(DISTINCT g.country) FILTER (WHERE g.operation_id = entered AND p.status = 'ACCEPTED'
              AND g.role IN ('NATIONAL_COORDINATOR', 'AGENCY_OFFICER', 'PORT_UNIT_OFFICER', 'ANALYST')) AS people,
            array_agg(DISTINCT g.country) FILTER (WHERE g.operation_id = entered AND p.status = 'ACCEPTED'
              AND g.role = 'NATIONAL_COORDINATOR') AS coordinates,
            coalesce(bool_or(g.role = 'OBSERVER' AND g.operation_id = entered), FALSE) AS observer,
            array_agg(DISTINCT g.country) FILTER (WHERE g.role = 'OBSERVER' AND g.operation_id = entered
              AND g.country IS NOT NULL) AS observes_for,
            coalesce(bool_or(g.role = 'ADMINISTRATOR' OR (g.role = 'NATIONAL_COORDINATOR' AND g.operation_id IS NULL AND EXISTS (
              SELECT FROM participations i WHERE i.operation_id = entered AND i.country = g.country
                AND i.status IN ('INVITED', 'ACCEPTED')))), FALSE) AS frame
          FROM grants g LEFT JOIN participations p ON p.operation_id = g.operation_id AND p.country = g.country
          WHERE g.user_id = viewer AND g.ended_at IS NULL AND (g.operation_id = entered OR g.operation_id IS NULL)) AS s
        CROSS JOIN LATERAL (SELECT s.hub OR s.observer OR s.people IS NOT NULL AS has_part) AS p
        CROSS JOIN LATERAL (SELECT p.has_part, p.has_part AND NOT EXISTS (
          SELECT FROM operations o WHERE o.id = entered AND o.archived_at IS NOT NULL) AS inside) AS i $$`);
    await runner.query(`REVOKE EXECUTE ON FUNCTION standing_in(uuid, uuid, boolean) FROM PUBLIC`);
    // Security definer, so that it reads the grants whatever the caller may read.
    await runner.query(`
      CREATE FUNCTION enter_operation(entered uuid, as_person boolean DEFAULT TRUE) RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
      BEGIN
        PERFORM
          set_config('muster.viewer_operation', entered::text, TRUE),
          set_config('muster.viewer_person', coalesce(s.person::text, ''), TRUE),
          set_config('muster.viewer_is_hub', s.hub::text, TRUE),
          set_config('muster.viewer_people', s.people::text, TRUE),
          set_config('muster.viewer_coordinates', s.coordinates::text, TRUE),
          set_config('muster.viewer_observes_for', coalesce(s.observes_for::text, ''), TRUE),
          set_config('muster.viewer_is_inside', s.inside::text, TRUE),
          set_config('muster.viewer_knows_frame', s.frame::text, TRUE)
        FROM standing_in(entered, viewer_user(), as_person) AS s;
      END $$`);
    await runner.query(`REVOKE EXECUTE ON FUNCTION enter_operation(uuid, boolean) FROM PUBLIC`);
    await runner.query(`GRANT EXECUTE ON FUNCTION enter_operation(uuid, boolean) TO ${api}, ${worker}, ${deputy}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION enter_operation(uuid, boolean)`);
    await runner.query(`DROP FUNCTION standing_in(uuid, uuid, boolean)`);
    await runner.query(`ALTER TABLE violations DROP COLUMN told_countries`);
    await runner.query(`DROP FUNCTION told_countries(text[], text[], text[])`);
    for (const name of ['told_records', 'viewer_user', ...Object.keys(STANDING)])
      await runner.query(`DROP FUNCTION ${name}()`);
  }
}
