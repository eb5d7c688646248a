import { Logger } from '@nestjs/common';
import { v7 } from 'uuid';

import { withDatabase } from '../../../tests/setup/database.js';
import { until } from '../../../tests/setup/until.js';
import { partOfMuster } from './actor.js';
import { Clock } from './clock.js';
import { Database } from './database.js';
import { LeasedRounds } from './leased-rounds.js';
import { type LeasedWork, MOST_ATTEMPTS, Outbox, type OwedWork, type TakenWork } from './outbox.js';

const KIND = 'seizure.settle';
const TEST = partOfMuster('test');
const START = new Date('2026-05-04T10:00:00Z');

const house = withDatabase();
const clock = new Clock();
const outbox = new Outbox(clock);
let database: Database;
let operationId: string;

beforeAll(() => {
  database = new Database(house.source);
});

beforeEach(() => {
  operationId = v7();
});

function held(work: LeasedWork | undefined): LeasedWork {
  if (!work) throw new Error('Nothing is lent out.');
  return work;
}

const later = (seconds: number): Date => new Date(START.getTime() + seconds * 1000);

/** Owes some pieces of work at the start. */
async function owe(count: number, country = 'KE'): Promise<OwedWork[]> {
  const work = Array.from({ length: count }, () => ({ kind: KIND, operationId, country, subjectId: v7() }) as const);
  await clock.at(START, () => database.write(TEST, (tx) => outbox.owe(tx, work)));
  return work;
}

const takeSome = (at: Date, most: number): Promise<TakenWork> =>
  clock.at(at, () => database.write(TEST, (tx) => outbox.take(tx, KIND, operationId, most)));
const take = async (at: Date): Promise<readonly OwedWork[]> => (await takeSome(at, 100)).work;
const takeOne = (work: OwedWork, at: Date): Promise<boolean> =>
  clock.at(at, () => database.write(TEST, (tx) => outbox.takeOne(tx, work)));
const putBack = (work: OwedWork, at: Date): Promise<void> =>
  clock.at(at, () => database.write(TEST, (tx) => outbox.putBack(tx, work, 'It failed.')));
const failed = () => database.read(TEST, (tx) => outbox.failed(tx, KIND, operationId));

/** The one piece of work of a test. */
async function oweOne(): Promise<OwedWork> {
  const [work] = await owe(1);
  if (!work) throw new Error('Nothing is owed.');
  return work;
}

test('work is taken once, and due again when the transaction that took it breaks', async () => {
  const work = await owe(3);
  const broken = database.write(TEST, async (tx) => {
    await outbox.take(tx, KIND, operationId, 2);
    throw new Error('It broke.');
  });
  await expect(broken).rejects.toThrow('It broke.');
  expect(new Set(await take(START))).toEqual(new Set(work));
  expect(await take(START)).toEqual([]);
});

test('what one has taken and not yet done is left to it by others, by name too', async () => {
  await owe(2);
  await clock.at(START, () =>
    database.write(TEST, async (tx) => {
      const [mine] = (await outbox.take(tx, KIND, operationId, 1)).work;
      if (!mine) throw new Error('Nothing was taken.');
      const { work: others } = await database.write(TEST, (second) => outbox.take(second, KIND, operationId, 100));
      expect(others).toHaveLength(1);
      expect(others).not.toContainEqual(mine);
      expect(await database.write(TEST, (second) => outbox.takeOne(second, mine))).toBe(false);
    }),
  );
});

test('the waits between tries double from half a second, and nobody takes the work before its time', async () => {
  const work = await oweOne();
  let at = 0;
  for (const wait of [0.5, 1, 2, 4]) {
    await putBack(work, later(at));
    const early = later(at + wait - 0.001);
    expect(await take(early)).toEqual([]);
    expect(await takeOne(work, early)).toBe(false);
    at += wait;
  }
  expect(await takeOne(work, later(at))).toBe(true);
});

