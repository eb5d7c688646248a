import type { MigrationInterface, QueryRunner } from 'typeorm';

import { EACH_OPERATION } from './rules/each-operation.js';
import { EVENTS_SEEN_BY, eventSeen, exportOf } from './rules/events.js';
import { here, type Policies, secure, USER } from './rules/policies.js';
import { type Roles, rolesOf } from './rules/roles.js';
import { ENTERED, sharedColumns, violationColumns, visible } from './rules/visible.js';

const { hub: IS_HUB, people: PEOPLE, coordinates: COORDINATES, inside: IS_INSIDE, frame: KNOWS_FRAME } = ENTERED;

const ALL = 'SELECT, INSERT, UPDATE, DELETE';
const ADD = 'SELECT, INSERT';
const CHANGE = 'SELECT, INSERT, UPDATE';

/** What each role may do at all, table by table; which rows is for the policies below to say. */
const GRANTS: Readonly<Record<string, { readonly api?: string; readonly worker?: string; readonly deputy?: string }>> =
  {
    // Reference data.
    commodities: { api: 'SELECT', worker: 'SELECT' },
    countries: { api: 'SELECT', worker: 'SELECT' },
    exchange_rates: { api: 'SELECT', worker: 'SELECT' },
    places: { api: 'SELECT', worker: 'SELECT' },
    reference_version: { api: 'SELECT', worker: 'SELECT' },
    risk_indicators: { api: 'SELECT', worker: 'SELECT' },
    // Accounts and agencies.
    agencies: { api: CHANGE, worker: 'SELECT', deputy: 'SELECT' },
    port_units: { api: CHANGE, worker: 'SELECT', deputy: 'SELECT' },
    port_unit_agencies: { api: ALL, worker: 'SELECT' },
    users: { api: CHANGE, worker: 'SELECT (id, name, agency_id)', deputy: 'SELECT (id, name, agency_id)' },
    user_invitations: { api: ALL, worker: 'SELECT, DELETE' },
    sessions: { api: CHANGE, worker: 'SELECT, DELETE' },
    access_tokens: { api: ALL, worker: 'SELECT, DELETE' },
    refresh_tokens: { api: ALL, worker: 'SELECT, DELETE' },
    sign_in_failures: { api: ALL },
    totp_factors: { api: ALL },
    recovery_codes: { api: ALL },
    passkeys: { api: ALL },
    sign_in_steps: { api: ALL, worker: 'SELECT, DELETE' },
    identity_providers: { api: CHANGE },
    provider_links: { api: ALL },
    grants: { api: CHANGE, worker: 'SELECT', deputy: 'SELECT' },
    postings: { api: CHANGE, worker: 'SELECT' },
    // Operations.
    operations: { api: CHANGE, worker: 'SELECT', deputy: 'SELECT' },
    participations: { api: CHANGE, worker: 'SELECT, UPDATE', deputy: 'SELECT, UPDATE' },
    operation_risk_indicators: { api: ALL, worker: 'SELECT' },
    findings: { api: ADD },
    // Records.
    violations: { api: CHANGE, worker: ALL, deputy: ADD },
    violation_lines: { api: ALL, worker: ALL, deputy: ADD },
    violation_versions: { api: ADD, worker: ALL, deputy: ADD },
    seizures: { api: CHANGE, worker: ALL },
    cargo_units: { api: ALL, worker: ALL, deputy: ADD },
    record_ids: { worker: 'SELECT' },
    shared_records: { api: 'SELECT', worker: 'SELECT', deputy: 'SELECT' },
    attachments: { api: CHANGE, worker: ALL },
    attachment_uploads: { api: ALL, worker: ALL },
    import_uploads: { api: ALL, worker: ALL },
    imports: { api: ADD, worker: CHANGE, deputy: 'SELECT, UPDATE' },
    import_refusals: { worker: ALL, deputy: 'INSERT' },
    exports: { api: ADD, worker: 'SELECT, UPDATE' },
    export_files: { worker: 'SELECT, INSERT, DELETE' },
    export_records: { api: 'SELECT', worker: 'SELECT, INSERT, DELETE' },
    feed_heads: { api: CHANGE, worker: CHANGE, deputy: 'SELECT, UPDATE' },
    feed_events: { api: ADD, worker: ADD, deputy: 'INSERT' },
    feed_followers: { api: 'SELECT, INSERT, DELETE' },
    // The ledger holds the exact values of all countries: the api reads it by the functions that protect them.
    figures: { api: 'INSERT', worker: ADD, deputy: 'INSERT' },
    figure_lines: { api: 'INSERT', worker: ADD, deputy: 'INSERT' },
    // The audit log.
    audit_entries: { api: ADD, worker: ADD, deputy: 'INSERT' },
    audit_seals: { api: 'SELECT', worker: ADD },
    audit_heads: { api: 'SELECT', worker: ADD },
    audit_keys: { api: 'SELECT', worker: ADD },
    audit_sealer: { worker: 'SELECT, UPDATE' },
    readings: { api: 'INSERT', worker: ADD },
    archived_readings: { api: 'INSERT', worker: ADD },
    // What is owed, and secrets.
    outbox: { api: CHANGE, worker: ALL },
    secrets: { api: 'SELECT', worker: ADD },
  };

