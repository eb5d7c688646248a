import type { RecordFigures } from '#trends';

import { lastPosition, type RandomOperation, type SharedRecord } from './random-operation.js';

/** Who looks: the hub, a coordinator or another officer of Kenya, an observer. */
export type Viewer = 'hub' | 'coordinator of KE' | 'officer of KE' | 'observer';

/** Whether the viewer may not see the record, as it is shared now. */
export function isHidden(operation: RandomOperation, recordId: string, viewer: Viewer): boolean {
  const shared = operation.records.find(({ id }) => id === recordId);
  return !shared || !maySee(shared, lastConcerned(operation, shared), viewer);
}

/** The last position that the viewer may know of, where each event is seen by those who see its record now. */
export function lastKnown(operation: RandomOperation, viewer: Viewer): number {
  if (viewer === 'hub') return lastPosition(operation.entries); // its figures move with what it may not see, too
  const seen = operation.entries.filter(({ recordId }) => {
    const record = operation.records.find(({ id }) => id === recordId);
    return record && maySee(record, lastConcerned(operation, record), viewer);
  });
  return seen.at(-1)?.position ?? 0;
}

/** The countries that a record concerns now; of a withdrawn one, those of its last content. */
export function lastConcerned(operation: RandomOperation, { id }: SharedRecord): readonly string[] {
  return (
    operation.entries.findLast(({ recordId, figures }) => recordId === id && figures)?.figures?.concernedCountries ?? []
  );
}

/** What each record gives at a position, records that were withdrawn by then left out. */
export function countedAt({ entries, records }: RandomOperation, position: number): RecordFigures[] {
  return records.flatMap(({ id }) => {
    const last = entries.findLast((entry) => entry.recordId === id && entry.position <= position);
    return last?.figures ?? [];
  });
}

function maySee({ country, sharing }: SharedRecord, concerned: readonly string[], viewer: Viewer): boolean {
  if (viewer === 'hub') return sharing !== 'RED';
  if (sharing === 'GREEN' || sharing === 'CLEAR') return true;
  if (viewer === 'observer' || (viewer === 'officer of KE' && sharing === 'RED')) return false;
  return country === 'KE' || (sharing === 'AMBER' && concerned.includes('KE'));
}

/** The operation as it looks to somebody who knows nothing of what is hidden from them. */
export function visiblePart(operation: RandomOperation, viewer: Viewer): RandomOperation {
  const seen = (id: string): boolean => !isHidden(operation, id, viewer);
  return {
    ...operation,
    entries: operation.entries.filter(({ recordId }) => seen(recordId)),
    records: operation.records.filter(({ id }) => seen(id)),
  };
}
