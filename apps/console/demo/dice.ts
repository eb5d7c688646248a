import { v7 } from 'uuid';

/**
 * Throws the same numbers for the same name on every machine: mulberry32, seeded by the FNV-1a hash of the name. Only for demo data, where
 * a second load must give the same records.
 */
export class Dice {
  private state: number;

  constructor(name: string) {
    let hash = 0x811c9dc5;
    for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
    this.state = hash >>> 0;
  }

  /** A number from 0, included, to 1, excluded. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    const found = list[this.whole(0, list.length - 1)];
    if (found === undefined) throw new Error('There is nothing to pick from.');
    return found;
  }

  /** One of the choices, the more often the greater its weight. */
  weighted<T>(choices: readonly (readonly [choice: T, weight: number])[]): T {
    let left = this.next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [choice, weight] of choices) {
      left -= weight;
      if (left < 0) return choice;
    }
    return this.pick(choices)[0];
  }

  shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((item) => ({ item, place: this.next() }))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item);
  }
}

/**
 * Divides a whole number by weights, so that the parts are whole, at least `least` each, and add up to it exactly (largest remainders).
 */
export function share(total: number, weights: readonly number[], least = 0): number[] {
  const free = total - least * weights.length;
  if (free < 0) throw new Error(`${total} is too little for ${weights.length} parts of at least ${least}.`);
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((weight) => (free * weight) / sum);
  const parts = exact.map((part) => least + Math.floor(part));
  const left = total - parts.reduce((a, b) => a + b, 0);
  exact
    .map((part, index) => ({ index, remainder: part - Math.floor(part) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index)
    .slice(0, left)
    .forEach(({ index }) => {
      parts[index] = (parts[index] ?? 0) + 1;
    });
  return parts;
}

/** The UUIDv7 that a sender might have made at the instant: always the same for the same operation, instant and counter. */
export function demoId(operation: string, instant: Date, counter: number): string {
  const dice = new Dice(`${operation}/${instant.getTime()}/${counter}`);
  const random = Uint8Array.from({ length: 16 }, () => dice.whole(0, 255));
  // The counter stands in the id itself, so that no two records of an instant can meet.
  return v7({ msecs: instant.getTime(), seq: counter, random });
}
