import { type Lines, takeInTurn } from './turns.js';

/** Where an item stands in line: groups take turns, and in a group its lanes do. */
export interface Standing {
  /** Items of one group alone are done together. */
  readonly group: string;
  readonly lane: string;
  /** Two items of one id are never done in one batch. */
  readonly id: string;
}

interface Waiting<Item, Outcome> {
  readonly id: string;
  readonly item: Item;
  /** Milliseconds on the process's own clock. */
  readonly since: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

interface Group<Item, Outcome> {
  readonly lanes: Lines<Waiting<Item, Outcome>>;
  underWay: number;
}

/** More than one, so that one batch is prepared while another commits. */
const UNDER_WAY = 2;
/** Of all groups: each holds a connection to the database, of which a process has 20, and those who read need theirs. */
const ALL_UNDER_WAY = 6;
const LARGEST_BATCH = 64;

/** How much may wait. */
export interface Bounds {
  /** Items, of all groups. */
  readonly most: number;
  /** Milliseconds that the first of a lane may have waited when another joins. */
  readonly longest: number;
}

/**
 * A sender who waits longer than three seconds at the door is better told to come back than kept: a phone's connection does not hold for
 * ever. What may wait besides is bounded for the memory's sake alone, at 2,000 a second for those three seconds: so below that rate the
 * count never decides, only the time.
 */
const BOUNDS: Bounds = { most: 6_000, longest: 3_000 };

/**
 * Gathers what arrives while others of its group are under way, so that it is done together. What arrives alone is done at once:
 * nothing waits for company. What waits is bounded: past that an item is refused at once, and it is always one of the lane that has most
 * waiting, so that one lane's flood is refused for its own sake and takes no place from another.
 */
export class Gathering<Item, Outcome> {
  private readonly groups = new Map<string, Group<Item, Outcome>>();
  private waiting = 0;
  private underWay = 0;

  /**
   * @param work does a batch, and gives an outcome or an error for each item, in their order
   * @param refusal the answer to what does not find a place
   * @param isOutage whether an error would meet the items that wait as well: they get it at once
   */
  constructor(
    private readonly work: (items: readonly Item[]) => Promise<readonly (Outcome | Error)[]>,
    private readonly refusal: () => Error,
    private readonly isOutage: (error: unknown) => boolean = () => false,
    private readonly bounds: Bounds = BOUNDS,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** How many items wait for a batch. */
  get depth(): number {
    return this.waiting;
  }

  /** How long the item that waits longest has waited, in milliseconds; 0 where none waits. */
  get age(): number {
    let oldest = this.now();
    for (const { lanes } of this.groups.values())
      for (const [first] of lanes.values()) oldest = Math.min(oldest, first?.since ?? oldest);
    return this.now() - oldest;
  }

  /** Rejects with the refusal, at once, where too much waits; nothing is done of such an item. */
  add({ group, lane, id }: Standing, item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (!this.makeRoom(group, lane)) return reject(this.refusal());
      const present = this.groups.get(group) ?? { lanes: new Map<string, Waiting<Item, Outcome>[]>(), underWay: 0 };
      this.groups.set(group, present);
      const line = present.lanes.get(lane) ?? [];
      present.lanes.set(lane, line);
      line.push({ id, item, since: this.now(), resolve, reject });
      this.waiting += 1;
      this.begin();
    });
  }

  /** Whether another of a lane may wait. When all places are taken, the last of a longer lane gives up its own. */
  private makeRoom(name: string, lane: string): boolean {
    const group = this.groups.get(name);
    if (this.underWay < ALL_UNDER_WAY && (group?.underWay ?? 0) < UNDER_WAY) return true; // it is done at once
    const own = group?.lanes.get(lane) ?? [];
    const [first] = own;
    if (first && this.now() - first.since >= this.bounds.longest) return false;
    if (this.waiting < this.bounds.most) return true;
    let longest = own;
    for (const { lanes } of this.groups.values())
      for (const line of lanes.values()) if (line.length > longest.length) longest = line;
    if (longest.length <= own.length + 1) return false;
    longest.pop()?.reject(this.refusal());
    this.waiting -= 1;
    return true;
  }

  private begin(): void {
    while (this.underWay < ALL_UNDER_WAY) {
      const next = [...this.groups].find(([, { lanes, underWay }]) => lanes.size > 0 && underWay < UNDER_WAY);
      if (!next) return;
      const [name, group] = next;
      // To the end of the line of groups.
      this.groups.delete(name);
      this.groups.set(name, group);
      const batch = takeInTurn(group.lanes, LARGEST_BATCH);
      this.waiting -= batch.length;
      group.underWay += 1;
      this.underWay += 1;
      void this.run(group, batch).finally(() => {
        group.underWay -= 1;
        this.underWay -= 1;
        if (group.underWay === 0 && group.lanes.size === 0) this.groups.delete(name);
        this.begin();
      });
    }
  }

  private async run(group: Group<Item, Outcome>, batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    const outcomes = await this.work(batch.map(({ item }) => item)).catch((error: unknown) =>
      batch.map(() => toError(error)),
    );
    const outage = outcomes.find((outcome) => outcome instanceof Error && this.isOutage(outcome));
    if (outage instanceof Error) this.giveUp(group, outage);
    batch.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) reject(new Error('A batch left an item without an outcome.'));
      else if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    });
  }

  private giveUp({ lanes }: Group<Item, Outcome>, outage: Error): void {
    for (const line of lanes.values()) {
      this.waiting -= line.length;
      for (const { reject } of line) reject(outage);
    }
    lanes.clear();
  }
}

/** What was thrown, as the error that it is meant to be. */
export function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
