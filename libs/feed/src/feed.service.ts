import { Injectable } from '@nestjs/common';
import type { Standing } from '#identity';
import {
  acrossOperations,
  Clock,
  Cursors,
  enterOperation,
  Faults,
  insertRows,
  notify,
  prepared,
  type Tx,
} from '#platform';

import { type FeedReader, FeedReaders } from './feed-reader.js';

/** Something that happened, to be told to those who may see its subject. It holds ids; words are found when it is read. */
export interface NewEvent {
  readonly kind: string;
  readonly subjectId: string;
  /** The country that the subject belongs to, where it belongs to one. */
  readonly country: string | null;
  /** How the subject was shared before, for events that go to those who could see it and no longer can. */
  readonly sharedBefore?: Readonly<Record<string, unknown>>;
}

/** An event as one viewer is told of it. */
export interface ToldEvent {
  readonly position: number;
  readonly cursor: string;
  readonly operationId: string;
  readonly kind: string;
  readonly occurredAt: Date;
  readonly subjectId: string;
  readonly country: string | null;
  /** `{ record }` as the viewer may see the subject now; `{}` where that is nothing. */
  readonly payload: { readonly record?: unknown };
}

export interface ToldPage {
  readonly events: readonly ToldEvent[];
  /** Whether the viewer may see more events after these. */
  readonly hasMore: boolean;
}

interface EventRow {
  readonly [column: string]: unknown;
  readonly position: string;
  readonly kind: string;
  readonly occurred_at: Date;
  readonly subject_id: string;
  readonly country: string | null;
}

/** The events that one viewer may see. */
interface Seen {
  readonly viewer: Standing;
  readonly rows: readonly EventRow[];
}

/** Subjects of one reader that are read together, for one viewer. */
interface Reading {
  readonly reader: FeedReader;
  readonly viewer: Standing;
  /** Where it is for all who are told the same: the countries, among theirs, that the subjects belong to. */
  readonly owners?: string[];
  readonly subjects: Set<string>;
  records?: ReadonlyMap<string, unknown>;
}

/** One event as it is worded for one viewer, or for several who are told the same. */
interface Wording {
  readonly row: EventRow;
  readonly reading: Reading;
  told?: ToldEvent;
}

function readingFor(reader: FeedReader, viewer: Standing): Reading {
  return { reader, viewer, subjects: new Set() };
}

/** As {@link readingFor}, for all who are told the same as this viewer: by what makes them alike, and by nothing that is one viewer's own. */
function readingForAll(reader: FeedReader, { hub }: Standing): Reading {
  const owners: string[] = [];
  const nobody = { userId: null, asPerson: false, coordinates: [], observer: false, observesFor: [], frameOnly: false };
  return { ...readingFor(reader, { ...nobody, hub, people: owners }), owners };
}

/** PostgreSQL tells gateways on this channel that an operation has new events; the payload is the operation's id. */
export const FEED_CHANNEL = 'muster_feed';

/** The event log: one per operation, in one order, and each reader sees the part of it that is meant for that reader. */
@Injectable()
export class Feed {
  constructor(
    private readonly clock: Clock,
    private readonly cursors: Cursors,
    private readonly readers: FeedReaders,
  ) {}

  /** Begins the log of a new operation. */
  async open(tx: Tx, operationId: string): Promise<void> {
    await insertRows(tx, 'feed_heads', [{ operation_id: operationId, position: 0 }]);
  }

  /**
   * Takes the next `count` positions of an operation's log and gives the first. Taken as late as can be: the operation's counter
   * row stays locked until commit, so positions are given out in the order of commits, and a reader who has seen position n
   * has missed nothing before it.
   */
  async take(tx: Tx, operationId: string, count: number): Promise<number> {
    const [head] = await prepared<{ position: string }>(
      tx,
      `UPDATE feed_heads SET position = position + $2 WHERE operation_id = $1 RETURNING position`,
      [operationId, count],
    );
    if (!head) throw new Error('An operation without a log.');
    return Number(head.position) - count + 1;
  }

