import { Redis } from 'ioredis';
import pg from 'pg';
import { v7 } from 'uuid';

import {
  describeOnRedis,
  graphql,
  type Muster,
  type Program,
  startMuster,
  startRedis,
  testDatabase,
  type TestDatabase,
  type TestRedis,
  until,
} from '../setup/index.js';
import { openPorts, type Ports, rulesOf, settled } from '../setup/ports.js';
import { containerNumber, hours, type Person, REPORT, Scene, seizureInput } from '../setup/scene.js';
import { areSettled, feedHasNoGap, notExactlyOnce } from './exactly-once.js';

interface Receipt {
  readonly id: string;
  readonly status: string;
  readonly receivedAt: string;
}

/** What the tests do to a queue, whatever it runs on. */
interface Queue {
  /** How many wake-ups wait in it. */
  waiting(): Promise<number>;
  /** Loses all that it holds. */
  empty(): Promise<void>;
  /** Lets nothing be written to it, until the answer is called. */
  freeze(): Promise<() => Promise<void>>;
}

let database: TestDatabase;
let redis: TestRedis | undefined;
let muster: Muster;
let scene: Scene;
let ports: Ports;
let queue: Queue;
let workers: Program[] = [];
const sessions: pg.Client[] = [];

const THIS_DATABASE = `(SELECT oid FROM pg_database WHERE datname = current_database())`;

const work = async (): Promise<Program> => {
  const worker = await muster.add('worker');
  workers.push(worker);
  return worker;
};

/** Sends one report and gives its receipt. */
const send = (person: Person, input: Readonly<Record<string, unknown>>): Promise<Receipt> =>
  person.do<Receipt>(REPORT, { input });

const report = async (change: Readonly<Record<string, unknown>> = {}, person = ports.officer): Promise<string> =>
  (await send(person, seizureInput(ports.operationId, ports.mombasa, change))).id;

const reportMany = (count: number): Promise<string[]> => Promise.all(Array.from({ length: count }, () => report()));

/** A session of the test's own, closed after the test with all that it holds. */
async function session(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  client.on('error', () => undefined);
  await client.connect();
  sessions.push(client);
  return client;
}

/** Keeps everybody from writing to a table, until the answer is called. */
async function hold(table: string): Promise<() => Promise<void>> {
  const client = await session();
  await client.query(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`);
  return async () => {
    await client.query('COMMIT');
  };
}

/** How many sessions wait to write to a table. */
async function waitingFor(table: string): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_locks WHERE NOT granted AND relation = $1::regclass AND database = ${THIS_DATABASE}`,
    [table],
  );
  return rows[0]?.count ?? 0;
}

