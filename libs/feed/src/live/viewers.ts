import { Injectable } from '@nestjs/common';
import { Accounts, enter, isInside, type Standing, standingIn, viewerClass } from '#identity';
import { type Actor, MusterError, type Tx } from '#platform';

import type { Follower } from './link.js';

/** Followers who are told the same, and how they stand: as a class of viewers, or as one person. */
export interface ViewerGroup {
  readonly standing: Standing;
  readonly followers: Follower[];
}

/** Who of an operation's followers may still look, asked anew before each round. */
@Injectable()
export class Viewers {
  constructor(private readonly accounts: Accounts) {}

  /**
   * Who acts by each follower's session; one whose session has ended is left out. One statement for all, on the snapshot that the events
   * are read from: a right that ends in between would else show nothing to a whole class of viewers, and a new one too much.
   */
  async actors(tx: Tx, followers: readonly Follower[]): Promise<Map<Follower, Actor>> {
    const actors = await this.accounts.actorsOf([...new Set(followers.map(({ link }) => link.sessionId))], tx);
    const found = new Map<Follower, Actor>();
    for (const follower of followers) {
      const actor = actors.get(follower.link.sessionId);
      if (actor) found.set(follower, actor);
    }
    return found;
  }

  /** How each follower stands in the operation, by the rule of `enter`; one who may no longer look is left out. */
  async standings(tx: Tx, operationId: string, actors: ReadonlyMap<Follower, Actor>): Promise<Map<Follower, Standing>> {
    const found = new Map<Follower, Standing>();
    for (const [follower, actor] of actors) {
      const standing = standingIn(actor, operationId);
      const admitted = isInside(standing) ? standing : await enterFrame(tx, actor, operationId);
      if (admitted) found.set(follower, admitted);
    }
    return found;
  }

  /**
   * Sorts followers into groups with one read each: the classes of viewers, and apart from them each person who may see
   * something that the class may not.
   * @param persons the ids of those users
   */
  groups(standings: ReadonlyMap<Follower, Standing>, persons: ReadonlySet<string>): ViewerGroup[] {
    const groups = new Map<string, ViewerGroup>();
    for (const [follower, standing] of standings) {
      const isPerson = persons.has(follower.link.userId);
      const key = isPerson ? `person ${follower.link.userId}` : viewerClass(standing);
      const group = groups.get(key);
      if (group) group.followers.push(follower);
      else groups.set(key, { standing: isPerson ? standing : { ...standing, asPerson: false }, followers: [follower] });
    }
    return [...groups.values()];
  }
}

/** The standing of somebody outside who may know the operation's frame; undefined where it is not theirs to know. */
async function enterFrame(tx: Tx, actor: Actor, operationId: string): Promise<Standing | undefined> {
  try {
    return await enter(tx, actor, operationId, { frame: true });
  } catch (error) {
    if (error instanceof MusterError && (error.code === 'NOT_FOUND' || error.code === 'PHASE')) return undefined;
    throw error;
  }
}
