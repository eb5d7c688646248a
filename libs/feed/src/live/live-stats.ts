import { Injectable } from '@nestjs/common';

/** What the process's live feed does at this moment, for metrics. */
@Injectable()
export class LiveStats {
  /** Sockets that are connected. */
  sockets = 0;
  /** Operations followed, once for each socket that follows. */
  follows = 0;
  /** Times since the start that a client was told that it is too slow. */
  behind = 0;
  /** Events sent since the start, once for each socket. */
  told = 0;
  /** Whether PostgreSQL tells this process of new events; otherwise it looks for them every few seconds. */
  isListening = false;

  /** Followers that, at the latest look, had not been told all that there was for them. */
  followersBehind = 0;

  private behindSince: number | undefined;
  private readonly waiting = new Map<string, number>();

  /** Notes since when an operation may have events that were not told; what was noted before and still waits is older. */
  waits(operationId: string, since: number): void {
    if (!this.waiting.has(operationId)) this.waiting.set(operationId, since);
  }

  /** Notes that all events were told that were known of before `next`; absent: all that are known of. */
  settled(operationId: string, next?: number): void {
    if (next === undefined) this.waiting.delete(operationId);
    else this.waiting.set(operationId, next);
  }

  /** Notes where the followers stand, as looked at together at intervals. */
  notePlaces(followers: readonly { readonly behindSince: number | undefined }[]): void {
    const since = followers.flatMap(({ behindSince }) => behindSince ?? []);
    this.followersBehind = since.length;
    this.behindSince = since.length > 0 ? Math.min(...since) : undefined;
  }

  /** How long the follower that is furthest behind has missed something, in seconds; 0 where none is behind. */
  followerLagSeconds(): number {
    return this.behindSince === undefined ? 0 : Math.max(0, Date.now() - this.behindSince) / 1000;
  }

  /** How long the process has known, in seconds, of the oldest event that it has not told yet; 0 when all are told. */
  lagSeconds(): number {
    let oldest = Infinity;
    for (const since of this.waiting.values()) oldest = Math.min(oldest, since);
    return oldest === Infinity ? 0 : Math.max(0, Date.now() - oldest) / 1000;
  }
}
