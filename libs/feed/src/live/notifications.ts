import { setTimeout as delay } from 'node:timers/promises';

import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '#platform';
import pg from 'pg';

import { LiveStats } from './live-stats.js';

/** The first and the longest pause before PostgreSQL is tried again, in milliseconds. */
const SHORTEST_PAUSE = 200;
const LONGEST_PAUSE = 2_000;

/** How often the connection is tried, so that one which died without a word is noticed, in milliseconds. */
const HEARTBEAT = 5_000;

export interface Listening {
  /** What is done with the payload of a notification, by channel. */
  readonly channels: Readonly<Record<string, (payload: string) => void>>;
  /** Called whenever notifications may have been missed: after each connection, the first one too. */
  readonly onGap: () => void;
}

/** The process's one connection on which PostgreSQL tells what happens. It comes back by itself. */
@Injectable()
export class Notifications implements OnModuleDestroy {
  private readonly logger = new Logger(Notifications.name);
  private readonly stopping = new AbortController();
  private client: pg.Client | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly stats: LiveStats,
  ) {}

  /** Listens from now on, until the process ends. */
  listen(listening: Listening): void {
    void this.keepListening(listening);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.client?.end().catch(() => undefined);
  }

  private async keepListening(listening: Listening): Promise<void> {
    const { signal } = this.stopping;
    let pause = SHORTEST_PAUSE;
    while (!signal.aborted) {
      try {
        await this.listenOnce(listening, () => (pause = SHORTEST_PAUSE));
      } catch (error) {
        if (!signal.aborted) this.logger.warn(`Notifications of PostgreSQL are interrupted: ${String(error)}`);
      }
      this.stats.isListening = false;
      await delay(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  /** One connection, from its beginning to its end; always ends with an error that says why. */
  private async listenOnce({ channels, onGap }: Listening, onConnected: () => void): Promise<never> {
    const client = new pg.Client({
      connectionString: this.config.databaseUrl,
      application_name: 'muster-live',
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
    });
    const end = Promise.withResolvers<never>();
    end.promise.catch(() => undefined); // it is waited for below, but may come before
    client.on('error', end.reject);
    client.on('end', () => end.reject(new Error('the connection ended')));
    client.on('notification', ({ channel, payload = '' }) => channels[channel]?.(payload));
    this.client = client;
    let heartbeat: NodeJS.Timeout | undefined;
    try {
      await client.connect();
      const names = Object.keys(channels).map((channel) => client.escapeIdentifier(channel));
      await client.query(names.map((name) => `LISTEN ${name}`).join('; '));
      heartbeat = setInterval(() => void client.query('SELECT 1').catch(end.reject), HEARTBEAT).unref();
      onConnected();
      this.stats.isListening = true;
      onGap();
      return await end.promise;
    } finally {
      clearInterval(heartbeat);
      // Not waited for: a connection that died without a word never says that it has ended.
      void client.end().catch(() => undefined);
    }
  }
}
