import { instantAt } from './local-time.js';

describe('an instant by the clocks of a zone', () => {
  it.each([
    ['2017-06-01', 0, 'Europe/Paris', '2017-05-31T22:00:00Z'],
    ['2017-06-30', 23 * 60 + 30, 'Europe/Paris', '2017-06-30T21:30:00Z'],
    ['2026-12-31', 60, 'Pacific/Kiritimati', '2026-12-30T11:00:00Z'],
    ['2026-01-01', 60, 'Pacific/Honolulu', '2026-01-01T11:00:00Z'],
    ['2026-03-29', 4 * 60, 'Europe/Paris', '2026-03-29T02:00:00Z'],
    ['2026-07-01', 8 * 60, 'Asia/Kolkata', '2026-07-01T02:30:00Z'],
  ])('%s, minute %i, in %s', (day, minute, zone, instant) => {
    expect(instantAt(day, minute, zone)).toEqual(new Date(instant));
  });
});
