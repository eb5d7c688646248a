/** Something that waits in a line. */
export interface Queued {
  /** Two of one id are never done in one batch. */
  readonly id: string;
}

/** Lines by their names. The order of the map is that of the turns: whoever had its turn goes to the end. */
export type Lines<Entry> = Map<string, Entry[]>;

/**
 * Takes the next batch out of lines that take turns (round-robin): one from each, again and again, until the batch is full or nothing more
 * can be taken. Whatever waits in one line, the first of another is in the batch, where the batch has as many places as there are lines;
 * and where it has not, it is in the next one. Within a line it goes by arrival. Lines that are empty then are removed.
 */
export function takeInTurn<Entry extends Queued>(lines: Lines<Entry>, most: number): Entry[] {
  const batch = new Map<string, Entry>();
  const stopped: Lines<Entry> = new Map();
  while (batch.size < most) {
    const [next] = lines;
    if (!next) break;
    const [name, line] = next;
    const place = line.findIndex(({ id }) => !batch.has(id));
    lines.delete(name);
    if (place < 0) {
      stopped.set(name, line);
      continue;
    }
    for (const entry of line.splice(place, 1)) batch.set(entry.id, entry);
    if (line.length > 0) lines.set(name, line);
  }
  // What waits for another of its id is first next time.
  const others = [...lines];
  lines.clear();
  for (const [name, line] of [...stopped, ...others]) lines.set(name, line);
  return [...batch.values()];
}
