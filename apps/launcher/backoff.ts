const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5_000;

/** A part that was ready for this long counts as healthy again. In milliseconds. */
export const HEALTHY_AFTER = 10_000;

/**
 * How long to wait before a part is started again, in milliseconds: at once after its first death, longer when it dies again
 * and again, and never so long that people wait for more than seconds once its trouble is over.
 * @param deaths how often it died in a row without having been healthy between
 */
export function pauseAfter(deaths: number): number {
  return deaths <= 1 ? 0 : Math.min(FIRST_PAUSE * 2 ** (deaths - 2), LONGEST_PAUSE);
}
