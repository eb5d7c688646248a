import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The ledger of figures: append-only, signed. Each version of a counted record writes the rows of the version before with -1 and
 * its own with +1, at the position of its feed event; so the figures up to any cursor are the sum of the rows up to its position.
 *
 * Amounts carry the sign of their row, so that adding up is a plain sum. Columns of a fixed width that are never null stand
 * first, because PostgreSQL finds those without walking over the ones before. The one key serves every read up to or after a
 * position; what is hidden is looked up by record, by an index of its own.
 */
export class CreateTrends1700000005000 implements MigrationInterface {
  readonly name = 'CreateTrends1700000005000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE figures (
        operation_id uuid NOT NULL,
        position bigint NOT NULL,
        record_id uuid NOT NULL,
        agency_id uuid NOT NULL,
        detected_at timestamptz NOT NULL,
        day date NOT NULL,
        sign smallint NOT NULL CHECK (sign IN (-1, 1)),
        late boolean NOT NULL,
        persons integer NOT NULL,
        companies integer NOT NULL,
        lines_without_kg integer NOT NULL,
        lines_without_usd integer NOT NULL,
        lines_estimated integer NOT NULL,
        country text NOT NULL,
        crime_area text NOT NULL,
        nature text NOT NULL,
        scene text NOT NULL,
        source text NOT NULL,
        detection text NOT NULL,
        quantity_kg numeric NOT NULL,
        value_usd numeric NOT NULL,
        unit_id uuid,
        transport_mode text,
        direction text,
        origin text,
        destination text,
        flag_state text,
        concerned_countries text[] NOT NULL,
        risk_indicators text[] NOT NULL,
        PRIMARY KEY (operation_id, position, sign)
      ) PARTITION BY LIST (operation_id)`);
    await runner.query(
      `COMMENT ON COLUMN figures.lines_estimated IS 'Lines whose value was converted to USD and is an estimate, with the sign of the row'`,
    );
    await runner.query(`
      CREATE TABLE figure_lines (
        operation_id uuid NOT NULL,
        position bigint NOT NULL,
        sign smallint NOT NULL CHECK (sign IN (-1, 1)),
        line smallint NOT NULL,
        agreement text NOT NULL,
        commodity text NOT NULL,
        first_of_agreement boolean NOT NULL,
        first_of_commodity boolean NOT NULL,
        first_of_pair boolean NOT NULL,
        quantity_kg numeric,
        value_usd numeric,
        PRIMARY KEY (operation_id, position, sign, line)
      ) PARTITION BY LIST (operation_id)`);
    await runner.query(
      `COMMENT ON COLUMN figure_lines.first_of_agreement IS 'The first line of its entry with this agreement: a record counts once in each cell'`,
    );
    for (const table of ['figures', 'figure_lines']) {
      await runner.query(`
        CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE figure_lines`);
    await runner.query(`DROP TABLE figures`);
  }
}
