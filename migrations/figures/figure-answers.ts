import { OWN_HIDDEN } from './hidden-records.js';
import { COARSE_FILTERS, FIXED, NATURES, SUMMARY_TOTALS } from './vocabulary.js';

const list = (words: readonly string[]): string => `'{${words.join(',')}}'::text[]`;

/**
 * As the owner of the tables, whoever calls: what these functions leave out of their answer is all the protection that there is. With
 * memory for all records of a large operation, as PostgreSQL's own measure sends each step of them to the disk.
 */
const AS_OWNER = `LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET work_mem = '64MB'`;

/** The names and arguments of the functions that a program may call. */
export const ANSWERS = [
  'figure_cells(uuid, bigint, bigint, text, text[], jsonb, jsonb, text[])',
  'figure_totals(uuid, bigint, bigint)',
  'last_figure(uuid)',
] as const;

const AMOUNTS = ['value_usd', 'quantity_kg', 'persons', 'companies'];

const SUMS = `violations bigint, ${NATURES.map((nature) => `${nature.toLowerCase()} bigint`).join(', ')},
  seizures bigint, ${AMOUNTS.map((column) => `${column} numeric`).join(', ')}, estimated boolean`;
/** The columns of a row of totals. */
export const TOTALS = `part text, nature text, ${SUMS}`;

/** The question that a summary is answered by, where it is kept. */
const KEPT_TOTALS = `'TOTALS', '{total}', '{}', '{}'`;

