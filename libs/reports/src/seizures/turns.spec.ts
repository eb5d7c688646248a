import fc from 'fast-check';

import { type Lines, takeInTurn } from './turns.js';

interface Entry {
  readonly id: string;
  readonly line: string;
  readonly place: number;
}

/** Lines with so many entries each, every one with an id of its own. */
function linesOf(lengths: readonly number[]): Lines<Entry> {
  return new Map(
    lengths.map((length, index) => [
      `line ${index}`,
      Array.from({ length }, (_, place) => ({ id: `${index}/${place}`, line: `line ${index}`, place })),
    ]),
  );
}

const lengths = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 30 });
const most = fc.integer({ min: 1, max: 64 });

test('lines take turns, whatever waits in one of them', () => {
  const lines = linesOf([5, 1, 2]);
  expect(takeInTurn(lines, 6).map(({ id }) => id)).toEqual(['0/0', '1/0', '2/0', '0/1', '2/1', '0/2']);
  expect(takeInTurn(lines, 6).map(({ id }) => id)).toEqual(['0/3', '0/4']);
  expect(lines.size).toBe(0);
});

test('two of one id are never in one batch, and what waits for another of its id is first in the next', () => {
  const lines: Lines<Entry> = new Map([
    ['a', [{ id: 'x', line: 'a', place: 0 }]],
    [
      'b',
      [
        { id: 'x', line: 'b', place: 0 },
        { id: 'y', line: 'b', place: 1 },
      ],
    ],
    ['c', [{ id: 'z', line: 'c', place: 0 }]],
  ]);
  expect(takeInTurn(lines, 9).map(({ line, id }) => line + id)).toEqual(['ax', 'by', 'cz']);
  expect(takeInTurn(lines, 9).map(({ line, id }) => line + id)).toEqual(['bx']);
});

test('everything is taken once, in each line by arrival, in full batches', () => {
  fc.assert(
    fc.property(lengths, most, (all, places) => {
      const lines = linesOf(all);
      const total = all.reduce((sum, length) => sum + length, 0);
      const taken: Entry[] = [];
      while (lines.size > 0) {
        const batch = takeInTurn(lines, places);
        expect(batch).toHaveLength(Math.min(places, total - taken.length));
        taken.push(...batch);
      }
      expect(new Set(taken.map(({ id }) => id)).size).toBe(total);
      for (const line of new Set(taken.map((entry) => entry.line))) {
        const own = taken.filter((entry) => entry.line === line).map(({ place }) => place);
        expect(own).toEqual([...own.keys()]);
      }
    }),
  );
});

test('the first of a line waits for one of each other line and no more, however long they are', () => {
  fc.assert(
    fc.property(lengths, most, fc.nat(), (all, places, pick) => {
      const lines = linesOf(all);
      takeInTurn(lines, places); // so that the turn may stand anywhere
      const names = [...lines.keys()];
      fc.pre(names.length > 0);
      const name = names[pick % names.length];
      let before = 0;
      for (;;) {
        const batch = takeInTurn(lines, places);
        const place = batch.findIndex(({ line }) => line === name);
        before += place < 0 ? batch.length : place;
        if (place >= 0) break;
      }
      expect(before).toBeLessThan(names.length);
    }),
  );
});

test('a line that fills up while it waits has no more turns than the others', () => {
  const lines = linesOf([50, 50]);
  const batches: Entry[] = [];
  for (let round = 0; round < 5; round++) {
    lines
      .get('line 0')
      ?.push(...Array.from({ length: 100 }, (_, i) => ({ id: `more ${round} ${i}`, line: 'line 0', place: 0 })));
    batches.push(...takeInTurn(lines, 10));
  }
  expect(batches.filter(({ line }) => line === 'line 1')).toHaveLength(25);
});
