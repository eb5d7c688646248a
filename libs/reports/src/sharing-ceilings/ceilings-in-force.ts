import type { Limits } from './ceiling-rule.js';

/** The limits that hold for countries, by their codes; nothing for those that have set none. */
export type CeilingsInForce = Readonly<Record<string, Limits>> | null;

/**
 * SQL of the limits that hold in an operation for some countries, as JSON. Part of the statements that reports are judged by anyway, so that
 * they cost no round trip.
 * @param operation SQL of the operation's id
 * @param countries SQL of an array of country codes
 */
export function ceilingsInForce(operation: string, countries: string): string {
  return `ceilings_in_force(${operation}, ${countries})`;
}
