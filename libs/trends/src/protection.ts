import { sharingColumns, visible } from '#identity';
import type { Values } from '#platform';

import type { TrendCell } from './trend-result.js';
import type { Viewpoint } from './viewpoints.js';

/** How a query over the ledger finds out which of its records are hidden from the viewer. */
export interface HiddenRecords {
  /** Joins `figures` as `f` with what is hidden; empty where nothing can be. */
  readonly join: string;
  /** Holds, for a row of the ledger, where its record is hidden. */
  readonly isHidden: string;
}

/**
 * The protection of figures, in this one file. The hub's figures are exact. From anyone else every figure that counts a record
 * which the viewer may not see now is hidden as a whole. An established method of disclosure control replaces this: what hides
 * whole cells still tells by subtraction, once a total and all cells but one are shown.
 */
export function hiddenRecords(viewpoints: readonly Viewpoint[], values: Values): HiddenRecords {
  const hiding = viewpoints
    .filter(({ standing }) => !standing.hub)
    .map(({ operationId, standing }) => {
      const seen = visible(sharingColumns('v'), standing, values);
      return `(v.operation_id = ${values.of(operationId, 'uuid')} AND ${seen} IS NOT TRUE)`;
    });
  if (hiding.length === 0) return { join: '', isHidden: 'FALSE' };
  return {
    join: `LEFT JOIN (SELECT v.operation_id, v.id FROM violations v WHERE ${hiding.join(' OR ')}) h
      ON h.operation_id = f.operation_id AND h.id = f.record_id`,
    isHidden: 'h.id IS NOT NULL',
  };
}

/** A figure as the viewer may have it. @param hidden how many of the records that it counts are hidden from the viewer */
export function protectedFigure(value: string, hidden: number): Pick<TrendCell, 'value' | 'suppressed' | 'perturbed'> {
  return hidden === 0
    ? { value, suppressed: false, perturbed: false }
    : { value: null, suppressed: true, perturbed: false };
}
