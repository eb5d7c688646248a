import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';

import { Dice } from '../../../apps/console/demo/dice.js';
import type { Person } from '../../setup/scene.js';
import type { Line } from './line.js';

export interface FeedEvent {
  readonly cursor: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly payload: unknown;
}

const FEED = `query ($id: UUID!, $after: String) { operationFeed(operationId: $id, after: $after, first: 500) {
  cursor hasMore events { cursor operationId kind occurredAt subjectId country payload } } }`;

/** The longest that a follower stays on one connection, in milliseconds. */
const LONGEST_STAY = 6_000;

/** One client that follows an operation's feed as somebody, comes back again and again, and goes on from the last event that it has. */
export class Follower {
  readonly events: FeedEvent[] = [];
  /** What it was told that nobody may be told who keeps the rights that they had. */
  readonly wrong: string[] = [];
  connections = 0;
  private isCalm = false;
  private readonly over = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    readonly name: string,
    readonly person: Person,
    private readonly operationId: string,
    private readonly doors: readonly Line[],
    seed: string,
  ) {
    this.running = this.run(new Dice(`${seed}/follower ${name}`));
  }

  /** From now on it stays where it is, unless it is thrown out. */
  calmDown(): void {
    this.isCalm = true;
  }

  async stop(): Promise<void> {
    this.over.abort();
    await this.running;
  }

  private async run(dice: Dice): Promise<void> {
    while (!this.over.signal.aborted) {
      await this.follow(dice);
      await pause(dice.whole(0, 300));
    }
  }

  /** One connection, from its beginning to its end, whoever ends it. */
  private async follow(dice: Dice): Promise<void> {
    const stay = dice.whole(100, LONGEST_STAY);
    const socket = io(`http://127.0.0.1:${dice.pick(this.doors).port}/live`, {
      auth: { token: this.person.token },
      path: '/socket.io',
      forceNew: true,
      reconnection: false,
      ...(dice.chance(0.5) ? { transports: ['websocket'] } : {}),
    });
    const ended = Promise.withResolvers<void>();
    const end = (): void => ended.resolve();
    const leave = setInterval(() => {
      if (!this.isCalm) end();
    }, stay);
    this.over.signal.addEventListener('abort', end);
    socket.on('event', (event: FeedEvent) => this.events.push(event));
    socket.on('behind', end);
    socket.on('disconnect', end);
    socket.on('connect_error', (error: Error & { readonly data?: { readonly code?: string } }) => {
      this.refused('connecting', error.data?.code);
      end();
    });
    socket.on('ended', ({ code }: { readonly code: string }) => {
      this.refused('following', code);
      end();
    });
    socket.on('connect', () => {
      this.connections++;
      const after = this.events.at(-1)?.cursor;
      socket
        .timeout(10_000)
        .emitWithAck('follow', { operationId: this.operationId, ...(after === undefined ? {} : { after }) })
        .then((answer: { readonly ok: boolean; readonly code?: string }) => {
          if (answer.ok) return;
          this.refused('to follow', answer.code);
          end();
        })
        .catch(end);
    });
    await ended.promise;
    clearInterval(leave);
    this.over.signal.removeEventListener('abort', end);
    socket.removeAllListeners();
    socket.disconnect();
  }

  private refused(what: string, code: string | undefined): void {
    if (code !== undefined && code !== 'UNAVAILABLE') this.wrong.push(`${what}: ${code}`);
  }
}

/** The whole feed as a person may see it, page by page. */
export async function feedOf(person: Person, operationId: string): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await person.do<{ cursor: string; hasMore: boolean; events: FeedEvent[] }>(FEED, {
      id: operationId,
      after,
    });
    events.push(...page.events);
    after = page.cursor;
    if (!page.hasMore) return events;
  }
}
