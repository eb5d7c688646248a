import { COLUMNS, LINE_FILTERS, RECORD_FILTERS, SUMMARY_TOTALS } from './vocabulary.js';

/** A function that gives the SQL of a word, null for a word that it does not know. */
function dictionary(name: string, words: Readonly<Record<string, string>>): string {
  const cases = Object.entries(words).map(([word, sql]) => `WHEN '${word}' THEN $sql$${sql.trim()}$sql$`);
  return `
    CREATE FUNCTION ${name}(word text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
      SELECT CASE word ${cases.join('\n        ')} END $$`;
}

/** How a record of the ledger is joined with its lines. */
const SAME_ENTRY = 'l.operation_id = f.operation_id AND l.position = f.position AND l.sign = f.sign';

/** The rows of one table of the ledger that a question is about: $1 is the operation, $2 the last position, and $6 the one before the first. */
const within = (alias: string): string =>
  `(ARRAY['${alias}.operation_id = $1', '${alias}.position <= $2'] || CASE WHEN after > 0 THEN ARRAY['${alias}.position > $6'] ELSE '{}' END)`;

const GIVEN = Object.entries(SUMMARY_TOTALS)
  .map(([total, given]) => `('${total}', (${given})::numeric)`)
  .join(', ');

/**
 * The groups of the ledger that a question asks for, of its rows after the position `after` up to `up_to`; over all records (`whose`
 * ALL), those that the viewer sees (SEEN), or those that are hidden from the viewer (HIDDEN): `hidden`, which takes long to find, comes with
 * the question. Its statement is put together from the words of the vocabulary alone: an unknown one is an error, and values only ever
 * travel as values. Lines are joined only where the question is about lines, and then once per entry and cell: so `records` counts each
 * record once, however many of its lines lead there.
 *
 * Rows add up: the groups up to one position and those from there to the next are, added up, the groups up to the next. So groups whose
 * `records` are 0 are among them, as a correction moves amounts alone; they are no cells of an answer.
 *
 * It is for the functions of this migration and asks nobody for leave: no program may call it.
 */
