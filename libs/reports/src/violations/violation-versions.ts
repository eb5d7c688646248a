import { Injectable } from '@nestjs/common';
import { type Agency, type User, viewerOf } from '#identity';
import { type Actor, Database, query } from '#platform';

import { agencyJson } from '../records/record-words.js';
import type { Violation, ViolationVersion } from './violation.js';

interface VersionRow {
  readonly violation_id: string;
  readonly version: number;
  readonly recorded_at: Date;
  readonly agency: Agency;
  readonly author: User;
  readonly reason: string | null;
  readonly changes: unknown;
}

/** The history of a violation, worded for the viewer when it is read. */
@Injectable()
export class ViolationVersions {
  constructor(private readonly database: Database) {}

  /** The versions of each violation, in order. Author, reason and changes are told to the owning country alone. */
  of(actor: Actor, violations: readonly Violation[]): Promise<ViolationVersion[][]> {
    return this.database.read(actor, async (tx) => {
      const rows = await query<VersionRow>(
        tx,
        `SELECT w.violation_id, w.version, w.recorded_at, ${agencyJson('a')} AS agency, jsonb_build_object('id', u.id, 'name', u.name) AS author,
           w.reason, w.changes
         FROM violation_versions w JOIN agencies a ON a.id = w.agency_id JOIN users u ON u.id = w.author_id
         WHERE (w.operation_id, w.violation_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) ORDER BY w.version`,
        [violations.map(({ operationId }) => operationId), violations.map(({ id }) => id)],
      );
      return violations.map(({ id, operationId, country }) => {
        const isOwner = viewerOf(actor, operationId).people.includes(country);
        return rows.filter((row) => row.violation_id === id).map((row) => word(row, isOwner));
      });
    });
  }
}

function word(
  { recorded_at: recordedAt, author, reason, changes, version, agency }: VersionRow,
  isOwner: boolean,
): ViolationVersion {
  return {
    version,
    recordedAt,
    agency,
    author: isOwner ? author : null,
    reason: isOwner ? reason : null,
    changes: isOwner ? changes : null,
  };
}
