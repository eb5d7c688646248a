import { v7 } from 'uuid';

import { withDatabase } from '../../../tests/setup/database.js';
import { partOfMuster } from './actor.js';
import { Clock } from './clock.js';
import { Database } from './database.js';
import { MOST_ATTEMPTS, Outbox, type OwedWork } from './outbox.js';

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

const later = (seconds: number): Date => new Date(START.getTime() + seconds * 1000);

/** Owes some pieces of work at the start. */
async function owe(count: number): Promise<OwedWork[]> {
  const work = Array.from({ length: count }, () => ({ kind: KIND, operationId, subjectId: v7() }) as const);
  await clock.at(START, () => database.write(TEST, (tx) => outbox.owe(tx, work)));
  return work;
}

const take = (at: Date): Promise<OwedWork[]> =>
  clock.at(at, () => database.write(TEST, (tx) => outbox.take(tx, KIND, operationId, 100)));
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
      const [mine] = await outbox.take(tx, KIND, operationId, 1);
      if (!mine) throw new Error('Nothing was taken.');
      const others = await database.write(TEST, (second) => outbox.take(second, KIND, operationId, 100));
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
  const of = (name: 'long' | 'short' | 'none'): OwedWork => ({ kind: KIND, operationId: ids[name], subjectId: v7() });
  const ids = { long: v7(), short: v7(), none: v7() };
  await database.write(TEST, async (tx) => {
    await clock.at(later(-3600), () => outbox.owe(tx, [of('long')]));
    await clock.at(later(-1800), () => outbox.owe(tx, [of('short')]));
    await clock.at(later(1), () => outbox.owe(tx, [of('none')]));
  });
  const due = await clock.at(START, () => database.read(TEST, (tx) => outbox.due(tx, KIND)));
  expect(due.filter((id) => Object.values(ids).includes(id))).toEqual([ids.long, ids.short]);
});
