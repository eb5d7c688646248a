import fc from 'fast-check';

import { BATCH, IdleTime, type ProcessorTimes, restAfter } from './pace.js';

const SHORT = 0.02;

test('while processors are short, the worker rests twice as long as it worked, so that the door comes first', () => {
  expect(restAfter({ settled: 150, workedMs: 150, ageMs: 800, idle: SHORT })).toBe(300);
});

test('where few reports come, the processors have time left, or reports have waited for long, it goes on', () => {
  const busy = restAfter({ settled: 150, workedMs: 150, ageMs: 800, idle: SHORT });
  expect(restAfter({ settled: 10, workedMs: 150, ageMs: 800, idle: SHORT })).toBeLessThan(busy / 5);
  expect(restAfter({ settled: 150, workedMs: 150, ageMs: 800, idle: 0.5 })).toBeLessThan(busy / 5);
  expect(restAfter({ settled: 150, workedMs: 150, ageMs: 6_000, idle: SHORT })).toBeLessThan(busy / 5);
});

test('it rests a little where nothing more was due, and never so long that a second report would notice', () => {
  fc.assert(
    fc.property(
      fc.nat(BATCH),
      fc.nat(100_000),
      fc.nat(1_000_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (settled, workedMs, ageMs, idle) => {
        const rest = restAfter({ settled, workedMs, ageMs, idle });
        expect(rest).toBeGreaterThanOrEqual(settled < BATCH ? 40 : 0);
        expect(rest).toBeLessThanOrEqual(600);
      },
    ),
  );
});

test('the share of idle time is that since the last look', () => {
  const looks: ProcessorTimes[] = [
    { idle: 1_000, all: 10_000 },
    { idle: 1_030, all: 10_100 },
    { idle: 1_130, all: 10_200 },
    { idle: 1_130, all: 10_200 },
  ];
  const idle = new IdleTime(() => looks.shift() ?? { idle: 0, all: 0 });
  expect([idle.share(), idle.share(), idle.share()]).toEqual([0.3, 1, 0]);
});
