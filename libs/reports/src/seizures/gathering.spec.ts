import { Gathering } from './gathering.js';

/** Work whose batches end when the test says so. */
function slowWork() {
  const batches: {
    readonly items: readonly string[];
    readonly end: (outcomes: readonly (string | Error)[]) => void;
  }[] = [];
  const gathering = new Gathering<string, string>(
    (items) => new Promise((resolve) => batches.push({ items, end: resolve })),
  );
  return { batches, gathering };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what arrives alone is done at once, and what arrives meanwhile is done together', async () => {
  const { batches, gathering } = slowWork();
  const all = ['a', 'b', 'c', 'd', 'e'].map((item) => gathering.add('operation', item, item));
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
  const all = ['a', 'b', 'c', 'd'].map((item) => gathering.add('operation', item, item));
  batches[0]?.end(['A']);
  await turn();
  batches[1]?.end(['B']);
  batches[2]?.end([new Error('not this one'), 'D']);
  const outcomes = await Promise.allSettled(all);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
});

test('a batch that breaks is an error for all of it, and what comes later is still done', async () => {
  const works: (() => Promise<string[]>)[] = [() => Promise.reject(new Error('broken')), () => Promise.resolve(['B'])];
  const gathering = new Gathering<string, string>(() => works.shift()?.() ?? Promise.resolve([]));
  await expect(gathering.add('operation', 'a', 'a')).rejects.toThrow('broken');
  await expect(gathering.add('operation', 'b', 'b')).resolves.toBe('B');
});

test('an outage is told at once to all that wait in the group, and what comes later is tried again', async () => {
  const outage = new Error('the database is away');
  const ends: ((outcomes: readonly (string | Error)[]) => void)[] = [];
  const gathering = new Gathering<string, string>(
    () => new Promise((resolve) => ends.push(resolve)),
    (error) => error === outage,
  );
  const all = ['a', 'b', 'c', 'd'].map((item) => gathering.add('operation', item, item));
  ends[0]?.([outage]);
  ends[1]?.(['B']);
  const outcomes = await Promise.allSettled(all);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'rejected']);
  expect(ends).toHaveLength(2);
  const later = gathering.add('operation', 'e', 'e');
  ends[2]?.(['E']);
  await expect(later).resolves.toBe('E');
});

test('two items of one id are never done in one batch, and groups do not wait for each other', async () => {
  const { batches, gathering } = slowWork();
  void gathering.add('one', '1', 'first');
  void gathering.add('one', '2', 'second');
  void gathering.add('one', '3', 'third');
  void gathering.add('one', '3', 'third again');
  void gathering.add('other', '4', 'elsewhere');
  expect(batches.map(({ items }) => items)).toEqual([['first'], ['second'], ['elsewhere']]);
  batches[0]?.end(['']);
  batches[1]?.end(['']);
  await turn();
  expect(batches.slice(3).map(({ items }) => items)).toEqual([['third'], ['third again']]);
});
