import { pauseAfter } from './backoff.js';

test('a part that dies for the first time is started again at once', () => {
  expect(pauseAfter(1)).toBe(0);
});

test('a part that dies again and again waits longer each time, and never more than five seconds', () => {
  const pauses = Array.from({ length: 50 }, (_, i) => pauseAfter(i + 2));
  expect(pauses.every((pause, i) => pause > 0 && pause >= (pauses[i - 1] ?? 0))).toBe(true);
  expect(pauses.at(-1)).toBe(5_000);
});
