/** A reading of a calendar and a clock, in no zone yet. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether there are such a day and such a time of it, in the years 1 to 9999. */
export function isTime({ year, month, day, hour, minute, second }: LocalTime): boolean {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return false;
  return day >= 1 && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/**
 * The instant at which clocks in a zone show a time. Of an hour that is shown twice it is the first; one that clocks leap over is read as if
 * they had not leapt yet.
 */
export function instantIn(timeZone: string, time: LocalTime): Date {
  const asUtc = utcOf(time);
  const before = asUtc - offsetAt(timeZone, asUtc - 86_400_000);
  const after = asUtc - offsetAt(timeZone, asUtc + 86_400_000);
  const [early, late] = before <= after ? [before, after] : [after, before];
  return new Date([early, late].find((at) => at + offsetAt(timeZone, at) === asUtc) ?? before);
}

/** How far clocks in a zone are ahead of UTC at an instant, in milliseconds. */
function offsetAt(timeZone: string, at: number): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const year = parts.get('era')?.startsWith('B') ? 1 - part('year') : part('year');
  const shown = utcOf({
    year,
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  });
  return shown - Math.floor(at / 1000) * 1000;
}

function utcOf({ year, month, day, hour, minute, second }: LocalTime): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC takes years before 100 for those of the last century
  date.setUTCHours(hour, minute, second, 0);
  return date.getTime();
}
