import { Injectable } from '@nestjs/common';
import { Feed } from '#feed';
import type { Standing } from '#identity';
import { prepared, type Tx } from '#platform';

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
   * hub, whose figures count records that it may not see, also the last event that moved a figure. Whoever looks has entered the
   * operation.
   * @param asOf a position to stand at instead of now
   */
  async from(tx: Tx, operationId: string, standing: Standing, asOf?: number): Promise<Viewpoint> {
    const seen = await this.feed.lastVisible(tx, standing, operationId);
    const now = standing.hub ? Math.max(seen, await lastMoved(tx, operationId)) : seen;
    const position = asOf ?? now;
    return { operationId, position, known: Math.max(now, position), cursor: this.feed.cursorAt(operationId, position) };
  }

  /** @throws BAD_USER_INPUT with `path` where the cursor is none of this operation's feed */
  positionOf(operationId: string, cursor: string, path: string): number {
    return this.feed.positionOf(operationId, cursor, path);
  }
}

async function lastMoved(tx: Tx, operationId: string): Promise<number> {
  const [row] = await prepared<{ position: string }>(tx, `SELECT last_figure($1) AS position`, [operationId]);
  return Number(row?.position ?? 0);
}
