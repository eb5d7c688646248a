import { USUAL } from './usual-figures.js';

/** A question is brought forward when somebody asks it and so many positions have passed. Reading a few hundred rows takes about 1 ms. */
const STEP = 300;
/** Somebody asks it: since it was brought forward, or within this time. That it is asked is noted once a minute at most. */
const ASKED_WITHIN = '3 minutes';
/** And without being asked when so many have passed, so that whoever asks next waits for no more than that. */
const LONG_STEP = 10_000;
/** A question that falls into more cells is not kept: adding them up would take as long as reading a good part of the ledger. */
const MOST_CELLS = 20_000;
/** Questions that are kept of one operation beside the usual ones; of more, those that were asked last. */
const MOST_QUESTIONS = 100;
/** How long a question is kept that nobody asks. */
const KEPT_FOR = '7 days';
/** A hidden record is looked up by itself, which takes as long as reading so many rows of the ledger in their order. */
const LOOK_UP = 20;

const list = (words: readonly string[]): string => `'{${words.join(',')}}'`;

const QUESTION = 'measure text, columns text[], filter jsonb, regions jsonb';

/** For what changes kept figures: as the owner of the tables, whoever calls, with memory for the first reading of a whole ledger. */
const AS_OWNER = `LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET work_mem = '64MB'`;

/** What the programs may call, by role. */
export const KEEPING = {
  api: ['note_figure_questions(jsonb)'],
  worker: ['tend_figure_questions()', 'figure_questions_due()', 'bring_figures_forward(uuid, bytea)'],
} as const;

/**
 * Questions that were asked of the ledger, each with its cells up to one position. Kept are the cells over all records, which depend on
 * no viewer; only the functions of these migrations read and write them, and every cell is worked out here, from the ledger itself.
 */
export const KEPT_TABLES = [
  `
    CREATE TABLE figure_questions (
      operation_id uuid NOT NULL,
      question bytea NOT NULL,
      measure text NOT NULL,
      columns text[] NOT NULL,
      filter jsonb NOT NULL,
      regions jsonb NOT NULL,
      position bigint,
      is_wide boolean NOT NULL DEFAULT FALSE,
      is_usual boolean NOT NULL DEFAULT FALSE,
      asked_at timestamptz NOT NULL,
      brought_at timestamptz,
      PRIMARY KEY (operation_id, question)
    )`,
  `COMMENT ON TABLE figure_questions IS 'Questions asked of the ledger of figures, whose cells are kept. For the owner alone.'`,
  `COMMENT ON COLUMN figure_questions.question IS 'SHA-256 of measure, columns, filter and regions'`,
  `COMMENT ON COLUMN figure_questions.position IS 'The feed position that the cells hold for; null until there are any'`,
  `COMMENT ON COLUMN figure_questions.is_wide IS 'It falls into too many cells to be kept'`,
  `COMMENT ON COLUMN figure_questions.is_usual IS 'Kept as long as the operation is under way, whether it is asked or not'`,
  `
    CREATE TABLE figure_kept (
      operation_id uuid NOT NULL,
      question bytea NOT NULL,
      key text[] NOT NULL,
      value numeric NOT NULL,
      records bigint NOT NULL,
      left_out bigint NOT NULL,
      PRIMARY KEY (operation_id, question, key),
      FOREIGN KEY (operation_id, question) REFERENCES figure_questions ON DELETE CASCADE
    )`,
  `COMMENT ON TABLE figure_kept IS 'The cells of kept questions, over all records of the operation. For the owner alone.'`,
  // The rows of single records, where few of them are hidden. Each operation has a part of its own: an index that began with the operation
  // would look to the planner as good as the key for the rows after a position, and read all of them.
  `CREATE INDEX figures_record ON figures (record_id)`,
];

