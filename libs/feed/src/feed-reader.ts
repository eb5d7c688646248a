import { Injectable } from '@nestjs/common';
import type { Standing } from '#identity';
import type { Tx } from '#platform';

/**
 * Words events of some kinds for a viewer; which events there are for the viewer is a policy of the table. The feed stands below the records and can't know them, so each lib that appends
 * events registers one of these at start.
 */
export interface FeedReader {
  readonly kinds: readonly string[];
  /** Whether the subjects are records, and so can be read once for all who are told of them in a round of the live feed. */
  readonly ofRecords?: boolean;
  /** The subjects as the viewer may see them now, by id; what the viewer may see nothing of is left out. */
  read(
    tx: Tx,
    viewer: Standing,
    operationId: string,
    subjectIds: readonly string[],
  ): Promise<ReadonlyMap<string, unknown>>;
  /**
   * A word that is the same for viewers who are told the same of an event's subject, wherever they may see the event at all: the
   * subject is then read once for all of them. Absent: it is read for each class of viewers. Viewers of one word belong to the event's
   * country all of them or none; where the hub is told something else, the word says who is of it.
   */
  wording?(viewer: Standing, event: { readonly kind: string; readonly country: string | null }): string;
}

/** The readers of all kinds of events; a kind has exactly one. */
@Injectable()
export class FeedReaders {
  private readonly byKind = new Map<string, FeedReader>();

  register(reader: FeedReader): void {
    for (const kind of reader.kinds) {
      if (this.byKind.has(kind)) throw new Error(`Events of the kind ${kind} have two readers.`);
      this.byKind.set(kind, reader);
    }
  }

  of(kind: string): FeedReader {
    const reader = this.byKind.get(kind);
    if (!reader) throw new Error(`Events of the kind ${kind} have no reader.`);
    return reader;
  }
}
