import { setTimeout as pause } from 'node:timers/promises';

type Holding<T> = Exclude<T, undefined | null | false | 0>;

/**
 * Waits for a condition, and gives what it gave. A condition that throws does not hold yet.
 * @param condition holds when it gives anything but undefined, null, false or 0, so that a count may be waited for; an empty text holds
 * @param limit milliseconds after which the wait fails, with `what` in its message
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { limit = 10_000, what = condition.toString() }: { readonly limit?: number; readonly what?: string } = {},
): Promise<Holding<T>> {
  const end = Date.now() + limit;
  for (;;) {
    let cause: unknown;
    try {
      const got = await condition();
      if (got !== undefined && got !== null && got !== false && got !== 0) return got as Holding<T>;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > end) throw new Error(`Not so within ${limit} ms: ${what}`, { cause });
    await pause(25);
  }
}
