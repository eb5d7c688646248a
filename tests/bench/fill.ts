import type { ClientBase } from 'pg';
import { v7 } from 'uuid';

export interface FillOptions {
  /** How many counted violations; every twentieth was corrected once. */
  readonly records?: number;
  /** How many accepted countries own them. */
  readonly countries?: number;
}

export interface FilledOperation {
  readonly operationId: string;
  readonly countries: readonly string[];
  readonly records: number;
}

/** The first day of the synthetic operation and its length in days; detections are spread over all of them. */
const FIRST_DAY = '2018-10-01';
const DAYS = 30;

/**
 * Fills an operation with synthetic violations, straight by SQL, for measuring: records with their lines, the ledger of figures
 * that they would have written, and the feed's log. Everything agrees, so that a recount finds no difference. The same call
 * gives the same records but for their ids.
 * @param client one connection in no transaction; the tables are those of the migrations, with reference data
 */
export async function fillRecords(
  client: ClientBase,
  { records = 200_000, countries = 58 }: FillOptions = {},
): Promise<FilledOperation> {
  const operationId = v7();
  await client.query('BEGIN');
  await client.query(`CREATE TEMP TABLE owners ON COMMIT DROP AS ${OWNERS}`, [countries]);
  await fillFrame(client, operationId);
  await client.query(`SET LOCAL work_mem = '128MB'`);
  await client.query(`CREATE TEMP TABLE drafts ON COMMIT DROP AS ${DRAFTS}`, [records, countries, FIRST_DAY, DAYS]);
  await client.query(`CREATE TEMP TABLE draft_lines ON COMMIT DROP AS ${DRAFT_LINES}`);
  await client.query('ANALYZE drafts, draft_lines');
  // Words are indexed far faster all at once.
  const { rows: wordIndexes } = await client.query<{ indexname: string; indexdef: string }>(
    `SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'violations' AND indexdef LIKE '%USING gin%'`,
  );
  for (const { indexname } of wordIndexes) await client.query(`DROP INDEX ${indexname}`);
  for (const statement of [RECORD_IDS, VIOLATIONS, VIOLATION_LINES, FIGURES, FIGURE_LINES, EVENTS, HEAD]) {
    await client.query(statement.replaceAll(':operation', client.escapeLiteral(operationId)));
  }
  // As it is told of a partitioned table, an index would be made on no part.
  for (const { indexdef } of wordIndexes) await client.query(indexdef.replace(' ON ONLY ', ' ON '));
  const owners = await client.query<{ country: string }>('SELECT country FROM owners ORDER BY ordinal');
  await client.query('COMMIT');
  await client.query(
    'VACUUM ANALYZE violations, violation_lines, figures, figure_lines, feed_events, participations, agencies',
  );
  return { operationId, countries: owners.rows.map(({ country }) => country), records };
}

async function fillFrame(client: ClientBase, operationId: string): Promise<void> {
  await client.query(
    `INSERT INTO operations (id, version, kind, code_name, phase, crime_areas, time_zone, operational_starts_on, operational_ends_on,
       reporting_deadline, created_at)
     VALUES ($1, 1, 'TIME_BOUND', 'Synthetic', 'OPERATIONAL', '{POLLUTION,WILDLIFE}', 'UTC', $2::date, $2::date + $3::int - 1,
       $2::date + $3::int + 60, $2::timestamptz)`,
    [operationId, FIRST_DAY, DAYS],
  );
  await client.query(`
    INSERT INTO agencies (id, name, kind, country) SELECT agency_id, 'Synthetic agency of ' || country, agency_kind, country FROM owners;
    INSERT INTO users (id, email, name, agency_id, created_at)
      SELECT user_id, user_id || '@synthetic.invalid', 'Synthetic officer', agency_id, now() FROM owners;
    INSERT INTO port_units (id, name, kind, country, unlocode)
      SELECT unit_id, 'Synthetic unit of ' || country, 'SEA_PORT', country, country || 'AAA' FROM owners`);
  await client.query(
    `INSERT INTO participations (id, operation_id, country, status, lead_agency_id, invited_at, answered_at)
     SELECT gen_random_uuid(), $1, country, 'ACCEPTED', agency_id, now(), now() FROM owners`,
    [operationId],
  );
}