/** How kept figures answer. They are for the functions that answer, and ask nobody for leave: no program may call them. */
const READING = [
  `
    CREATE FUNCTION figure_question(${QUESTION}) RETURNS bytea LANGUAGE sql STABLE AS $$
      SELECT sha256(convert_to(jsonb_build_array(measure, columns, filter, regions)::text, 'UTF8')) $$`,
  // Whether what is kept helps to answer somebody from whom these records are hidden, which are taken away one by one.
  `
    CREATE FUNCTION figure_is_kept(of_operation uuid, ${QUESTION}, hidden uuid[], up_to bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT cardinality(hidden) * ${LOOK_UP} <= up_to AND EXISTS (SELECT FROM figure_questions q
        WHERE q.operation_id = of_operation AND q.question = figure_question(measure, columns, filter, regions) AND q.position IS NOT NULL) $$`,
  // The cells over all records at a position: those kept, with the rows of the ledger that came after them, or without those that
  // came later than what is asked for; from nothing, where that is less.
  `
    CREATE FUNCTION figure_standing(of_operation uuid, up_to bigint, ${QUESTION})
    RETURNS TABLE (key text[], value numeric, records bigint, left_out bigint) LANGUAGE plpgsql STABLE AS $$
    DECLARE
      asked bytea := figure_question(measure, columns, filter, regions);
      kept bigint := (SELECT q.position FROM figure_questions q WHERE q.operation_id = of_operation AND q.question = asked);
    BEGIN
      IF kept IS NULL OR kept - up_to >= up_to THEN
        RETURN QUERY SELECT g.* FROM figure_groups(of_operation, 0, up_to, measure, columns, filter, regions, 'ALL', '{}') g
          WHERE g.records <> 0;
      ELSIF kept = up_to THEN
        RETURN QUERY SELECT k.key, k.value, k.records, k.left_out FROM figure_kept k
          WHERE k.operation_id = of_operation AND k.question = asked AND k.records <> 0;
      ELSE
        RETURN QUERY SELECT c.key, sum(c.value), sum(c.records)::bigint, sum(c.left_out)::bigint FROM (
            SELECT k.key, k.value, k.records, k.left_out FROM figure_kept k WHERE k.operation_id = of_operation AND k.question = asked
            UNION ALL
            SELECT g.key, s.way * g.value, s.way * g.records, s.way * g.left_out
            FROM (SELECT CASE WHEN up_to > kept THEN 1 ELSE -1 END) s (way), figure_groups(of_operation, least(kept, up_to), greatest(kept, up_to), measure, columns, filter,
              regions, 'ALL', '{}') g
          ) c GROUP BY c.key HAVING sum(c.records) <> 0;
      END IF;
    END $$`,
  // The same over what the viewer sees: without what hidden records give, as long as they are few.
  `
    CREATE FUNCTION figure_seen(of_operation uuid, up_to bigint, ${QUESTION}, hidden uuid[])
    RETURNS TABLE (key text[], value numeric, records bigint, left_out bigint) LANGUAGE plpgsql STABLE AS $$
    BEGIN
      IF hidden = '{}' THEN
        RETURN QUERY SELECT s.* FROM figure_standing(of_operation, up_to, measure, columns, filter, regions) s;
      ELSIF figure_is_kept(of_operation, measure, columns, filter, regions, hidden, up_to) THEN
        RETURN QUERY SELECT c.key, sum(c.value), sum(c.records)::bigint, sum(c.left_out)::bigint FROM (
            SELECT s.* FROM figure_standing(of_operation, up_to, measure, columns, filter, regions) s
            UNION ALL
            SELECT g.key, -g.value, -g.records, -g.left_out
            FROM figure_groups(of_operation, 0, up_to, measure, columns, filter, regions, 'HIDDEN', hidden) g
          ) c GROUP BY c.key HAVING sum(c.records) <> 0;
      ELSE
        RETURN QUERY SELECT g.* FROM figure_groups(of_operation, 0, up_to, measure, columns, filter, regions, 'SEEN', hidden) g
          WHERE g.records <> 0;
      END IF;
    END $$`,
];

