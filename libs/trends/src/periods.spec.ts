import fc from 'fast-check';
import { addDays } from '#platform';

import { isoWeek, monthOf } from './periods.js';

const day = fc
  .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2199-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const weekday = (of: string): number => new Date(`${of}T00:00:00Z`).getUTCDay();

test.each([
  ['2017-06-14', '2017-W24'],
  ['2016-01-01', '2015-W53'],
  ['2017-01-01', '2016-W52'],
  ['2018-12-31', '2019-W01'],
  ['2020-12-31', '2020-W53'],
  ['2021-01-03', '2020-W53'],
])('%s lies in the ISO week %s', (of, week) => {
  expect(isoWeek(of)).toBe(week);
});

test('a week holds the seven days from Monday on, and no other', () => {
  fc.assert(
    fc.property(day, (of) => {
      const monday = addDays(of, -((weekday(of) + 6) % 7));
      const days = [0, 1, 2, 3, 4, 5, 6].map((after) => isoWeek(addDays(monday, after)));
      expect(new Set(days)).toEqual(new Set([isoWeek(of)]));
      expect(isoWeek(addDays(monday, 7))).not.toBe(isoWeek(of));
    }),
  );
});

test('the first week of a year is the one with 4 January, and 28 December lies in its last', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1900, max: 2199 }), (year) => {
      expect(isoWeek(`${year}-01-04`)).toBe(`${year}-W01`);
      expect(isoWeek(`${year}-12-28`)).toMatch(new RegExp(`^${year}-W5[23]$`));
    }),
  );
});

test('weeks sort as their days do', () => {
  fc.assert(
    fc.property(day, day, (one, other) => {
      const [before, after] = [one, other].sort();
      expect(isoWeek(before ?? '') <= isoWeek(after ?? '')).toBe(true);
    }),
  );
});

test('a month is the first part of its day', () => {
  expect(monthOf('2017-06-14')).toBe('2017-06');
});