test('after its last try work is kept as failed, until it is owed again with all its tries before it', async () => {
  const work = await oweOne();
  for (let attempt = 1; attempt < MOST_ATTEMPTS; attempt++) await putBack(work, START);
  expect(await failed()).toEqual([]);
  await putBack(work, later(60));
  const { subjectId } = work;
  expect(await failed()).toEqual([{ subjectId, failedAt: later(60), attempts: MOST_ATTEMPTS, reason: 'It failed.' }]);
  expect(await take(later(3600))).toEqual([]);
  expect(await takeOne(work, later(3600))).toBe(false);

  const again = (): Promise<boolean> =>
    clock.at(later(7200), () => database.write(TEST, (tx) => outbox.again(tx, KIND, subjectId)));
  expect(await again()).toBe(true);
  expect(await again()).toBe(false);
  expect(await failed()).toEqual([]);
  await putBack(work, later(7200));
  expect(await failed()).toEqual([]);
  expect(await take(later(7201))).toEqual([work]);
});

test('operations with due work are told, the one that waits longest first', async () => {
  const of = (name: 'long' | 'short' | 'none'): OwedWork => ({
    kind: KIND,
    operationId: ids[name],
    country: 'KE',
    subjectId: v7(),
  });
  const ids = { long: v7(), short: v7(), none: v7() };
  await database.write(TEST, async (tx) => {
    await clock.at(later(-3600), () => outbox.owe(tx, [of('long')]));
    await clock.at(later(-1800), () => outbox.owe(tx, [of('short')]));
    await clock.at(later(1), () => outbox.owe(tx, [of('none')]));
  });
  const due = await clock.at(START, () => database.read(TEST, (tx) => outbox.due(tx, KIND)));
  expect(due.filter(({ operationId }) => Object.values(ids).includes(operationId))).toEqual([
    { operationId: ids.long, waitedMs: 3_600_000 },
    { operationId: ids.short, waitedMs: 1_800_000 },
  ]);
});

test('each country has its share of a batch, its oldest first, and the batch is told in the order of arrival', async () => {
  const flood = await owe(200, 'KE');
  const [first, second] = await clock.at(later(5), () => owe(2, 'TZ'));
  const batch = await takeSome(later(60), 10);
  expect(batch.isOutOfOrder).toBe(true);
  expect(new Set(batch.work)).toEqual(new Set([...inOrder(flood).slice(0, 8), first, second]));
  expect(batch.work.slice(8)).toEqual(inOrder([first, second].flatMap((work) => work ?? [])));
  const rest = await takeSome(later(60), 1_000);
  expect(rest.work).toEqual(inOrder(flood).slice(8));
  expect(rest.isOutOfOrder).toBe(false);
});

test('a batch that leaves nothing of others behind is in order, and one country alone always is', async () => {
  await owe(3, 'KE');
  expect(await takeSome(START, 2)).toMatchObject({ isOutOfOrder: false });
  await owe(3, 'TZ');
  expect(await takeSome(START, 10)).toMatchObject({ isOutOfOrder: false });
});

test('two who take at one time get different work of each country', async () => {
  await owe(6, 'KE');
  await owe(6, 'TZ');
  await clock.at(START, () =>
    database.write(TEST, async (tx) => {
      const mine = (await outbox.take(tx, KIND, operationId, 4)).work;
      const { work: others } = await database.write(TEST, (second) => outbox.take(second, KIND, operationId, 4));
      expect(new Set([...mine, ...others].map(({ subjectId }) => subjectId)).size).toBe(8);
      for (const { country } of [...mine, ...others]) expect(['KE', 'TZ']).toContain(country);
      for (const work of [mine, others]) expect(work.filter(({ country }) => country === 'TZ')).toHaveLength(2);
    }),
  );
});

test('countries take turns in what is lent out, however much one of them has', async () => {
  const kind = 'attachment.examine';
  const leaser = new Outbox(clock);
  const of = (country: string): OwedWork => ({ kind, operationId, country, subjectId: v7() });
  await clock.at(START, () =>
    database.write(TEST, (tx) => outbox.owe(tx, [...Array.from({ length: 5 }, () => of('KE')), of('TZ'), of('UG')])),
  );
  const lent: (string | undefined)[] = [];
  for (let turn = 0; turn < 8; turn++) {
    const work = await clock.at(later(1), () => database.write(TEST, (tx) => leaser.lease(tx, kind, 60)));
    lent.push(work?.country);
  }
  expect(lent).toEqual(['KE', 'TZ', 'UG', 'KE', 'KE', 'KE', 'KE', undefined]);
});

