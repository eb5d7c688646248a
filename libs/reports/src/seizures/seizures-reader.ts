import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type FeedReader, FeedReaders } from '#feed';
import { isInside, type Standing } from '#identity';
import { prepared, type Tx, type Values } from '#platform';

import { ViolationReading } from '../violations/violation-reading.js';
import { wordingForOwner } from '../violations/violations-reader.js';
import { SEIZURES, SeizureReading } from './seizure-reading.js';

const SETTLED = ['seizure.accepted', 'seizure.needs-review', 'seizure.rejected'];
const SAME_UNIT = ['seizure.same-unit'];

/** Words events about seizure reports for those who may see the report now. */
@Injectable()
export class SeizuresReader implements OnModuleInit {
  constructor(
    private readonly readers: FeedReaders,
    private readonly seizures: SeizureReading,
    private readonly violations: ViolationReading,
  ) {}

  onModuleInit(): void {
    this.readers.register(this.ofSettled());
    this.readers.register(this.ofSameUnit());
  }

  private ofSettled(): FeedReader {
    return {
      kinds: SETTLED,
      visible: (event, viewer, values) => (isInside(viewer) ? this.isSeen(event, viewer, values) : 'FALSE'),
      read: (tx: Tx, viewer: Standing, operationId: string, ids: readonly string[]) =>
        this.seizures.byIds(tx, viewer, operationId, ids),
      // The hub and the owning country are told why a report was sent to review, which may be a record hidden from others.
      wording: (viewer, event) =>
        viewer.hub ? `hub ${wordingForOwner(viewer, event)}` : wordingForOwner(viewer, event),
      personal: personal(SETTLED),
    };
  }

  // Its subject is a record that was hidden from the country of a new report of the same unit: a report, or a logged violation. It
  // goes to the subject's own country, and to the hub where it may see the subject.
  private ofSameUnit(): FeedReader {
    return {
      kinds: SAME_UNIT,
      visible: (event, viewer, values) => {
        if (!viewer.hub && viewer.people.length === 0) return 'FALSE';
        const isFor = viewer.hub ? 'TRUE' : `${event}.country = ANY(${values.of(viewer.people, 'text[]')})`;
        const logged = `EXISTS (SELECT FROM violations v WHERE v.operation_id = ${event}.operation_id AND v.id = ${event}.subject_id
          AND ${this.violations.visible(viewer, values)})`;
        return `(${isFor} AND (${this.isSeen(event, viewer, values)} OR ${logged}))`;
      },
      read: async (tx: Tx, viewer: Standing, operationId: string, ids: readonly string[]) => {
        const logged = await this.violations.byIds(tx, viewer, operationId, ids);
        const reported = await this.seizures.byIds(tx, viewer, operationId, ids);
        return new Map<string, unknown>([...logged, ...reported]);
      },
      wording: wordingForOwner,
      personal: personal(SAME_UNIT),
    };
  }

  private isSeen(event: string, viewer: Standing, values: Values): string {
    return `EXISTS (SELECT FROM ${SEIZURES} WHERE s.operation_id = ${event}.operation_id AND s.id = ${event}.subject_id
      AND ${this.seizures.visible(viewer, values)})`;
  }
}

// A RED report, waiting or accepted, is seen by its author and by those named on it.
function personal(kinds: readonly string[]) {
  return async (tx: Tx, operationId: string, from: number, upTo: number): Promise<string[]> => {
    const rows = await prepared<{ id: string }>(
      tx,
      `SELECT DISTINCT unnest(COALESCE(v.named_user_ids, s.named_user_ids) || COALESCE(v.author_id, s.author_id)) AS id
       FROM feed_events e
       LEFT JOIN seizures s ON s.operation_id = e.operation_id AND s.id = e.subject_id
       LEFT JOIN violations v ON v.operation_id = e.operation_id AND v.id = e.subject_id
       WHERE e.operation_id = $1 AND e.position > $2 AND e.position <= $3 AND e.kind = ANY($4::text[])
         AND COALESCE(v.sharing_level, s.sharing_level) = 'RED'`,
      [operationId, from, upTo, kinds],
    );
    return rows.map(({ id }) => id);
  };
}
