interface Waiting<Item, Outcome> {
  readonly id: string;
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

interface Group<Item, Outcome> {
  readonly waiting: Waiting<Item, Outcome>[];
  underWay: number;
}

/** More than one, so that one batch is prepared while another commits. */
const UNDER_WAY = 2;
const LARGEST_BATCH = 64;

/**
 * Gathers what arrives while others of its group are under way, so that it is done together. What arrives alone is done at once:
 * nothing waits for company.
 */
export class Gathering<Item, Outcome> {
  private readonly groups = new Map<string, Group<Item, Outcome>>();

  /**
   * @param work does a batch, and gives an outcome or an error for each item, in their order
   * @param isOutage whether an error would meet the items that wait as well: they get it at once
   */
  constructor(
    private readonly work: (items: readonly Item[]) => Promise<readonly (Outcome | Error)[]>,
    private readonly isOutage: (error: unknown) => boolean = () => false,
  ) {}

  /** @param id two items of one id are never done in one batch */
  add(group: string, id: string, item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const present = this.groups.get(group) ?? { waiting: [], underWay: 0 };
      this.groups.set(group, present);
      present.waiting.push({ id, item, resolve, reject });
      this.begin(group, present);
    });
  }

  private begin(name: string, group: Group<Item, Outcome>): void {
    if (group.waiting.length === 0 && group.underWay === 0) this.groups.delete(name);
    if (group.waiting.length === 0 || group.underWay >= UNDER_WAY) return;
    group.underWay += 1;
    void this.run(group, nextBatch(group.waiting)).finally(() => {
      group.underWay -= 1;
      this.begin(name, group);
    });
  }

  private async run(group: Group<Item, Outcome>, batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    const outcomes = await this.work(batch.map(({ item }) => item)).catch((error: unknown) =>
      batch.map(() => toError(error)),
    );
    const outage = outcomes.find((outcome) => outcome instanceof Error && this.isOutage(outcome));
    if (outage instanceof Error) for (const { reject } of group.waiting.splice(0)) reject(outage);
    batch.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) reject(new Error('A batch left an item without an outcome.'));
      else if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    });
  }
}

/** Takes the next items out of those that wait, each id once. */
function nextBatch<Item, Outcome>(waiting: Waiting<Item, Outcome>[]): Waiting<Item, Outcome>[] {
  const batch = new Map<string, Waiting<Item, Outcome>>();
  const rest: Waiting<Item, Outcome>[] = [];
  for (const entry of waiting.splice(0)) {
    if (batch.size < LARGEST_BATCH && !batch.has(entry.id)) batch.set(entry.id, entry);
    else rest.push(entry);
  }
  waiting.push(...rest);
  return [...batch.values()];
}

/** What was thrown, as the error that it is meant to be. */
export function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
