import { type Bounds, Gathering } from './gathering.js';

const refusal = (): Error => new Error('too much waits');
const at = (group: string, id: string, lane = 'KE') => ({ group, lane, id });

/** Work whose batches end when the test says so. */
function slowWork(bounds?: Bounds, now?: () => number) {
  const batches: {
    readonly items: readonly string[];
    readonly end: (outcomes: readonly (string | Error)[]) => void;
  }[] = [];
  const gathering = new Gathering<string, string>(
    (items) => new Promise((resolve) => batches.push({ items, end: resolve })),
    refusal,
    undefined,
    bounds,
    now,
  );
  return { batches, gathering };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what arrives alone is done at once, and what arrives meanwhile is done together', async () => {
  const { batches, gathering } = slowWork();
  const all = ['a', 'b', 'c', 'd', 'e'].map((item) => gathering.add(at('operation', item), item));
  expect(batches.map(({ items }) => items)).toEqual([['a'], ['b']]);
  batches[0]?.end(['A']);
  await turn();
  expect(batches.map(({ items }) => items)).toEqual([['a'], ['b'], ['c', 'd', 'e']]);
  batches[1]?.end(['B']);
  batches[2]?.end(['C', 'D', 'E']);
  await expect(Promise.all(all)).resolves.toEqual(['A', 'B', 'C', 'D', 'E']);
});

test('an error is the answer to its own item alone', async () => {
  const { batches, gathering } = slowWork();
  const all = ['a', 'b', 'c', 'd'].map((item) => gathering.add(at('operation', item), item));
  batches[0]?.end(['A']);
  await turn();
  batches[1]?.end(['B']);
  batches[2]?.end([new Error('not this one'), 'D']);
  const outcomes = await Promise.allSettled(all);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
});

test('a batch that breaks is an error for all of it, and what comes later is still done', async () => {
  const works: (() => Promise<string[]>)[] = [() => Promise.reject(new Error('broken')), () => Promise.resolve(['B'])];
  const gathering = new Gathering<string, string>(() => works.shift()?.() ?? Promise.resolve([]), refusal);
  await expect(gathering.add(at('operation', 'a'), 'a')).rejects.toThrow('broken');
  await expect(gathering.add(at('operation', 'b'), 'b')).resolves.toBe('B');
});

test('an outage is told at once to all that wait in the group, and what comes later is tried again', async () => {
  const outage = new Error('the database is away');
  const ends: ((outcomes: readonly (string | Error)[]) => void)[] = [];
  const gathering = new Gathering<string, string>(
    () => new Promise((resolve) => ends.push(resolve)),
    refusal,
    (error) => error === outage,
  );
  const all = ['a', 'b', 'c', 'd'].map((item) => gathering.add(at('operation', item), item));
  ends[0]?.([outage]);
  ends[1]?.(['B']);
  const outcomes = await Promise.allSettled(all);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'rejected']);
  expect(ends).toHaveLength(2);
  const later = gathering.add(at('operation', 'e'), 'e');
  ends[2]?.(['E']);
  await expect(later).resolves.toBe('E');
});

test('two items of one id are never done in one batch, and groups do not wait for each other', async () => {
  const { batches, gathering } = slowWork();
  void gathering.add(at('one', '1'), 'first');
  void gathering.add(at('one', '2'), 'second');
  void gathering.add(at('one', '3'), 'third');
  void gathering.add(at('one', '3'), 'third again');
  void gathering.add(at('other', '4'), 'elsewhere');
  expect(batches.map(({ items }) => items)).toEqual([['first'], ['second'], ['elsewhere']]);
  batches[0]?.end(['']);
  batches[1]?.end(['']);
  await turn();
  expect(batches.slice(3).map(({ items }) => items)).toEqual([['third'], ['third again']]);
});

/** What came of a promise so far. */
function watch(promise: Promise<unknown>): { state: string } {
  const seen = { state: 'waits' };
  promise.then(
    () => (seen.state = 'done'),
    () => (seen.state = 'refused'),
  );
  return seen;
}

test('past what may wait an item is refused at once, and one that comes when there is room again is taken', async () => {
  const { batches, gathering } = slowWork({ most: 3, longest: 1_000 }, () => 0);
  for (const id of ['1', '2', '3', '4', '5']) void gathering.add(at('operation', id), id);
  expect(gathering.depth).toBe(3);
  await expect(gathering.add(at('operation', '6'), '6')).rejects.toThrow('too much waits');
  batches[0]?.end(['']);
  await turn();
  const again = gathering.add(at('operation', '6'), '6');
  batches[1]?.end(['']);
  batches[2]?.end(['', '', '']);
  await turn();
  batches[3]?.end(['taken']);
  await expect(again).resolves.toBe('taken');
  expect(batches.flatMap(({ items }) => items)).toEqual(['1', '2', '3', '4', '5', '6']);
});

