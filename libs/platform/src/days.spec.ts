import fc from 'fast-check';

import { addDays, dayIn, isTimeZone } from './days.js';

describe('the day of an instant', () => {
  it.each([
    ['2026-03-01T20:59:59Z', 'Africa/Nairobi', '2026-03-01'],
    ['2026-03-01T21:00:00Z', 'Africa/Nairobi', '2026-03-02'],
    ['2026-01-01T04:59:59Z', 'America/New_York', '2025-12-31'],
    ['2026-07-01T04:00:00Z', 'America/New_York', '2026-07-01'],
    ['2024-02-29T23:30:00Z', 'UTC', '2024-02-29'],
    ['2026-03-01T12:00:00Z', 'Pacific/Kiritimati', '2026-03-02'],
  ])('%s in %s is %s', (instant, timeZone, day) => {
    expect(dayIn(timeZone, new Date(instant))).toBe(day);
  });

  it.each(['0999-12-31', '0050-01-01', '0001-06-15'])('has a year of four digits, as in %s', (day) => {
    expect(dayIn('UTC', new Date(`${day}T00:00:00Z`))).toBe(day);
  });

  it('in UTC is the day that the instant is written with', () => {
    const instants = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (instant) => {
        expect(dayIn('UTC', instant)).toBe(instant.toISOString().slice(0, 10));
      }),
    );
  });
});

describe('a time zone', () => {
  it.each(['UTC', 'Africa/Nairobi', 'America/Argentina/Buenos_Aires', 'Etc/GMT+3'])('is %s', (name) => {
    expect([isTimeZone(name), isTimeZone(name)]).toEqual([true, true]);
  });

  it.each(['', 'EST', '+03:00', 'africa/nairobi', 'Africa/Nowhere', 'Africa/', 'Africa/Nairobi ', 'Nairobi'])(
    'is not %j',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
});

describe('days added to a day', () => {
  it.each([
    ['2026-02-28', 1, '2026-03-01'],
    ['2024-02-28', 1, '2024-02-29'],
    ['2026-01-01', -1, '2025-12-31'],
    ['2026-03-29', 0, '2026-03-29'],
    ['0999-12-31', 1, '1000-01-01'],
    ['2026-01-01', 365, '2027-01-01'],
  ])('%s and %i give %s', (day, days, result) => {
    expect(addDays(day, days)).toBe(result);
  });
});
