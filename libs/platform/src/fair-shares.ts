/**
 * How many each of several may have of `most` places when they wait side by side: equal shares, and what one does not need of its share is
 * shared by the others (max-min fairness: Bertsekas and Gallager, Data Networks, 6.5.2). Each gets one at least, so that nobody waits for
 * another's end: with more who wait than places, there are as many places as there are who wait.
 * @param waiting how many wait in each lane, 1 or more
 */
export function fairShares(waiting: readonly number[], most: number): number[] {
  const shares = waiting.map(() => 0);
  let places = Math.max(most, waiting.length);
  const smallestFirst = [...waiting.entries()].sort(([, one], [, other]) => one - other);
  for (const [turn, [lane, wanted]] of smallestFirst.entries()) {
    const share = Math.min(wanted, Math.floor(places / (waiting.length - turn)));
    shares[lane] = share;
    places -= share;
  }
  return shares;
}
