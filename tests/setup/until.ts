import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits for a condition, and gives what it gave. A condition that throws does not hold yet.
 * @param condition holds when it gives anything but undefined, null or false
 * @param limit milliseconds after which the wait fails, with `what` in its message
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { limit = 10_000, what = condition.toString() }: { readonly limit?: number; readonly what?: string } = {},
): Promise<Exclude<T, undefined | null | false>> {
  const end = Date.now() + limit;
  for (;;) {
    let cause: unknown;
    try {
      const got = await condition();
      if (got !== undefined && got !== null && got !== false) return got as Exclude<T, undefined | null | false>;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > end) throw new Error(`Not so within ${limit} ms: ${what}`, { cause });
    await pause(25);
  }
}
