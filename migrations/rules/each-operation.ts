import { TOTALS } from '../figures/figure-answers.js';

/**
 * A question about several operations. Row-level security knows one operation at a time, and each of its policies asks for it once per
 * statement. So this is a function that enters one after the other and asks, in a statement of its own, what would be asked of it alone: a list
 * costs one statement, and shows of each operation what is the viewer's to see there. They run as their caller, so that the policies
 * answer, and the functions that guard reports and ledger; the last operation of the list is the one that stays entered.
 */
interface EachOperation {
  readonly name: string;
  /** Beside `operations`; lists go with it, item by item. */
  readonly more?: string;
  /** The columns beside `operation`. */
  readonly tells: string;
  /** What is done in an operation, which is the `n`th of the list. */
  readonly asks: string;
}

const QUESTIONS: readonly EachOperation[] = [
  {
    name: 'last_events_seen',
    tells: 'last bigint',
    asks: `RETURN QUERY SELECT operation, coalesce(
      (SELECT e.position FROM feed_events e WHERE e.operation_id = operation ORDER BY e.position DESC LIMIT 1), 0);`,
  },
  {
    name: 'findings_seen',
    tells: 'id uuid, title text, text text, as_of_position bigint, author_id uuid, published_at timestamptz',
    asks: `RETURN QUERY SELECT operation, f.id, f.title, f.text, f.as_of_position, f.author_id, f.published_at
      FROM findings f WHERE f.operation_id = operation;`,
  },
  // Of operations of which the viewer is no hub there is no row, here and in the next.
  {
    name: 'reports_waiting',
    tells: 'waits boolean',
    asks: `IF viewer_is_hub() THEN RETURN QUERY SELECT operation, reports_wait(operation, NULL); END IF;`,
  },
  {
    name: 'last_figures',
    tells: 'last bigint',
    asks: `IF viewer_is_hub() THEN RETURN QUERY SELECT operation, last_figure(operation); END IF;`,
  },
  // Up to a position that is also the last which the viewer may know of. For who knows of the operation and of nothing that is in it there
  // is one row, of the part FRAME; for anybody else none.
  {
    name: 'totals_seen',
    more: 'up_to bigint[]',
    tells: TOTALS,
    asks: `IF viewer_is_inside() THEN
        RETURN QUERY SELECT operation, t.* FROM figure_totals(operation, up_to[n], up_to[n]) t;
      ELSIF viewer_knows_frame() THEN
        part := 'FRAME';
        RETURN NEXT;
      END IF;`,
  },
  // "fixed" holds an array of columns for each operation, or null.
  {
    name: 'cells_seen',
    more: 'up_to bigint[], known bigint[], measure text, columns text[], filter jsonb, regions jsonb, fixed jsonb',
    tells: 'part text, key text[], value numeric, records bigint, left_out bigint',
    asks: `RETURN QUERY SELECT operation, c.* FROM figure_cells(operation, up_to[n], known[n], measure, columns, filter, regions,
        CASE WHEN jsonb_typeof(fixed -> n - 1) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(fixed -> n - 1)) END) c;`,
  },
];

/** The names of these functions, with their statements. */
export const EACH_OPERATION: readonly (readonly [name: string, statement: string])[] = QUESTIONS.map(
  ({ name, more, tells, asks }) => [
    name,
    `CREATE FUNCTION ${name}(operations uuid[]${more ? `, ${more}` : ''}) RETURNS TABLE (operation uuid, ${tells}) LANGUAGE plpgsql AS $$
    BEGIN
      FOR n IN 1..cardinality(operations) LOOP
        operation := operations[n];
        PERFORM enter_operation(operation);
        ${asks}
      END LOOP;
    END $$`,
  ],
);
