import type { Place, Placed } from './place.js';

/** A follower of the channel; one that left is not present any more. */
export interface Member extends Place {
  readonly isPresent: boolean;
}

/** A stretch of the log that is to be told, and to whom. */
export interface Round<F> {
  /** Told are the events after `from`, up to and with `upTo`. */
  readonly from: number;
  readonly upTo: number;
  readonly followers: readonly F[];
}

/** What one group of followers is told of a round. */
export interface Telling<F, E> {
  readonly followers: readonly F[];
  readonly events: readonly E[];
}

/**
 * The live followers of one operation. Each keeps its own place, and is told only what comes after it: so a follower who joins
 * from catching up, even while a round is being read, misses nothing and gets nothing twice, wherever the others are.
 */
export class Channel<F extends Member> {
  private readonly members = new Set<F>();

  add(follower: F): void {
    this.members.add(follower);
  }

  /** Whether nobody is left to be told anything. */
  get isEmpty(): boolean {
    for (const member of this.members) if (!member.isPresent) this.members.delete(member);
    return this.members.size === 0;
  }

  /** What is to be told next when the log ends at `head`: at most `most` positions, from where the furthest back stands. */
  next(head: number, most: number): Round<F> | undefined {
    if (this.isEmpty) return undefined;
    let from = head;
    for (const { position } of this.members) from = Math.min(from, position);
    if (from >= head) return undefined;
    const upTo = Math.min(head, from + most);
    return { from, upTo, followers: [...this.members].filter(({ position }) => position < upTo) };
  }

  /**
   * Tells a round's followers its events, in the log's order and in one tick. Those who left since the round began are passed over.
   * @param tellings what each group of followers is told; an event that several groups are told alike is one object
   * @param send sends one event to all who are due for it
   */
  tell<E extends Placed>(
    { upTo }: Round<F>,
    tellings: readonly Telling<F, E>[],
    send: (due: readonly F[], event: E) => void,
  ): void {
    const audiences = new Map<E, F[]>();
    for (const { followers, events } of tellings) {
      for (const event of events) {
        const audience = audiences.get(event) ?? [];
        audience.push(...followers);
        audiences.set(event, audience);
      }
    }
    const inOrder = [...audiences].sort(([one], [other]) => one.position - other.position);
    for (const [event, audience] of inOrder) {
      const due = audience.filter((follower) => follower.isPresent && follower.needs(event));
      if (due.length === 0) continue;
      send(due, event);
      for (const follower of due) follower.told(event);
    }
    for (const { followers } of tellings) for (const follower of followers) follower.passed(upTo);
  }
}