/** Keys that a role needs, by their names. */
const SECRETS = {
  api: ['cursors', 'sign-in', 'attachment-links'],
  worker: ['cursors', 'audit-signing'],
};

// What hangs on a record is shown to who sees how the record is shared. OFFSET 0 keeps the planner from reading all records into a
// hash, where a page looks for a few of them by their keys.
const recordOf = (table: string, id: string, more = ''): string =>
  `EXISTS (SELECT FROM shared_records r WHERE r.operation_id = ${table}.operation_id AND r.id = ${table}.${id}${more} OFFSET 0)`;
const violationOf = (table: string, id: string): string => recordOf(table, id, ' AND r.is_violation');

const IS_LIVE_FEED = `(${USER} IS NULL AND current_setting('muster.part', true) = 'live feed')`;

// What the live feed tells in this transaction, to whoever of its followers `events_seen_by` found that it is for.
const toldRecord = (table: string): string => `${here(table)} AND ${table}.id = ANY ((SELECT told_records())::uuid[])`;

const VIOLATION_SEEN = `(violations.sharing_level = 'CLEAR' AND ${USER} IS NOT NULL)
  OR (${here('violations')} AND ${visible(violationColumns('violations'))}) OR (${toldRecord('violations')})`;

const SHARED_SEEN = `(shared_records.is_violation AND shared_records.level = 'CLEAR' AND ${USER} IS NOT NULL)
  OR (${here('shared_records')} AND ${visible(sharedColumns('shared_records'))}) OR (${toldRecord('shared_records')})`;

const IMPORT_SEEN = `${here('imports')} AND imports.country = ANY (${COORDINATES})`;

// One person's own, as long as that person has a part in the operation.
const EXPORT_SEEN = `${here('exports')} AND exports.author_id = ${ENTERED.person}`;

const EVENT_SEEN = `${here('feed_events')} AND ${eventSeen('feed_events', ENTERED, {
  seen: recordOf('feed_events', 'subject_id'),
  violationSeen: violationOf('feed_events', 'subject_id'),
})}`;

// The rows of reports that arrive together have several authors: each is judged by its own, whoever stores them.
const REPORTER = `
  (seizures.author_id = ${USER} OR (${USER} IS NULL AND current_setting('muster.part', true) = 'intake'))
  AND EXISTS (SELECT FROM grants g JOIN participations p ON p.operation_id = g.operation_id AND p.country = g.country
    WHERE g.user_id = seizures.author_id AND g.role = 'PORT_UNIT_OFFICER' AND g.operation_id = seizures.operation_id
      AND g.country = seizures.country AND g.unit_id = seizures.unit_id AND g.ended_at IS NULL AND p.status = 'ACCEPTED')`;

