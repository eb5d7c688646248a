import pg from 'pg';
import { v7 } from 'uuid';

import { type Muster, startMuster, until } from '../setup/index.js';
import { openPorts, type Ports, rulesOf, settled } from '../setup/ports.js';
import { containerNumber, hours, type Person, type Refusal, REPORT, Scene, seizureInput } from '../setup/scene.js';

type Input = Readonly<Record<string, unknown>>;

let muster: Muster;
let scene: Scene;
let ports: Ports;

beforeAll(async () => {
  // Without a worker, which each test starts as it needs it.
  muster = await startMuster({ worker: false });
  scene = await Scene.open(muster);
});

beforeEach(async () => {
  ports = await openPorts(scene);
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const ofMombasa = (change: Input = {}): Input => seizureInput(ports.operationId, ports.mombasa, change);
const ofDarEsSalaam = (change: Input = {}): Input =>
  seizureInput(ports.operationId, ports.darEsSalaam, { route: { origin: 'NL', destination: 'TZ' }, ...change });

const report = async (person: Person, input: Input): Promise<string> => {
  const { id } = await person.do<{ id: string }>(REPORT, { input });
  return id;
};

/** Makes what a country owes as old as so many seconds. */
const age = (country: string, seconds: number): Promise<unknown> =>
  scene.sql(
    `UPDATE outbox SET created_at = now() - make_interval(secs => $3) WHERE operation_id = $1 AND country = $2`,
    [ports.operationId, country, seconds],
  );

/** Sends a new report until one is refused for now. */
const refusedForNow = (
  person: Person,
  input: () => Input,
): Promise<{ readonly input: Input; readonly refusal: Refusal }> =>
  until(async () => {
    const sent = input();
    const { errors } = await person.ask(REPORT, { input: sent });
    const refusal = errors[0]?.extensions as unknown as Refusal | undefined;
    return refusal?.code === 'UNAVAILABLE' ? { input: sent, refusal } : undefined;
  });

const stored = async (id: unknown): Promise<number> => {
  const [row] = await scene.sql<{ count: number }>(
    `SELECT (SELECT count(*) FROM seizures WHERE id = $1)::int + (SELECT count(*) FROM record_ids WHERE id = $1)::int
       + (SELECT count(*) FROM outbox WHERE subject_id = $1)::int + (SELECT count(*) FROM audit_entries WHERE subject_id = $1)::int AS count`,
    [id],
  );
  return row?.count ?? -1;
};

test('while reports cannot be stored more are refused at once, reading goes on, and all that waited or was refused is taken later', async () => {
  const lock = new pg.Client({ connectionString: muster.databaseUrl });
  await lock.connect();
  await lock.query('BEGIN; LOCK TABLE seizures IN SHARE MODE');
  const waiting: { readonly id: unknown; readonly answer: Promise<string | undefined> }[] = [];
  try {
    const refused = await until(async () => {
      const input = ofMombasa();
      const began = performance.now();
      const answer = ports.officer.ask(REPORT, { input }).then(({ errors }) => errors[0]?.extensions?.code);
      waiting.push({ id: input.id, answer });
      const code = await Promise.race([answer, new Promise<string>((resolve) => setTimeout(resolve, 500, 'it waits'))]);
      return code === 'UNAVAILABLE' ? { input, milliseconds: performance.now() - began } : undefined;
    });
    waiting.pop();
    expect(refused.milliseconds).toBeLessThan(500);
    expect(waiting.length).toBeGreaterThan(3);
    // Another country's report finds its place, and waits with those that came in time.
    const other = ofDarEsSalaam();
    const answer = ports.neighbour.ask(REPORT, { input: other }).then(({ errors }) => errors[0]?.extensions?.code);
    waiting.push({ id: other.id, answer });
    const began = performance.now();
    await ports.kenya.do(`query ($id: UUID!) { operation(id: $id) { headCursor } }`, { id: ports.operationId });
    expect((await fetch(`${muster.url}/health/ready`)).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(1_000);
    const metrics = await (await fetch(`${muster.url}/metrics`)).text();
    expect(Number(/muster_door_oldest_seconds ([0-9.]+)/.exec(metrics)?.[1])).toBeGreaterThanOrEqual(3);
    expect(Number(/muster_door_refused_total\{by="door"\} (\d+)/.exec(metrics)?.[1])).toBeGreaterThanOrEqual(1);
    expect(await stored(refused.input.id)).toBe(0);
    await lock.query('COMMIT');
    expect(await Promise.all(waiting.map(({ answer }) => answer))).toEqual(waiting.map(() => undefined));
    expect(await report(ports.officer, refused.input)).toBe(refused.input.id);
  } finally {
    await lock.end();
  }
});

test("where a country's reports wait too long its new ones are refused with a time to come back, nothing stored; others' are taken", async () => {
  await report(ports.officer, ofMombasa());
  await age('KE', 600);
  const { input, refusal } = await refusedForNow(ports.officer, ofMombasa);
  const { retryAfterSeconds } = refusal as Refusal & { readonly retryAfterSeconds: number };
  expect(retryAfterSeconds).toBeGreaterThanOrEqual(10);
  expect(retryAfterSeconds).toBeLessThanOrEqual(63);
  expect(await stored(input.id)).toBe(0);
  for (let i = 0; i < 10; i++) {
    await report(ports.neighbour, ofDarEsSalaam());
    await ports.officer.refused(REPORT, { input: ofMombasa() });
  }
  // Reading goes on.
  await ports.kenya.do(`query ($id: UUID!) { operation(id: $id) { id } }`, { id: ports.operationId });
  const metrics = await (await fetch(`${muster.url}/metrics`)).text();
  expect(Number(/muster_door_refused_total\{by="queue"\} (\d+)/.exec(metrics)?.[1])).toBeGreaterThanOrEqual(11);

  // The worker settles what waits, and the same report is taken.
  const worker = await muster.add('worker');
  try {
    await until(async () => (await ports.officer.ask(REPORT, { input })).errors.length === 0);
    expect((await settled(ports.officer, String(input.id))).status).toBe('ACCEPTED');
  } finally {
    await worker.stop();
  }
});

test('as the queue ages a share is refused, and a deep queue that is young refuses nothing', async () => {
  const outcomes = async (): Promise<boolean[]> => {
    const answers: boolean[] = [];
    for (let i = 0; i < 12; i++)
      answers.push((await ports.officer.ask(REPORT, { input: ofMombasa() })).errors.length > 0);
    return answers;
  };
  await report(ports.officer, ofMombasa());
  // Of 20,000 reports that are owed at once none is a reason.
  await scene.sql(
    `INSERT INTO outbox (kind, subject_id, operation_id, country, created_at, due_at, attempts)
     SELECT 'seizure.settle', gen_random_uuid(), $1, 'KE', now(), now() + interval '1 day', 0 FROM generate_series(1, 20000)`,
    [ports.operationId],
  );
  await report(ports.officer, ofMombasa());
  expect(await outcomes()).toEqual(Array.from({ length: 12 }, () => false));
  await scene.sql(`DELETE FROM outbox WHERE due_at > now() + interval '1 hour'`);
  await age('KE', 120);
  await refusedForNow(ports.officer, ofMombasa);
  const refused = (await outcomes()).filter(Boolean).length;
  expect(refused).toBeGreaterThanOrEqual(5);
  expect(refused).toBeLessThanOrEqual(8);
});

test("while one country floods another's report is settled in the next batches, long before the flood is", async () => {
  const flood: string[] = [];
  for (let i = 0; i < 8; i++)
    flood.push(...(await Promise.all(Array.from({ length: 100 }, () => report(ports.officer, ofMombasa())))));
  const mine = await report(ports.neighbour, ofDarEsSalaam());
  const worker = await muster.add('worker');
  try {
    await settled(ports.neighbour, mine);
    const [left] = await scene.sql<{ count: number }>(
      `SELECT count(*)::int AS count FROM seizures WHERE operation_id = $1 AND country = 'KE' AND status = 'RECEIVED'`,
      [ports.operationId],
    );
    expect(left?.count).toBeGreaterThan(flood.length / 4);
    await until(
      async () => {
        const [owed] = await scene.sql<{ count: number }>(
          `SELECT count(*)::int AS count FROM outbox WHERE operation_id = $1`,
          [ports.operationId],
        );
        return owed?.count === 0;
      },
      { limit: 60_000 },
    );
  } finally {
    await worker.stop();
  }
});

test('of two countries that report one unit the first to come is accepted, however far back in a flood it stands', async () => {
  const container = containerNumber();
  for (let i = 0; i < 4; i++) await Promise.all(Array.from({ length: 100 }, () => report(ports.officer, ofMombasa())));
  const change = { cargoUnit: { container }, detectedAt: hours(-2), sharing: { level: 'GREEN' } };
  const first = await report(ports.officer, ofMombasa(change));
  const second = await report(ports.neighbour, ofDarEsSalaam(change));
  const third = await report(ports.neighbour, ofDarEsSalaam({ ...change, id: v7() }));
  const worker = await muster.add('worker');
  try {
    const [ofKenya, ofTanzania, again] = [
      await settled(ports.officer, first),
      await settled(ports.neighbour, second),
      await settled(ports.neighbour, third),
    ];
    expect([ofKenya.status, ofTanzania.status, again.status]).toEqual(['ACCEPTED', 'NEEDS_REVIEW', 'NEEDS_REVIEW']);
    expect(rulesOf(ofKenya)).not.toContain('same-unit');
    for (const later of [ofTanzania, again]) expect(rulesOf(later)).toContain('same-unit');
  } finally {
    await worker.stop();
  }
});
