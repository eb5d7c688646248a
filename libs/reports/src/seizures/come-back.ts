import { MusterError } from '#platform';

/** Seconds. */
const SOONEST = 2;
const SPREAD = 4;
const LATEST = 60;

/**
 * The answer to a report that cannot be taken now. Nothing of it is stored: the same report may be sent again, and is taken then.
 * @param age seconds that the country's reports wait for their settlement; absent: the door itself is full
 */
export function comeBack(age?: number): MusterError {
  const message = 'More reports have come than can be taken at the moment: send the same report again a little later.';
  return new MusterError('UNAVAILABLE', message, { retryAfterSeconds: age === undefined ? soon() : later(age) });
}

/** A door that is full works off what waits within seconds. Spread, so that those who were refused together do not come back together. */
function soon(): number {
  return SOONEST + Math.floor(Math.random() * SPREAD);
}

/** The longer reports wait, the more time the worker needs; a minute later it is worth another try. */
function later(age: number): number {
  return Math.min(LATEST, Math.max(10, Math.ceil(age / 6)) + Math.floor(Math.random() * SPREAD));
}
