import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ACCESS_CHANNEL, Accounts, enter, isInside, SESSIONS_CHANNEL, standingIn } from '#identity';
import { type Actor, badInput, Database, isUnavailable, MusterError, partOfMuster, prepared } from '#platform';

import { Feed, FEED_CHANNEL } from '../feed.service.js';
import { CatchUp } from './catch-up.js';
import { Channels } from './channels.js';
import { Follower, type Link, type LiveSocket } from './link.js';
import { Links } from './links.js';
import { type FollowRequest } from './messages.js';
import { Notifications } from './notifications.js';

const PART = partOfMuster('live feed');

/** Operations that one socket may follow at a time. */
const MOST_FOLLOWED = 50;

/** How often events are looked for whether or not they were announced, in milliseconds. */
const LOOK_AGAIN = 5_000;

/** How often sessions and rights are looked at whether or not anything happens, in milliseconds: a session may also run out. */
const CHECK_AGAIN = 60_000;

/** Following an operation's log over a socket: first the past, then what happens. */
@Injectable()
export class LiveFeed implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(LiveFeed.name);
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly feed: Feed,
    private readonly links: Links,
    private readonly channels: Channels,
    private readonly catchUp: CatchUp,
    private readonly notifications: Notifications,
  ) {}

  onModuleInit(): void {
    this.notifications.listen({
      channels: {
        [FEED_CHANNEL]: (operationId) => this.channels.wake(operationId),
        [SESSIONS_CHANNEL]: (sessionId) => this.links.ofSession(sessionId).forEach((link) => this.links.close(link)),
        [ACCESS_CHANNEL]: (userId) => void this.check(this.links.ofUser(userId)),
      },
      onGap: () => {
        this.channels.wakeAll();
        void this.check(this.links.all());
      },
    });
    this.timers = [
      setInterval(() => this.channels.wakeAll(), LOOK_AGAIN).unref(),
      setInterval(() => void this.check(this.links.all()), CHECK_AGAIN).unref(),
    ];
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** Who acts by an access token; undefined where it is no good. */
  actorOf(accessToken: string): Promise<Actor | undefined> {
    return this.accounts.actorOf(accessToken);
  }

  connect(socket: LiveSocket, sessionId: string, userId: string): void {
    const link = this.links.open(socket, sessionId, userId);
    // Its session may have ended between the look at its token and now, when nobody could tell the socket yet.
    void this.check([link]);
  }

  disconnect(socket: LiveSocket): void {
    const link = this.links.of(socket);
    if (link) this.links.forget(link);
  }

  /**
   * Follows an operation, from a place in its log; again, it takes the place of the follow before.
   * @param order a number that is higher for messages that came later
   * @param accept called before the first event is told
   * @throws NOT_FOUND; BAD_USER_INPUT for a cursor of something else, or too many operations
   */
  async follow(
    socket: LiveSocket,
    actor: Actor,
    request: FollowRequest,
    order: number,
    accept: () => void,
  ): Promise<void> {
    const { operationId } = request;
    const place = await this.database.read(actor, async (tx) => {
      const standing = await enter(tx, actor, operationId, { frame: true });
      const head = await this.feed.head(tx, operationId);
      if (request.fromNow) {
        const last = await this.feed.lastVisible(tx, standing, operationId);
        return { position: head, cursor: this.feed.cursorAt(operationId, last), head };
      }
      const cursor = request.after ?? this.feed.cursorAt(operationId, 0);
      return { position: this.feed.positionOf(operationId, cursor, 'after'), cursor, head };
    });

    const link = this.links.of(socket);
    if (!link) throw new MusterError('UNAUTHENTICATED', 'This session has ended. Sign in again.');
    if (!link.followers.has(operationId) && link.followers.size >= MOST_FOLLOWED) {
      throw badInput([
        { path: 'operationId', rule: 'count', message: `Follow at most ${MOST_FOLLOWED} operations on one socket.` },
      ]);
    }
    if (!link.isLatest(operationId, order)) return accept();
    const follower = new Follower(link, operationId, place.position, place.cursor, place.head);
    this.links.follow(follower);
    accept();
    this.catchUp.begin(follower);
  }

  unfollow(socket: LiveSocket, operationId: string, order: number): void {
    const link = this.links.of(socket);
    if (link?.isLatest(operationId, order)) this.links.unfollow(link, operationId);
  }

  /** Looks at once whether sockets may go on: their sessions, and what they follow. */
  private async check(links: readonly Link[]): Promise<void> {
    try {
      const actors = await this.accounts.actorsOf([...new Set(links.map(({ sessionId }) => sessionId))]);
      const archived = await this.archivedAmong(links);
      for (const link of links) {
        const actor = actors.get(link.sessionId);
        if (!actor) this.links.close(link);
        else await this.checkFollowers(link, actor, archived);
      }
    } catch (error) {
      // What is missed here is found at the next event, at the next message and when PostgreSQL is back.
      if (!isUnavailable(error)) this.logger.error(error);
    }
  }

  /** Operations that are followed and were archived: nothing comes of them any more. */
  private async archivedAmong(links: readonly Link[]): Promise<ReadonlySet<string>> {
    const followed = [...new Set(links.flatMap(({ followers }) => [...followers.keys()]))];
    if (followed.length === 0) return new Set();
    const rows = await this.database.read(PART, (tx) =>
      prepared<{ id: string }>(tx, `SELECT id FROM operations WHERE id = ANY($1::uuid[]) AND archived_at IS NOT NULL`, [
        followed,
      ]),
    );
    return new Set(rows.map(({ id }) => id));
  }

  private async checkFollowers(link: Link, actor: Actor, archived: ReadonlySet<string>): Promise<void> {
    for (const follower of [...link.followers.values()]) {
      if (archived.has(follower.operationId)) {
        this.links.end(follower, 'PHASE');
        continue;
      }
      if (isInside(standingIn(actor, follower.operationId))) continue;
      try {
        await this.database.read(actor, (tx) => enter(tx, actor, follower.operationId, { frame: true }));
      } catch (error) {
        if (!(error instanceof MusterError)) throw error;
        this.links.end(follower, 'NOT_FOUND');
      }
    }
  }
}
