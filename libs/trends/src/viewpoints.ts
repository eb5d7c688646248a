import { Injectable } from '@nestjs/common';
import { Feed } from '#feed';
import type { Standing } from '#identity';
import { prepared, type Tx } from '#platform';

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
   * Now, as far as the viewer may know: the last event that the viewer may see, so that the cursor tells of nothing hidden. For the
   * hub, whose figures count records that it may not see, also the last event that moved a figure.
   */
  async now(tx: Tx, operationId: string, standing: Standing): Promise<Viewpoint> {
    const seen = await this.feed.lastVisible(tx, standing, operationId);
    const position = standing.hub ? Math.max(seen, await lastMoved(tx, operationId)) : seen;
    return { operationId, standing, position, cursor: this.feed.cursorAt(operationId, position) };
  }

  /** @throws BAD_USER_INPUT with `path` where the cursor is none of this operation's feed */
  at(operationId: string, standing: Standing, cursor: string, path: string): Viewpoint {
    return { operationId, standing, position: this.feed.positionOf(operationId, cursor, path), cursor };
  }
}

async function lastMoved(tx: Tx, operationId: string): Promise<number> {
  const [row] = await prepared<{ position: string | null }>(
    tx,
    `SELECT max(position) AS position FROM figures WHERE operation_id = $1`,
    [operationId],
  );
  return Number(row?.position ?? 0);
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