/** Which rows the api may touch for the actor of its transaction. Without an actor it sees no row of any of these tables. */
const POLICIES: Readonly<Record<string, Policies>> = {
  shared_records: { SELECT: SHARED_SEEN },
  violations: {
    SELECT: VIOLATION_SEEN,
    INSERT: `${here('violations')} AND (${IS_HUB} OR violations.country = ANY (${PEOPLE}))`,
    UPDATE: `${here('violations')} AND violations.country = ANY (${PEOPLE})`,
  },
  violation_lines: {
    SELECT: violationOf('violation_lines', 'violation_id'),
    INSERT: `${here('violation_lines')} AND ${violationOf('violation_lines', 'violation_id')}`,
    UPDATE: 'FALSE',
    DELETE: `${here('violation_lines')} AND ${violationOf('violation_lines', 'violation_id')}`,
  },
  violation_versions: {
    SELECT: violationOf('violation_versions', 'violation_id'),
    INSERT: `${here('violation_versions')} AND ${violationOf('violation_versions', 'violation_id')}`,
  },
  seizures: {
    SELECT: recordOf('seizures', 'id'),
    INSERT: REPORTER,
    UPDATE: `${here('seizures')} AND (${IS_HUB} OR seizures.country = ANY (${COORDINATES}))`,
  },
  cargo_units: {
    SELECT: recordOf('cargo_units', 'record_id'),
    INSERT: `${here('cargo_units')} AND ${violationOf('cargo_units', 'record_id')}`,
    UPDATE: `${here('cargo_units')} AND ${recordOf('cargo_units', 'record_id')}`,
    DELETE: `${here('cargo_units')} AND ${violationOf('cargo_units', 'record_id')}`,
  },
  feed_events: { SELECT: EVENT_SEEN, INSERT: `${here('feed_events')} AND ${KNOWS_FRAME}` },
  findings: {
    SELECT: `${here('findings')} AND ${IS_INSIDE}`,
    INSERT: `${here('findings')} AND ${IS_HUB}`,
  },
  figures: {
    SELECT: `${here('figures')} AND ${IS_INSIDE}`,
    INSERT: `${here('figures')} AND (${IS_HUB} OR figures.country = ANY (${PEOPLE}))`,
  },
  figure_lines: {
    SELECT: `${here('figure_lines')} AND ${IS_INSIDE}`,
    INSERT: `${here('figure_lines')} AND ${IS_INSIDE}`,
  },
  // An import is its country's coordinators' alone, and each brings in the own name.
  imports: {
    SELECT: IMPORT_SEEN,
    INSERT: `${IMPORT_SEEN} AND imports.author_id = ${USER}`,
    UPDATE: IMPORT_SEEN,
  },
  import_refusals: {
    INSERT: `${here('import_refusals')} AND EXISTS (SELECT FROM imports i
      WHERE i.operation_id = import_refusals.operation_id AND i.id = import_refusals.import_id)`,
  },
  exports: { SELECT: EXPORT_SEEN, INSERT: EXPORT_SEEN },
  export_records: { SELECT: `${here('export_records')} AND ${exportOf('export_records', 'export_id', ENTERED)}` },
  import_uploads: {
    SELECT: `import_uploads.user_id = ${USER}`,
    INSERT: `import_uploads.user_id = ${USER}`,
    UPDATE: `import_uploads.user_id = ${USER}`,
    DELETE: `import_uploads.user_id = ${USER}`,
  },
  // The live feed notes who follows; the hub looks at it.
  feed_followers: {
    SELECT: `${IS_LIVE_FEED} OR (${here('feed_followers')} AND ${IS_HUB})`,
    INSERT: IS_LIVE_FEED,
    DELETE: IS_LIVE_FEED,
  },
  // What is owed for a record is written with it; the hub alone looks at what was given up on, and makes it due again.
  outbox: {
    SELECT: `${here('outbox')} AND ${IS_HUB}`,
    INSERT: 'TRUE',
    UPDATE: `${here('outbox')} AND ${IS_HUB}`,
  },
};

/**
 * Row-level security on every table of records, and the least that each role needs. Last of the migrations that make tables, as it
 * says for each of them who may do what.
 */
export class SecureRows1700000020000 implements MigrationInterface {
  readonly name = 'SecureRows1700000020000';

