import type { FieldFault } from '../errors.js';

/**
 * Which rule of the schema an input breaks: something must be given, is not known, has another kind of value, is no word of
 * an enum, or has not the form of its scalar.
 */
export type InputRule = 'required' | 'unknown' | 'type' | 'enum' | 'scalar';

/** More faults than this in one answer help nobody, and cost. */
const mostFaults = 100;

/** Faults with their paths, as a walk through an input finds them: the same path and rule once. */
export class FaultList {
  private readonly found = new Map<string, FieldFault>();
  private readonly path: (string | number)[] = [];
  private hits = 0;

  /** Runs `walk` one step deeper, so that the faults it finds stand under `key`. */
  under(key: string | number, walk: () => void): void {
    if (this.isFull) return;
    this.path.push(key);
    walk();
    this.path.pop();
  }

  add(rule: InputRule, message: string): void {
    this.hits += 1;
    if (this.isFull) return;
    const path = this.here;
    const identity = `${rule} ${path}`;
    if (!this.found.has(identity)) this.found.set(identity, { path, rule, message });
  }

  /** Whether `walk` comes upon a fault, be it one that is listed already. */
  isHitBy(walk: () => void): boolean {
    const before = this.hits;
    walk();
    return this.hits > before;
  }

  /** The path of the place that the walk is at. */
  get here(): string {
    return this.path.join('.');
  }

  get depth(): number {
    return this.path.length;
  }

  get isFull(): boolean {
    return this.found.size >= mostFaults;
  }

  get faults(): FieldFault[] {
    return [...this.found.values()];
  }
}
