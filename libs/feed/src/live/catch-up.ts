import { setTimeout as delay } from 'node:timers/promises';

import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Readings } from '#audit';
import { enter } from '#identity';
import { Database, MusterError, partOfMuster } from '#platform';

import { Feed, recordsIn } from '../feed.service.js';
import { Channels } from './channels.js';
import type { Follower } from './link.js';
import { Links } from './links.js';
import { LiveStats } from './live-stats.js';
import { toSocketEvent } from './messages.js';
import { drained, hasRoom } from './outgoing.js';
import { Viewers } from './viewers.js';

/** Events in one page of the past. */
const PAGE = 200;

/** Followers that read the past side by side: many may come back at one instant, and the database is there for others too. */
const MOST_AT_ONCE = 4;

/** How long a client may take to receive one page, in milliseconds. */
const LONGEST_PAGE = 30_000;

const PAUSE_AFTER_FAILURE = 1_000;

const PART = partOfMuster('live feed');

/** Tells followers the past, page by page and in turn, until each stands near enough to the end of the log to go on live. */
@Injectable()
export class CatchUp implements OnModuleDestroy {
  private readonly logger = new Logger(CatchUp.name);
  private readonly turns: Follower[] = [];
  private running = 0;
  private isStopping = false;

  constructor(
    private readonly database: Database,
    private readonly feed: Feed,
    private readonly viewers: Viewers,
    private readonly links: Links,
    private readonly channels: Channels,
    private readonly stats: LiveStats,
    private readonly readings: Readings,
  ) {}

  onModuleDestroy(): void {
    this.isStopping = true;
  }

  /** Begins to tell a follower what lies between its place and the end of the log. */
  begin(follower: Follower): void {
    if (follower.position >= follower.head) this.goLive(follower);
    else this.queue(follower);
  }

  private goLive(follower: Follower): void {
    follower.link.say('live', follower);
    follower.isLive = true;
    this.channels.join(follower);
  }

  private queue(follower: Follower): void {
    this.turns.push(follower);
    this.takeTurns();
  }

  private takeTurns(): void {
    while (this.running < MOST_AT_ONCE && !this.isStopping) {
      const follower = this.turns.shift();
      if (!follower) return;
      if (!follower.isPresent) continue;
      this.running++;
      void this.turn(follower).finally(() => {
        this.running--;
        this.takeTurns();
      });
    }
  }

  private async turn(follower: Follower): Promise<void> {
    try {
      if (await this.tellPage(follower)) this.goLive(follower);
      else if (follower.isPresent) void this.queueWhenDrained(follower);
    } catch (error) {
      // Not the follower's to know any more, or archived.
      if (error instanceof MusterError && (error.code === 'NOT_FOUND' || error.code === 'PHASE'))
        this.links.end(follower, error.code);
      else if (!this.isStopping) this.queueAfterFailure(follower, error);
    }
  }

  /** Tells one page; true when the follower stands at the end of the log, or so near to it that the channel tells the rest. */
  private async tellPage(follower: Follower): Promise<boolean> {
    const { link, operationId, position, head: upTo } = follower;
    const read = await this.database.read(PART, async (tx) => {
      const actor = (await this.viewers.actors(tx, [follower])).get(follower);
      if (!actor) return undefined;
      const standing = await enter(tx, actor, operationId, { frame: true });
      // Up to an end that was known before the actor was looked up: who lost access before an event is not told of it.
      return {
        actor,
        page: await this.feed.page(tx, standing, operationId, position, PAGE, upTo),
        head: await this.feed.head(tx, operationId),
      };
    });
    if (!read) {
      this.links.close(link);
      return false;
    }
    const { actor, page, head } = read;
    // Other operations of the same socket may have filled it meanwhile; the page is then read again when it has room.
    if (!follower.isPresent || !hasRoom(link.socket.conn)) return false;

    this.readings.noteIfAny([actor], { operationId, what: 'live', recordIds: recordsIn(page.events) });
    for (const event of page.events) {
      link.socket.compress(false).emit('event', toSocketEvent(event));
      follower.told(event);
    }
    this.stats.told += page.events.length;
    follower.head = head;
    if (page.hasMore) return false;
    follower.passed(upTo);
    return head - upTo <= PAGE;
  }

  private async queueWhenDrained(follower: Follower): Promise<void> {
    if (await drained(follower.link.socket.conn, LONGEST_PAGE)) this.queue(follower);
    else this.links.leaveBehind(follower);
  }

  private queueAfterFailure(follower: Follower, error: unknown): void {
    this.logger.warn(`Past events could not be read: ${String(error)}`);
    void delay(PAUSE_AFTER_FAILURE, undefined, { ref: false }).then(() => this.queue(follower));
  }
}
