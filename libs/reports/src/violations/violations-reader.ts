import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type FeedReader, FeedReaders } from '#feed';
import { isInside, type SharedRecord, type Standing, visible } from '#identity';
import { prepared, type Tx, type Values } from '#platform';

import { ViolationReading } from './violation-reading.js';

const PRESENT = ['violation.logged', 'violation.corrected', 'violation.sharing-changed', 'violation.withdrawn'];
const GONE = ['violation.gone'];

/** Words events about violations for those who may see the violation now, or who could and no longer can. */
@Injectable()
export class ViolationsReader implements OnModuleInit {
  constructor(
    private readonly readers: FeedReaders,
    private readonly reading: ViolationReading,
  ) {}

  onModuleInit(): void {
    this.readers.register(this.ofPresent());
    this.readers.register(this.ofGone());
  }

  // A record that is RED now, or was before or after the event, is seen by its author and by those named on it; that one is gone is told
  // to the observers who were there.
  private personal(kinds: readonly string[]) {
    return async (tx: Tx, operationId: string, from: number, upTo: number): Promise<string[]> => {
      const rows = await prepared<{ id: string }>(
        tx,
        `SELECT DISTINCT unnest(v.named_user_ids || ARRAY(SELECT jsonb_array_elements_text(e.shared_before -> 'named_user_ids')::uuid)
           || ARRAY(SELECT jsonb_array_elements_text(e.shared_before -> 'after' -> 'named_user_ids')::uuid)
           || ARRAY(SELECT jsonb_array_elements_text(e.shared_before -> 'observers')::uuid) || v.author_id) AS id
         FROM feed_events e JOIN violations v ON v.operation_id = e.operation_id AND v.id = e.subject_id
         WHERE e.operation_id = $1 AND e.position > $2 AND e.position <= $3 AND e.kind = ANY($4::text[])
           AND (e.kind = 'violation.gone' OR 'RED' IN (v.sharing_level, e.shared_before ->> 'sharing_level', e.shared_before -> 'after' ->> 'sharing_level'))`,
        [operationId, from, upTo, kinds],
      );
      return rows.map(({ id }) => id);
    };
  }

  private ofPresent(): FeedReader {
    return {
      kinds: PRESENT,
      visible: (event, viewer, values) => (isInside(viewer) ? this.isSeen(event, viewer, values) : 'FALSE'),
      read: (tx: Tx, viewer: Standing, operationId: string, ids: readonly string[]) =>
        this.reading.byIds(tx, viewer, operationId, ids),
      wording: wordingForOwner,
      personal: this.personal(PRESENT),
    };
  }

  private ofGone(): FeedReader {
    return {
      kinds: GONE,
      visible: (event, viewer, values) =>
        isInside(viewer)
          ? `(${wasThere(event, viewer, values)} AND ${visible(kept(event, `${event}.shared_before`), viewer, values)}
              AND NOT ${visible(kept(event, `(${event}.shared_before -> 'after')`), viewer, values)}
              AND NOT ${this.isSeen(event, viewer, values)})`
          : 'FALSE',
      read: () => Promise.resolve(new Map()),
      wording: () => '',
      personal: this.personal(GONE),
    };
  }

  private isSeen(event: string, viewer: Standing, values: Values): string {
    return `EXISTS (SELECT FROM violations v WHERE v.operation_id = ${event}.operation_id AND v.id = ${event}.subject_id
      AND ${this.reading.visible(viewer, values)})`;
  }
}

/** Only the owning country is told more of a record than others who see it. */
export function wordingForOwner(viewer: Standing, { country }: { readonly country: string | null }): string {
  return country !== null && viewer.people.includes(country) ? 'owner' : 'other';
}

// Who came later never saw what was gone by then: a country that accepted, an observer who got the role.
function wasThere(event: string, viewer: Standing, values: Values): string {
  const among = (field: string): string =>
    `ARRAY(SELECT jsonb_array_elements_text(${event}.shared_before -> '${field}'))`;
  const ways = [viewer.hub ? 'TRUE' : 'FALSE', `${among('accepted')} && ${values.of(viewer.people, 'text[]')}`];
  if (viewer.observer && viewer.userId !== null)
    ways.push(`${values.of(viewer.userId, 'text')} = ANY(${among('observers')})`);
  return `(${ways.join(' OR ')})`;
}

/** The sharing of a record before or after the change that an event tells of, as the event keeps it. */
function kept(event: string, shared: string): SharedRecord {
  const list = (field: string, type: string): string =>
    `ARRAY(SELECT jsonb_array_elements_text(${shared} -> '${field}'))::${type}[]`;
  return {
    level: `(${shared} ->> 'sharing_level')`,
    country: `(${event}.shared_before ->> 'owner')`,
    author: `(SELECT v.author_id FROM violations v WHERE v.operation_id = ${event}.operation_id AND v.id = ${event}.subject_id)`,
    named: list('named_user_ids', 'uuid'),
    concerned: list('concerned_countries', 'text'),
    added: list('added_countries', 'text'),
    leftOut: list('left_out_countries', 'text'),
  };
}
