import type { TestingModule } from '@nestjs/testing';
import fc from 'fast-check';
import pg from 'pg';
import { Database, partOfMuster, prepared } from '#platform';
import { RegionScheme } from '#reference';

import { compareWithHand } from '../../../tests/trends/compare-with-hand.js';
import { type LedgerHouse, musterOn, openLedgerHouse, viewerIn } from '../../../tests/trends/ledger-house.js';
import {
  crowdedOperation,
  lastPosition,
  operationOf,
  type RandomOperation,
  randomOperation,
  spread,
} from '../../../tests/trends/random-operation.js';
import { type Asked, coarseQuestion, question, share } from '../../../tests/trends/random-question.js';
import type { Viewer } from '../../../tests/trends/who-sees.js';
import { AskedQuestions } from './asked-questions.js';
import { KeptFigures } from './kept-figures.service.js';
import { Summaries } from './summaries.service.js';
import { TrendDimension, TrendMeasure } from './vocabulary.js';

let house: LedgerHouse;
let worker: TestingModule;
let kept: KeptFigures;

beforeAll(async () => {
  house = await openLedgerHouse();
  worker = await musterOn(house.database.roles.worker);
  kept = new KeptFigures(worker.get(Database));
});
afterAll(async () => {
  await worker.close();
  await house.close();
});

/** So far apart that each event of a record is worth bringing a question forward, and that a hidden record is worth looking up. */
const APART = 400;

const BY_COUNTRY_AND_WEEK: Asked = {
  measure: TrendMeasure.VIOLATIONS,
  groupBy: [TrendDimension.COUNTRY, TrendDimension.WEEK],
  filter: null,
  regionScheme: RegionScheme.M49_REGION,
  at: [null, null],
  viewer: 'hub',
};

async function rows<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
  return (await house.database.pool.query(text, [...values])).rows as Row[];
}

/** What is kept of an operation: its questions, and how many of them have cells. */
async function questionsOf({ id }: RandomOperation): Promise<{ questions: number; made: number; cells: number }> {
  const [counts] = await rows<{ questions: number; made: number; cells: number }>(
    `SELECT count(*)::int AS questions, count(position)::int AS made,
       (SELECT count(*)::int FROM figure_kept WHERE operation_id = $1) AS cells FROM figure_questions WHERE operation_id = $1`,
    [id],
  );
  return counts ?? { questions: 0, made: 0, cells: 0 };
}

async function ask(operations: readonly RandomOperation[], questions: readonly Asked[]): Promise<void> {
  for (const asked of questions) await compareWithHand(house, operations, asked);
  await house.module.get(AskedQuestions).flush();
}

/** Brings all questions of an operation forward as if no more had happened in it. */
async function keepUpTo({ id, entries }: RandomOperation, position: number): Promise<void> {
  await rows(`UPDATE feed_heads SET position = $2 WHERE operation_id = $1`, [id, position]);
  const client = new pg.Client({ connectionString: house.database.roles.worker });
  await client.connect();
  for (const { question: of } of await rows<{ question: Buffer }>(
    `SELECT question FROM figure_questions WHERE operation_id = $1`,
    [id],
  )) {
    await client.query(`SELECT bring_figures_forward($1, $2)`, [id, of]);
  }
  await client.end();
  await rows(`UPDATE feed_heads SET position = $2 WHERE operation_id = $1`, [id, lastPosition(entries)]);
}

const lives = fc.oneof(randomOperation, crowdedOperation).map((operation) => spread(operation, APART));
const shares = fc.tuple(share, share);

test('what is kept answers as a recount of the records, later, earlier and between, whoever asks', async () => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(lives, lives),
      fc.array(fc.oneof(question, coarseQuestion), { minLength: 6, maxLength: 6 }),
      shares,
      async (operations, questions, upTo) => {
        for (const operation of operations) await house.store(operation);
        await ask(operations, questions);
        for (const part of upTo.sort()) {
          for (const operation of operations)
            await keepUpTo(operation, Math.round(part * lastPosition(operation.entries)));
          await ask(operations, questions);
        }
        for (const operation of operations) made += (await questionsOf(operation)).made;
      },
    ),
    { numRuns: 40 },
  );
  expect(made).toBeGreaterThan(100);
}, 240_000);

