import { Injectable } from '@nestjs/common';

import { type Follower, Link, type LiveSocket } from './link.js';
import { LiveStats } from './live-stats.js';
import type { LiveCode } from './messages.js';

/** The sockets of this process and what each follows: the one place where following begins and ends. */
@Injectable()
export class Links {
  private readonly bySocket = new Map<string, Link>();

  constructor(private readonly stats: LiveStats) {}

  open(socket: LiveSocket, sessionId: string, userId: string): Link {
    const link = new Link(socket, sessionId, userId);
    this.bySocket.set(socket.id, link);
    this.stats.sockets = this.bySocket.size;
    return link;
  }

  of(socket: LiveSocket): Link | undefined {
    return this.bySocket.get(socket.id);
  }

  all(): Link[] {
    return [...this.bySocket.values()];
  }

  ofSession(sessionId: string): Link[] {
    return this.all().filter((link) => link.sessionId === sessionId);
  }

  ofUser(userId: string): Link[] {
    return this.all().filter((link) => link.userId === userId);
  }

  /** Begins to follow; what the socket followed of the same operation before ends without a word. */
  follow(follower: Follower): void {
    const { followers } = follower.link;
    if (!followers.has(follower.operationId)) this.stats.follows++;
    followers.set(follower.operationId, follower);
  }

  unfollow(link: Link, operationId: string): void {
    if (link.followers.delete(operationId)) this.stats.follows--;
  }

  /** Ends one follow and says why. */
  end(follower: Follower, code: LiveCode): void {
    if (!follower.isPresent) return;
    this.unfollow(follower.link, follower.operationId);
    follower.link.sayEnded(follower.operationId, code);
  }

  /** Ends one follow of a client that does not keep up; it may follow again from where it stands. */
  leaveBehind(follower: Follower): void {
    if (!follower.isPresent) return;
    this.unfollow(follower.link, follower.operationId);
    follower.link.say('behind', follower);
    this.stats.behind++;
  }

  /** Ends all that a socket follows, and the socket, because its session ended. */
  close(link: Link): void {
    for (const follower of [...link.followers.values()]) this.end(follower, 'UNAUTHENTICATED');
    this.forget(link);
    link.socket.disconnect(true);
  }

  /** A socket that is gone follows nothing. */
  forget(link: Link): void {
    for (const operationId of [...link.followers.keys()]) this.unfollow(link, operationId);
    this.bySocket.delete(link.socket.id);
    this.stats.sockets = this.bySocket.size;
  }
}
