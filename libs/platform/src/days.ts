const formats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day, YYYY-MM-DD, that an instant falls on in an IANA time zone. */
export function dayIn(timeZone: string, instant: Date): string {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      calendar: 'iso8601',
    });
    formats.set(timeZone, format);
  }
  // Whatever the language, years before 1000 come with as few digits as they have.
  return format.format(instant).padStart('YYYY-MM-DD'.length, '0');
}

const zones = new Set<string>(['UTC']);

/** Whether the name is an IANA time zone such as Africa/Nairobi; bare offsets and abbreviations of the runtime are not. */
export function isTimeZone(name: string): boolean {
  if (zones.has(name)) return true;
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)+$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    return false;
  }
  zones.add(name); // there are some hundreds of them, so this stays small
  return true;
}

/** The day that lies `days` after (or, negative, before) a day. */
export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