test('the totals of a summary are the same from what is kept as from the ledger', async () => {
  await fc.assert(
    fc.asyncProperty(
      lives,
      fc.constantFrom<Viewer>('hub', 'coordinator of KE', 'officer of KE', 'observer'),
      shares,
      async (operation, viewer, upTo) => {
        await house.store(operation);
        const summary = (): Promise<unknown> =>
          house.module.get(Summaries).ofOperations(viewerIn(viewer, [operation]), [operation.id]);
        const fromLedger = await summary();
        await house.module.get(AskedQuestions).flush();
        for (const part of upTo.sort()) {
          await keepUpTo(operation, Math.round(part * lastPosition(operation.entries)));
          expect(await summary()).toEqual(fromLedger);
        }
      },
    ),
    { numRuns: 40 },
  );
}, 240_000);

test('a question that is asked again reads the rows of the ledger after what is kept, and no others', async () => {
  const [events, after] = [500, 20];
  const operation = operationOf(Array.from({ length: events }, () => ({})));
  await house.store(operation);
  expect(await rowsRead(operation)).toBeGreaterThanOrEqual(events);
  await ask([operation], [BY_COUNTRY_AND_WEEK]);
  await keepUpTo(operation, events - after);
  expect(await rowsRead(operation)).toBe(after);
  await keepUpTo(operation, events);
  expect(await rowsRead(operation)).toBe(0);
});