  /** Writes events at positions that were taken, and wakes those who follow the operation once the transaction commits. */
  async append(tx: Tx, operationId: string, first: number, events: readonly NewEvent[]): Promise<void> {
    const now = this.clock.now();
    await insertRows(
      tx,
      'feed_events',
      events.map(({ kind, subjectId, country, sharedBefore }, index) => ({
        operation_id: operationId,
        position: first + index,
        kind: this.readers.of(kind) && kind,
        occurred_at: now,
        subject_id: subjectId,
        country,
        shared_before: sharedBefore ?? null,
      })),
    );
    await notify(tx, FEED_CHANNEL, operationId);
  }

  /** Takes positions and writes the events, where nothing else of the change needs to know its position. */
  async tell(tx: Tx, operationId: string, ...events: readonly NewEvent[]): Promise<void> {
    await this.append(tx, operationId, await this.take(tx, operationId, events.length), events);
  }

  /** Up to `most` events after a position that the viewer may see, in the log's order, worded for that viewer. */
  async page(
    tx: Tx,
    viewer: Standing,
    operationId: string,
    after: number,
    most: number,
    upTo?: number,
  ): Promise<ToldPage> {
    const rows = await this.rows(tx, viewer, operationId, after, most + 1, upTo);
    const [events = []] = await this.word(tx, operationId, [{ viewer, rows: rows.slice(0, most) }]);
    return { events, hasMore: rows.length > most };
  }

  /**
   * All events after a position, up to and with another, for each of several viewers, in a transaction of the live feed. An event that is
   * worded the same for some of them is one and the same object for them, and its subject is read once.
   */
  async pages(
    tx: Tx,
    viewers: readonly Standing[],
    operationId: string,
    after: number,
    upTo: number,
  ): Promise<ToldEvent[][]> {
    const rows = await acrossOperations<EventRow & { readonly seen_by: readonly number[] }>(
      tx,
      `SELECT * FROM events_seen_by($1, $2, $3, $4)`,
      [operationId, JSON.stringify(viewers.map(({ userId, asPerson }) => ({ userId, asPerson }))), after, upTo],
    );
    const seen = viewers.map((viewer) => ({ viewer, rows: [] as EventRow[] }));
    for (const row of rows) for (const number of row.seen_by) seen[number]?.rows.push(row);
    return this.word(tx, operationId, seen, true);
  }

  /** The position of the last event that the viewer may see, of those after `after` and up to and with `upTo`; 0 where there is none. */
  async lastVisible(
    tx: Tx,
    viewer: Standing,
    operationId: string,
    { after = 0, upTo }: { readonly after?: number; readonly upTo?: number } = {},
  ): Promise<number> {
    await enterOperation(tx, viewer, operationId);
    const [row] = await prepared<{ position: string }>(
      tx,
      `SELECT position FROM feed_events WHERE operation_id = $1 AND position > $3 AND position <= coalesce($2, 9223372036854775807)
       ORDER BY position DESC LIMIT 1`,
      [operationId, upTo ?? null, after],
    );
    return Number(row?.position ?? 0);
  }

  /** As {@link lastVisible}, of several operations for the actor of the transaction, by their ids. */
  async lastVisibleOf(tx: Tx, operationIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await acrossOperations<{ operation: string; last: string }>(
      tx,
      `SELECT operation, last FROM last_events_seen($1)`,
      [operationIds],
    );
    return new Map(rows.map(({ operation, last }) => [operation, Number(last)]));
  }

  /**
   * The ids of users who might see more of the events after `from`, up to and with `upTo`, than the class of viewers that they
   * belong to; everybody else may be told what is read for the class.
   */
  async personal(tx: Tx, operationId: string, from: number, upTo: number): Promise<string[]> {
    const rows = await prepared<{ id: string }>(tx, `SELECT id FROM feed_persons($1, $2, $3) AS id`, [
      operationId,
      from,
      upTo,
    ]);
    return rows.map(({ id }) => id);
  }

  /** The position of the last event of all. */
  async head(tx: Tx, operationId: string): Promise<number> {
    const [row] = await prepared<{ position: string }>(tx, `SELECT position FROM feed_heads WHERE operation_id = $1`, [
      operationId,
    ]);
    return Number(row?.position ?? 0);
  }

