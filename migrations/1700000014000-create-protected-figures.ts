import { randomBytes } from 'node:crypto';

import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ANSWERS, FIGURE_ANSWERS } from './figures/figure-answers.js';
import { FIGURE_GROUPS } from './figures/figure-groups.js';
import { HIDDEN_FIGURES } from './figures/hidden-figures.js';
import { HIDDEN_RECORDS } from './figures/hidden-records.js';
import { KEEPING, KEPT_FIGURES, KEPT_TABLES } from './figures/kept-figures.js';
import { amountNoise, countNoise, FEWEST, MOST_COUNTED, type NoiseStep } from './figures/noise-table.js';
import { rolesOf } from './rules/roles.js';

/** The block of SHA-256, which HMAC pads its key to. */
const BLOCK = 64;

/**
 * Figures that are told without telling the records behind them: the functions that alone read the ledger for others, what they keep
 * of it between two answers, the key of the noise, and its look-up tables. Method and parameters: docs/access.md.
 */
export class CreateProtectedFigures1700000014000 implements MigrationInterface {
  readonly name = 'CreateProtectedFigures1700000014000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE figure_keys (inner_pad bytea NOT NULL, outer_pad bytea NOT NULL)`);
    await runner.query(
      `COMMENT ON TABLE figure_keys IS 'The secret of the noise in protected figures, as the two padded keys of HMAC. For the owner alone.'`,
    );
    const key = Buffer.concat([randomBytes(32)], BLOCK);
    await runner.query(`INSERT INTO figure_keys VALUES ($1, $2)`, [padded(key, 0x36), padded(key, 0x5c)]);
    await runner.query(`
      CREATE TABLE figure_noise (
        kind text NOT NULL CHECK (kind IN ('count', 'amount')),
        records smallint NOT NULL,
        below bigint NOT NULL,
        deviation smallint NOT NULL,
        PRIMARY KEY (kind, records, below)
      )`);
    for (let records = FEWEST; records <= MOST_COUNTED; records++) {
      await addNoise(runner, 'count', records, countNoise(records));
    }
    await addNoise(runner, 'amount', 0, amountNoise());
    for (const statement of KEPT_TABLES) await runner.query(statement);
    // No policy at all: for nobody but the owner.
    for (const table of ['figure_keys', 'figure_noise', 'figure_questions', 'figure_kept']) {
      await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
    }
    // What is hidden from the hub, without a walk over all records.
    await runner.query(`CREATE INDEX violations_red ON violations (operation_id) WHERE sharing_level = 'RED'`);

    for (const statement of [HIDDEN_RECORDS, ...FIGURE_GROUPS, ...HIDDEN_FIGURES, ...KEPT_FIGURES, ...FIGURE_ANSWERS])
      await runner.query(statement);
    await keepRecordKeys(runner);
    for (const signature of await signatures(runner)) {
      await runner.query(`REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC`);
    }
    const roles = await rolesOf(runner);
    for (const answer of ANSWERS) await runner.query(`GRANT EXECUTE ON FUNCTION ${answer} TO ${roles.api}`);
    for (const role of ['api', 'worker'] as const) {
      for (const keeping of KEEPING[role]) await runner.query(`GRANT EXECUTE ON FUNCTION ${keeping} TO ${roles[role]}`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TRIGGER figures_keyed ON figures`);
    await runner.query(`ALTER TABLE figures DROP COLUMN record_key`);
    for (const table of ['figures', 'figure_lines']) {
      for (const change of ['truncated', 'rewritten_by_update', 'rewritten_by_delete'])
        await runner.query(`DROP TRIGGER ${table}_${change} ON ${table}`);
    }
    for (const signature of await signatures(runner)) await runner.query(`DROP FUNCTION ${signature}`);
    await runner.query(`DROP INDEX violations_red, figures_record`);
    await runner.query(`DROP TABLE figure_noise, figure_keys, figure_kept, figure_questions`);
  }
}

const FUNCTIONS = [
  'hidden_records',
  'figure_column',
  'figure_record_filter',
  'figure_line_filter',
  'figure_sql',
  'figure_groups',
  'figure_record_key',
  'figure_keyed',
  'figure_deviation',
  'figure_amount',
  'hidden_figures',
  'refuse_outside',
  'figure_cells',
  'figure_totals_seen',
  'figure_totals',
  'figure_question',
  'figure_is_kept',
  'figure_standing',
  'figure_seen',
  'note_figure_questions',
  'tend_figure_questions',
  'figure_questions_due',
  'bring_figures_forward',
  'figures_rewritten',
  'figure_protection',
  'last_figure',
];

async function signatures(runner: QueryRunner): Promise<string[]> {
  const rows = (await runner.query(
    `SELECT oid::regprocedure::text AS signature FROM pg_proc WHERE proname = ANY ($1) AND pronamespace = 'public'::regnamespace`,
    [FUNCTIONS],
  )) as { readonly signature: string }[];
  return rows.map(({ signature }) => signature);
}

/** The key of its record stands in each row of the ledger, as making those of a whole operation takes longer than all the rest of a question. */
async function keepRecordKeys(runner: QueryRunner): Promise<void> {
  await runner.query(`ALTER TABLE figures ADD COLUMN record_key bigint`);
  await runner.query(
    `COMMENT ON COLUMN figures.record_key IS 'What the record gives to the noise of a cell. For the owner alone.'`,
  );
  await runner.query(`ALTER TABLE figures DISABLE TRIGGER figures_append_only`);
  await runner.query(
    `UPDATE figures SET record_key = figure_record_key(record_id, inner_pad, outer_pad) FROM figure_keys`,
  );
  await runner.query(`ALTER TABLE figures ENABLE TRIGGER figures_append_only`);
  await runner.query(`ALTER TABLE figures ALTER COLUMN record_key SET NOT NULL`);
  await runner.query(
    `CREATE TRIGGER figures_keyed BEFORE INSERT ON figures FOR EACH ROW EXECUTE FUNCTION figure_keyed()`,
  );
}

/** A key of HMAC, each byte of it combined with the byte of its pad. */
function padded(key: Buffer, pad: number): Buffer {
  return Buffer.from(key.map((byte) => byte ^ pad));
}

async function addNoise(
  runner: QueryRunner,
  kind: 'count' | 'amount',
  records: number,
  steps: readonly NoiseStep[],
): Promise<void> {
  for (const { below, deviation } of steps) {
    await runner.query(`INSERT INTO figure_noise VALUES ($1, $2, $3, $4)`, [kind, records, below, deviation]);
  }
}
