import { Injectable } from '@nestjs/common';
import type { Standing } from '#identity';
import type { Tx, Values } from '#platform';

/**
 * Words events of some kinds for a viewer. The feed stands below the records and can't know them, so each lib that appends
 * events registers one of these at start.
 */
export interface FeedReader {
  readonly kinds: readonly string[];
  /**
   * A condition, in SQL, that holds for those events of the kinds that the viewer may see now.
   * Its text is prepared once for all viewers: what differs between them goes through `values`, but for yes and no.
   * @param event the alias of `feed_events`
   */
  visible(event: string, viewer: Standing, values: Values): string;
  /** The subjects as the viewer may see them now, by id; what the viewer may see nothing of is left out. */
  read(
    tx: Tx,
    viewer: Standing,
    operationId: string,
    subjectIds: readonly string[],
  ): Promise<ReadonlyMap<string, unknown>>;
  /**
   * A word that is the same for viewers who are told the same of an event's subject, wherever they may see the event at all: the
   * subject is then read once for all of them. Absent: it is read for each class of viewers.
   */
  wording?(viewer: Standing, event: { readonly kind: string; readonly country: string | null }): string;
  /**
   * The ids of users who might see, as persons, some event of the kinds after `from`, up to and with `upTo`, or more of its
   * subject than others who stand as they do: the author of a RED record, people named on it. One too many costs a read, one too
   * few loses an event. Absent where nobody sees anything as a person.
   */
  personal?(tx: Tx, operationId: string, from: number, upTo: number): Promise<readonly string[]>;
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

  all(): FeedReader[] {
    return [...new Set(this.byKind.values())];
  }
}
