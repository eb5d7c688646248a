import type { MigrationInterface, QueryRunner } from 'typeorm';

const SHARING = `
        sharing_level text NOT NULL CHECK (sharing_level IN ('RED', 'AMBER_STRICT', 'AMBER', 'GREEN', 'CLEAR')),
        added_countries text[] NOT NULL,
        left_out_countries text[] NOT NULL,
        named_user_ids uuid[] NOT NULL,
        concerned_countries text[] NOT NULL`;

const CONTENT = `
        detected_at timestamptz NOT NULL,
        day date NOT NULL,
        time_zone text NOT NULL,
        crime_area text NOT NULL,
        nature text NOT NULL,
        detection text NOT NULL,
        bill_of_lading text,
        vessel_imo text,
        vessel_name text,
        vessel_flag text,
        vessel_voyage text,
        persons integer,
        companies integer,
        use_restriction text NOT NULL,
        grading_source text,
        grading_information text,
        narrative text,
        late boolean NOT NULL,
        exercise boolean NOT NULL`;

/**
 * Violations and seizure reports. Apart from the one small table that claims senders' ids, every key begins with the operation,
 * so that the tables can be partitioned by it.
 *
 * No foreign keys: what a record names is looked up in the transaction that stores it, and operations, people, agencies and
 * units are never deleted. Each check of a key would lock and so rewrite a row that all reports of an operation share, and took most
 * of the time of a report when it was measured.
 */
