import { MusterError } from '../errors.js';

/** Items of one list of the variables; the longest of the contract, a report's goods lines, has a hundred. */
export const longestList = 1_000;
/** Values in all variables together. A report with a hundred lines, every field given, has some 1,500. */
export const mostValues = 20_000;

/**
 * Counts the variables of a request before each value is looked at, and looks no deeper than it must.
 * @throws BAD_USER_INPUT where they hold too long a list or too many values
 */
export function checkSize(variables: Readonly<Record<string, unknown>>): void {
  const waiting: unknown[] = [variables];
  let values = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next) && next.length > longestList) {
      throw new MusterError('BAD_USER_INPUT', `A list is too long: ${longestList} items are the most.`);
    }
    const inner: readonly unknown[] = Array.isArray(next) ? next : Object.values(next as object);
    values += inner.length;
    if (values > mostValues) {
      throw new MusterError('BAD_USER_INPUT', `The variables are too large: ${mostValues} values are the most.`);
    }
    for (const each of inner) if (typeof each === 'object' && each !== null) waiting.push(each);
  }
}