  cursorAt(operationId: string, position: number): string {
    return this.cursors.encode(`feed:${operationId}`, position);
  }

  /**
   * The position that a client's cursor stands for.
   * @throws BAD_USER_INPUT with `path` where it is no cursor of this operation's feed
   */
  positionOf(operationId: string, cursor: string, path: string): number {
    const faults = new Faults();
    const position = this.judgePosition(faults, operationId, cursor, path);
    faults.throwIfAny();
    return position;
  }

  /** As {@link positionOf}, where other faults are told in the same answer; the position of a wrong cursor means nothing. */
  judgePosition(faults: Faults, operationId: string, cursor: string, path: string): number {
    const position = this.cursors.decode(`feed:${operationId}`, cursor);
    if (position === undefined)
      faults.add(path, 'cursor', "Give a cursor of this operation's feed, as it was received.");
    return position ?? 0;
  }

  private async rows(
    tx: Tx,
    viewer: Standing,
    operationId: string,
    after: number,
    most: number,
    upTo: number | undefined,
  ): Promise<EventRow[]> {
    await enterOperation(tx, viewer, operationId);
    return prepared<EventRow>(
      tx,
      `SELECT position, kind, occurred_at, subject_id, country FROM feed_events
       WHERE operation_id = $1 AND position > $2 AND position <= coalesce($3, 9223372036854775807) ORDER BY position LIMIT $4`,
      [operationId, after, upTo ?? null, most],
    );
  }

  private async word(tx: Tx, operationId: string, seen: readonly Seen[], isRound = false): Promise<ToldEvent[][]> {
    const readings = new Map<string, Reading>();
    const wordings = new Map<string, Wording>();
    const wordingOf = ({ viewer }: Seen, index: number, row: EventRow): Wording => {
      const reader = this.readers.of(row.kind);
      const word = reader.wording?.(viewer, row);
      const key = `${row.position} ${word === undefined ? `for viewer ${index}` : `as ${word}`}`;
      const before = wordings.get(key);
      if (before) return before;
      // Read for the first who may see it: others who are told the same may not see all that this one is told of.
      const isForAll = isRound && reader.ofRecords === true && word !== undefined;
      const readingKey = `${reader.kinds.join()} ${isForAll ? `as ${word}` : index}`;
      const reading =
        readings.get(readingKey) ?? (isForAll ? readingForAll(reader, viewer) : readingFor(reader, viewer));
      readings.set(readingKey, reading);
      reading.subjects.add(row.subject_id);
      if (row.country !== null && viewer.people.includes(row.country)) reading.owners?.push(row.country);
      const wording = { row, reading };
      wordings.set(key, wording);
      return wording;
    };

    const worded = seen.map((one, index) => one.rows.map((row) => wordingOf(one, index, row)));
    // Those for all first: for the others somebody enters.
    const inOrder = [...readings.values()].sort((one, other) => Number(!one.owners) - Number(!other.owners));
    for (const reading of inOrder) {
      if (!reading.owners) await enterOperation(tx, reading.viewer, operationId);
      reading.records = await reading.reader.read(tx, reading.viewer, operationId, [...reading.subjects]);
    }
    return worded.map((events) => events.map((wording) => (wording.told ??= this.told(operationId, wording))));
  }

  private told(operationId: string, { row, reading }: Wording): ToldEvent {
    const position = Number(row.position);
    const record = reading.records?.get(row.subject_id);
    return {
      position,
      cursor: this.cursorAt(operationId, position),
      operationId,
      kind: row.kind,
      occurredAt: row.occurred_at,
      subjectId: row.subject_id,
      country: row.country,
      payload: record === undefined ? {} : { record },
    };
  }
}

/** The records that a viewer is told with some events: those whose content comes with them. */
export function recordsIn(events: readonly ToldEvent[]): string[] {
  const told = events.filter(
    ({ kind, payload }) => /^(violation|seizure)[.]/.test(kind) && payload.record !== undefined,
  );
  return [...new Set(told.map(({ subjectId }) => subjectId))];
}
