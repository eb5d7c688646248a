import { Injectable } from '@nestjs/common';
import { Feed } from '#feed';
import type { Standing } from '#identity';
import { acrossOperations, type Tx } from '#platform';

/** From where figures of an operation are looked at: up to which feed position. */
export interface Viewpoint {
  readonly operationId: string;
  /** The last feed position whose figures are counted. */
  readonly position: number;
  /** The last that the viewer may know of: that one, or the last event that the viewer may see. */
  readonly known: number;
  readonly cursor: string;
}

/** Finds the point that figures hold for. */
@Injectable()
export class Viewpoints {
  constructor(private readonly feed: Feed) {}

  /**
   * Now, as far as the viewer may know: the last event that the viewer may see, so that the cursor tells of nothing hidden. For the
   * hub, whose figures count records that it may not see, also the last event that moved a figure. In the order of the standings.
   * @param standings how the actor of the transaction stands in each operation
   * @param given positions to stand at instead of now, by operation
   */
  async from(
    tx: Tx,
    standings: ReadonlyMap<string, Standing>,
    given: ReadonlyMap<string, number> = new Map(),
  ): Promise<Viewpoint[]> {
    const seen = await this.feed.lastVisibleOf(tx, [...standings.keys()]);
    const moved = await lastMoved(
      tx,
      [...standings].flatMap(([operationId, { hub }]) => (hub ? [operationId] : [])),
    );
    return [...standings.keys()].map((operationId) => {
      const now = Math.max(seen.get(operationId) ?? 0, moved.get(operationId) ?? 0);
      const position = given.get(operationId) ?? now;
      return {
        operationId,
        position,
        known: Math.max(now, position),
        cursor: this.feed.cursorAt(operationId, position),
      };
    });
  }

  /** @throws BAD_USER_INPUT with `path` where the cursor is none of this operation's feed */
  positionOf(operationId: string, cursor: string, path: string): number {
    return this.feed.positionOf(operationId, cursor, path);
  }
}

async function lastMoved(tx: Tx, operationIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (operationIds.length === 0) return new Map();
  const rows = await acrossOperations<{ operation: string; last: string }>(
    tx,
    `SELECT operation, last FROM last_figures($1)`,
    [operationIds],
  );
  return new Map(rows.map(({ operation, last }) => [operation, Number(last)]));
}
