/** Does a work for each of a list, at most `width` of them at a time, and gives what came of it in the list's order. */
export async function atOnce<T, R>(width: number, list: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  const left = list.entries();
  const worker = async (): Promise<void> => {
    // All workers take from one iterator: each item goes to exactly one of them.
    for (const [index, item] of left) done[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, list.length) }, worker));
  return done;
}
