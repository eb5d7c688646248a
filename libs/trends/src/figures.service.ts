import { Injectable } from '@nestjs/common';
import { insertRows, type Tx } from '#platform';

import { movesFigures, rowsOfChange } from './figure-rows.js';
import type { FiguresChange } from './record-figures.js';

/** Writes the ledger of figures, in the transaction of the record's own change. */
@Injectable()
export class Figures {
  /**
   * Writes, for each change, minus what the record gave before and plus what it gives now, at the change's feed position. A change
   * that moves no figure writes nothing. One statement per table, however long the list.
   */
  async write(tx: Tx, operationId: string, changes: readonly FiguresChange[]): Promise<void> {
    const rows = changes.map((change) => rowsOfChange(operationId, change));
    await insertRows(
      tx,
      'figures',
      rows.flatMap(({ figures }) => figures),
    );
    await insertRows(
      tx,
      'figure_lines',
      rows.flatMap(({ lines }) => lines),
    );
  }

  /** Whether the change moves any figure, so that a certification of its country must be reopened. */
  moves(change: Pick<FiguresChange, 'before' | 'after'>): boolean {
    return movesFigures(change);
  }
}