/** How questions come to be kept, are brought forward and dropped. */
const TENDING = [
  // By the part of Muster that gathers what people asked. Whoever holds a question just now is bringing it forward: it is not waited for.
  `
    CREATE FUNCTION note_figure_questions(asked jsonb) RETURNS void ${AS_OWNER} AS $$
    BEGIN
      IF viewer_user() IS NOT NULL OR current_setting('muster.part', TRUE) IS DISTINCT FROM 'kept figures' THEN
        RAISE EXCEPTION 'what was asked is noted by Muster itself' USING ERRCODE = 'insufficient_privilege';
      END IF;
      INSERT INTO figure_questions (operation_id, question, measure, columns, filter, regions, asked_at)
        SELECT a.operation, figure_question(a.measure, a.columns, a.filter, a.regions), a.measure, a.columns, a.filter, a.regions, now()
        FROM jsonb_to_recordset(asked) a (operation uuid, ${QUESTION})
        WHERE NOT EXISTS (SELECT FROM operations o WHERE o.id = a.operation AND o.archived_at IS NOT NULL) ORDER BY 1, 2
        ON CONFLICT DO NOTHING;
      UPDATE figure_questions q SET asked_at = now() FROM (
          SELECT h.operation_id, h.question FROM jsonb_to_recordset(asked) a (operation uuid, ${QUESTION})
          JOIN figure_questions h ON h.operation_id = a.operation AND h.question = figure_question(a.measure, a.columns, a.filter, a.regions)
          WHERE h.asked_at < now() FOR UPDATE OF h SKIP LOCKED
        ) h WHERE q.operation_id = h.operation_id AND q.question = h.question;
    END $$`,
  // Drops what nobody asks, and names the usual questions of operations under way.
  `
    CREATE FUNCTION tend_figure_questions() RETURNS void ${AS_OWNER} AS $$
    BEGIN
      DELETE FROM figure_questions q WHERE q.asked_at < now() - INTERVAL '${KEPT_FOR}'
        AND NOT (q.is_usual AND EXISTS (SELECT FROM operations o WHERE o.id = q.operation_id AND o.phase = 'OPERATIONAL'));
      DELETE FROM figure_questions q USING (
          SELECT r.operation_id, r.question, row_number() OVER (PARTITION BY r.operation_id ORDER BY r.asked_at DESC, r.question) AS place
          FROM figure_questions r WHERE NOT r.is_usual
        ) r WHERE r.place > ${MOST_QUESTIONS} AND q.operation_id = r.operation_id AND q.question = r.question;
      INSERT INTO figure_questions (operation_id, question, measure, columns, filter, regions, is_usual, asked_at)
        SELECT o.id, figure_question(u.measure, u.columns, '{}', '{}'), u.measure, u.columns, '{}', '{}', TRUE, now()
        FROM operations o CROSS JOIN (VALUES
          ${USUAL.map(({ measure, columns }) => `('${measure}', ${list(columns)}::text[])`).join(', ')}
        ) u (measure, columns) WHERE o.phase = 'OPERATIONAL' ORDER BY 1, 2
        ON CONFLICT (operation_id, question) DO UPDATE SET is_usual = TRUE WHERE NOT figure_questions.is_usual;
    END $$`,
  // The shortest ways first, so that none waits for the first reading of a large ledger. An operation of fewer events than a step is
  // read whole as quickly.
  `
    CREATE FUNCTION figure_questions_due() RETURNS TABLE (operation_id uuid, question bytea) ${AS_OWNER} STABLE AS $$
    BEGIN
      RETURN QUERY SELECT q.operation_id, q.question FROM figure_questions q
        JOIN feed_heads h ON h.operation_id = q.operation_id
        WHERE NOT q.is_wide AND h.position - coalesce(q.position, 0)
          >= CASE WHEN q.brought_at IS NULL OR q.asked_at >= least(q.brought_at, now() - INTERVAL '${ASKED_WITHIN}') THEN ${STEP} ELSE ${LONG_STEP} END
        ORDER BY h.position - coalesce(q.position, 0);
    END $$`,
  // One question, in one transaction: its cells and its position always belong together. Positions are given out in the order of
  // commits, so nothing before the head that is read here can come later. Tells whether it was brought forward: somebody else may be at it.
  `
    CREATE FUNCTION bring_figures_forward(of_operation uuid, asked bytea) RETURNS boolean ${AS_OWNER} AS $$
    DECLARE
      q figure_questions;
      head bigint;
    BEGIN
      SELECT f.* INTO q FROM figure_questions f WHERE f.operation_id = of_operation AND f.question = asked FOR UPDATE SKIP LOCKED;
      IF NOT FOUND OR q.is_wide THEN RETURN FALSE; END IF;
      SELECT h.position INTO head FROM feed_heads h WHERE h.operation_id = of_operation;
      IF head <= coalesce(q.position, 0) THEN RETURN FALSE; END IF;
      BEGIN
        INSERT INTO figure_kept AS k (operation_id, question, key, value, records, left_out)
          SELECT of_operation, asked, g.*
          FROM figure_groups(of_operation, coalesce(q.position, 0), head, q.measure, q.columns, q.filter, q.regions, 'ALL', '{}') g
          WHERE g.records IS NOT NULL
          LIMIT CASE WHEN q.position IS NULL THEN ${MOST_CELLS} + 1 END
          ON CONFLICT (operation_id, question, key) DO UPDATE SET
            value = k.value + excluded.value, records = k.records + excluded.records, left_out = k.left_out + excluded.left_out;
      EXCEPTION WHEN data_exception OR raise_exception OR syntax_error_or_access_rule_violation THEN
        -- It is no question that the ledger answers. Whoever asks gets the same error.
        DELETE FROM figure_questions f WHERE f.operation_id = of_operation AND f.question = asked;
        RETURN FALSE;
      END;
      DELETE FROM figure_kept k WHERE k.operation_id = of_operation AND k.question = asked
        AND k.records = 0 AND k.value = 0 AND k.left_out = 0;
      IF (SELECT count(*) FROM figure_kept k WHERE k.operation_id = of_operation AND k.question = asked) > ${MOST_CELLS} THEN
        DELETE FROM figure_kept k WHERE k.operation_id = of_operation AND k.question = asked;
        UPDATE figure_questions f SET position = NULL, is_wide = TRUE WHERE f.operation_id = of_operation AND f.question = asked;
        RETURN FALSE;
      END IF;
      UPDATE figure_questions f SET position = head, brought_at = clock_timestamp()
        WHERE f.operation_id = of_operation AND f.question = asked;
      RETURN TRUE;
    END $$`,
  // The ledger is append-only; whoever takes that away to mend it takes away with it what was worked out from it.
  `
    CREATE FUNCTION figures_rewritten() RETURNS trigger ${AS_OWNER} AS $$
    BEGIN
      IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM figure_questions;
      ELSE
        DELETE FROM figure_questions q WHERE q.operation_id IN (SELECT DISTINCT o.operation_id FROM changed o);
      END IF;
      RETURN NULL;
    END $$`,
  ...['figures', 'figure_lines'].flatMap((table) => [
    `CREATE TRIGGER ${table}_truncated AFTER TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION figures_rewritten()`,
    ...['UPDATE', 'DELETE'].map(
      (change) => `
        CREATE TRIGGER ${table}_rewritten_by_${change.toLowerCase()} AFTER ${change} ON ${table}
        REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION figures_rewritten()`,
    ),
  ]),
];

export const KEPT_FIGURES = [...READING, ...TENDING];
