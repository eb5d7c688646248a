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
    CREATE FUNCTION figure_keyed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
      SELECT figure_record_key(NEW.record_id, k.inner_pad, k.outer_pad) INTO STRICT NEW.record_key FROM figure_keys k;
      RETURN NEW;
    END $$`,
  // The cells of one fixed table and, where `whole_too`, of the one that has no column, which then alone tells amounts. One statement for
  // each question, so that it is planned for what is asked and for how much is hidden.
  //
  // A cell moves with every third of its changes alone, so that neither an event nor a cursor around it tells of one record: the last
  // one or two that make no three are taken back. A change is all of one record, so whatever stands at its position is hidden, too.
  //
  // Each row of the ledger that takes something away takes exactly what one before it gave. So a cell's contributions are what was
  // given to it, less as often as it was taken away.
  `
    CREATE FUNCTION hidden_figures(
      of_operation uuid, up_to bigint, measures text[], fixed text[], filter jsonb, hidden uuid[], whole_too boolean DEFAULT FALSE
    ) RETURNS TABLE (key text[], violations bigint, persons numeric, companies numeric, quantity_kg numeric, value_usd numeric)
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
      stepped text := '';
      told text := '';
    BEGIN
      -- Every answer is made of the cells of these few tables, so that no list of questions tells more than they do.
      IF cardinality(fixed) > 2 OR NOT fixed <@ '{country,crimeArea,nature,week}'
        OR NOT filters <@ '{countries,crimeAreas,natures}'
        OR filter ? 'countries' AND NOT 'country' = ANY (fixed)
        OR filter ? 'crimeAreas' AND NOT 'crimeArea' = ANY (fixed)
        OR filter ? 'natures' AND NOT 'nature' = ANY (fixed)
        OR whole_too AND filters <> '{}'
      THEN RAISE EXCEPTION 'hidden records enter figures by fixed tables alone'; END IF;

      FOREACH amount IN ARRAY '{persons,companies,quantity_kg,value_usd}'::text[] LOOP
        IF upper(amount) = ANY (measures) THEN
          taken := taken || format(', f.%I', amount);
          summed := summed || format($sql$, sum(c.%1$I) AS %1$I, array_agg(c.%1$I) FILTER (WHERE c.sign = 1) AS given_%1$I,
            array_agg(-c.%1$I) FILTER (WHERE c.sign = -1) AS taken_%1$I$sql$, amount);
          stepped := stepped || format($sql$, m.%1$I - coalesce(l.%1$I, 0) AS %1$I, m.given_%1$I || l.taken_%1$I AS given_%1$I,
            m.taken_%1$I || l.given_%1$I AS taken_%1$I$sql$, amount);
          told := told || format($sql$, CASE WHEN t.is_whole OR NOT $7 THEN (
            SELECT figure_amount(t.%1$I, (array_agg(m.most))[1], (array_agg(m.most))[2], %2$L, t.cell_key, $5) FROM (
              SELECT most FROM (SELECT unnest(t.given_%1$I) AS most EXCEPT ALL SELECT unnest(t.taken_%1$I)) s ORDER BY most DESC LIMIT 2
            ) m) END$sql$, amount, upper(amount));
        ELSE
          told := told || ', NULL::numeric';
        END IF;
      END LOOP;

      RETURN QUERY EXECUTE format($sql$
        WITH cells AS (
          SELECT c.one, c.other, %7$s AS is_whole, sum(c.sign) AS records, sum(c.sign * c.record_key) AS keys,
            array_agg(c.position) AS positions %5$s
          FROM (
            SELECT %1$s AS one, %2$s AS other, f.position, f.sign, f.record_key %4$s
            FROM figures f JOIN unnest($4) h (id) ON h.id = f.record_id WHERE %3$s
          ) c GROUP BY %8$s
        ),
        moved AS (
          SELECT c.*, m.moves[1 : cardinality(m.moves) %% ${FEWEST}] AS later
          FROM cells c, LATERAL (SELECT array_agg(DISTINCT p ORDER BY p DESC) AS moves FROM unnest(c.positions) p) m
        ),
        standing AS (
          SELECT m.one, m.other, m.is_whole, m.records - coalesce(l.records, 0) AS records,
            ((m.keys - coalesce(l.keys, 0)) %% ${KEYS})::bigint AS cell_key %6$s
          FROM moved m, LATERAL (
            SELECT sum(c.sign) AS records, sum(c.sign * c.record_key) AS keys %5$s FROM figures c
            WHERE c.operation_id = $1 AND c.position = ANY (m.later)
              AND (m.is_whole OR (SELECT %1$s = m.one AND %2$s = m.other FROM (SELECT c.*) f))
          ) l
        ),
        counted AS (
          SELECT s.*, s.records + figure_deviation('count', least(s.records, ${MOST_COUNTED}), s.cell_key) AS violations
          FROM standing s WHERE s.records >= ${FEWEST} -- fewer are told as none
        )
        SELECT CASE WHEN t.is_whole THEN '{}' ELSE (ARRAY[t.one::text, t.other::text])[1:cardinality($6)] END, t.violations::bigint %9$s
        FROM counted t WHERE t.violations > 0 $sql$,
        one, other, conditions, taken, summed, stepped,
        CASE WHEN whole_too THEN 'GROUPING(c.one) = 1' ELSE 'FALSE' END,
        CASE WHEN whole_too THEN 'GROUPING SETS ((c.one, c.other), ())' ELSE 'c.one, c.other' END,
        told)
      USING of_operation, up_to, filter, hidden, pad, fixed, whole_too;
    END $$`,
];
