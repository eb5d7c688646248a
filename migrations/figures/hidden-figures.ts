import { FEWEST, KEYS, MOST_COUNTED } from './noise-table.js';

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
      pad bytea := (SELECT k.outer_pad FROM figure_keys k);
      filters text[] := ARRAY(SELECT jsonb_object_keys(filter));
      conditions text := array_to_string(ARRAY['f.operation_id = $1', 'f.position <= $2'] || figure_sql(filters, 'filter'), ' AND ');
      columns text[] := figure_sql(fixed, 'column');
      one text := coalesce(columns[1], $sql$''::text$sql$);
      other text := coalesce(columns[2], $sql$''::text$sql$);
      amount text;
      taken text := '';
      summed text := '';
      gathered text := '';
      told text := '';
    BEGIN
      -- Every answer is made of the cells of these few tables, so that no list of questions tells more than they do.
      IF cardinality(fixed) > 2 OR NOT fixed <@ '{country,crimeArea,nature,week}'
        OR NOT filters <@ '{countries,crimeAreas,natures}'
        OR filter ? 'countries' AND NOT 'country' = ANY (fixed)
        OR filter ? 'crimeAreas' AND NOT 'crimeArea' = ANY (fixed)
        OR filter ? 'natures' AND NOT 'nature' = ANY (fixed)
      THEN RAISE EXCEPTION 'hidden records enter figures by fixed tables alone'; END IF;

      FOREACH amount IN ARRAY '{persons,companies,quantity_kg,value_usd}'::text[] LOOP
        IF upper(amount) = ANY (measures) THEN
          taken := taken || format(', f.%I', amount);
          summed := summed || format(', sum(c.%1$I)::numeric AS %1$I', amount);
          gathered := gathered || format(', sum(r.%1$I) AS %1$I, array_agg(r.%1$I) AS each_%1$I', amount);
          told := told || format(
            ', (SELECT figure_amount(t.%1$I, (array_agg(m.most))[1], (array_agg(m.most))[2], %2$L, t.cell_key, $5)
                FROM (SELECT most FROM unnest(t.each_%1$I) most ORDER BY most DESC LIMIT 2) m)', amount, upper(amount));
        ELSE
          told := told || ', NULL::numeric';
        END IF;
      END LOOP;

      RETURN QUERY EXECUTE format($sql$
        WITH changes AS (
          SELECT %1$s AS one, %2$s AS other, f.position, f.sign, f.record_id, f.record_key %4$s
          FROM figures f JOIN unnest($4) h (id) ON h.id = f.record_id WHERE %3$s
        ),
        cells AS (
          SELECT c.one, c.other, sum(c.sign) AS records, sum(c.sign * c.record_key) AS keys, array_agg(c.position) AS positions
          FROM changes c GROUP BY c.one, c.other
        ),
        moved AS (
          SELECT c.one, c.other, c.records, c.keys, m.moves[1 : cardinality(m.moves) %% ${FEWEST}] AS later,
            m.moves[cardinality(m.moves) %% ${FEWEST} + 1] AS last
          FROM cells c, LATERAL (SELECT array_agg(DISTINCT p ORDER BY p DESC) AS moves FROM unnest(c.positions) p) m
        ),
        -- A change is all of one record, so what stands at the same position in the ledger is hidden, too.
        standing AS (
          SELECT m.one, m.other, m.last, m.records - coalesce(l.records, 0) AS records,
            ((m.keys - coalesce(l.keys, 0)) %% ${KEYS})::bigint AS cell_key
          FROM moved m, LATERAL (
            SELECT sum(f.sign) AS records, sum(f.sign * f.record_key) AS keys FROM figures f
            WHERE f.operation_id = $1 AND f.position = ANY (m.later) AND %1$s = m.one AND %2$s = m.other
          ) l
        ),
        counted AS (
          SELECT s.*, s.records + figure_deviation('count', least(s.records, ${MOST_COUNTED}), s.cell_key) AS violations
          FROM standing s WHERE s.records >= ${FEWEST} -- fewer are told as none
        )
        SELECT (ARRAY[t.one::text, t.other::text])[1:cardinality($6)], t.violations::bigint %5$s
        FROM %6$s t WHERE t.violations > 0 $sql$,
        one, other, conditions, taken, told,
        CASE WHEN taken = '' THEN 'counted' ELSE format($sql$(
          SELECT k.* %s FROM counted k JOIN (
            SELECT k.one, k.other %s FROM changes c JOIN counted k ON k.one = c.one AND k.other = c.other
            WHERE c.position <= k.last GROUP BY k.one, k.other, c.record_id HAVING sum(c.sign) > 0
          ) r ON r.one = k.one AND r.other = k.other GROUP BY k.one, k.other, k.last, k.records, k.cell_key, k.violations)$sql$,
          gathered, summed) END)
      USING of_operation, up_to, filter, hidden, pad, fixed;
    END $$`,
];