/** What the programs ask of the ledger, which they can't read. Each answers whoever has entered the operation, as far as they may know. */
export const FIGURE_ANSWERS = [
  `
    CREATE FUNCTION refuse_outside(of_operation uuid) RETURNS void LANGUAGE plpgsql STABLE AS $$
    BEGIN
      IF of_operation IS DISTINCT FROM viewer_operation() OR viewer_is_inside() IS NOT TRUE THEN
        RAISE EXCEPTION 'figures are told to those who have entered the operation' USING ERRCODE = 'insufficient_privilege';
      END IF;
    END $$`,
  // Countries of the viewer's own with a record that is hidden from the viewer, and whether any other country has one.
  `
    CREATE FUNCTION figure_protection(of_operation uuid, known bigint, hidden uuid[], OUT own text[], OUT others boolean)
    LANGUAGE plpgsql STABLE AS $$
    DECLARE
      people text[] := viewer_people();
    BEGIN
      own := '{}';
      IF ${OWN_HIDDEN} THEN
        own := ARRAY(SELECT DISTINCT f.country FROM figures f WHERE f.operation_id = of_operation AND f.position <= known
          AND f.country = ANY (people) AND f.record_id IN (SELECT unnest(hidden)));
      END IF;
      -- In most operations one of the first records tells; if not, all are asked.
      others := hidden <> '{}' AND (EXISTS (
        SELECT FROM (
          SELECT f.record_id FROM figures f WHERE f.operation_id = of_operation AND f.position <= known AND f.country <> ALL (people)
          ORDER BY f.position LIMIT 20
        ) f WHERE array_position(hidden, f.record_id) IS NOT NULL
      ) OR EXISTS (
        SELECT FROM figures f WHERE f.operation_id = of_operation AND f.position <= known AND f.country <> ALL (people)
          AND f.record_id IN (SELECT unnest(hidden))));
    END $$`,
  // part SEEN: exact, over all that the viewer sees, by the columns asked for (for the hub over everything, where the question is no finer
  // than hidden records enter by). HIDDEN: what hidden records give, by the columns in "fixed"; exact for the hub, protected for anybody
  // else, null where it is not told, and none at all where "fixed" is null. UNMATCHED, to the hub: what they give where a finer filter
  // can't be matched to them. PROTECTED, to anybody else: up to "known", a country of the viewer's own with a hidden record, or with no
  // country that another one has such a record.
  `
    CREATE FUNCTION figure_cells(
      of_operation uuid, up_to bigint, known bigint, measure text, columns text[], filter jsonb, regions jsonb, fixed text[]
    ) RETURNS TABLE (part text, key text[], value numeric, records bigint, left_out bigint) ${AS_OWNER} AS $$
    DECLARE
      coarse jsonb := (SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}') FROM jsonb_each(filter) f
        WHERE f.key = ANY (${list(Object.keys(COARSE_FILTERS))}));
      is_coarse boolean := coarse = filter;
      allowed text[] := ${list(FIXED)};
      hidden uuid[];
    BEGIN
      PERFORM refuse_outside(of_operation);
      IF viewer_is_hub() AND is_coarse AND columns <@ allowed THEN
        RETURN QUERY SELECT 'SEEN', s.* FROM figure_standing(of_operation, up_to, measure, columns, filter, regions) s;
        RETURN;
      END IF;
      hidden := hidden_records(of_operation);
      RETURN QUERY SELECT 'SEEN', s.* FROM figure_seen(of_operation, up_to, measure, columns, filter, regions, hidden) s;
      IF viewer_is_hub() THEN
        IF NOT fixed <@ allowed THEN RAISE EXCEPTION 'hidden records are not told by %', fixed; END IF;
        RETURN QUERY SELECT CASE WHEN is_coarse THEN 'HIDDEN' ELSE 'UNMATCHED' END, g.*
          FROM figure_groups(of_operation, 0, up_to, measure, CASE WHEN is_coarse THEN fixed ELSE '{}' END, coarse, regions, 'HIDDEN', hidden) g
          WHERE g.records <> 0;
        RETURN;
      END IF;
      RETURN QUERY SELECT 'PROTECTED', p.key, NULL::numeric, 0::bigint, 0::bigint
        FROM figure_protection(of_operation, known, hidden) f,
          LATERAL (SELECT ARRAY[unnest(f.own)] UNION ALL SELECT '{}' WHERE f.others) p (key);
      IF is_coarse AND fixed IS NOT NULL THEN
        RETURN QUERY SELECT 'HIDDEN', h.key, CASE measure WHEN 'VIOLATIONS' THEN h.violations WHEN 'PERSONS' THEN h.persons
            WHEN 'COMPANIES' THEN h.companies WHEN 'QUANTITY_KG' THEN h.quantity_kg WHEN 'VALUE_USD' THEN h.value_usd END,
            h.violations, 0::bigint
          FROM hidden_figures(of_operation, up_to, ARRAY[measure], fixed, filter, hidden) h;
      END IF;
    END $$`,
  // From what is kept of them, where little is hidden; for the hub, what RED records give to all but the last two stays in.
  `
    CREATE FUNCTION figure_totals_seen(of_operation uuid, up_to bigint, hidden uuid[], is_hub boolean) RETURNS TABLE (${SUMS})
    LANGUAGE plpgsql STABLE AS $$
    DECLARE
      standing jsonb;
      less jsonb := '{}';
    BEGIN
      IF NOT figure_is_kept(of_operation, ${KEPT_TOTALS}, hidden, up_to) THEN
        RETURN QUERY SELECT
            ${['TRUE', ...NATURES.map((nature) => `f.nature = '${nature}'`)]
              .map((condition) => `coalesce(sum(f.sign) FILTER (WHERE ${condition}), 0)::bigint`)
              .join(',\n            ')},
            coalesce(sum(f.sign) FILTER (WHERE f.source = 'PORT_UNIT' AND NOT f.hidden), 0)::bigint,
            ${AMOUNTS.map((column) => `coalesce(sum(f.${column}), 0)::numeric`).join(',\n            ')},
            coalesce(sum(f.lines_estimated) FILTER (WHERE NOT f.hidden), 0) > 0
          FROM (
            SELECT f.*, h.id IS NOT NULL AS hidden FROM figures f LEFT JOIN unnest(hidden) h (id) ON h.id = f.record_id
            WHERE f.operation_id = of_operation AND f.position <= up_to
          ) f WHERE is_hub OR NOT f.hidden;
        RETURN;
      END IF;
      standing := (SELECT coalesce(jsonb_object_agg(s.key[1], s.value), '{}') FROM figure_standing(of_operation, up_to, ${KEPT_TOTALS}) s);
      IF hidden <> '{}' THEN
        less := (SELECT coalesce(jsonb_object_agg(g.key[1], g.value), '{}')
          FROM figure_groups(of_operation, 0, up_to, ${KEPT_TOTALS}, 'HIDDEN', hidden) g);
      END IF;
      RETURN QUERY SELECT ${Object.keys(SUMMARY_TOTALS)
        .map((total) => {
          const isOfSource = total === 'seizures' || total === 'estimated';
          const all = `coalesce((standing ->> '${total}')::numeric, 0)`;
          const less = `coalesce((less ->> '${total}')::numeric, 0)`;
          const seen = isOfSource ? `${all} - ${less}` : `${all} - CASE WHEN is_hub THEN 0 ELSE ${less} END`;
          return total === 'estimated' ? `${seen} > 0` : `(${seen})::${AMOUNTS.includes(total) ? 'numeric' : 'bigint'}`;
        })
        .join(',\n          ')};
    END $$`,
  // In the same parts. SEEN, one row: over all that the viewer sees; for the hub over everything, but for what only a finer question
  // tells of RED records. HIDDEN: over all natures (nature is null), and their number by nature. PROTECTED: one row, if any figure is.
  `
    CREATE FUNCTION figure_totals(of_operation uuid, up_to bigint, known bigint) RETURNS TABLE (${TOTALS}) ${AS_OWNER} AS $$
    DECLARE
      hidden uuid[];
      is_hub boolean := viewer_is_hub();
    BEGIN
      PERFORM refuse_outside(of_operation);
      hidden := hidden_records(of_operation);
      RETURN QUERY SELECT 'SEEN', NULL, t.* FROM figure_totals_seen(of_operation, up_to, hidden, is_hub) t;
      IF is_hub OR NOT (SELECT p.own <> '{}' OR p.others FROM figure_protection(of_operation, known, hidden) p) THEN RETURN; END IF;
      part := 'PROTECTED';
      RETURN NEXT;
      RETURN QUERY SELECT 'HIDDEN', h.key[1], h.violations, ${NATURES.map(() => 'NULL::bigint').join(', ')}, NULL::bigint,
          ${AMOUNTS.map((column) => `h.${column}`).join(', ')}, NULL::boolean
        FROM hidden_figures(of_operation, up_to, '{PERSONS,COMPANIES,QUANTITY_KG,VALUE_USD}', '{nature}', '{}', hidden, TRUE) h;
    END $$`,
  // Only the hub's figures move with what the hub may not see.
  `
    CREATE FUNCTION last_figure(of_operation uuid) RETURNS bigint ${AS_OWNER} AS $$
    BEGIN
      PERFORM refuse_outside(of_operation);
      IF viewer_is_hub() IS NOT TRUE THEN
        RAISE EXCEPTION 'when figures moved is for the hub' USING ERRCODE = 'insufficient_privilege';
      END IF;
      RETURN coalesce((SELECT max(f.position) FROM figures f WHERE f.operation_id = of_operation), 0);
    END $$`,
];
