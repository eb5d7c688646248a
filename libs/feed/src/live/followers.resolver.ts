import { Args, Query, Resolver } from '@nestjs/graphql';
import { type Actor, Allow, CurrentActor, Role, UUIDScalar } from '#platform';

import { FeedFollower } from './feed-follower.js';
import { Followers } from './followers.service.js';

@Resolver()
export class FollowersResolver {
  constructor(private readonly followers: Followers) {}

  @Query(() => [FeedFollower], {
    description: "Who follows an operation's live feed, and how far behind they are, furthest first. For the hub.",
  })
  @Allow(Role.HUB)
  feedFollowers(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
  ): Promise<FeedFollower[]> {
    return this.followers.of(actor, operationId);
  }
}
