import { forbidden, type MusterError } from '#platform';

/** The one answer to who reports for a unit without being posted to it, whether there is such a unit or not. */
export function notOfUnit(): MusterError {
  return forbidden('Seizures are reported by officers posted to the unit on the day of detection.');
}