export const FIGURE_GROUPS = [
  dictionary('figure_column', COLUMNS),
  dictionary('figure_record_filter', RECORD_FILTERS),
  dictionary('figure_line_filter', LINE_FILTERS),
  `
    CREATE FUNCTION figure_sql(words text[], of text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE
      found text[] := '{}';
      word text;
      sql text;
    BEGIN
      FOREACH word IN ARRAY words LOOP
        sql := CASE of WHEN 'column' THEN figure_column(word) ELSE coalesce(figure_record_filter(word), figure_line_filter(word)) END;
        IF sql IS NULL THEN RAISE EXCEPTION 'figures know no % %', of, word; END IF;
        found := found || sql;
      END LOOP;
      RETURN found;
    END $$`,
  `
    CREATE FUNCTION figure_groups(
      of_operation uuid, after bigint, up_to bigint, measure text, columns text[], filter jsonb, regions jsonb, whose text, hidden uuid[]
    ) RETURNS TABLE (key text[], value numeric, records bigint, left_out bigint) LANGUAGE plpgsql STABLE AS $$
    DECLARE
      groups text[] := figure_sql(columns, 'column');
      fields text[] := ARRAY(SELECT jsonb_object_keys(filter));
      conditions text[] := figure_sql(ARRAY(SELECT field FROM unnest(fields) field WHERE figure_line_filter(field) IS NULL), 'filter');
      of_lines text[] := ARRAY(SELECT figure_line_filter(field) FROM unnest(fields) field WHERE figure_line_filter(field) IS NOT NULL);
      line_groups text[] := ARRAY(SELECT sql FROM unnest(groups) sql WHERE sql LIKE 'l.%');
      amount text := CASE measure WHEN 'QUANTITY_KG' THEN 'quantity_kg' WHEN 'VALUE_USD' THEN 'value_usd' END;
      counted text := CASE measure
        WHEN 'VIOLATIONS' THEN 'f.sign' WHEN 'PERSONS' THEN 'f.persons' WHEN 'COMPANIES' THEN 'f.companies' WHEN 'TOTALS' THEN 't.given'
        ELSE 'f.' || amount END;
      missing text := CASE measure WHEN 'QUANTITY_KG' THEN 'sum(f.lines_without_kg)' WHEN 'VALUE_USD' THEN 'sum(f.lines_without_usd)' ELSE '0' END;
      value text := format('sum(%s)', counted);
      records text := 'sum(f.sign)';
      joins text := '';
      mark text;
    BEGIN
      IF counted IS NULL THEN RAISE EXCEPTION 'figures know no measure %', measure; END IF;

      IF line_groups = '{}' AND of_lines = '{}' THEN
        NULL; -- nothing is asked of lines
      ELSIF line_groups = '{}' AND amount IS NULL THEN
        conditions := conditions
          || format('EXISTS (SELECT FROM figure_lines l WHERE ${SAME_ENTRY} AND %s)', array_to_string(of_lines, ' AND '));
      ELSE
        -- The ledger marks the one line by which an entry counts in each cell, unless the filter may take some lines of a cell and
        -- leave out others.
        mark := CASE
          WHEN cardinality(line_groups) = 2 THEN 'first_of_pair'
          WHEN line_groups = '{l.agreement}' AND NOT filter ? 'commodities' THEN 'first_of_agreement'
          WHEN line_groups = '{l.commodity}' AND NOT filter ? 'agreements' THEN 'first_of_commodity' END;
        IF mark IS NOT NULL THEN
          joins := 'JOIN figure_lines l ON ${SAME_ENTRY} AND ' || array_to_string(${within('l')}, ' AND ');
          conditions := conditions || of_lines;
          IF amount IS NULL THEN
            conditions := conditions || ('l.' || mark);
          ELSE
            value := format('coalesce(sum(l.%I), 0)', amount);
            missing := format('coalesce(sum(f.sign) FILTER (WHERE l.%I IS NULL), 0)', amount);
            records := format('coalesce(sum(f.sign) FILTER (WHERE l.%I), 0)', mark);
          END IF;
        ELSE
          joins := format(
            'JOIN (SELECT l.operation_id, l.position, l.sign, sum(%1$s) AS amount, count(*) FILTER (WHERE %1$s IS NULL) AS missing %2$s
               FROM figure_lines l WHERE %3$s GROUP BY l.operation_id, l.position, l.sign %2$s) l ON ${SAME_ENTRY}',
            coalesce('l.' || amount, 'NULL::numeric'),
            (SELECT string_agg(', ' || sql, '') FROM unnest(line_groups) sql),
            array_to_string(${within('l')} || of_lines, ' AND '));
          IF amount IS NOT NULL THEN
            value := 'coalesce(sum(l.amount), 0)';
            missing := 'sum(l.missing * f.sign)';
          END IF;
        END IF;
      END IF;

      -- A record counts once under each of its indicators.
      IF 'indicator' = ANY (columns) THEN
        joins := joins || ' LEFT JOIN LATERAL unnest(f.risk_indicators) AS r (indicator) ON TRUE';
      END IF;

      IF measure = 'TOTALS' THEN
        joins := joins || ' CROSS JOIN LATERAL (VALUES ${GIVEN.replaceAll("'", "''")}) AS t (total, given)';
        conditions := conditions || 't.given <> 0'::text;
      END IF;

      conditions := conditions || CASE
        WHEN whose = 'HIDDEN' THEN 'f.record_id IN (SELECT unnest($5))'
        WHEN whose = 'ALL' OR hidden = '{}' THEN 'TRUE'
        ELSE 'NOT EXISTS (SELECT FROM unnest($5) h (id) WHERE h.id = f.record_id)' END;

      RETURN QUERY EXECUTE format(
        'SELECT ARRAY[%s]::text[], %s::numeric, %s::bigint, coalesce(%s, 0)::bigint FROM figures f %s
         WHERE %s %s',
        (SELECT string_agg(sql || '::text', ', ') FROM unnest(groups) sql), value, records, missing, joins,
        array_to_string(${within('f')} || conditions, ' AND '),
        'GROUP BY ' || nullif(array_to_string(groups, ', '), ''))
      USING of_operation, up_to, filter, regions, hidden, after;
    END $$`,
];