test('tries count from where lent work was last brought on, so that what ends its worker again and again is known for it', async () => {
  const kind = 'import.run';
  const work: OwedWork = { kind, operationId, country: 'KE', subjectId: v7() };
  await clock.at(START, () => database.write(TEST, (tx) => outbox.owe(tx, [work])));
  const lend = (seconds: number): Promise<LeasedWork | undefined> =>
    clock.at(later(seconds), () => database.write(TEST, (tx) => outbox.lease(tx, kind, 60)));
  const first = held(await lend(0));
  await clock.at(later(1), () => database.write(TEST, (tx) => outbox.postpone(tx, first, 0, 'The database rests.')));
  const second = held(await lend(2));
  expect(second).toMatchObject({ attempts: 2, lastError: 'The database rests.' });
  await clock.at(later(50), () => database.write(TEST, (tx) => outbox.renew(tx, second, 60)));
  expect(await lend(100)).toBeUndefined();
  expect(await lend(111)).toMatchObject({ attempts: 1, lastError: null });
  expect(await lend(180)).toMatchObject({ attempts: 2, lastError: null });
});

test('whoever was silent for longer than a lease changes nothing of the lease that somebody else has now', async () => {
  const kind = 'export.make';
  const work: OwedWork = { kind, operationId, country: 'KE', subjectId: v7() };
  await clock.at(START, () => database.write(TEST, (tx) => outbox.owe(tx, [work])));
  const lend = (seconds: number): Promise<LeasedWork | undefined> =>
    clock.at(later(seconds), () => database.write(TEST, (tx) => outbox.lease(tx, kind, 60)));
  const silent = held(await lend(0));
  const present = held(await lend(61));
  await clock.at(later(62), () =>
    database.write(TEST, async (tx) => {
      await outbox.postpone(tx, silent, 0, 'It was late.');
      await outbox.renew(tx, silent, 0);
      expect(await outbox.extend(tx, silent, 0)).toBe(false);
    }),
  );
  expect(await lend(63)).toBeUndefined();
  expect(await clock.at(later(100), () => database.write(TEST, (tx) => outbox.extend(tx, present, 60)))).toBe(true);
  expect(await lend(159)).toBeUndefined();
  const last = held(await lend(161));
  expect(last).toMatchObject({ attempts: 3, lastError: null });
  await database.write(TEST, (tx) => outbox.done(tx, last));
});

test('lent work is kept for longer as long as whoever has it lives', async () => {
  const kind = 'export.make';
  const work: OwedWork = { kind, operationId, country: 'KE', subjectId: v7() };
  const due = async (): Promise<string> => {
    const rows = await house.source.query<{ due: string }[]>(
      `SELECT due_at::text AS due FROM outbox WHERE subject_id = $1`,
      [work.subjectId],
    );
    return rows[0]?.due ?? '';
  };
  await database.write(TEST, (tx) => outbox.owe(tx, [work]));
  let done = false;
  const doOne = async (): Promise<void> => {
    const first = await due();
    await until(async () => (await due()) > first);
    const next = await due();
    await until(async () => (await due()) > next);
    done = true;
  };
  const rounds = new LeasedRounds(database, outbox, kind, new Logger('test'), doOne, 10);
  await rounds.begin();
  await until(() => done);
  await rounds.end();
});

test('work that was given up on and is owed again is as old as that, and joins the end of its line', async () => {
  const work = await oweOne();
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) await putBack(work, START);
  const [other] = await clock.at(later(60), () => owe(1));
  await clock.at(later(120), () => database.write(TEST, (tx) => outbox.again(tx, KIND, work.subjectId)));
  expect(await take(later(180))).toEqual([other, work]);
});

const inOrder = (work: readonly OwedWork[]): OwedWork[] =>
  [...work].sort((one, other) => (one.subjectId < other.subjectId ? -1 : 1));
