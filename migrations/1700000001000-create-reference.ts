import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { parse } from 'csv-parse/sync';
import type { MigrationInterface, QueryRunner } from 'typeorm';

type Row = Readonly<Record<string, string | number | readonly string[] | null>>;

/** Seeds are valid from here on: early enough for any operation, and no statement about the day a code came into being. */
const BEGINNING = '1970-01-01';

/**
 * Reference data: what countries, places, commodities, risk indicators and exchange rates there are, from which day to which. `valid_to` is the
 * last day, and null while the row holds. `reference_version` counts the changes, so that processes know when to read them anew.
 */
export class CreateReference1700000001000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(TABLES);
    await seed(queryRunner, 'countries', countries());
    await seed(queryRunner, 'places', places());
    await seed(queryRunner, 'commodities', commodities());
    await seed(queryRunner, 'risk_indicators', readJson('risk-indicators.json'));
    await seed(queryRunner, 'exchange_rates', [{ currency: 'USD', day: BEGINNING, usd: '1' }]);
    await queryRunner.query(VERSION);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE exchange_rates, risk_indicators, commodities, places, countries, reference_version;
      DROP FUNCTION count_reference_change();
    `);
  }
}

const TABLES = `
  CREATE TABLE countries (
    code text NOT NULL CHECK (code ~ '^[A-Z]{2}$'),
    name_en text NOT NULL,
    name_fr text NOT NULL,
    name_es text NOT NULL,
    name_ar text NOT NULL,
    m49_region text NOT NULL,
    m49_subregion text NOT NULL,
    wco_region text NOT NULL,
    valid_from date NOT NULL DEFAULT '${BEGINNING}',
    valid_to date CHECK (valid_to >= valid_from),
    PRIMARY KEY (code, valid_from)
  );
  CREATE UNIQUE INDEX countries_one_open_version ON countries (code) WHERE valid_to IS NULL;

  CREATE TABLE places (
    unlocode text NOT NULL CHECK (unlocode ~ '^[A-Z]{2}[A-Z2-9]{3}$'),
    name text NOT NULL,
    country text NOT NULL CHECK (country = left(unlocode, 2)),
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    valid_from date NOT NULL DEFAULT '${BEGINNING}',
    valid_to date CHECK (valid_to >= valid_from),
    PRIMARY KEY (unlocode, valid_from),
    CHECK ((latitude IS NULL) = (longitude IS NULL))
  );
  CREATE UNIQUE INDEX places_one_open_version ON places (unlocode) WHERE valid_to IS NULL;

  CREATE TABLE commodities (
    code text NOT NULL CHECK (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name text NOT NULL,
    "group" text NOT NULL,
    agreement text NOT NULL,
    agreement_reference text,
    crime_area text NOT NULL,
    hs_codes text[] NOT NULL,
    hs_confidence text CHECK (hs_confidence IN ('listed', 'typical')),
    un_numbers text[] NOT NULL,
    cas text,
    unit text NOT NULL,
    gwp100 numeric,
    odp numeric,
    core boolean NOT NULL,
    source text NOT NULL,
    note text,
    valid_from date NOT NULL DEFAULT '${BEGINNING}',
    valid_to date CHECK (valid_to >= valid_from),
    PRIMARY KEY (code, valid_from)
  );
  CREATE UNIQUE INDEX commodities_one_open_version ON commodities (code) WHERE valid_to IS NULL;
  COMMENT ON COLUMN commodities.unit IS 'The unit to ask for first';
  COMMENT ON COLUMN commodities.gwp100 IS 'Global warming potential over 100 years, from the annexes of the Montreal Protocol';
  COMMENT ON COLUMN commodities.odp IS 'Ozone depletion potential, from the annexes of the Montreal Protocol';

  CREATE TABLE risk_indicators (
    code text PRIMARY KEY CHECK (code ~ '^[a-z]+[.][a-z0-9]+(-[a-z0-9]+)*$'),
    category text NOT NULL,
    text text NOT NULL
  );

  CREATE TABLE exchange_rates (
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    day date NOT NULL,
    usd numeric NOT NULL CHECK (usd > 0),
    loaded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (currency, day),
    CHECK (currency <> 'USD' OR usd = 1)
  );
  COMMENT ON COLUMN exchange_rates.usd IS 'US dollars for one unit of the currency';
`;

const VERSION = `
  CREATE TABLE reference_version (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    version bigint NOT NULL
  );
  INSERT INTO reference_version (version) VALUES (1);

  CREATE FUNCTION count_reference_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE reference_version SET version = version + 1;
    RETURN NULL;
  END $$;

  ${['countries', 'places', 'commodities', 'risk_indicators', 'exchange_rates']
    .map(
      (table) => `CREATE TRIGGER ${table}_count_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION count_reference_change();`,
    )
    .join('\n')}
`;

/** Inserts all rows in one statement; columns that a row lacks take their default only where every row lacks them. */
async function seed(queryRunner: QueryRunner, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
    .map((column) => `"${column}"`)
    .join(', ');
  await queryRunner.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
}

function countries(): readonly Row[] {
  const wcoRegions = new Map(readCsv('wco-regions.csv').map((row) => [row.country, row.wco_region]));
  return readJson('countries.json').map((row) => ({ ...row, wco_region: wcoRegions.get(String(row.code)) ?? 'NONE' }));
}

function places(): readonly Row[] {
  return readJson('places.json');
}

function commodities(): readonly Row[] {
  const earlier = new Map(readCsv('commodities-earlier.csv').map((row) => [row.code, row]));
  return readCsv('commodities.csv').flatMap((row): readonly Row[] => {
    const before = earlier.get(row.code);
    if (!before) return [commodity(row, { valid_from: BEGINNING, valid_to: null })];
    return [
      commodity(
        { ...row, agreement_ref: before.agreement_ref ?? '' },
        { valid_from: BEGINNING, valid_to: before.valid_to ?? null },
      ),
      commodity(row, { valid_from: dayAfter(before.valid_to ?? ''), valid_to: null }),
    ];
  });
}

function commodity(row: CsvRow, validity: Row): Row {
  const text = (column: string): string | null => (row[column] === '' ? null : (row[column] ?? null));
  const list = (column: string): readonly string[] => text(column)?.split(';') ?? [];
  return {
    code: text('code'),
    name: text('name_en'),
    group: text('group'),
    agreement: text('agreement_enum'),
    agreement_reference: text('agreement_ref'),
    crime_area: text('crime_area_enum'),
    hs_codes: list('hs6'),
    hs_confidence: text('hs6_confidence'),
    un_numbers: list('un_number'),
    cas: text('cas'),
    unit: text('unit_enum'),
    gwp100: text('gwp100'),
    odp: text('odp'),
    core: text('core'),
    source: text('source'),
    note: text('note'),
    ...validity,
  };
}

function dayAfter(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}

type CsvRow = Readonly<Record<string, string>>;

function readCsv(file: string): readonly CsvRow[] {
  return parse<CsvRow>(readData(file), { columns: true, comment: '#', comment_no_infix: true });
}

function readJson(file: string): readonly Row[] {
  return JSON.parse(readData(file)) as Row[];
}

/** Data files lie beside the sources alone, so that they are found the same way from `migrations/` and from `dist/migrations/`. */
function readData(file: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error(`No package.json above the migrations: ${file} cannot be found.`);
    folder = above;
  }
  return readFileSync(join(folder, 'migrations', 'data', file), 'utf8');
}