test('where the first of a country has waited too long another of it is refused, whatever the count; of other countries it is not', async () => {
  let now = 0;
  const { gathering } = slowWork({ most: 1_000, longest: 500 }, () => now);
  for (const id of ['1', '2', '3']) void gathering.add(at('operation', id), id);
  now = 499;
  const inTime = watch(gathering.add(at('operation', '4'), '4'));
  expect(gathering.age).toBe(499);
  now = 500;
  await expect(gathering.add(at('operation', '5'), '5')).rejects.toThrow('too much waits');
  const other = watch(gathering.add(at('operation', '6', 'TZ'), '6'));
  await turn();
  expect([inTime.state, other.state]).toEqual(['waits', 'waits']);
});

test('when all places are taken another country still finds one: the last of the flood gives up its own, never more than may wait', async () => {
  const { batches, gathering } = slowWork({ most: 4, longest: 1_000 }, () => 0);
  const flood = ['1', '2', '3', '4', '5', '6'].map((id) => watch(gathering.add(at('operation', id), id)));
  const others = [
    watch(gathering.add(at('operation', '7', 'TZ'), '7')),
    watch(gathering.add(at('elsewhere', '8', 'UG'), '8')),
  ];
  await turn();
  expect(flood.map(({ state }) => state)).toEqual(['waits', 'waits', 'waits', 'waits', 'waits', 'refused']);
  expect(others.map(({ state }) => state)).toEqual(['waits', 'waits']);
  expect(gathering.depth).toBeLessThanOrEqual(4);
  batches[0]?.end(['']);
  await turn();
  expect(batches.at(-1)?.items).toEqual(['3', '7', '4', '5']);
});

test('countries take turns in a batch, so that one that floods fills no batch alone', async () => {
  const { batches, gathering } = slowWork();
  for (let i = 0; i < 200; i++) void gathering.add(at('operation', `KE ${i}`), `KE ${i}`);
  void gathering.add(at('operation', 'TZ', 'TZ'), 'TZ');
  batches[0]?.end(['']);
  await turn();
  expect(batches[2]?.items).toHaveLength(64);
  expect(batches[2]?.items.slice(0, 2)).toEqual(['KE 2', 'TZ']);
});

test('operations take turns, and all of them together leave connections for those who read', async () => {
  const { batches, gathering } = slowWork();
  for (const operation of ['a', 'b', 'c', 'd', 'e'])
    for (const i of [1, 2, 3]) void gathering.add(at(operation, `${operation}${i}`), `${operation}${i}`);
  expect(batches.flatMap(({ items }) => items)).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
  batches[0]?.end(['']);
  await turn();
  batches[1]?.end(['']);
  await turn();
  batches[2]?.end(['']);
  await turn();
  batches[3]?.end(['']);
  await turn();
  expect(batches.slice(6).map(({ items }) => items)).toEqual([['a3'], ['d1', 'd2', 'd3'], ['b3'], ['e1', 'e2', 'e3']]);
});

test('what an outage ends takes no place any more', async () => {
  const outage = new Error('the database is away');
  const ends: ((outcomes: readonly (string | Error)[]) => void)[] = [];
  const gathering = new Gathering<string, string>(
    () => new Promise((resolve) => ends.push(resolve)),
    refusal,
    (error) => error === outage,
    { most: 1, longest: 1_000 },
  );
  const all = ['a', 'b', 'c'].map((item) => gathering.add(at('operation', item), item));
  ends[0]?.([outage]);
  await expect(all[2]).rejects.toBe(outage);
  expect(gathering.depth).toBe(0);
  ends[1]?.(['']);
  await Promise.allSettled(all);
});

test('operations that all flood have equal turns', async () => {
  const { batches, gathering } = slowWork();
  for (const operation of ['a', 'b', 'c', 'd', 'e'])
    for (let i = 0; i < 600; i++) gathering.add(at(operation, `${operation}${i}`), operation).catch(() => undefined);
  for (let ended = 0; ended < 20; ended++) {
    batches[ended]?.end([]);
    await turn();
  }
  const turns = ['a', 'b', 'c', 'd', 'e'].map(
    (operation) => batches.filter(({ items }) => items[0] === operation).length,
  );
  expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(2);
});
