const DAY_MS = 86_400_000;

/** The ISO 8601 week of a day: `2017-W24`. A week belongs to the year that holds its Thursday, so 2016-01-01 lies in 2015-W53. */
export function isoWeek(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  const weekday = (date.getUTCDay() + 6) % 7; // Monday is 0
  date.setUTCDate(date.getUTCDate() - weekday + 3);
  const year = date.getUTCFullYear();
  const firstDay = new Date(0).setUTCFullYear(year, 0, 1); // Date.UTC would read years below 100 as 19xx
  const week = Math.floor((date.getTime() - firstDay) / DAY_MS / 7) + 1;
  return `${String(year).padStart(4, '0')}-W${String(week).padStart(2, '0')}`;
}

/** The month of a day: `2017-06`. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}
