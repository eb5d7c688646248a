import { Args, Int, Query, Resolver } from '@nestjs/graphql';
import { Readings } from '#audit';
import { enter } from '#identity';
import { type Actor, CurrentActor, Database, Faults, SignedIn, UUIDScalar } from '#platform';

import { FeedPage } from './feed-event.js';
import { Feed, recordsIn } from './feed.service.js';

const LARGEST_PAGE = 500;

@Resolver()
export class FeedResolver {
  constructor(
    private readonly database: Database,
    private readonly feed: Feed,
    private readonly readings: Readings,
  ) {}

  @Query(() => FeedPage, {
    nullable: true,
    description: 'What happened in an operation after a cursor, as far as the viewer may see it.',
  })
  @SignedIn()
  operationFeed(
    @CurrentActor() actor: Actor,
    @Args('operationId', { type: () => UUIDScalar }) operationId: string,
    @Args('after', {
      type: () => String,
      nullable: true,
      description: "The cursor of the last event that the client has; absent: from the feed's beginning.",
    })
    after: string | null | undefined,
    @Args('first', {
      type: () => Int,
      defaultValue: 200,
      description: `Events in the page at most: 1 to ${LARGEST_PAGE}.`,
    })
    first: number,
  ): Promise<FeedPage> {
    return this.database.readAnywhere(actor, async (tx) => {
      const standing = await enter(tx, actor, operationId, { frame: true });
      const faults = new Faults();
      const from = after ?? this.feed.cursorAt(operationId, 0);
      const position = this.feed.judgePosition(faults, operationId, from, 'after');
      if (first < 1 || first > LARGEST_PAGE) faults.add('first', 'range', `Ask for 1 to ${LARGEST_PAGE} events.`);
      faults.throwIfAny();
      const { events, hasMore } = await this.feed.page(tx, standing, operationId, position, first);
      this.readings.note(actor, { operationId, what: 'feed', recordIds: recordsIn(events) });
      return { events, cursor: events.at(-1)?.cursor ?? from, hasMore };
    });
  }
}
