import { Injectable } from '@nestjs/common';
import { Readings } from '#audit';
import { type Agency, lookInto, type User, viewerOf } from '#identity';
import { type Actor, Database, prepared, type Tx } from '#platform';

import { agencyJson } from '../records/record-words.js';
import type { Violation, ViolationVersion } from './violation.js';

interface VersionRow {
  readonly violation_id: string;
  readonly version: number;
  readonly recorded_at: Date;
  readonly agency: Agency;
  /** Null where retention has anonymised the version. */
  readonly author: User | null;
  readonly reason: string | null;
  readonly changes: unknown;
}

/** The history of a violation, worded for the viewer when it is read. */
@Injectable()
export class ViolationVersions {
  constructor(
    private readonly database: Database,
    private readonly readings: Readings,
  ) {}

  /** The versions of each violation, in order. Author, reason and changes are told to the owning country alone. */
  of(actor: Actor, violations: readonly Violation[]): Promise<ViolationVersion[][]> {
    return this.database.readAnywhere(actor, async (tx) => {
      const rows: VersionRow[] = [];
      for (const [operationId, recordIds] of byOperation(violations)) {
        await lookInto(tx, actor, operationId);
        rows.push(...(await versionsOf(tx, operationId, recordIds)));
        this.readings.note(actor, { operationId, what: 'versions', recordIds });
      }
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

function versionsOf(tx: Tx, operationId: string, violationIds: readonly string[]): Promise<VersionRow[]> {
  return prepared<VersionRow & { [column: string]: unknown }>(
    tx,
    `SELECT w.violation_id, w.version, w.recorded_at, ${agencyJson('a')} AS agency, CASE WHEN u.id IS NOT NULL THEN jsonb_build_object('id', u.id, 'name', u.name) END AS author,
       w.reason, w.changes
     FROM violation_versions w JOIN agencies a ON a.id = w.agency_id LEFT JOIN users u ON u.id = w.author_id
     WHERE w.operation_id = $1 AND w.violation_id = ANY($2::uuid[]) ORDER BY w.version`,
    [operationId, violationIds],
  );
}

function byOperation(violations: readonly Violation[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { id, operationId } of violations) found.set(operationId, [...(found.get(operationId) ?? []), id]);
  return found;
}