/** An even choice that is the same in each run: the record's number and a salt decide. */
const pick = (salt: number, values: string): string =>
  `(${values})[1 + (hashint8extended(i, ${salt}) & 2147483647) % cardinality(${values})]`;
const dice = (salt: number, sides: string): string => `((hashint8extended(i, ${salt}) & 2147483647) % ${sides})`;

const OWNERS = `
  SELECT (row_number() OVER (ORDER BY md5(code)))::int AS ordinal, code AS country, gen_random_uuid() AS agency_id,
    gen_random_uuid() AS user_id, gen_random_uuid() AS unit_id,
    (ARRAY['CUSTOMS', 'POLICE', 'ENVIRONMENT'])[1 + abs(hashtext(code)) % 3] AS agency_kind
  FROM (SELECT DISTINCT code FROM countries) AS known ORDER BY 1 LIMIT $1`;

// Ids are UUIDv7 of the hour of detection, as reports are sent soon after it.
const DRAFTS = `
  SELECT d.i, o.country, o.agency_id, o.user_id, d.at, d.at::date AS day, d.scene, d.crime_area, d.nature, d.detection, d.level,
    d.persons, d.companies,
    (lpad(to_hex((extract(epoch FROM d.at) * 1000)::bigint), 12, '0') || '7' || substr(md5(gen_random_uuid()::text), 1, 3) || '8'
      || substr(md5(gen_random_uuid()::text), 1, 15))::uuid AS id,
    CASE WHEN d.is_moved AND d.of_unit THEN o.unit_id END AS unit_id,
    CASE WHEN d.is_moved AND d.of_unit THEN 'PORT_UNIT' ELSE 'COORDINATOR' END AS source,
    CASE WHEN d.is_moved AND d.of_unit THEN ARRAY['documents.' || d.indicator, 'route.' || d.indicator] ELSE '{}'::text[] END
      AS risk_indicators,
    CASE WHEN d.is_moved THEN d.mode END AS transport_mode,
    CASE WHEN d.is_moved THEN d.direction END AS direction,
    CASE WHEN d.is_moved THEN origin.country END AS origin,
    CASE WHEN d.is_moved THEN destination.country END AS destination,
    CASE WHEN d.is_flagged THEN flag.country END AS flag_state,
    (SELECT array_agg(DISTINCT code ORDER BY code) FROM unnest(ARRAY[o.country, CASE WHEN d.is_moved THEN origin.country END,
      CASE WHEN d.is_moved THEN destination.country END, CASE WHEN d.is_flagged THEN flag.country END]) AS code
      WHERE code IS NOT NULL) AS concerned
  FROM (
    SELECT i, $3::timestamptz + make_interval(mins => ${dice(1, '$4 * 1440')}::int) AS at,
      ${dice(2, '$2')} + 1 AS owner, ${dice(3, '$2')} + 1 AS origin, ${dice(4, '$2')} + 1 AS destination, ${dice(5, '$2')} + 1 AS flag,
      CASE WHEN ${dice(6, '10')} < 6 THEN 'CONSIGNMENT' ELSE ${pick(7, `ARRAY['SITE', 'VESSEL', 'COAST', 'MARKET']`)} END AS scene,
      ${dice(6, '10')} < 6 AS is_moved, ${dice(8, '3')} = 0 AS of_unit, ${dice(9, '4')} = 0 AS is_flagged,
      ${pick(10, `ARRAY['FISHERIES', 'FORESTRY', 'POLLUTION', 'WILDLIFE', 'CHEMICALS', 'OZONE']`)} AS crime_area,
      ${pick(11, `ARRAY['CRIMINAL', 'ADMINISTRATIVE', 'ADMINISTRATIVE', 'UNDETERMINED']`)} AS nature,
      ${pick(12, `ARRAY['ROUTINE_CHECK', 'RISK_PROFILE', 'INTELLIGENCE', 'CHANCE']`)} AS detection,
      ${pick(13, `ARRAY['AMBER', 'AMBER', 'GREEN', 'AMBER_STRICT']`)} AS level,
      ${pick(14, `ARRAY['MARITIME', 'MARITIME', 'ROAD', 'AIR']`)} AS mode,
      ${pick(15, `ARRAY['IMPORT', 'EXPORT', 'TRANSIT']`)} AS direction,
      ${dice(16, '7')}::text AS indicator, ${dice(17, '4')}::int AS persons, ${dice(18, '2')}::int AS companies
    FROM generate_series(1, $1::int) AS i
  ) AS d
  JOIN owners o ON o.ordinal = d.owner
  JOIN owners origin ON origin.ordinal = d.origin
  JOIN owners destination ON destination.ordinal = d.destination
  JOIN owners flag ON flag.ordinal = d.flag`;

