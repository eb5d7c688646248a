import { Injectable } from '@nestjs/common';
import { type Actor, Database, MusterError, notFound, prepared } from '#platform';

import { LogEntrance } from '../log/log-entrance.js';
import type { RecordReader } from './record-reader.js';

/** Tells the country that owns a record who read it. */
@Injectable()
export class RecordReaders {
  constructor(
    private readonly database: Database,
    private readonly entrance: LogEntrance,
  ) {}

  /**
   * Who was told a record so far, last readers first.
   * @throws NOT_FOUND for everyone but the coordinators of the owning country, whether or not there is such a record
   */
  of(actor: Actor, recordId: string): Promise<RecordReader[]> {
    return this.database.readAnywhere(actor, async (tx) => {
      const [record] = await prepared<{ operation_id: string; country: string }>(
        tx,
        `SELECT operation_id, country FROM coordinated_record($1)`,
        [recordId],
      );
      // What is absent, or not the actor's, takes the same steps, in an operation that there is not.
      const viewer = await this.entrance.enter(tx, actor, record?.operation_id ?? recordId).catch(hideWhy);
      if (!record || !viewer.coordinates.includes(record.country)) throw notFound();
      return prepared<RecordReader & { [column: string]: unknown }>(tx, READERS, [
        recordId,
        record.operation_id,
        record.country,
      ]);
    });
  }
}

/** Who is outside of the operation is told nothing else than who asks for what there is not. */
function hideWhy(error: unknown): never {
  throw error instanceof MusterError && error.code === 'FORBIDDEN' ? notFound() : error;
}

const READERS = `
  SELECT told.kind, told.country, told.person, min(told.at) AS "firstAt", max(told.at) AS "lastAt", count(*)::int AS times
  FROM readings_of($1, $2) r
  CROSS JOIN LATERAL (
    SELECT 'OWN_COUNTRY' AS kind, $3::text AS country, r.at, (SELECT jsonb_build_object('id', u.id, 'name', u.name) FROM users u WHERE u.id = reader) AS person
      FROM unnest(r.own_reader_ids) AS reader
    UNION ALL SELECT 'COUNTRY', country, r.at, NULL FROM unnest(r.countries) AS country WHERE $3 <> ALL(r.countries)
    UNION ALL SELECT 'HUB', NULL, r.at, NULL WHERE r.hub
    UNION ALL SELECT 'OBSERVER', NULL, r.at, NULL WHERE r.observer AND r.countries = '{}' AND NOT r.hub
    UNION ALL SELECT 'OUTSIDE', NULL, r.at, NULL WHERE r.countries = '{}' AND NOT r.hub AND NOT r.observer
  ) told
  GROUP BY told.kind, told.country, told.person ORDER BY max(told.at) DESC, told.kind, told.country, told.person ->> 'id'`;