/** How many sessions wait at a gate, or for any advisory lock. */
async function waitingAt(gate?: number): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_locks
     WHERE NOT granted AND locktype = 'advisory' AND objid = COALESCE($1, objid) AND database = ${THIS_DATABASE}`,
    [gate ?? null],
  );
  return rows[0]?.count ?? 0;
}

async function expectExactlyOnce(ids: readonly string[]): Promise<void> {
  await until(() => areSettled(database.pool, ids), { limit: 30_000, what: 'all reports are settled' });
  expect(await notExactlyOnce(database.pool, ids)).toEqual({});
  expect(await feedHasNoGap(database.pool, ports.operationId)).toBe(true);
}

/** A trigger that raises for one report, or waits, before it becomes a violation. */
async function trigger(
  name: string,
  table: string,
  when: string,
  does: string,
  kind = 'BEFORE INSERT',
): Promise<() => Promise<void>> {
  const isDeferred = kind.startsWith('CONSTRAINT');
  const event = isDeferred ? `CONSTRAINT TRIGGER ${name} AFTER INSERT` : `TRIGGER ${name} ${kind}`;
  await database.pool.query(`
    CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${does}; RETURN NEW; END $$;
    CREATE ${event} ON ${table} ${isDeferred ? 'DEFERRABLE INITIALLY DEFERRED' : ''}
    FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION ${name}()`);
  return async () => {
    await database.pool.query(`DROP TRIGGER ${name} ON ${table}; DROP FUNCTION ${name}()`);
  };
}

function faults(): void {
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((client) => client.end()));
    await Promise.all(workers.map((worker) => worker.stop()));
    workers = [];
  });

  test.each(['violations', 'figures', 'feed_events'])(
    'a worker that is killed while it writes %s loses and doubles nothing',
    async (table) => {
      const ids = await reportMany(5);
      const release = await hold(table);
      const worker = await work();
      await until(async () => (await waitingFor(table)) > 0, { what: `the worker waits to write ${table}` });
      await worker.kill('SIGKILL');
      await work();
      await release();
      await expectExactlyOnce(ids);
    },
  );

  test('a worker that is killed after its commit, before the queue knows, does nothing twice', async () => {
    const worker = await work();
    const release = await hold('violations');
    const ids = await reportMany(3);
    await until(async () => (await waitingFor('violations')) > 0, { what: 'the worker is in the middle of its job' });
    const thaw = await queue.freeze();
    await release();
    await until(() => areSettled(database.pool, ids), { what: 'the worker has committed' });
    await worker.kill('SIGKILL');
    await thaw();
    await work();
    await expectExactlyOnce([...ids, ...(await reportMany(3))]);
  });

  test('an api that is killed after the commit, before the wake-up and the answer, has lost nothing', async () => {
    await queue.empty();
    const input = seizureInput(ports.operationId, ports.mombasa);
    const gate = await session();
    await gate.query('SELECT pg_advisory_lock(4711)');
    // The api has sent its COMMIT, and PostgreSQL is in the middle of it.
    const done = await trigger(
      'wait_in_commit',
      'outbox',
      `NEW.subject_id = '${String(input['id'])}'`,
      'PERFORM pg_advisory_xact_lock_shared(4711)',
      'CONSTRAINT',
    );
    const api = await muster.add('api');
    const answer = graphql(`${api.url}/graphql`, REPORT, { input }, ports.officer.token).then(
      () => 'an answer',
      () => 'none',
    );
    await until(async () => (await waitingAt(4711)) > 0, { what: 'PostgreSQL commits' });
    await api.kill('SIGKILL');
    expect(await answer).toBe('none');
    await gate.query('SELECT pg_advisory_unlock(4711)');
    const id = String(input['id']);
    await until(async () => (await database.pool.query(`SELECT FROM seizures WHERE id = $1`, [id])).rowCount === 1, {
      what: 'the report is stored',
    });
    await done();
    expect(await queue.waiting()).toBe(0);

    await work();
    await expectExactlyOnce([id]);
    expect(await send(ports.officer, input)).toMatchObject({ id, status: 'ACCEPTED' });
    await expectExactlyOnce([id]);
  });

  test('reports whose wake-ups were lost with the queue are settled', async () => {
    const ids = await reportMany(20);
    await queue.empty();
    await work();
    await expectExactlyOnce(ids);
  });

  test('reports that come in while the queue is emptied again and again are settled once', async () => {
    await work();
    let isOver = false;
    const emptying = (async () => {
      while (!isOver) await queue.empty();
    })();
    const ids: string[] = [];
    for (let round = 0; round < 5; round++) ids.push(...(await reportMany(8)));
    isOver = true;
    await emptying;
    await expectExactlyOnce(ids);
  });

  test('one id on 50 connections at the same moment is one report', async () => {
    await work();
    const input = seizureInput(ports.operationId, ports.mombasa);
    const receipts = await Promise.all(Array.from({ length: 50 }, () => send(ports.officer, input)));
    expect(new Set(receipts.map(({ id, receivedAt }) => `${id} ${receivedAt}`)).size).toBe(1);
    await expectExactlyOnce([String(input['id'])]);
  });

  test('one id with 25 contents at the same moment is the report of one of them', async () => {
    await work();
    const input = seizureInput(ports.operationId, ports.mombasa);
    const answers = await Promise.all(
      Array.from({ length: 25 }, (_, number) =>
        ports.officer.ask(REPORT, { input: { ...input, foundGoods: `Goods ${number}` } }),
      ),
    );
    const codes = answers.map(({ errors }) => errors[0]?.extensions?.code ?? 'taken').sort();
    expect(codes).toEqual([...Array.from({ length: 24 }, () => 'CONFLICT'), 'taken']);
    await expectExactlyOnce([String(input['id'])]);
  });

  test.each([1, 2])(
    'of two reports of one container at the same instant exactly one is accepted, by %s workers',
    async (count) => {
      for (let number = 0; number < count; number++) await work();
      const detectedAt = hours(-1);
      for (let round = 0; round < 4; round++) {
        const pairs = await Promise.all(
          Array.from({ length: 6 }, async () => {
            const twice = { cargoUnit: { container: containerNumber() }, detectedAt };
            return Promise.all([report(twice, ports.officer), report(twice, ports.ranger)]);
          }),
        );
        for (const pair of pairs) {
          const seizures = await Promise.all(pair.map((id) => settled(ports.kenya, id)));
          expect(seizures.map(({ status }) => status).sort()).toEqual(['ACCEPTED', 'NEEDS_REVIEW']);
          const reviewed = seizures.find(({ status }) => status === 'NEEDS_REVIEW');
          expect(reviewed && rulesOf(reviewed)).toContain('same-unit');
        }
      }
    },
  );

  test('a report waits for one of its unit that another worker has not yet committed', async () => {
    await work();
    await work();
    const cargoUnit = { container: containerNumber() };
    const first = v7();
    const gate = await session();
    await gate.query('SELECT pg_advisory_lock(4712)');
    const done = await trigger(
      'wait_in_settlement',
      'figures',
      `NEW.record_id = '${first}'`,
      'PERFORM pg_advisory_xact_lock_shared(4712)',
    );
    await report({ id: first, cargoUnit });
    await until(async () => (await waitingAt(4712)) > 0, { what: 'the first report is being settled' });
    const second = await report({ cargoUnit }, ports.ranger);
    await until(async () => (await waitingAt()) > 1 || (await areSettled(database.pool, [second])), {
      what: 'another worker has the second report',
    });
    await gate.query('SELECT pg_advisory_unlock(4712)');
    expect((await settled(ports.kenya, first)).status).toBe('ACCEPTED');
    expect((await settled(ports.kenya, second)).status).toBe('NEEDS_REVIEW');
    await done();
  });

  describe('a report that can never be settled', () => {
    const FAILED = `query ($id: UUID!) { failedReports(operationId: $id) { seizureId failedAt attempts reason } }`;
    const RESEND = `mutation ($id: UUID!) { resendReport(seizureId: $id) }`;
    interface Try {
      readonly attempts: number;
      readonly at: Date;
      readonly due: Date;
    }

    beforeAll(async () => {
      await database.pool.query(`
        CREATE TABLE failed_tries (subject_id uuid, attempts integer, at timestamptz, due timestamptz);
        CREATE FUNCTION note_try() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
          INSERT INTO failed_tries VALUES (NEW.subject_id, NEW.attempts, clock_timestamp(), NEW.due_at);
          RETURN NEW;
        END $$;
        CREATE TRIGGER note_try AFTER UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION note_try()`);
    });

    test('holds up no other of its batch, is tried with growing waits, kept as failed, and settled when sent again', async () => {
      const poison = v7();
      const mend = await trigger(
        'poison',
        'violations',
        `NEW.id = '${poison}'`,
        `RAISE EXCEPTION 'the poison of a test'`,
      );
      const input = seizureInput(ports.operationId, ports.mombasa, { id: poison });
      await send(ports.officer, input);
      const others = await reportMany(12);
      await work();
      await work();

      await expectExactlyOnce(others);

      await until(async () => (await ports.hub.do<unknown[]>(FAILED, { id: ports.operationId })).length > 0, {
        limit: 30_000,
        what: 'the report is given up on',
      });
      const { rows: tries } = await database.pool.query<Try>(
        `SELECT * FROM failed_tries WHERE subject_id = $1 ORDER BY at`,
        [poison],
      );
      expect(tries.map(({ attempts }) => attempts)).toEqual([1, 2, 3, 4, 5]);
      tries.slice(1).forEach(({ at, due }, index) => {
        const before = Number(tries[index]?.due);
        // Nobody took it before its time, however many workers there are; and each wait is twice the one before.
        expect(at.getTime()).toBeGreaterThanOrEqual(before);
        expect(due.getTime() - before).toBeGreaterThanOrEqual(1_000 * 2 ** index);
      });

      const after = await report();
      await expectExactlyOnce([after]);
      expect(await send(ports.officer, input)).toMatchObject({ id: poison, status: 'RECEIVED' });
      const failed = await ports.hub.do<unknown[]>(FAILED, { id: ports.operationId });
      expect(failed).toEqual([
        {
          seizureId: poison,
          failedAt: expect.any(String) as unknown,
          attempts: 5,
          reason: expect.stringContaining('P0001') as unknown,
        },
      ]);

      await mend();
      expect(await ports.hub.do(RESEND, { id: poison })).toBe(true);
      await expectExactlyOnce([poison]);
      expect(await ports.hub.do(FAILED, { id: ports.operationId })).toEqual([]);
      expect(await ports.hub.do(RESEND, { id: poison })).toBe(false);
      const { rows } = await database.pool.query(
        `SELECT actor_id FROM audit_entries WHERE subject_id = $1 AND action = 'seizure.resent'`,
        [poison],
      );
      expect(rows).toEqual([{ actor_id: ports.hub.id }]);
    });

    test("is the hub's alone to see and to send again", async () => {
      const id = await report();
      await database.pool.query(
        `UPDATE outbox SET failed_at = now(), attempts = 5, last_error = 'given up on by a test' WHERE subject_id = $1`,
        [id],
      );
      const analyst = await scene.person(null, { role: 'ANALYST' });
      for (const person of [ports.kenya, ports.officer, analyst]) {
        expect((await person.refused(FAILED, { id: ports.operationId })).code).toBe('FORBIDDEN');
        expect((await person.refused(RESEND, { id })).code).toBe('FORBIDDEN');
      }
      expect((await ports.hub.refused(RESEND, { id: v7() })).code).toBe('NOT_FOUND');
      expect(await ports.hub.do(RESEND, { id })).toBe(true);
      await work();
      await expectExactlyOnce([id]);
    });
  });
}

async function begin(): Promise<void> {
  database = await testDatabase();
  muster = await startMuster({ databaseUrl: database.url, redisUrl: redis?.url, worker: false });
  scene = await Scene.open(muster);
  ports = await openPorts(scene);
}

async function end(): Promise<void> {
  await scene.close();
  await muster.stop();
  await database.drop();
}

describe('with the queue on PostgreSQL', () => {
  beforeAll(async () => {
    redis = undefined;
    await begin();
    queue = {
      async waiting() {
        const { rows } = await database.pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM queue.job`);
        return rows[0]?.count ?? 0;
      },
      async empty() {
        await database.pool.query(`DELETE FROM queue.job`);
      },
      freeze: () => hold('queue.job'),
    };
  });
  afterAll(end);

  faults();
});

