import { randomBytes } from 'node:crypto';

import { describeOnRedis, until } from '../setup/index.js';
import { Scene } from '../setup/scene.js';
import { Chaos } from './storm/chaos.js';
import { faultOf, isAbsent, recordsOf, remainders, type Stored, storedOf } from './storm/checks.js';
import { type Crowd, gather } from './storm/crowd.js';
import { Driver } from './storm/driver.js';
import { type FeedEvent, feedOf, Follower } from './storm/followers.js';
import { allUp, House, jobsIn } from './storm/house.js';
import { noSmallDisk } from './storm/postgres.js';

/** The same each time unless another is given; `random` draws one. What it was is printed, so that a run can be had again. */
const SEED =
  process.env['FAULTS_SEED'] === 'random' ? randomBytes(4).toString('hex') : process.env['FAULTS_SEED'] || '2017';

/** How long things go wrong, for each kind of queue. */
const SECONDS = Number(process.env['FAULTS_SECONDS'] || 60);

/** How long all may take to be in order again afterwards, in milliseconds. */
const LONGEST_CALM = 120_000;

/** How long, beyond its time, a storm may take until each fault has been, on a machine that is busy; in milliseconds. */
const LONGEST_STORM = 360_000;

function storm(queue: 'PostgreSQL' | 'Redis'): void {
  let house: House;
  let scene: Scene;
  let crowd: Crowd;
  let chaos: Chaos;
  let driver: Driver;
  let followers: Follower[] = [];
  /** What is stored in the end, of all reports that were ever sent. */
  let stored: Map<string, Stored>;

  const stateOf = (id: string): Stored => {
    const state = stored.get(id);
    if (!state) throw new Error(`Nobody looked for ${id}`);
    return state;
  };

  beforeAll(
    async () => {
      house = await House.open(queue);
      scene = await Scene.open(house.muster);
      crowd = await gather(scene);
      // A long storm outlasts the quarter of an hour that a token is good for.
      await house.postgres.pool.query(`UPDATE access_tokens SET expires_at = now() + interval '1 day'`);
      const { operationId, hub, kenya, officer, tanzania } = crowd.ports;
      const viewers = { hub, kenya, officer, tanzania, mozambique: crowd.mozambique };
      const seed = `${SEED}/${queue}`;
      followers = Object.entries(viewers).flatMap(([name, person]) =>
        [1, 2].map((number) => new Follower(`${name} ${number}`, person, operationId, house.doors, seed)),
      );
      chaos = new Chaos(house, seed);
      driver = new Driver(house.doors, crowd.senders, crowd.twins, seed);
      await within(SECONDS * 1_000 + LONGEST_STORM, chaos.rage(SECONDS), () => [...chaos.underWay].join(', '));
      await calm();
    },
    SECONDS * 1_000 + LONGEST_STORM + 4 * LONGEST_CALM,
  );

  /** Lets the senders finish and waits until all is in order again; where something never is, its test says what. */
  async function calm(): Promise<void> {
    await allUp(house);
    await driver.finish(LONGEST_CALM);
    for (const follower of followers) follower.calmDown();
    await until(
      async () =>
        Object.values(await remainders(house.postgres.pool)).every((count) => count === 0) &&
        (await jobsIn(house)) === 0,
      { limit: LONGEST_CALM, what: 'nothing is owed any more' },
    ).catch(() => undefined);
    const sent = [
      ...[...driver.acknowledged.values()].map(({ report }) => report),
      ...driver.refused,
      ...driver.abandoned,
    ];
    stored = await storedOf(house.postgres.pool, [...new Set(sent.map(({ id }) => id))]);
    process.stderr.write(
      `storm on ${queue}: FAULTS_SEED=${SEED} FAULTS_SECONDS=${SECONDS}, ${driver.acknowledged.size} reports acknowledged\n` +
        `  answers: ${told(driver.answers)}\n  faults: ${told(chaos.happened)}\n`,
    );
  }

  afterAll(async () => {
    // Where the storm itself failed, these still run.
    chaos?.stop();
    await driver?.finish(0);
    await Promise.all(followers.map((follower) => follower.stop()));
    await scene?.close();
    await house?.close();
  }, LONGEST_CALM);

  test('the storm was one: all faults happened, and senders of all kinds were answered in spite of it', () => {
    expect(chaos.happened.size).toBe(chaos.kinds);
    const fates = [...driver.acknowledged.values()].map(({ report }) => report.fate);
    expect(new Set(fates)).toEqual(new Set(['accepted', 'for-review', 'one-of-two', 'logged']));
    expect(driver.answers.get('no answer')).toBeGreaterThan(0);
    expect(driver.answers.get('hung up')).toBeGreaterThan(0);
    expect(driver.repeats).toBeGreaterThan(0);
    expect(Math.min(...followers.map(({ connections }) => connections))).toBeGreaterThan(1);
  });

  test('every acknowledged report is stored exactly once, with all that comes of it', () => {
    const faults = [...driver.acknowledged.values()].flatMap(
      ({ report: { id, fate } }) => faultOf(stateOf(id), fate) ?? [],
    );
    expect(faults).toEqual([]);
  });

  test('a report that was cut off and never sent again is stored once or not at all, and one that was refused is not', () => {
    const arrived = driver.abandoned.filter(({ id }) => !isAbsent(stateOf(id)));
    const refused = driver.refused.filter(({ id }) => !driver.acknowledged.has(id));
    expect([...arrived, ...refused].flatMap(({ id, fate }) => faultOf(stateOf(id), fate) ?? [])).toEqual([]);
  });

  test('nothing is stored that nobody sent', async () => {
    expect((await recordsOf(house.postgres.pool)).filter((id) => !stored.has(id))).toEqual([]);
  });

  test('of two reports of one cargo unit exactly one is accepted, and a clock that is ahead sends a report to review', () => {
    const reports = [...driver.acknowledged.values()].map(({ report }) => report);
    const pairs = reports.filter(({ twin }) => twin !== undefined);
    const statuses = pairs.map(({ id, twin }) => [stateOf(id).status, stateOf(twin ?? '').status].sort());
    expect(statuses).toEqual(pairs.map(() => ['ACCEPTED', 'NEEDS_REVIEW']));
    const ahead = reports.filter(({ fate }) => fate === 'for-review').map(({ id }) => stateOf(id).rules);
    expect(ahead.filter((rules) => !rules.includes('clock'))).toEqual([]);
  });

  test('senders are told nothing but receipts, the same each time, and that it is for later', () => {
    expect(driver.wrong).toEqual([]);
    expect([...driver.answers.keys()].filter((answer) => !EXPECTED.has(answer))).toEqual([]);
  });

  test('each follower was told exactly what it may see, in order, once', async () => {
    for (const { name, person, events, wrong } of followers) {
      const feed = await feedOf(person, crowd.ports.operationId);
      await until(() => events.length >= feed.length, { limit: 30_000, what: `${name} has been told all` }).catch(
        () => undefined,
      );
      const said = (list: readonly FeedEvent[]): string[] =>
        list.map(({ cursor, kind, subjectId }) => `${cursor} ${kind} ${subjectId}`);
      expect({ name, told: said(events) }).toEqual({ name, told: said(feed) });
      expect(events).toEqual(feed);
      expect({ name, wrong }).toEqual({ name, wrong: [] });
    }
    expect(new Set(followers.map(({ events }) => events.length)).size).toBeGreaterThan(2);
  }, 120_000);

  test('the feed has no gap, and the figures equal the recount', async () => {
    const { rows } = await house.postgres.pool.query<Record<string, number>>(
      `SELECT (SELECT sum(position) FROM feed_heads)::int AS given, (SELECT count(*) FROM feed_events)::int AS told,
         (SELECT count(*) FROM violations)::int AS violations, (SELECT COALESCE(sum(sign), 0) FROM figures)::int AS counted`,
    );
    expect(rows[0]?.['told']).toBe(rows[0]?.['given']);
    expect(rows[0]?.['counted']).toBe(rows[0]?.['violations']);
    expect(await house.console('recount')).toContain('The figures agree with the records.');
  });

  test('the audit log is whole', async () => {
    expect(await house.console('audit:verify')).toContain('The audit log is whole');
  });

  test('nothing is stuck in the outbox or in the queue', async () => {
    expect(await remainders(house.postgres.pool)).toEqual({ owed: 0, undecided: 0, unsealed: 0 });
    expect(await jobsIn(house)).toBe(0);
  });

  test('no start of a process hung, whatever it met', () => {
    expect(house.posts.flatMap(({ hangs }) => hangs)).toEqual([]);
  });

  test('no process ended but those that were killed, and none met an error that it did not know for an outage', () => {
    for (const post of house.posts) post.look();
    expect(house.posts.flatMap(({ ownDeaths }) => ownDeaths)).toEqual([]);
    expect(house.posts.flatMap(({ errors }) => errors)).toEqual([]);
  });

  const onFullDisk = 'a full disk was survived';
  if (noSmallDisk === undefined) {
    test(onFullDisk, () => {
      expect([...chaos.happened.keys()].filter((name) => name.startsWith('a full disk'))).toHaveLength(2);
    });
  } else test.skip(`${onFullDisk} (skipped: ${noSmallDisk})`, () => undefined);
}

/** What a sender may be told: a violation has no review to go to, so that BAD_USER_INPUT meets clocks that are ahead. */
const EXPECTED = new Set(['taken', 'no answer', 'hung up', 'UNAVAILABLE', 'BAD_USER_INPUT', 'CONFLICT']);

/** @throws where it takes longer than so many milliseconds, with what it waits for */
async function within<T>(limit: number, work: Promise<T>, what: () => string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`Not over within ${limit} ms: ${what()}`)), limit);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

const told = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([what, count]) => `${what} ${count}`).join(', ');

describe('in a storm, with the queue on PostgreSQL', () => storm('PostgreSQL'));

describeOnRedis('in a storm, with the queue on Redis', () => storm('Redis'));
