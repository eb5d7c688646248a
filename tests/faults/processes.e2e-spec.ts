import { describe } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';

import pg from 'pg';
import { v7 } from 'uuid';

import { EXPORT_QUERY, EXPORT_REPORTS, type ToldExport } from '../setup/exports.js';
import { graphql, redisProgram, until } from '../setup/index.js';
import { LOG, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';
import { postgresPrograms } from './processes/standby.js';
import { Town } from './processes/town.js';
import { faultOf, isAbsent, recordsOf, remainders, type Stored, storedOf } from './storm/checks.js';
import { type Crowd, gather } from './storm/crowd.js';
import { Driver } from './storm/driver.js';
import { type FeedEvent, feedOf, Follower } from './storm/followers.js';

const SEED = process.env['FAULTS_SEED'] || '2017';

/** How long everything goes on between two changes, in milliseconds. */
const MEANWHILE = 2_000;

/** How long all may take to be in order again afterwards, in milliseconds. */
const LONGEST_CALM = 90_000;

const LIST = `query ($id: UUID!) { violations(operationId: $id, first: 5) { totalCount edges { node { id } } } }`;
const TRENDS = `query ($id: UUID!) {
  violationTrends(query: { operationIds: [$id], measure: VIOLATIONS, groupBy: [COUNTRY] }) { cells { value } } }`;
const VERSIONS = `query ($id: UUID!) { violation(id: $id) { versions { version } } }`;
const CORRECT = `mutation ($id: UUID!, $input: CorrectViolationInput!) { correctViolation(id: $id, expectedVersion: 1, input: $input, reason: "Counted again") { versions { version } } }`;

const missing = [
  ...(redisProgram ? [] : ['no redis-server']),
  ...(postgresPrograms === undefined ? ['no PostgreSQL of Debian'] : []),
].join(' and ');

const describeHere = (title: string, tests: () => void): void =>
  missing === '' ? describe(title, tests) : describe.skip(`${title} (skipped: there is ${missing})`, tests);

describeHere('two apis and two workers on a primary with a standby and on a Redis Cluster', () => {
  let town: Town;
  let scene: Scene;
  let crowd: Crowd;
  let driver: Driver | undefined;
  let followers: Follower[] = [];
  /** What was logged one by one, beside the load. */
  const logged = new Set<string>();
  /** What is stored in the end, of all reports that were ever sent. */
  let stored: Map<string, Stored>;

  beforeAll(async () => {
    town = await Town.open();
    scene = await Scene.open(town.muster);
    crowd = await gather(scene);
  }, 120_000);

  afterAll(async () => {
    await driver?.finish(0);
    await Promise.all(followers.map((follower) => follower.stop()));
    await scene?.close();
    await town?.close();
  }, LONGEST_CALM);

  /** Asks one of the apis as the coordinator of Kenya. */
  async function ask<Field>(api: number, query: string, variables: Readonly<Record<string, unknown>>): Promise<Field> {
    const { kenya } = crowd.ports;
    const answer = await graphql<Record<string, Field>>(`${town.urlOf(api)}/graphql`, query, variables, kenya.token);
    const [field] = Object.values(answer.data);
    if (answer.errors.length > 0 || field === undefined) throw new Error(JSON.stringify(answer.errors));
    return field;
  }

  /** Writes through one api and reads through the other, again and again; gives what was missed. */
  async function missedIn(rounds: number): Promise<string[]> {
    const { operationId, agencies } = crowd.ports;
    const missed: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const [here, there] = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
      const before = await count(there);
      const input = violationInput(operationId, agencies.KE);
      const id = await log(here, input);
      const [list, violations, versions] = await Promise.all([
        ask<{ edges: { node: { id: string } }[] }>(there, LIST, { id: operationId }),
        count(there),
        ask<{ versions: unknown[] }>(there, VERSIONS, { id }).then((found) => found.versions.length),
      ]);
      if (list.edges[0]?.node.id !== id) missed.push(`${id} is not in the list`);
      if (violations !== before + 1) missed.push(`${id} is not in the figures: ${before}, then ${violations}`);
      if (versions !== 1) missed.push(`${id} has ${versions} versions`);
      if (round % 5 > 0) continue;
      const { id: _id, operationId: _operationId, sharing: _sharing, ...content } = input;
      const own = await ask<{ versions: unknown[] }>(here, CORRECT, { id, input: { ...content, persons: 3 } });
      if (own.versions.length !== 2) missed.push(`the correction of ${id} is not in its own answer`);
      const corrected = await ask<{ versions: unknown[] }>(there, VERSIONS, { id });
      if (corrected.versions.length !== 2) missed.push(`the correction of ${id} is not seen`);
    }
    return missed;
  }

  async function log(api: number, input: Readonly<Record<string, unknown>>): Promise<string> {
    const { id } = await ask<{ id: string }>(api, LOG, { input });
    logged.add(id);
    return id;
  }

  async function count(api: number): Promise<number> {
    const { cells } = await ask<{ cells: { value: string }[] }>(api, TRENDS, { id: crowd.ports.operationId });
    return cells.reduce((sum, { value }) => sum + Number(value), 0);
  }

  test('what somebody wrote through one api is read at once through the other, and the replica answers', async () => {
    const before = await town.readings();
    expect(await missedIn(60)).toEqual([]);
    const after = await town.readings();
    expect(after.replica - before.replica).toBeGreaterThan(100);
  }, 60_000);

  test.each([5, 30])(
    'it is read at once from a replica that is %s ms behind, too',
    async (milliseconds) => {
      await town.pair.holdBack(milliseconds);
      const before = await town.readings();
      expect(await missedIn(40)).toEqual([]);
      expect((await town.readings()).replica).toBeGreaterThan(before.replica);
    },
    60_000,
  );

  test('it is read at once while the replica stands still: the primary answers', async () => {
    await town.pair.holdBack('for good');
    const before = await town.readings();
    expect(await missedIn(40)).toEqual([]);
    const after = await town.readings();
    expect(after.behind).toBeGreaterThan(before.behind);
    expect(await town.lag()).toBeGreaterThan(0);
    await town.pair.holdBack('not at all');
  }, 60_000);

  test.each(['not at all', 'for good'] as const)(
    'an export holds what was written before it was asked for, from a replica that is held back %s',
    async (by) => {
      await town.pair.holdBack(by);
      const { operationId, agencies } = crowd.ports;
      const id = await log(0, violationInput(operationId, agencies.KE));
      const input = { id: v7(), operationId, format: 'CSV' };
      expect(await ask<ToldExport>(1, EXPORT_REPORTS, { input })).toMatchObject({ id: input.id });
      await until(async () => (await ask<ToldExport>(0, EXPORT_QUERY, { id: input.id })).status === 'DONE');
      const { rows } = await town.pool.query<{ ids: string[] }>(
        `SELECT record_ids AS ids FROM export_records WHERE export_id = $1 ORDER BY page`,
        [input.id],
      );
      expect(rows.flatMap(({ ids }) => ids)[0]).toBe(id);
      await town.pair.holdBack('not at all');
      expect(await rolesAtStandby()).toContain('muster_worker');
    },
    60_000,
  );

  /** Who is connected to the standby. */
  async function rolesAtStandby(): Promise<string[]> {
    const url = new URL(town.databaseUrl);
    url.port = String(town.pair.standbyPort);
    const standby = new pg.Client({ connectionString: url.href });
    await standby.connect();
    try {
      const { rows } = await standby.query<{ name: string }>(`SELECT usename::text AS name FROM pg_stat_activity`);
      return rows.map(({ name }) => name);
    } finally {
      await standby.end();
    }
  }

  test('many who write and read at once find what they wrote', async () => {
    const missed = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { operationId, agencies } = crowd.ports;
        const found: boolean[] = [];
        for (let round = 0; round < 15; round++) {
          const id = await log(round % 2, violationInput(operationId, agencies.KE));
          found.push((await ask<{ versions: unknown[] }>((round + 1) % 2, VERSIONS, { id })).versions.length === 1);
        }
        return found.filter((isFound) => !isFound).length;
      }),
    );
    expect(missed.filter((number) => number > 0)).toEqual([]);
  }, 60_000);

  /** Readings that no replica could be asked for when there was none. */
  let awayWithoutReplica = 0;

  describe('under load, while processes come and go and the primary falls', () => {
    beforeAll(async () => {
      const { operationId, hub, kenya, officer, tanzania } = crowd.ports;
      const viewers = { hub, kenya, officer, tanzania, mozambique: crowd.mozambique };
      followers = Object.entries(viewers).map(
        ([name, person]) => new Follower(name, person, operationId, town.doors, SEED),
      );
      driver = new Driver(town.doors, crowd.senders, crowd.twins, SEED);
      await pause(MEANWHILE);
      for (const name of ['api 2', 'worker 1']) {
        await town.post(name).stop();
        town.post(name).begin();
        await pause(MEANWHILE);
      }
      await town.isUp();
      await town.failOver();
      // The replica's address leads to what is the primary now.
      await until(() => ask(0, LIST, { id: operationId }), { what: 'a list is read without a replica' });
      awayWithoutReplica = (await town.readings()).away;
      await pause(MEANWHILE);
      await town.refill();
      await pause(MEANWHILE);
      const node = await town.redis.nodeOf('{muster}');
      await town.redis.kill(node);
      const before = driver.acknowledged.size;
      const under = driver;
      await until(() => under.acknowledged.size > before + 50, {
        limit: 30_000,
        what: 'reports are taken without Redis',
      });
      await town.redis.restart(node);
      await pause(MEANWHILE);
      await calm(driver);
    }, 6 * LONGEST_CALM);

    async function calm(driver: Driver): Promise<void> {
      await driver.finish(LONGEST_CALM);
      for (const follower of followers) follower.calmDown();
      await until(
        async () =>
          Object.values(await remainders(town.pool)).every((count) => count === 0) && (await town.jobs()) === 0,
        { limit: LONGEST_CALM, what: 'nothing is owed any more' },
      ).catch(() => undefined);
      stored = await storedOf(town.pool, await sentIds(driver));
      process.stderr.write(
        `processes: FAULTS_SEED=${SEED}, ${driver.acknowledged.size} reports acknowledged; ` +
          `answers: ${[...driver.answers].map(([what, times]) => `${what} ${times}`).join(', ')}\n`,
      );
    }

    async function sentIds({ acknowledged, refused, abandoned }: Driver): Promise<string[]> {
      const sent = [...[...acknowledged.values()].map(({ report }) => report), ...refused, ...abandoned];
      return Promise.resolve([...new Set(sent.map(({ id }) => id))]);
    }

    const stateOf = (id: string): Stored => {
      const state = stored.get(id);
      if (!state) throw new Error(`Nobody looked for ${id}`);
      return state;
    };

    const load = (): Driver => {
      if (!driver) throw new Error('Nobody sends.');
      return driver;
    };

    test('every acknowledged report is stored exactly once with all that comes of it, and nothing that nobody sent', async () => {
      const { acknowledged, refused, abandoned, wrong } = load();
      expect(acknowledged.size).toBeGreaterThan(200);
      expect(
        [...acknowledged.values()].flatMap(({ report: { id, fate } }) => faultOf(stateOf(id), fate) ?? []),
      ).toEqual([]);
      const others = [...abandoned.filter(({ id }) => !isAbsent(stateOf(id))), ...refused];
      expect(others.flatMap(({ id, fate }) => faultOf(stateOf(id), fate) ?? [])).toEqual([]);
      expect(wrong).toEqual([]);
      expect((await recordsOf(town.pool)).filter((id) => !stored.has(id) && !logged.has(id))).toEqual([]);
    });

    test('each follower, on whichever api it was, was told exactly what it may see, in order, once', async () => {
      for (const { name, person, events, wrong, connections } of followers) {
        const feed = await feedOf(person, crowd.ports.operationId);
        await until(() => events.length >= feed.length, { limit: 30_000, what: `${name} has been told all` }).catch(
          () => undefined,
        );
        const said = (list: readonly FeedEvent[]): string[] =>
          list.map(({ cursor, kind, subjectId }) => `${cursor} ${kind} ${subjectId}`);
        expect({ name, told: said(events) }).toEqual({ name, told: said(feed) });
        expect({ name, wrong }).toEqual({ name, wrong: [] });
        expect(connections).toBeGreaterThan(1);
      }
    }, 120_000);

    test('the figures equal the recount, the audit log is whole, and nothing is stuck', async () => {
      expect(await town.console('recount')).toContain('The figures agree with the records.');
      expect(await town.console('audit:verify')).toContain('The audit log is whole');
      expect(await remainders(town.pool)).toEqual({ owed: 0, undecided: 0, unsealed: 0 });
      expect(await town.jobs()).toBe(0);
    }, 60_000);

    test('the workers are woken through the cluster, before it lost a node and after', async () => {
      const { officer, operationId, mombasa } = crowd.ports;
      const before = await town.wakeUps();
      expect(before).toBeGreaterThan(20);
      await until(
        async () => {
          logged.add((await officer.do<{ id: string }>(REPORT, { input: seizureInput(operationId, mombasa) })).id);
          return (await town.wakeUps()) > before;
        },
        { what: 'a report wakes a worker' },
      );
      await until(async () => (await remainders(town.pool))['owed'] === 0, { what: 'the report is settled' });
    });

    test('two workers signed each head once', async () => {
      const { rows } = await town.pool.query(
        `SELECT chain, seq, count(*)::int AS times, count(*) FILTER (WHERE is_hourly)::int AS hourly FROM audit_heads
         GROUP BY chain, seq, date_trunc('hour', signed_at) HAVING count(*) > 1`,
      );
      expect(rows).toEqual([]);
    });

    test('a replica that has become the primary is not read as one', () => {
      expect(awayWithoutReplica).toBeGreaterThan(0);
    });

    test('the standby of the new primary answers readings, and they hold what was written before', async () => {
      expect(await missedIn(20)).toEqual([]);
      const before = await town.readings();
      await until(
        async () => {
          await count(0);
          return (await town.readings()).replica > before.replica;
        },
        { limit: 20_000, what: 'the new replica answers' },
      );
      expect(await missedIn(20)).toEqual([]);
    }, 60_000);

    test('no process ended by itself, hung, or met an error that it did not know for an outage', () => {
      for (const post of town.posts) post.look();
      expect(town.posts.flatMap(({ ownDeaths, hangs, errors }) => [...ownDeaths, ...hangs, ...errors])).toEqual([]);
    });
  });
});
