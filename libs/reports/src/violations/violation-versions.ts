import { Injectable } from '@nestjs/common';
import type { Agency, User } from '#identity';
import { type Actor, Database, query } from '#platform';

import { agencyJson } from '../records/record-words.js';
import type { Violation, ViolationVersion } from './violation.js';
import { viewerOf } from './violations.service.js';

interface VersionRow {
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

  /** Versions in order. Author, reason and changes are told to the owning country alone. */
  of(actor: Actor, { operationId, id, country }: Violation): Promise<ViolationVersion[]> {
    const isOwner = viewerOf(actor, operationId).people.includes(country);
    return this.database.read(actor, async (tx) => {
      const rows = await query<VersionRow>(
        tx,
        `SELECT w.version, w.recorded_at, ${agencyJson('a')} AS agency, jsonb_build_object('id', u.id, 'name', u.name) AS author,
           w.reason, w.changes
         FROM violation_versions w JOIN agencies a ON a.id = w.agency_id JOIN users u ON u.id = w.author_id
         WHERE w.operation_id = $1 AND w.violation_id = $2 ORDER BY w.version`,
        [operationId, id],
      );
      return rows.map(({ version, recorded_at: recordedAt, agency, author, reason, changes }) => ({
        version,
        recordedAt,
        agency,
        author: isOwner ? author : null,
        reason: isOwner ? reason : null,
        changes: isOwner ? changes : null,
      }));
    });
  }
}