describeOnRedis('with the queue on Redis', () => {
  let client: Redis;
  let server: TestRedis;

  beforeAll(async () => {
    redis = server = await startRedis();
    client = new Redis(server.url);
    client.on('error', () => undefined);
    await begin();
    queue = {
      waiting: () => client.llen('{muster}:reports:wait'),
      async empty() {
        await client.flushall();
      },
      async freeze() {
        await client.call('CLIENT', 'PAUSE', '60000', 'WRITE');
        return async () => {
          await client.call('CLIENT', 'UNPAUSE');
        };
      },
    };
  });
  afterAll(async () => {
    await end();
    client.disconnect();
    await server.stop();
  });

  faults();

  test('reports that come in while Redis is down are taken and settled, and it is used again when it is back', async () => {
    const worker = await work();
    await server.kill('SIGKILL');
    const ids = await reportMany(10);
    await expectExactlyOnce(ids);
    await server.restart();
    await expectExactlyOnce(await reportMany(10));
    // Without a worker the wake-up of a further report stays in the queue.
    await worker.stop();
    await until(
      async () => {
        await report();
        return (await queue.waiting()) > 0;
      },
      { what: 'the api wakes the worker by Redis again' },
    );
    await work();
  });

  test('a worker that starts while Redis is down settles what is owed', async () => {
    const ids = await reportMany(3);
    await server.kill('SIGKILL');
    await work();
    await expectExactlyOnce(ids);
    await server.restart();
  });
});
