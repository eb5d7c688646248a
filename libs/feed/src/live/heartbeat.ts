import { setTimeout as delay } from 'node:timers/promises';

import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Database, partOfMuster } from '#platform';

import { Feed } from '../feed.service.js';
import { Followers } from './followers.service.js';
import type { Follower } from './link.js';
import { Links } from './links.js';
import { LiveStats } from './live-stats.js';
import { Viewers } from './viewers.js';

/** How often followers are told where their feed ends, in milliseconds. */
const BEAT = 10_000;

/**
 * How long after the look it is told, in milliseconds: longer than the look takes. All are told at one instant, whatever had to be looked up
 * for whom: else the moment would tell that something had come that the viewer may not see.
 */
const TELL_AFTER = 1_000;

const PART = partOfMuster('live feed');

/** Where the feed ends for a follower. */
interface End {
  readonly position: number;
  readonly cursor: string;
}

/**
 * Tells each live follower at intervals where the log ends, as far as that viewer may see it: a client whose last cursor it is knows that it
 * has everything, and one that hears nothing knows that it knows nothing. Read from the log and not from what was sent, so that it also
 * shows when the sending lags. An event that the viewer may not see changes neither what is told nor when.
 */
@Injectable()
export class Heartbeat implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Heartbeat.name);
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;

  constructor(
    private readonly database: Database,
    private readonly feed: Feed,
    private readonly viewers: Viewers,
    private readonly links: Links,
    private readonly stats: LiveStats,
    private readonly followers: Followers,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.beat(), BEAT).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.stopping.abort();
  }

  /** Looks at all operations that are followed here, and then tells all followers at once. */
  async beat(): Promise<void> {
    // While the database is away looks would pile up, and each makes the next one slower.
    if (this.isLooking) return;
    this.isLooking = true;
    const ends = new Map<Follower, End>();
    const { signal } = this.stopping;
    const instant = delay(TELL_AFTER, undefined, { ref: false, signal }).catch(() => undefined);
    const looks = this.look(ends).finally(() => {
      this.isLooking = false;
    });
    await instant;
    if (!signal.aborted) this.tell(ends);
    await looks;
  }

  /** One operation after the other: what is not known at the instant of telling is not told this time. */
  private async look(ends: Map<Follower, End>): Promise<void> {
    const byOperation = Map.groupBy(
      this.links.all().flatMap(({ followers }) => [...followers.values()]),
      ({ operationId }) => operationId,
    );
    for (const [operationId, followers] of byOperation) {
      try {
        for (const [follower, end] of await this.endsIn(operationId, followers)) ends.set(follower, end);
      } catch (error) {
        if (!this.stopping.signal.aborted) this.logger.warn(`Where a feed ends could not be read: ${String(error)}`);
      }
    }
    const all = [...byOperation.values()].flat();
    this.stats.notePlaces(all);
    if (!this.stopping.signal.aborted) await this.followers.note(all);
  }

  private async endsIn(operationId: string, followers: readonly Follower[]): Promise<Map<Follower, End>> {
    const live = followers.filter(({ isLive }) => isLive);
    return this.database.read(PART, async (tx) => {
      const head = await this.feed.head(tx, operationId);
      for (const follower of followers) follower.lookedAt(head, Date.now());
      const ends = new Map<Follower, End>(live.map((follower) => [follower, follower.place()]));
      // Whoever stands at the end of the log was told all of it that there is for that viewer.
      const behind = live.filter(({ position }) => position < head);
      if (behind.length === 0) return ends;
      const standings = await this.viewers.standings(tx, operationId, await this.viewers.actors(tx, behind));
      const from = Math.min(...behind.map(({ position }) => position));
      const persons = await this.feed.personal(tx, operationId, from, head);
      for (const { standing, followers: group } of this.viewers.groups(standings, new Set(persons))) {
        // No further back than the one who is furthest behind: what was told before is known to have been told.
        const position = await this.feed.lastVisible(tx, standing, operationId, { after: from, upTo: head });
        const end = { position, cursor: this.feed.cursorAt(operationId, position) };
        for (const follower of group) if (position > follower.position) ends.set(follower, end);
      }
      return ends;
    });
  }

  private tell(ends: ReadonlyMap<Follower, End>): void {
    for (const [follower, { position, cursor }] of ends) {
      if (!follower.isPresent) continue;
      // What was told since the look is never taken back.
      follower.link.sayHead(follower.operationId, position > follower.position ? cursor : follower.cursor);
    }
  }
}