  async up(runner: QueryRunner): Promise<void> {
    const roles = await rolesOf(runner);
    await grantTables(runner, roles);
    await runner.query(`
      CREATE FUNCTION is_record(subject uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
      AS $$ SELECT EXISTS (SELECT FROM record_ids WHERE id = subject) $$`);
    await runner.query(`REVOKE EXECUTE ON FUNCTION is_record(uuid) FROM PUBLIC`);
    await runner.query(`GRANT EXECUTE ON FUNCTION is_record(uuid) TO ${roles.api}`);
    for (const [table, policies] of Object.entries(POLICIES)) await secure(runner, roles, table, policies);
    await secureSecrets(runner, roles);
    await secureAudit(runner, roles);
    await secureAttachments(runner, roles);
    await createFunctions(runner, roles);
    for (const [name, statement] of EACH_OPERATION) {
      await runner.query(statement);
      await runner.query(`REVOKE EXECUTE ON FUNCTION ${name} FROM PUBLIC`);
      await runner.query(`GRANT EXECUTE ON FUNCTION ${name} TO ${roles.api}`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    const policies = (await runner.query(
      `SELECT quote_ident(policyname) AS policy, quote_ident(tablename) AS table FROM pg_policies WHERE schemaname = 'public'`,
    )) as { readonly policy: string; readonly table: string }[];
    for (const { policy, table } of policies) {
      await runner.query(`DROP POLICY ${policy} ON ${table}`);
      await runner.query(`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`);
    }
    for (const [name] of EACH_OPERATION) await runner.query(`DROP FUNCTION ${name}`);
    for (const signature of FUNCTIONS) await runner.query(`DROP FUNCTION ${signature}`);
    const { api, worker, deputy } = await rolesOf(runner);
    await runner.query(`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${api}, ${worker}, ${deputy}`);
    await runner.query(`REVOKE ALL ON SCHEMA public FROM ${api}, ${worker}, ${deputy}`);
  }
}

async function grantTables(runner: QueryRunner, roles: Roles): Promise<void> {
  await runner.query(`REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
  await runner.query(`GRANT USAGE ON SCHEMA public TO ${roles.api}, ${roles.worker}, ${roles.deputy}`);
  for (const [table, privileges] of Object.entries(GRANTS)) {
    for (const role of ['api', 'worker', 'deputy'] as const) {
      if (privileges[role]) await runner.query(`GRANT ${privileges[role]} ON ${table} TO ${roles[role]}`);
    }
  }
}

async function secureSecrets(runner: QueryRunner, roles: Roles): Promise<void> {
  await runner.query(`ALTER TABLE secrets ENABLE ROW LEVEL SECURITY`);
  for (const role of ['api', 'worker'] as const) {
    const names = SECRETS[role].map((name) => `'${name}'`).join(', ');
    await runner.query(`CREATE POLICY secrets_${role} ON secrets TO ${roles[role]} USING (name IN (${names}))`);
  }
}

const IS_ADMINISTRATOR = `EXISTS (SELECT FROM grants g WHERE g.user_id = ${USER} AND g.role = 'ADMINISTRATOR' AND g.ended_at IS NULL)`;

async function secureAudit(runner: QueryRunner, roles: Roles): Promise<void> {
  await secure(runner, roles, 'record_ids', {
    SELECT: `${here('record_ids')} AND (record_ids.country = ANY (${COORDINATES}) OR ${recordOf('record_ids', 'id')})`,
  });
  await runner.query(`GRANT SELECT ON record_ids TO ${roles.api}`);
  // Entries about a record that the reader may not see are not there; those of the platform are the administrators'. The ids of imports and
  // exports are made by clients: one that is a record's too says nothing of the record.
  await secure(runner, roles, 'audit_entries', {
    SELECT: `CASE WHEN audit_entries.operation_id IS NULL THEN ${IS_ADMINISTRATOR}
      ELSE ${here('audit_entries')} AND (${IS_HUB} OR ${COORDINATES} <> '{}')
        AND (audit_entries.action NOT LIKE 'import.%' OR EXISTS (SELECT FROM imports i
          WHERE i.operation_id = audit_entries.operation_id AND i.id = audit_entries.subject_id))
        AND (audit_entries.subject_id IS NULL OR audit_entries.action ~ '^(export|import)[.]' OR NOT is_record(audit_entries.subject_id)
          OR EXISTS (SELECT FROM record_ids r WHERE r.id = audit_entries.subject_id)) END`,
    // A part of Muster that acts for several people at once writes for each of them; a person only as itself.
    INSERT: `${USER} IS NULL OR audit_entries.actor_id = ${USER}`,
  });
  // Who read a record is told by \`readings_of\` alone.
  await secure(runner, roles, 'readings', { INSERT: 'TRUE' });
  await secure(runner, roles, 'archived_readings', { INSERT: 'TRUE' });
}

async function secureAttachments(runner: QueryRunner, roles: Roles): Promise<void> {
  await secure(runner, roles, 'attachments', {
    SELECT: recordOf('attachments', 'record_id'),
    INSERT: `(attachments.listed_by = ${USER} OR (${USER} IS NULL AND current_setting('muster.part', true) = 'intake'))
      AND EXISTS (SELECT FROM grants g WHERE g.user_id = attachments.listed_by AND g.operation_id = attachments.operation_id
        AND g.country = attachments.country AND g.ended_at IS NULL)`,
    UPDATE: `${here('attachments')} AND attachments.country = ANY (${PEOPLE})`,
  });
  await secure(runner, roles, 'attachment_uploads', {
    SELECT: `attachment_uploads.user_id = ${USER} OR ${recordOf('attachment_uploads', 'record_id')}`,
    INSERT: `attachment_uploads.user_id = ${USER}`,
    UPDATE: `attachment_uploads.user_id = ${USER} OR ${recordOf('attachment_uploads', 'record_id')}`,
    DELETE: `attachment_uploads.user_id = ${USER} OR ${recordOf('attachment_uploads', 'record_id')}`,
  });
}

/** Those of the functions below that a report is stored by, whoever stores it, and that a list is read by. */
const DEPUTYS = ['claim_records', 'unclaim_records', 'claim_standing', 'records_found'];

/** All functions below, for taking them back. */
const FUNCTIONS = [
  'assert_entered(uuid, boolean)',
  'is_record(uuid)',
  'claim_records(uuid, text, jsonb)',
  'unclaim_records(uuid[])',
  'operation_of(uuid)',
  'coordinated_record(uuid)',
  'claim_standing(uuid, text, bytea, text)',
  'receipt_of(uuid, uuid)',
  'reports_wait(uuid, text)',
  'figures_moved_since(uuid, text, bigint)',
  'owed_work()',
  'owed_since()',
  'upload_named(uuid)',
  'feed_persons(uuid, bigint, bigint)',
  'events_seen_by(uuid, jsonb, bigint, bigint)',
  'records_found(uuid, text)',
  'readings_of(uuid, uuid)',
  'shown_to_country(text, uuid, uuid)',
  'import_mapping_of(text)',
  'import_upload_named(uuid)',
  'import_named(uuid)',
  'export_named(uuid)',
  'exports_waiting(uuid, text)',
];

/**
 * The few looks across the policies that are needed. They run as the owner of the tables, and each tells what its one caller needs, to
 * those alone who may have it: ids, yes or no, and of a record how it stands to its own country; none tells what a record says.
 * `pg_temp` stands last in their search path: a temporary table of the caller takes the place of none of theirs.
 */
async function createFunctions(runner: QueryRunner, { api, worker, deputy }: Roles): Promise<void> {
  const define = async (signature: string, returns: string, body: string, more = ''): Promise<void> => {
    const name = signature.slice(0, signature.indexOf('('));
    await runner.query(
      `CREATE OR REPLACE FUNCTION ${signature} RETURNS ${returns} LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ${more}
       AS $$ ${body} $$`,
    );
    await runner.query(`REVOKE EXECUTE ON FUNCTION ${name} FROM PUBLIC`);
    await runner.query(`GRANT EXECUTE ON FUNCTION ${name} TO ${name === 'shown_to_country' ? worker : api}`);
    if (DEPUTYS.includes(name)) await runner.query(`GRANT EXECUTE ON FUNCTION ${name} TO ${deputy}`);
  };
  // A look that fails closed: asked of an operation that was not entered, or by somebody whose it is not, it is refused as a row would be.
  await runner.query(`
    CREATE FUNCTION assert_entered(operation uuid, allowed boolean) RETURNS boolean LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
      IF operation IS DISTINCT FROM viewer_operation() OR allowed IS NOT TRUE THEN
        RAISE insufficient_privilege USING MESSAGE = 'The operation was not entered by somebody who may ask this.';
      END IF;
      RETURN TRUE;
    END $$`);
  // Ids are claimed in one order, so that two batches that share some never wait for each other. Gives those that were free.
  await define(
    `claim_records(operation uuid, kind text, claims jsonb)`,
    `SETOF uuid`,
    `INSERT INTO record_ids (id, operation_id, country, content_hash, kind)
     SELECT c.id, operation, c.country, c.hash::bytea, claim_records.kind
     FROM jsonb_to_recordset(claims) AS c (id uuid, country text, hash text) ORDER BY c.id
     ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
  // Only those that this very transaction claimed.
  await define(
    `unclaim_records(ids uuid[])`,
    `void`,
    `DELETE FROM record_ids WHERE id = ANY (ids) AND xmin = pg_current_xact_id()::xid`,
  );
  // Which operation is to be entered for a record: whether it is seen there is for the policies to say. Anybody may be shown what is CLEAR, but
  // nothing of an archived operation.
  await define(
    `operation_of(record uuid)`,
    `uuid`,
    `SELECT r.operation_id FROM record_ids r JOIN operations o ON o.id = r.operation_id WHERE r.id = record AND o.archived_at IS NULL`,
    'STABLE',
  );
  // The same with its owner, for a coordinator of that owner alone, who asks who read it.
  await define(
    `coordinated_record(record uuid)`,
    `TABLE (operation_id uuid, country text)`,
    `SELECT r.operation_id, r.country FROM record_ids r WHERE r.id = record AND EXISTS (SELECT FROM grants g WHERE g.user_id = viewer_user()
       AND g.role = 'NATIONAL_COORDINATOR' AND g.operation_id = r.operation_id AND g.country = r.country AND g.ended_at IS NULL)`,
    'STABLE',
  );
  // Whoever reports for a country, and the part of Muster that takes the reports of several in together.
  const reportsFor = (country: string): string =>
    `(${country} = ANY (viewer_people()) OR (viewer_user() IS NULL AND current_setting('muster.part', true) = 'intake'))`;
  // What an id that is not free any more was used for: REPEAT and OTHER are the own country's; all else is TAKEN, and nothing more is told. What
  // an archived operation used is TAKEN too: there is no record to answer with.
  await define(
    `claim_standing(claimed uuid, by_country text, with_hash bytea, as_kind text)`,
    `text`,
    `SELECT CASE WHEN NOT (country = by_country AND ${reportsFor('country')})
         OR EXISTS (SELECT FROM operations o WHERE o.id = operation_id AND o.archived_at IS NOT NULL) THEN 'TAKEN'
       WHEN content_hash = with_hash AND kind = as_kind THEN 'REPEAT' ELSE 'OTHER' END FROM record_ids WHERE id = claimed`,
    'STABLE',
  );
  await define(
    `receipt_of(operation uuid, report uuid)`,
    `TABLE (status text, received_at timestamptz, author_id uuid)`,
    `SELECT status, received_at, author_id FROM seizures WHERE operation_id = operation AND id = report AND ${reportsFor('country')}`,
    'STABLE',
  );
  // A report that is RED, of a country that is inside no more, has its deciders outside, unless it names an officer of the hub. It
  // waits for nobody who could come, is never counted, and must not keep the operation open for ever.
  await define(
    `reports_wait(operation uuid, of_country text)`,
    `boolean`,
    `SELECT CASE WHEN assert_entered(operation, viewer_is_hub() OR of_country = ANY (viewer_coordinates())) THEN EXISTS (
       SELECT FROM seizures s WHERE s.operation_id = operation
       AND (of_country IS NULL OR s.country = of_country) AND NOT s.exercise AND (s.status = 'RECEIVED' OR (s.status = 'NEEDS_REVIEW' AND (
         s.sharing_level <> 'RED'
         OR EXISTS (SELECT FROM participations p WHERE p.operation_id = operation AND p.country = s.country AND p.status = 'ACCEPTED')
         OR EXISTS (SELECT FROM grants g WHERE g.user_id = ANY (s.named_user_ids) AND g.user_id <> s.author_id AND g.role = 'HUB'
           AND (g.operation_id IS NULL OR g.operation_id = operation) AND g.ended_at IS NULL))))) END`,
    'STABLE',
  );
  await define(
    `figures_moved_since(operation uuid, of_country text, since bigint)`,
    `boolean`,
    `SELECT CASE WHEN assert_entered(operation, of_country = ANY (viewer_coordinates()))
       THEN EXISTS (SELECT FROM figures WHERE operation_id = operation AND country = of_country AND position > since) END`,
    'STABLE',
  );
  await define(
    `owed_work()`,
    `TABLE (waiting integer, failed integer, age double precision)`,
    `SELECT count(*) FILTER (WHERE failed_at IS NULL)::int, count(failed_at)::int,
       coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE failed_at IS NULL)), 0)::float8 FROM outbox WHERE kind = 'seizure.settle'`,
    'STABLE',
  );
  // Since when the oldest report of each country waits, for the part that takes reports in. Steps from one to the next, as what is owed may be
  // deep; what was tried and failed is no sign of a queue, and is not looked at.
  await define(
    `owed_since()`,
    `TABLE (operation_id uuid, country text, oldest timestamptz)`,
    `WITH RECURSIVE lanes AS (
       (SELECT o.operation_id, o.country FROM outbox o WHERE o.kind = 'seizure.settle' AND o.failed_at IS NULL
        ORDER BY o.operation_id, o.country LIMIT 1)
       UNION ALL
       SELECT next.operation_id, next.country FROM lanes CROSS JOIN LATERAL (
         SELECT o.operation_id, o.country FROM outbox o
         WHERE o.kind = 'seizure.settle' AND o.failed_at IS NULL AND (o.operation_id, o.country) > (lanes.operation_id, lanes.country)
         ORDER BY o.operation_id, o.country LIMIT 1) AS next)
     SELECT lanes.operation_id, lanes.country::text, oldest.created_at
     FROM lanes CROSS JOIN LATERAL (
       SELECT o.created_at FROM outbox o WHERE o.kind = 'seizure.settle' AND o.failed_at IS NULL AND o.operation_id = lanes.operation_id
         AND o.country = lanes.country AND o.attempts = 0 ORDER BY o.created_at LIMIT 1) AS oldest
     WHERE current_setting('muster.part', true) = 'intake'`,
    'STABLE',
  );
  await define(
    `upload_named(upload uuid)`,
    `TABLE (record_id uuid, attachment_id uuid)`,
    `SELECT record_id, attachment_id FROM attachment_uploads WHERE id = upload AND ended_at IS NULL
     UNION ALL SELECT record_id, id FROM attachments WHERE object_id = upload LIMIT 1`,
    'STABLE',
  );
  await runner.query(EVENTS_SEEN_BY);
  await runner.query(`REVOKE EXECUTE ON FUNCTION events_seen_by FROM PUBLIC`);
  await runner.query(`GRANT EXECUTE ON FUNCTION events_seen_by TO ${api}`);
  // Who might see, as a person, more of some events than others who stand as they do: the author of a record that is RED now, or was
  // before or after the event, and people named on it; that one is gone is told to the observers who were there. And whoever
  // makes an export.
  const listed = (field: string, of: string): string =>
    `ARRAY(SELECT jsonb_array_elements_text(${of} -> '${field}')::uuid)`;
  await define(
    `feed_persons(operation uuid, after bigint, up_to bigint)`,
    `SETOF uuid`,
    `SELECT DISTINCT unnest(coalesce(v.named_user_ids, s.named_user_ids, '{}') || ${listed('named_user_ids', 'e.shared_before')}
       || ${listed('named_user_ids', `(e.shared_before -> 'after')`)} || ${listed('observers', 'e.shared_before')}
       || coalesce(v.author_id, s.author_id))
     FROM feed_events e
     LEFT JOIN seizures s ON s.operation_id = e.operation_id AND s.id = e.subject_id
     LEFT JOIN violations v ON v.operation_id = e.operation_id AND v.id = e.subject_id
     WHERE current_setting('muster.part', true) = 'live feed' AND e.operation_id = operation AND e.position > after AND e.position <= up_to
       AND (e.kind = 'violation.gone' OR 'RED' IN (coalesce(v.sharing_level, s.sharing_level), e.shared_before ->> 'sharing_level',
         e.shared_before -> 'after' ->> 'sharing_level'))
     UNION SELECT x.author_id FROM feed_events e JOIN exports x ON x.operation_id = e.operation_id AND x.id = e.subject_id
     WHERE current_setting('muster.part', true) = 'live feed' AND e.operation_id = operation AND e.position > after AND e.position <= up_to
       AND e.kind LIKE 'export.%'`,
    'STABLE',
  );
  // An index may not be asked about words before the policy has judged each row. This asks it, and tells ids alone, of which the policy
  // then lets pass what the viewer may see.
  await define(
    `records_found(operation uuid, words text)`,
    `SETOF uuid`,
    `SELECT id FROM violations WHERE operation_id = operation AND operation = viewer_operation()
       AND search @@ websearch_to_tsquery('simple', words)`,
    'STABLE ROWS 100',
  );
  // To coordinators of the owner: when it was read, from where, and by whom of their own people; not which other records were read with it.
  await define(
    `readings_of(record uuid, operation uuid)`,
    `TABLE (at timestamptz, hub boolean, observer boolean, countries text[], own_reader_ids uuid[])`,
    `SELECT g.at, g.hub, g.observer, g.countries, CASE WHEN r.country = ANY (g.countries) THEN g.reader_ids ELSE '{}' END
     FROM record_ids r JOIN readings g ON g.record_ids @> ARRAY[r.id] AND g.operation_id = r.operation_id
     WHERE r.id = record AND r.operation_id = operation AND operation = viewer_operation() AND r.country = ANY (viewer_coordinates())`,
    'STABLE',
  );
  // What the files of a country were last read with, for its coordinators anywhere: names of columns and fixed values, nothing of a record.
  await define(
    `import_mapping_of(of_country text)`,
    `jsonb`,
    `SELECT mapping FROM imports WHERE country = of_country AND status = 'DONE' AND mapping IS NOT NULL AND NOT dry_run
       AND EXISTS (SELECT FROM grants g WHERE g.user_id = viewer_user() AND g.role = 'NATIONAL_COORDINATOR' AND g.country = of_country
         AND g.ended_at IS NULL)
     ORDER BY finished_at DESC LIMIT 1`,
    'STABLE',
  );
  // Which operation is to be entered for an import or the upload of its file: whether it is seen there is for the policies to say.
  await define(`import_named(import uuid)`, `uuid`, `SELECT operation_id FROM imports WHERE id = import`, 'STABLE');
  // The same for an export, to its author alone.
  await define(
    `export_named(export uuid)`,
    `uuid`,
    `SELECT operation_id FROM exports WHERE id = export AND author_id = viewer_user()`,
    'STABLE',
  );
  // How many wait of those who are served in turn with the viewer: whoever asks for one more may have to come back.
  await define(
    `exports_waiting(operation uuid, of_lane text)`,
    `integer`,
    `SELECT CASE WHEN assert_entered(operation, viewer_is_inside() AND (of_lane IN ('ZZ', 'XO') OR of_lane = ANY (viewer_people())))
       THEN (SELECT count(*)::int FROM exports WHERE operation_id = operation AND lane = of_lane::char(2) AND finished_at IS NULL) END`,
    'STABLE',
  );
  await define(
    `import_upload_named(upload uuid)`,
    `uuid`,
    `SELECT operation_id FROM import_uploads WHERE id = upload AND user_id = viewer_user()`,
    'STABLE',
  );
  // Whether the people of a country, its coordinators among them, see a record: asked when reports of one cargo unit are compared.
  await define(
    `shown_to_country(viewer text, operation uuid, record uuid)`,
    `boolean`,
    `SELECT shared.level = 'CLEAR' OR (${visible(sharedColumns('shared'), {
      person: 'NULL::uuid',
      hub: 'FALSE',
      people: 'ARRAY[viewer]',
      coordinates: 'ARRAY[viewer]',
      observesFor: 'NULL::text[]',
    })}) IS TRUE
     FROM shared_records shared WHERE shared.operation_id = operation AND shared.id = record`,
    'STABLE',
  );
}
