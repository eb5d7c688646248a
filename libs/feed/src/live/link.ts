import type { Actor } from '#platform';
import type { DefaultEventsMap, Namespace, Socket } from 'socket.io';

import type { LiveCode, ServerMessages } from './messages.js';
import { Place } from './place.js';

/** What the gateway keeps on a socket; the access guard puts in who acts, anew at each message. */
export interface SocketData {
  sessionId?: string;
  actor?: Actor;
}

export type LiveNamespace = Namespace<DefaultEventsMap, ServerMessages, DefaultEventsMap, SocketData>;
export type LiveSocket = Socket<DefaultEventsMap, ServerMessages, DefaultEventsMap, SocketData>;

/** One operation that one socket follows, from one follow to its end or to the next. */
export class Follower extends Place {
  /** When following began. */
  readonly since = new Date();
  /** Whether the past was told, up to where following began. */
  isLive = false;
  private latest: { readonly head: number; readonly position: number } | undefined;
  /** An end of the log that it had not reached when looked at, and when that was, in milliseconds of the wall clock. */
  private missing: { readonly head: number; readonly since: number } | undefined;

  constructor(
    readonly link: Link,
    readonly operationId: string,
    position: number,
    cursor: string,
    /** The end of the log when following began, later when catching up looked last. */
    public head: number,
  ) {
    super(position, cursor);
  }

  /** Notes, at intervals, where the log ends. */
  lookedAt(head: number, now: number): void {
    this.latest = { head, position: this.position };
    if (this.position >= head) this.missing = undefined;
    else if (!this.missing || this.position >= this.missing.head) this.missing = { head, since: now };
  }

  /** Where the log ended at the latest look, and where this follower stood; undefined where nobody looked yet. */
  get looked(): { readonly head: number; readonly position: number } | undefined {
    return this.latest;
  }

  /** Since when, at the latest look, it had not been told all that there was; undefined where it had. */
  get behindSince(): number | undefined {
    return this.missing && this.position < this.missing.head ? this.missing.since : undefined;
  }

  place(): { readonly position: number; readonly cursor: string } {
    return { position: this.position, cursor: this.cursor };
  }

  /** Whether it still is what its socket follows. */
  get isPresent(): boolean {
    return this.link.followers.get(this.operationId) === this;
  }
}

/** Orders kept of operations that are no longer followed, so that a stream of messages can't fill the memory. */
const MOST_ORDERS = 200;

/** One socket: whose session it lives by, and what it follows. */
export class Link {
  readonly followers = new Map<string, Follower>();
  private readonly orders = new Map<string, number>();

  constructor(
    readonly socket: LiveSocket,
    readonly sessionId: string,
    readonly userId: string,
  ) {}

  /**
   * Whether a message is the latest that came about its operation. Messages are answered side by side, so one that came
   * earlier may be ready later, and must not undo the other.
   */
  isLatest(operationId: string, order: number): boolean {
    if (order < (this.orders.get(operationId) ?? 0)) return false;
    this.orders.delete(operationId);
    this.orders.set(operationId, order);
    if (this.orders.size > MOST_ORDERS) {
      const [oldest] = this.orders.keys();
      if (oldest !== undefined) this.orders.delete(oldest);
    }
    return true;
  }

  say(message: 'live' | 'behind', { operationId, cursor }: Follower): void {
    this.socket.emit(message, { operationId, cursor });
  }

  sayHead(operationId: string, cursor: string): void {
    this.socket.compress(false).emit('heartbeat', { operationId, cursor });
  }

  sayEnded(operationId: string, code: LiveCode): void {
    this.socket.emit('ended', { operationId, code });
  }
}