const DRAFT_LINES = `
  SELECT record AS i, id, line,
    ${pick(21, `ARRAY['BASEL', 'CITES', 'MARPOL', 'MONTREAL', 'NATIONAL_LAW']`)} AS agreement,
    codes[1 + ${dice(22, 'cardinality(codes)')}] AS commodity,
    CASE WHEN ${dice(23, '5')} > 0 THEN ${dice(24, '900000')}::numeric / 100 END AS quantity_kg,
    CASE WHEN ${dice(25, '3')} > 0 THEN ${dice(26, '9000000')}::numeric / 100 END AS value_usd
  FROM (
    SELECT d.i AS record, d.id, line, d.i * 4 + line AS i FROM drafts d
    CROSS JOIN LATERAL generate_series(0, CASE WHEN d.i % 3 = 0 THEN 1 ELSE 0 END) AS line
  ) AS lines
  CROSS JOIN (SELECT (array_agg(DISTINCT code))[1:60] AS codes FROM commodities) AS known`;

const RECORD_IDS = `
  INSERT INTO record_ids (id, operation_id, country, content_hash, kind)
  SELECT id, :operation, country, sha256(id::text::bytea), CASE source WHEN 'PORT_UNIT' THEN 'seizure' ELSE 'violation' END FROM drafts`;

const VIOLATIONS = `
  INSERT INTO violations (operation_id, id, version, country, author_id, agency_id, unit_id, source, scene, detected_at, day, time_zone,
    crime_area, nature, detection, vessel_flag, persons, companies, use_restriction, narrative, late, exercise, place_country,
    place_unlocode, place_name, transport_mode, direction, origin, transit, destination, risk_indicators, quantity_kg, value_usd,
    sharing_level, added_countries, left_out_countries, named_user_ids, concerned_countries, recorded_at, search_text)
  SELECT :operation, id, CASE WHEN i % 20 = 0 AND nature <> 'UNDETERMINED' THEN 2 ELSE 1 END, country, user_id, agency_id, unit_id, source, scene, at, day, 'UTC',
    crime_area, nature, detection, flag_state, persons, companies, 'NONE', story, false, false, country,
    country || 'AAA', 'Berth ' || i % 40, transport_mode, direction, origin, CASE scene WHEN 'CONSIGNMENT' THEN '{}'::text[] END,
    destination, risk_indicators, kg, usd, level, '{}', '{}', '{}', concerned, at + interval '1 hour', story
  FROM (
    SELECT d.*, 'Synthetic record ' || i || ': officers of ' || country || ' found ' || goods
      || ' that the papers did not name, and held them for the competent authority.' AS story, kg, usd
    FROM drafts d JOIN (
      SELECT i, string_agg(commodity, ' and ') AS goods, sum(quantity_kg) AS kg, sum(value_usd) AS usd FROM draft_lines GROUP BY i
    ) AS l USING (i)
  ) AS stories ORDER BY i`;