/** How many rows of the operation's ledger its hub's question by country and week reads. */
async function rowsRead({ id, entries }: RandomOperation): Promise<number> {
  const client = await house.database.pool.connect();
  const hub = viewerIn('hub', []).userId;
  try {
    await client.query('BEGIN');
    await client.query(`SELECT set_config('muster.user_id', $1, TRUE)`, [hub]);
    await client.query(`SELECT enter_operation($1)`, [id]);
    const before = await rowsReadBy(client, id);
    await client.query(
      `SELECT figure_cells($1, $2, $2, 'VIOLATIONS', '{country,week}', '{}', '{}', '{country,week}')`,
      [id, lastPosition(entries)],
    );
    return (await rowsReadBy(client, id)) - before;
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

async function rowsReadBy(client: pg.PoolClient, operationId: string): Promise<number> {
  const { rows: read } = await client.query<{ read: number }>(
    `SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read FROM pg_stat_xact_all_tables
     WHERE relid = to_regclass('operation_parts.' || part_name('figures', $1))`,
    [operationId],
  );
  return read[0]?.read ?? 0;
}

test('workers that are at it together bring each question forward once, and what they keep is right', async () => {
  const operations = fc.sample(crowdedOperation, 2).map((operation) => spread(operation, APART));
  for (const operation of operations) await house.store(operation);
  await kept.bringForward();
  const questions = fc.sample(coarseQuestion, 20);
  await ask(operations, questions);
  const asked = (await Promise.all(operations.map(questionsOf))).reduce((sum, { questions: count }) => sum + count, 0);
  const brought = await Promise.all([1, 2, 3, 4].map(() => kept.bringForward()));
  expect(brought.reduce((sum, count) => sum + count)).toBe(asked);
  for (const operation of operations) {
    const { questions: count, made } = await questionsOf(operation);
    expect(made).toBe(count);
  }
  await ask(operations, questions);
  expect(await kept.bringForward()).toBe(0);
});

test('the usual questions of operations under way are kept though nobody asked them', async () => {
  const [underWay, planned] = [operationOf([{}, {}]), operationOf([{}, {}])].map((each) => spread(each, APART));
  if (!underWay || !planned) throw new Error('Two of two are there.');
  for (const operation of [underWay, planned]) await house.store(operation);
  await rows(`UPDATE operations SET phase = 'PREPARATION' WHERE id = $1`, [planned.id]);
  await kept.tend();
  await kept.bringForward();
  expect(await questionsOf(underWay)).toMatchObject({ questions: 5, made: 5 });
  expect(await questionsOf(planned)).toEqual({ questions: 0, made: 0, cells: 0 });
});

test('a question that nobody asked for a week is dropped with its cells; a usual one when its operation is over', async () => {
  const operation = spread(operationOf([{}, {}]), APART);
  await house.store(operation);
  await kept.tend();
  await ask([operation], [{ ...BY_COUNTRY_AND_WEEK, groupBy: [TrendDimension.SCENE] }]);
  await kept.bringForward();
  expect(await questionsOf(operation)).toMatchObject({ questions: 6, made: 6 });
  await rows(`UPDATE figure_questions SET asked_at = now() - interval '6 days' WHERE operation_id = $1`, [
    operation.id,
  ]);
  await kept.tend();
  expect(await questionsOf(operation)).toMatchObject({ questions: 6 });
  await rows(`UPDATE figure_questions SET asked_at = now() - interval '8 days' WHERE operation_id = $1`, [
    operation.id,
  ]);
  await kept.tend();
  expect(await questionsOf(operation)).toMatchObject({ questions: 5, made: 5 });
  await rows(`UPDATE operations SET phase = 'CLOSED' WHERE id = $1`, [operation.id]);
  await kept.tend();
  expect(await questionsOf(operation)).toEqual({ questions: 0, made: 0, cells: 0 });
});

function noteFilters(database: Database, { id }: RandomOperation, filters: readonly object[]): Promise<unknown> {
  const asked = filters.map((filter) => ({
    operation: id,
    measure: 'VIOLATIONS',
    columns: ['country'],
    filter,
    regions: {},
  }));
  return database.write(partOfMuster('kept figures'), (tx) =>
    prepared(tx, `SELECT note_figure_questions($1)`, [JSON.stringify(asked)]),
  );
}

test('of many questions of one operation those are kept that were asked last', async () => {
  const operation = operationOf([{}]);
  await house.store(operation);
  const filters = Array.from({ length: 120 }, (_, index) => ({ scenes: [`S${index}`] }));
  await noteFilters(house.module.get(Database), operation, filters.slice(0, 60));
  await rows(`UPDATE figure_questions SET asked_at = now() - interval '1 hour' WHERE operation_id = $1`, [
    operation.id,
  ]);
  await noteFilters(house.module.get(Database), operation, filters.slice(60));
  await noteFilters(house.module.get(Database), operation, filters.slice(0, 10)); // asked once more
  await kept.tend();
  const left = await rows<{ scene: string }>(
    `SELECT filter -> 'scenes' ->> 0 AS scene FROM figure_questions WHERE operation_id = $1 AND NOT is_usual`,
    [operation.id],
  );
  const scenes = new Set(left.map(({ scene }) => scene));
  expect(scenes.size).toBe(100);
  expect([...filters.slice(0, 10), ...filters.slice(60)].filter((asked) => !scenes.has(asked.scenes[0] ?? ''))).toEqual(
    [],
  );
});

test('what the ledger does not answer is not kept, and holds up nothing else', async () => {
  const operation = spread(operationOf([{}]), APART);
  await house.store(operation);
  await noteFilters(house.module.get(Database), operation, [{ agencyIds: ['nobody'] }, { nonsense: 1 }, {}]);
  await kept.bringForward();
  expect(await questionsOf(operation)).toEqual({ questions: 1, made: 1, cells: 1 });
});

test('a question that falls into too many cells is not kept, and not tried again', async () => {
  const operation = spread(operationOf([{}]), APART);
  await house.store(operation);
  await rows(
    `INSERT INTO figures SELECT (jsonb_populate_record(f, jsonb_build_object('position', ${APART} + n, 'agency_id', gen_random_uuid(),
       'record_id', gen_random_uuid(), 'flag_state', 'F' || n))).* FROM figures f, generate_series(1, 20000) n WHERE f.operation_id = $1`,
    [operation.id],
  );
  await rows(`UPDATE feed_heads SET position = 20000 + ${APART} WHERE operation_id = $1`, [operation.id]);
  const asked = { operation: operation.id, measure: 'VIOLATIONS', columns: ['flagState'], filter: {}, regions: {} };
  await house.module
    .get(Database)
    .write(partOfMuster('kept figures'), (tx) =>
      prepared(tx, `SELECT note_figure_questions($1)`, [JSON.stringify([asked])]),
    );
  await kept.bringForward();
  expect(await questionsOf(operation)).toEqual({ questions: 1, made: 0, cells: 0 });
  expect(await rows(`SELECT FROM figure_questions_due() WHERE operation_id = $1`, [operation.id])).toEqual([]);
}, 60_000);

test('nothing stays kept of a ledger that somebody rewrote', async () => {
  const [mended, other] = [operationOf([{}]), operationOf([{}])].map((each) => spread(each, APART));
  if (!mended || !other) throw new Error('Two of two are there.');
  for (const operation of [mended, other]) {
    await house.store(operation);
    await ask([operation], [BY_COUNTRY_AND_WEEK]);
  }
  await kept.bringForward();
  await rows(`ALTER TABLE figures DISABLE TRIGGER figures_append_only`);
  await rows(`UPDATE figures SET nature = 'ADMINISTRATIVE' WHERE operation_id = $1`, [mended.id]);
  await rows(`ALTER TABLE figures ENABLE TRIGGER figures_append_only`);
  expect((await questionsOf(mended)).questions).toBe(0);
  expect((await questionsOf(other)).made).toBeGreaterThan(0);
});

test('programs hand in no cell and read none: what is kept is reached by its functions alone', async () => {
  const { api, worker: keeper } = house.database.roles;
  for (const role of [api, keeper].map((url) => new URL(url).username)) {
    for (const table of ['figure_questions', 'figure_kept']) {
      const [may] = await rows<{ may: boolean }>(
        `SELECT has_any_column_privilege($1, $2, 'SELECT, INSERT, UPDATE') OR has_table_privilege($1, $2, 'DELETE, TRUNCATE') AS may`,
        [role, table],
      );
      expect({ role, table, ...may }).toEqual({ role, table, may: false });
    }
    const reached = await rows<{ name: string }>(
      `SELECT proname AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND has_function_privilege($1, oid, 'EXECUTE')
         AND proname IN ('note_figure_questions', 'tend_figure_questions', 'figure_questions_due', 'bring_figures_forward', 'figure_standing',
           'figure_seen', 'figure_is_kept', 'figure_question', 'figures_rewritten', 'figure_totals_seen', 'figure_groups') ORDER BY 1`,
      [role],
    );
    expect(reached.map(({ name }) => name)).toEqual(
      role === new URL(api).username
        ? ['note_figure_questions']
        : ['bring_figures_forward', 'figure_questions_due', 'tend_figure_questions'],
    );
  }
  const asPerson = house.module
    .get(Database)
    .write(viewerIn('hub', []), (tx) => prepared(tx, `SELECT note_figure_questions('[]')`, []));
  await expect(asPerson).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('an answer is the same, and comes, where what was asked can not be noted', async () => {
  const operation = spread(operationOf([{}]), APART);
  await house.store(operation);
  await rows(
    `REVOKE EXECUTE ON FUNCTION note_figure_questions(jsonb) FROM ${new URL(house.database.roles.api).username}`,
  );
  await ask([operation], [BY_COUNTRY_AND_WEEK]);
  expect((await questionsOf(operation)).questions).toBe(0);
  await rows(`GRANT EXECUTE ON FUNCTION note_figure_questions(jsonb) TO ${new URL(house.database.roles.api).username}`);
});