export class CreateReports1700000006000 implements MigrationInterface {
  readonly name = 'CreateReports1700000006000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE record_ids (
        id uuid PRIMARY KEY,
        operation_id uuid NOT NULL,
        country text NOT NULL,
        content_hash bytea NOT NULL,
        kind text NOT NULL CHECK (kind IN ('violation', 'seizure'))
      )`);
    await runner.query(`
      CREATE TABLE violations (
        operation_id uuid NOT NULL,
        id uuid NOT NULL,
        arrival bigint GENERATED ALWAYS AS IDENTITY,
        version integer NOT NULL,
        country text NOT NULL,
        author_id uuid NOT NULL,
        agency_id uuid NOT NULL,
        unit_id uuid,
        source text NOT NULL CHECK (source IN ('COORDINATOR', 'PORT_UNIT')),
        scene text NOT NULL,
        ${CONTENT.trim()},
        offence_from date,
        offence_to date,
        place_unlocode text,
        place_latitude double precision,
        place_longitude double precision,
        place_name text,
        place_country text,
        transport_mode text,
        direction text,
        origin text,
        transit text[],
        destination text,
        risk_indicators text[] NOT NULL,
        quantity_kg numeric,
        value_usd numeric,
        ${SHARING.trim()},
        withdrawn_at timestamptz,
        withdrawal_reason text,
        recorded_at timestamptz NOT NULL,
        search_text text NOT NULL,
        search tsvector GENERATED ALWAYS AS (to_tsvector('simple', search_text)) STORED,
        PRIMARY KEY (operation_id, id),
        CHECK ((scene = 'CONSIGNMENT') = (transport_mode IS NOT NULL AND direction IS NOT NULL AND origin IS NOT NULL
          AND transit IS NOT NULL AND destination IS NOT NULL))
      ) PARTITION BY LIST (operation_id)`);
    await runner.query(`CREATE UNIQUE INDEX violations_arrival ON violations (operation_id, arrival)`);
    await runner.query(`CREATE INDEX violations_country ON violations (operation_id, country, arrival)`);
    await runner.query(`CREATE INDEX violations_detected ON violations (operation_id, detected_at)`);
    await runner.query(`CREATE INDEX violations_concerned ON violations USING gin (concerned_countries)`);
    await runner.query(`CREATE INDEX violations_search ON violations USING gin (search)`);
    await runner.query(`
      CREATE TABLE violation_lines (
        operation_id uuid NOT NULL,
        violation_id uuid NOT NULL,
        line smallint NOT NULL,
        agreement text NOT NULL,
        commodity text NOT NULL,
        agreement_reference text,
        hs_code text,
        quantity numeric NOT NULL,
        unit text NOT NULL,
        basis text NOT NULL,
        net_weight_kg numeric,
        quantity_kg numeric,
        value numeric,
        currency text,
        value_basis text NOT NULL,
        value_usd numeric,
        rate_date date,
        PRIMARY KEY (operation_id, violation_id, line)
      ) PARTITION BY LIST (operation_id)`);
    await runner.query(
      `CREATE INDEX violation_lines_commodity ON violation_lines (operation_id, commodity, agreement)`,
    );
    await runner.query(`
      CREATE TABLE violation_versions (
        operation_id uuid NOT NULL,
        violation_id uuid NOT NULL,
        version integer NOT NULL,
        position bigint NOT NULL,
        recorded_at timestamptz NOT NULL,
        author_id uuid NOT NULL,
        agency_id uuid NOT NULL,
        reason text,
        command_hash bytea,
        changes jsonb,
        content jsonb NOT NULL,
        PRIMARY KEY (operation_id, violation_id, version)
      ) PARTITION BY LIST (operation_id)`);
    await runner.query(`
      CREATE TABLE seizures (
        operation_id uuid NOT NULL,
        id uuid NOT NULL,
        arrival bigint GENERATED ALWAYS AS IDENTITY,
        version integer NOT NULL,
        country text NOT NULL,
        author_id uuid NOT NULL,
        agency_id uuid NOT NULL,
        agency_ids uuid[] NOT NULL,
        unit_id uuid NOT NULL,
        cargo_kind text NOT NULL,
        cargo_number text NOT NULL,
        cargo_as_marked boolean NOT NULL,
        size_type text,
        seals text[] NOT NULL,
        carrier text,
        declared_goods text NOT NULL,
        found_goods text NOT NULL,
        risk_indicators text[] NOT NULL,
        ${CONTENT.trim()},
        transport_mode text NOT NULL,
        direction text NOT NULL,
        origin text NOT NULL,
        transit text[] NOT NULL,
        destination text NOT NULL,
        lines jsonb NOT NULL,
        ${SHARING.trim()},
        status text NOT NULL CHECK (status IN ('RECEIVED', 'ACCEPTED', 'NEEDS_REVIEW', 'REJECTED')),
        findings jsonb NOT NULL,
        received_at timestamptz NOT NULL,
        decided_at timestamptz,
        decided_by uuid,
        decision_reason text,
        decision_hash bytea,
        PRIMARY KEY (operation_id, id)
      ) PARTITION BY LIST (operation_id)`);
    await runner.query(`CREATE UNIQUE INDEX seizures_arrival ON seizures (operation_id, arrival)`);
    await runner.query(
      `CREATE INDEX seizures_waiting ON seizures (operation_id, country) WHERE status IN ('RECEIVED', 'NEEDS_REVIEW')`,
    );
    await runner.query(
      `CREATE INDEX seizures_unsettled_units ON seizures (operation_id, cargo_kind, cargo_number) WHERE status = 'RECEIVED'`,
    );
    await runner.query(`
      CREATE TABLE cargo_units (
        operation_id uuid NOT NULL,
        record_id uuid NOT NULL,
        ordinal smallint NOT NULL,
        kind text NOT NULL CHECK (kind IN ('container', 'airWaybill', 'vehicle', 'railWagon', 'postalItem')),
        number text NOT NULL,
        as_marked boolean NOT NULL,
        detected_at timestamptz NOT NULL,
        void boolean NOT NULL,
        PRIMARY KEY (operation_id, record_id, ordinal)
      ) PARTITION BY LIST (operation_id)`);
    await runner.query(`CREATE INDEX cargo_units_number ON cargo_units (operation_id, kind, number, detected_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'cargo_units',
      'seizures',
      'violation_versions',
      'violation_lines',
      'violations',
      'record_ids',
    ]) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
