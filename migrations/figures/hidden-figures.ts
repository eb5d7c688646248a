import { FEWEST, KEYS, MOST_COUNTED } from './noise-table.js';

/** The word of each amount, and its column in the ledger. */
const AMOUNTS = { PERSONS: 'persons', COMPANIES: 'companies', QUANTITY_KG: 'quantity_kg', VALUE_USD: 'value_usd' };

/**
 * The cell-key method (Thompson, Broadfoot and Elazar 2013; Giessing and Tent 2019; for amounts Enderle, Giessing and Tent 2020),
 * over the records that are hidden from the viewer and nothing else: so nobody averages the noise away by adding records that they
 * know.
 */
export const HIDDEN_FIGURES = [
  // HMAC-SHA-256 with its two padded keys. The same record has the same key in every table and for every viewer.
  `
    CREATE FUNCTION figure_record_key(record uuid, inner_pad bytea, outer_pad bytea) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
      SELECT ('x' || left(encode(sha256(outer_pad || sha256(inner_pad || uuid_send(record))), 'hex'), 8))::bit(32)::bigint $$`,
  `
    CREATE FUNCTION figure_deviation(of_kind text, of_records bigint, cell_key bigint) RETURNS integer LANGUAGE sql STABLE AS $$
      SELECT n.deviation FROM figure_noise n WHERE n.kind = of_kind AND n.records = of_records AND n.below > cell_key
      ORDER BY n.below LIMIT 1 $$`,
  // Not told (null) where the largest contribution gives away too much: where nothing contributes, or where the two largest make up
  // more than half. In whole units, as the digits behind the point would tell single contributions.
  `
    CREATE FUNCTION figure_amount(total numeric, largest numeric, second numeric, of_measure text, cell_key bigint, pad bytea)
    RETURNS numeric LANGUAGE sql STABLE AS $$
      SELECT CASE WHEN largest > 0 AND 2 * (largest + second) <= total THEN
        round(total + largest * figure_deviation('amount', 0,
          ('x' || left(encode(sha256(pad || int8send(cell_key) || convert_to(of_measure, 'UTF8')), 'hex'), 8))::bit(32)::bigint) / 10)
      END $$`,
  `
    CREATE FUNCTION figure_keyed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    BEGIN
      SELECT figure_record_key(NEW.record_id, k.inner_pad, k.outer_pad) INTO STRICT NEW.record_key FROM figure_keys k;
      RETURN NEW;
    END $$`,
  // One statement for each question, so that it is planned for what is asked and for how much is hidden. A cell moves with every
  // third of its changes alone, so that neither an event nor a cursor around it tells of one record: of all that it has, the last
  // one or two changes are taken back where they make no three.
  `
    CREATE FUNCTION hidden_figures(of_operation uuid, up_to bigint, measures text[], fixed text[], filter jsonb, hidden uuid[])
    RETURNS TABLE (key text[], violations bigint, persons numeric, companies numeric, quantity_kg numeric, value_usd numeric)
    LANGUAGE plpgsql STABLE AS $$
    DECLARE
      outer_pad bytea := (SELECT k.outer_pad FROM figure_keys k);
      filters text[] := ARRAY(SELECT jsonb_object_keys(filter));
      cell text := format('ARRAY[%s]::text[]', (SELECT string_agg(sql || '::text', ', ') FROM unnest(figure_sql(fixed, 'column')) sql));
      amount text;
      taken text := '';
      summed text := '';
      told text := '';
      changes text;
    BEGIN
      -- Every answer is made of the cells of these few tables, so that no list of questions tells more than they do.
      IF cardinality(fixed) > 2 OR NOT fixed <@ '{country,crimeArea,nature,week}'
        OR NOT filters <@ '{countries,crimeAreas,natures}'
        OR filter ? 'countries' AND NOT 'country' = ANY (fixed)
        OR filter ? 'crimeAreas' AND NOT 'crimeArea' = ANY (fixed)
        OR filter ? 'natures' AND NOT 'nature' = ANY (fixed)
      THEN RAISE EXCEPTION 'hidden records enter figures by fixed tables alone'; END IF;

      XX
    END $$`,
];
