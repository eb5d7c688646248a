import type { MigrationInterface, QueryRunner } from 'typeorm';

import { here, type Policies, secure, USER } from './rules/policies.js';
import { type Roles, rolesOf } from './rules/roles.js';
import { ENTERED } from './rules/visible.js';

/** What a country lets its own people share, and how long records are kept after an operation has closed. */
export class CreateCeilingsAndRetention1700000016000 implements MigrationInterface {
  readonly name = 'CreateCeilingsAndRetention1700000016000';

  async up(runner: QueryRunner): Promise<void> {
    const roles = await rolesOf(runner);
    await createCeilings(runner);
    await createRetention(runner);
    await createRetainedRecord(runner, roles);
    await createCeilingsInForce(runner, roles);
    for (const [table, policies] of Object.entries(POLICIES)) {
      await secure(runner, roles, table, policies);
      const commands = Object.keys(policies).join(', ');
      if (commands) await runner.query(`GRANT ${commands} ON ${table} TO ${roles.api}`);
    }
    for (const [table, commands] of Object.entries(FOR_WORKER)) {
      await runner.query(`GRANT ${commands} ON ${table} TO ${roles.worker}`);
    }
    // Those that have ended go with their record; one that is in force is nobody's to take away.
    await runner.query(
      `CREATE POLICY legal_holds_ended ON legal_holds AS RESTRICTIVE FOR DELETE TO ${roles.worker} USING (ended_at IS NOT NULL)`,
    );
    // Who could see an erased record before it was shared otherwise is no longer kept.
    await runner.query(`GRANT UPDATE (shared_before) ON feed_events TO ${roles.worker}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const { worker } = await rolesOf(runner);
    await runner.query(`REVOKE UPDATE (shared_before) ON feed_events FROM ${worker}`);
    await runner.query(`DROP FUNCTION ceilings_in_force(uuid, text[])`);
    await runner.query(`DROP FUNCTION retained_record(uuid, uuid)`);
    for (const table of [
      'erased_objects',
      'retention_receipts',
      'retention_notices',
      'legal_holds',
      'sharing_ceilings',
    ])
      await runner.query(`DROP TABLE ${table}`);
    for (const table of ['violations', 'seizures'])
      await runner.query(`ALTER TABLE ${table} DROP COLUMN anonymised_at`);
    await runner.query(`ALTER TABLE operations DROP COLUMN closed_at, DROP COLUMN retention_months`);
  }
}

async function createCeilings(runner: QueryRunner): Promise<void> {
  // Each setting is a row of its own and the highest version holds; without an operation it is the country's standing one. A version
  // without limits takes back what was set before.
  await runner.query(`
    CREATE TABLE sharing_ceilings (
      country text NOT NULL,
      operation_id uuid,
      version integer NOT NULL,
      highest_level text CHECK (highest_level IN ('RED', 'AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR')),
      allowed_countries text[],
      denied_countries text[] NOT NULL,
      binds_coordinators boolean NOT NULL,
      reason text NOT NULL,
      set_by uuid NOT NULL,
      set_at timestamptz NOT NULL,
      UNIQUE NULLS NOT DISTINCT (country, operation_id, version)
    )`);
  await runner.query(`
    CREATE TRIGGER sharing_ceilings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing_ceilings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
}

async function createRetention(runner: QueryRunner): Promise<void> {
  await runner.query(`
    ALTER TABLE operations ADD COLUMN retention_months integer NOT NULL DEFAULT 60 CHECK (retention_months BETWEEN 12 AND 360),
      ADD COLUMN closed_at timestamptz`);
  // Those that were closed before had no clock.
  await runner.query(`
    UPDATE operations o SET closed_at = coalesce((SELECT max(a.at) FROM audit_entries a WHERE a.operation_id = o.id
      AND a.action = 'operation.phase-moved' AND a.details ->> 'to' = 'CLOSED'), now()) WHERE phase = 'CLOSED'`);
  // What is left of an anonymised record is what the ledger of figures holds of it, and its sharing.
  for (const table of ['violations', 'seizures']) {
    await runner.query(`ALTER TABLE ${table} ADD COLUMN anonymised_at timestamptz`);
  }
  await runner.query(`
    CREATE TABLE legal_holds (
      operation_id uuid NOT NULL,
      record_id uuid NOT NULL,
      country text NOT NULL,
      reason text NOT NULL,
      set_by uuid NOT NULL,
      set_at timestamptz NOT NULL,
      ended_by uuid,
      ended_at timestamptz,
      end_reason text,
      PRIMARY KEY (operation_id, record_id, set_at)
    )`);
  await runner.query(
    `CREATE UNIQUE INDEX legal_holds_present ON legal_holds (operation_id, record_id) WHERE ended_at IS NULL`,
  );
  // From when the owners know that the records of an operation are due: the time that they have left runs from here.
  await runner.query(`
    CREATE TABLE retention_notices (
      operation_id uuid NOT NULL,
      due_on date NOT NULL,
      noticed_at timestamptz NOT NULL,
      PRIMARY KEY (operation_id, due_on)
    )`);
  // That an owner has a record, in the form that has this hash.
  await runner.query(`
    CREATE TABLE retention_receipts (
      operation_id uuid NOT NULL,
      record_id uuid NOT NULL,
      country text NOT NULL,
      sha256 bytea NOT NULL,
      received_by uuid NOT NULL,
      received_at timestamptz NOT NULL,
      PRIMARY KEY (operation_id, record_id, sha256)
    )`);
  // Files of erased attachments that are still to be removed from the store: what is stored there knows no transaction.
  await runner.query(`
    CREATE TABLE erased_objects (
      object_id uuid PRIMARY KEY,
      owed_since timestamptz NOT NULL
    )`);
}

/**
 * The whole record in one text, the same each time as long as nothing of it changes; what is hashed, exported and proved. It runs as
 * whoever asks. PostgreSQL's jsonb has one order of keys, and times are told in UTC. Left out is what counts the records of others.
 */
async function createRetainedRecord(runner: QueryRunner, { api, worker }: Roles): Promise<void> {
  const rows = (table: string, key: string, order: string, without: string): string =>
    `(SELECT coalesce(jsonb_agg(to_jsonb(t) - '{operation_id,${without}}'::text[] ORDER BY ${order}), '[]')
      FROM ${table} t WHERE t.operation_id = operation AND t.${key} = record)`;
  const row = (table: string, without: string): string =>
    `(SELECT to_jsonb(t) - '{${without}}'::text[] FROM ${table} t WHERE t.operation_id = operation AND t.id = record)`;
  await runner.query(`
    CREATE FUNCTION retained_record(operation uuid, record uuid) RETURNS text LANGUAGE sql STABLE SET timezone = 'UTC' AS $$
      SELECT jsonb_build_object('operation', operation, 'record', record,
        'violation', ${row('violations', 'arrival,search,search_text,anonymised_at')},
        'lines', ${rows('violation_lines', 'violation_id', 't.line', 'violation_id')},
        'versions', ${rows('violation_versions', 'violation_id', 't.version', 'violation_id,position,command_hash')},
        'seizure', ${row('seizures', 'arrival,decision_hash,anonymised_at')},
        'cargoUnits', ${rows('cargo_units', 'record_id', 't.ordinal', 'record_id')},
        'attachments', ${rows('attachments', 'record_id', 't.ordinal', 'record_id,object_id')})::text
    $$`);
  await runner.query(`REVOKE EXECUTE ON FUNCTION retained_record(uuid, uuid) FROM PUBLIC`);
  await runner.query(`GRANT EXECUTE ON FUNCTION retained_record(uuid, uuid) TO ${api}, ${worker}`);
}

/**
 * The limits that hold in an operation for some countries: an operation's own before the country's standing ones. In PL/pgSQL, which plans its
 * statement once per connection, as it is asked with every report; for the countries of whoever asks, and for all where the reports of several
 * people are taken in together.
 */
async function createCeilingsInForce(runner: QueryRunner, { api, worker, deputy }: Roles): Promise<void> {
  await runner.query(`
    CREATE FUNCTION ceilings_in_force(operation uuid, countries text[]) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
      IF viewer_user() IS NOT NULL OR current_setting('muster.part', true) IS DISTINCT FROM 'intake' THEN
        countries := ARRAY(SELECT c FROM unnest(countries) AS c WHERE c = ANY (viewer_people()) OR EXISTS (
          SELECT FROM grants g WHERE g.user_id = viewer_user() AND g.role = 'NATIONAL_COORDINATOR' AND g.operation_id IS NULL
            AND g.country = c AND g.ended_at IS NULL));
      END IF;
      RETURN (SELECT jsonb_object_agg(country, jsonb_build_object('highestLevel', highest_level, 'allowCountries', allowed_countries,
          'denyCountries', denied_countries, 'bindsCoordinators', binds_coordinators))
        FROM (SELECT DISTINCT ON (country) * FROM (
            SELECT DISTINCT ON (country, operation_id) * FROM sharing_ceilings
            WHERE country = ANY (countries) AND (operation_id = operation OR operation_id IS NULL)
            ORDER BY country, operation_id, version DESC) AS newest
          WHERE highest_level IS NOT NULL ORDER BY country, operation_id NULLS LAST) AS in_force);
    END $$`);
  await runner.query(`REVOKE EXECUTE ON FUNCTION ceilings_in_force(uuid, text[]) FROM PUBLIC`);
  await runner.query(`GRANT EXECUTE ON FUNCTION ceilings_in_force(uuid, text[]) TO ${api}, ${worker}, ${deputy}`);
}

const coordinated = (table: string): string => `${here(table)} AND ${table}.country = ANY (${ENTERED.coordinates})`;

const CONTACT = `EXISTS (SELECT FROM grants g WHERE g.user_id = ${USER} AND g.role = 'NATIONAL_COORDINATOR' AND g.operation_id IS NULL
  AND g.country = sharing_ceilings.country AND g.ended_at IS NULL)`;

/** Which rows the api may touch for the actor of its transaction. */
const POLICIES: Readonly<Record<string, Policies>> = {
  // The country's people in the operation, and its standing contact points.
  sharing_ceilings: {
    SELECT: `${CONTACT}
      OR ((sharing_ceilings.operation_id IS NULL OR ${here('sharing_ceilings')}) AND sharing_ceilings.country = ANY (${ENTERED.people}))`,
    INSERT: `sharing_ceilings.set_by = ${USER} AND (${CONTACT} OR (${coordinated('sharing_ceilings')}))`,
  },
  // A court case is the owner's own matter: its coordinators alone know of it.
  legal_holds: {
    SELECT: coordinated('legal_holds'),
    INSERT: `${coordinated('legal_holds')} AND legal_holds.set_by = ${USER}`,
    UPDATE: `${coordinated('legal_holds')} AND legal_holds.ended_by = ${USER}`,
  },
  retention_notices: { SELECT: here('retention_notices') },
  retention_receipts: {
    SELECT: coordinated('retention_receipts'),
    INSERT: `${coordinated('retention_receipts')} AND retention_receipts.received_by = ${USER}`,
  },
  erased_objects: {},
};

const FOR_WORKER: Readonly<Record<string, string>> = {
  legal_holds: 'SELECT, DELETE',
  retention_notices: 'SELECT, INSERT',
  retention_receipts: 'SELECT, DELETE',
  erased_objects: 'SELECT, INSERT, DELETE',
};
