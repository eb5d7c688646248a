import type { Faults } from '#platform';

/** Months that records of an operation are kept after it has closed, at least and at most; 60 unless the hub says otherwise. */
const SHORTEST = 12;
const LONGEST = 360;

/**
 * SQL of the day, in the operation's own time zone, from which its records are due; null while the operation is not closed. The clock starts
 * at the move to CLOSED: moving back stops it, and closing again starts it anew.
 * @param alias of the table `operations`
 */
export function dueDay(alias: string): string {
  return `CASE WHEN ${alias}.phase = 'CLOSED' THEN
    ((${alias}.closed_at AT TIME ZONE ${alias}.time_zone)::date + make_interval(months => ${alias}.retention_months))::date END`;
}

export function judgeMonths(faults: Faults, path: string, months: number): void {
  if (months < SHORTEST || months > LONGEST)
    faults.add(path, 'range', `Keep records for ${SHORTEST} to ${LONGEST} months after the operation has closed.`);
}
