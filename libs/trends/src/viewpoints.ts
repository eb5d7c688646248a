import { Injectable } from '@nestjs/common';
import { Feed } from '#feed';
import type { Standing } from '#identity';
import type { Tx } from '#platform';

/** From where figures of an operation are looked at: by whom, and up to which feed position. */
export interface Viewpoint {
  readonly operationId: string;
  readonly standing: Standing;
  /** The last feed position whose figures are counted. */
  readonly position: number;
  readonly cursor: string;
}

/** Finds the point that figures hold for where the asker names none. */
@Injectable()
export class Viewpoints {
  constructor(private readonly feed: Feed) {}

  /**
   * Now, as far as the viewer may know: the log's head for the hub, and for anyone else the last event that the viewer may see, so
   * that the cursor tells of nothing hidden.
   */
  async now(tx: Tx, operationId: string, standing: Standing): Promise<Viewpoint> {
    const position = standing.hub
      ? await this.feed.head(tx, operationId)
      : await this.feed.lastVisible(tx, standing, operationId);
    return { operationId, standing, position, cursor: this.feed.cursorAt(operationId, position) };
  }

  /** @throws BAD_USER_INPUT with `path` where the cursor is none of this operation's feed */
  at(operationId: string, standing: Standing, cursor: string, path: string): Viewpoint {
    return { operationId, standing, position: this.feed.positionOf(operationId, cursor, path), cursor };
  }
}

/** A condition, in SQL, for the rows of the ledger that the viewpoints take in. */
export function upTo(
  viewpoints: readonly Viewpoint[],
  alias: string,
  values: { of(value: unknown, type?: string): string },
): string {
  const slices = viewpoints.map(
    ({ operationId, position }) =>
      `${alias}.operation_id = ${values.of(operationId, 'uuid')} AND ${alias}.position <= ${values.of(position, 'bigint')}`,
  );
  return `(${slices.join(' OR ')})`;
}
