import { setTimeout as delay } from 'node:timers/promises';

import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Readings } from '#audit';
import { Database, partOfMuster } from '#platform';

import { Feed, recordsIn, type ToldEvent } from '../feed.service.js';
import { Channel } from './channel.js';
import type { Follower } from './link.js';
import { Links } from './links.js';
import { LiveStats } from './live-stats.js';
import { toSocketEvent } from './messages.js';
import { isOverfull } from './outgoing.js';
import { Viewers } from './viewers.js';

/** Positions of the log that one round tells at most. */
const MOST_POSITIONS = 200;

/** The pause between two rounds of an operation, in milliseconds: what happens meanwhile is read together. */
const PAUSE = 40;

/** The pause after a round that failed, in milliseconds. */
const PAUSE_AFTER_FAILURE = 1_000;

const PART = partOfMuster('live feed');

interface LiveOperation {
  readonly channel: Channel<Follower>;
  /** When it was first said, since the log was last looked at, that there may be new events. */
  wokenAt: number | undefined;
  isRunning: boolean;
}

/** Tells live followers what happens: one read per round and class of viewers, whatever the number of sockets. */
@Injectable()
export class Channels implements OnModuleDestroy {
  private readonly logger = new Logger(Channels.name);
  private readonly operations = new Map<string, LiveOperation>();
  private isStopping = false;

  constructor(
    private readonly database: Database,
    private readonly feed: Feed,
    private readonly viewers: Viewers,
    private readonly links: Links,
    private readonly stats: LiveStats,
    private readonly readings: Readings,
  ) {}

  onModuleDestroy(): void {
    this.isStopping = true;
  }

  /** Takes in a follower that has been told the past, and tells it what has happened since its last look. */
  join(follower: Follower): void {
    const { operationId } = follower;
    const operation = this.operations.get(operationId) ?? {
      channel: new Channel(),
      wokenAt: undefined,
      isRunning: false,
    };
    this.operations.set(operationId, operation);
    operation.channel.add(follower);
    this.wake(operationId);
  }

  /** Says that an operation may have new events; costs nothing when nobody follows it here. */
  wake(operationId: string): void {
    const operation = this.operations.get(operationId);
    if (!operation) return;
    operation.wokenAt ??= Date.now();
    this.stats.waits(operationId, operation.wokenAt);
    if (operation.isRunning) return;
    operation.isRunning = true;
    void this.run(operationId, operation);
  }

  wakeAll(): void {
    for (const operationId of [...this.operations.keys()]) this.wake(operationId);
  }

  private async run(operationId: string, operation: LiveOperation): Promise<void> {
    while (operation.wokenAt !== undefined && !this.isStopping) {
      const since = operation.wokenAt;
      operation.wokenAt = undefined;
      let pause = PAUSE;
      try {
        if (await this.tellNext(operationId, operation.channel)) operation.wokenAt = since;
        else this.stats.settled(operationId, operation.wokenAt);
      } catch (error) {
        if (!this.isStopping) this.logger.warn(`Live events could not be read: ${String(error)}`);
        operation.wokenAt = since;
        pause = PAUSE_AFTER_FAILURE;
      }
      await delay(pause, undefined, { ref: false });
    }
    operation.isRunning = false;
    if (!operation.channel.isEmpty) return;
    this.operations.delete(operationId);
    this.stats.settled(operationId);
  }

  /** Tells one round; true when there may be more to tell at once. */
  private async tellNext(operationId: string, channel: Channel<Follower>): Promise<boolean> {
    if (channel.isEmpty) return false;
    const head = await this.database.read(PART, (tx) => this.feed.head(tx, operationId));
    const round = channel.next(head, MOST_POSITIONS);
    if (!round) return false;

    // After the head, not before: whoever lost access before one of these events was recorded is seen to have lost it.
    const { actors, entitled, tellings } = await this.database.read(PART, async (tx) => {
      const actors = await this.viewers.actors(tx, round.followers);
      const standings = await this.viewers.standings(tx, operationId, actors);
      const persons = await this.feed.personal(tx, operationId, round.from, round.upTo);
      const groups = this.viewers.groups(standings, new Set(persons));
      const viewers = groups.map(({ standing }) => standing);
      const pages = await this.feed.pages(tx, viewers, operationId, round.from, round.upTo);
      return {
        actors,
        entitled: standings,
        tellings: groups.map(({ followers }, index) => ({ followers, events: pages[index] ?? [] })),
      };
    });

    for (const follower of round.followers) {
      if (!actors.has(follower)) this.links.close(follower.link);
      else if (!entitled.has(follower)) this.links.end(follower, 'NOT_FOUND');
      else if (isOverfull(follower.link.socket.conn)) this.links.leaveBehind(follower);
    }
    for (const { followers, events } of tellings) {
      const readers = followers.flatMap((follower) => (follower.isPresent ? (actors.get(follower) ?? []) : []));
      this.readings.noteIfAny(readers, { operationId, what: 'live', recordIds: recordsIn(events) });
    }
    channel.tell(round, tellings, (due, event) => this.send(due, event));
    return round.upTo < head;
  }

  private send(due: readonly Follower[], event: ToldEvent): void {
    const sockets = due.map(({ link }) => link.socket);
    const [first] = sockets;
    // To all at once, so that the event is encoded once for all of them.
    first?.nsp
      .compress(false)
      .to(sockets.map(({ id }) => id))
      .emit('event', toSocketEvent(event));
    this.stats.told += sockets.length;
  }
}
