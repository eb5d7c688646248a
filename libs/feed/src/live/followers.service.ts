import { randomUUID } from 'node:crypto';

import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { enter } from '#identity';
import { type Actor, Clock, Database, forbidden, hasRole, partOfMuster, query, Role } from '#platform';

import type { FeedFollower } from './feed-follower.js';
import type { Follower } from './link.js';

/** What was noted longer ago is of a process that ended without a word. Three looks. */
const FORGOTTEN_AFTER_SECONDS = 30;

/** Events behind are counted up to here. */
export const MOST_BEHIND = 1_000;

const PART = partOfMuster('live feed');

interface FollowerRow {
  readonly user_id: string;
  readonly name: string;
  readonly countries: string[];
  readonly since: Date;
  readonly events: number;
  readonly oldest: Date | null;
}

/**
 * Who follows which operation, over all processes of the api: each notes its own followers at intervals. Of how far they are behind the hub
 * is told in events that it may see itself, so that it learns of no other.
 */
@Injectable()
export class Followers implements OnModuleDestroy {
  private readonly logger = new Logger(Followers.name);
  private readonly process = randomUUID();
  private noted = 0;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  onModuleDestroy(): Promise<void> {
    return this.note([]);
  }

  /** Notes the followers of this process in place of those that it noted before. */
  async note(followers: readonly Follower[]): Promise<void> {
    const rows = followers.flatMap(({ operationId, link, since, looked }) =>
      looked ? [{ operation_id: operationId, socket: link.socket.id, user_id: link.userId, since, ...looked }] : [],
    );
    if (rows.length === 0 && this.noted === 0) return;
    try {
      await this.database.write(PART, async (tx) => {
        await query(tx, `DELETE FROM feed_followers WHERE process = $1 OR seen_at < $2`, [this.process, this.oldest()]);
        await query(
          tx,
          `INSERT INTO feed_followers (operation_id, socket, process, user_id, since, position, head, seen_at)
           SELECT operation_id, socket, $1, user_id, since, position, head, $2
           FROM jsonb_to_recordset($3) AS r (operation_id uuid, socket text, user_id uuid, since timestamptz, position bigint, head bigint)`,
          [this.process, this.clock.now(), JSON.stringify(rows)],
        );
      });
      this.noted = rows.length;
    } catch (error) {
      this.logger.warn(`Who follows could not be noted: ${String(error)}`);
    }
  }

  /** Who follows an operation, furthest behind first. For the hub alone. */
  async of(actor: Actor, operationId: string): Promise<FeedFollower[]> {
    const rows = await this.database.read(actor, async (tx) => {
      const standing = await enter(tx, actor, operationId, { frame: true });
      if (!standing.hub || !hasRole(actor, Role.HUB)) throw forbidden('Only the coordination hub may ask this.');
      return query<FollowerRow>(
        tx,
        `SELECT f.user_id, u.name, f.since, behind.events, oldest.occurred_at AS oldest,
           ARRAY(SELECT DISTINCT g.country::text FROM grants g WHERE g.user_id = f.user_id AND g.country IS NOT NULL AND g.ended_at IS NULL
             AND (g.operation_id = f.operation_id OR g.operation_id IS NULL) ORDER BY 1) AS countries
         FROM feed_followers f JOIN users u ON u.id = f.user_id
         CROSS JOIN LATERAL (SELECT count(*)::int AS events FROM (
           SELECT FROM feed_events e WHERE e.operation_id = f.operation_id AND e.position > f.position AND e.position <= f.head
           LIMIT ${MOST_BEHIND}) AS missing) AS behind
         LEFT JOIN LATERAL (
           SELECT e.occurred_at FROM feed_events e WHERE e.operation_id = f.operation_id AND e.position > f.position AND e.position <= f.head
           ORDER BY e.position LIMIT 1) AS oldest ON true
         WHERE f.operation_id = $1 AND f.seen_at >= $2
         ORDER BY behind.events DESC, u.name, f.since`,
        [operationId, this.oldest()],
      );
    });
    const now = this.clock.now().getTime();
    return rows.map(({ user_id: userId, name, countries, since, events, oldest }) => ({
      userId,
      name,
      countries,
      since,
      eventsBehind: events,
      secondsBehind: oldest ? Math.max(0, Math.round((now - oldest.getTime()) / 1000)) : 0,
    }));
  }

  private oldest(): Date {
    return new Date(this.clock.now().getTime() - FORGOTTEN_AFTER_SECONDS * 1000);
  }
}