const VIOLATION_LINES = `
  INSERT INTO violation_lines (operation_id, violation_id, line, agreement, commodity, quantity, unit, basis, quantity_kg, value, currency,
    value_basis, value_usd, rate_date)
  SELECT :operation, id, line, agreement, commodity, coalesce(quantity_kg, 1), CASE WHEN quantity_kg IS NULL THEN 'PIECE' ELSE 'KG' END,
    'WEIGHED', quantity_kg, value_usd, CASE WHEN value_usd IS NOT NULL THEN 'USD' END, 'ESTIMATED', value_usd,
    CASE WHEN value_usd IS NOT NULL THEN DATE '${FIRST_DAY}' END
  FROM draft_lines ORDER BY i, line`;

// A corrected record was undetermined at first; its correction came after all first reports.
const ENTRIES = `
  SELECT i AS position, i, 1 AS sign, CASE WHEN i % 20 = 0 THEN 'UNDETERMINED' ELSE nature END AS nature FROM drafts
  UNION ALL
  SELECT (SELECT max(i) FROM drafts) + i / 20, i, change.sign, CASE change.sign WHEN -1 THEN 'UNDETERMINED' ELSE nature END
  FROM drafts CROSS JOIN (VALUES (-1), (1)) AS change (sign) WHERE i % 20 = 0 AND nature <> 'UNDETERMINED'`;

const FIGURES = `
  INSERT INTO figures (operation_id, position, record_id, agency_id, detected_at, day, sign, late, persons, companies, lines_without_kg,
    lines_without_usd, lines_estimated, country, crime_area, nature, scene, source, detection, quantity_kg, value_usd, unit_id,
    transport_mode, direction, origin, destination, flag_state, concerned_countries, risk_indicators)
  SELECT :operation, e.position, d.id, d.agency_id, d.at, d.day, e.sign, false, e.sign * d.persons, e.sign * d.companies,
    e.sign * without_kg, e.sign * without_usd, e.sign * estimated, d.country, d.crime_area, e.nature, d.scene, d.source, d.detection,
    e.sign * coalesce(kg, 0), e.sign * coalesce(usd, 0), d.unit_id, d.transport_mode, d.direction, d.origin, d.destination,
    d.flag_state, d.concerned, d.risk_indicators
  FROM (${ENTRIES}) AS e JOIN drafts d USING (i) JOIN (
    SELECT i, sum(quantity_kg) AS kg, sum(value_usd) AS usd, count(*) - count(quantity_kg) AS without_kg,
      count(*) - count(value_usd) AS without_usd, count(value_usd) AS estimated FROM draft_lines GROUP BY i
  ) AS l USING (i) ORDER BY e.position, e.sign`;

const FIGURE_LINES = `
  INSERT INTO figure_lines (operation_id, position, sign, line, agreement, commodity, first_of_agreement, first_of_commodity, first_of_pair,
    quantity_kg, value_usd)
  SELECT :operation, e.position, e.sign, l.line, l.agreement, l.commodity, l.of_agreement = 1, l.of_commodity = 1, l.of_pair = 1,
    e.sign * l.quantity_kg, e.sign * l.value_usd
  FROM (${ENTRIES}) AS e JOIN (
    SELECT *, row_number() OVER (PARTITION BY i, agreement ORDER BY line) AS of_agreement,
      row_number() OVER (PARTITION BY i, commodity ORDER BY line) AS of_commodity,
      row_number() OVER (PARTITION BY i, agreement, commodity ORDER BY line) AS of_pair FROM draft_lines
  ) AS l USING (i) ORDER BY e.position, e.sign, l.line`;

const EVENTS = `
  INSERT INTO feed_events (operation_id, position, kind, occurred_at, subject_id, country)
  SELECT :operation, e.position,
    CASE WHEN e.position > e.i THEN 'violation.corrected' WHEN d.source = 'PORT_UNIT' THEN 'seizure.accepted' ELSE 'violation.logged' END,
    d.at, d.id, d.country
  FROM (${ENTRIES}) AS e JOIN drafts d USING (i) WHERE e.sign = 1 ORDER BY e.position`;

const HEAD = `
  INSERT INTO feed_heads (operation_id, position)
  SELECT :operation, max(position) FROM feed_events WHERE operation_id = :operation`;
