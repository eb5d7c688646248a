/** Where an event stands in the log, and what a client calls it. */
export interface Placed {
  readonly position: number;
  readonly cursor: string;
}

/** How far one follower has been told of an operation's log. It only ever moves forward. */
export class Place {
  constructor(
    private reached: number,
    private last: string,
  ) {}

  /** Everything up to here was told, or is not for this follower. */
  get position(): number {
    return this.reached;
  }

  /** The cursor of the last event that was told; until there is one, that of the place where following began. */
  get cursor(): string {
    return this.last;
  }

  needs(event: Placed): boolean {
    return event.position > this.reached;
  }

  told({ position, cursor }: Placed): void {
    this.reached = position;
    this.last = cursor;
  }

  /** There is nothing for this follower up to `position` that was not told. */
  passed(position: number): void {
    this.reached = Math.max(this.reached, position);
  }
}
