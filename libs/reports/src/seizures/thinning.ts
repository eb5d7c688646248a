/**
 * Seconds that a country's reports may wait for their settlement before the door gives way, and when it closes. A worker that is started
 * anew, or a surge of some ten thousand reports, is over within the first; nobody should wait longer than the second to see what came of a
 * report that was acknowledged.
 */
export const GIVES_WAY_AT = 60;
export const CLOSES_AT = 180;

/**
 * Which reports are refused so that the queue stops growing: none while it is young, a share that grows with its age, all when it is too
 * old (as routers do before their queue is full: random early detection, Floyd and Jacobson 1993). A share and not all at once, because a
 * door that is open or shut makes the queue swing. Counted instead of drawn by lot, so that of four reports at a quarter one is refused.
 */
export class Thinning {
  private readonly due = new Map<string, number>();

  /** @param age seconds that the oldest report of the lane has waited */
  refuses(lane: string, age: number): boolean {
    const due = (this.due.get(lane) ?? 0) + shareRefused(age);
    const isRefused = due >= 1;
    this.due.set(lane, isRefused ? due - 1 : due);
    return isRefused;
  }

  /** Forgets lanes in which nothing waits any more. */
  keepOnly(lanes: ReadonlyMap<string, unknown>): void {
    for (const lane of this.due.keys()) if (!lanes.has(lane)) this.due.delete(lane);
  }
}

/** The share of reports that is refused: 0 to 1. */
export function shareRefused(age: number): number {
  return Math.min(1, Math.max(0, (age - GIVES_WAY_AT) / (CLOSES_AT - GIVES_WAY_AT)));
}
