import type { Values } from '#platform';

import { isInside, type Standing } from './standing.js';

/**
 * SQL expressions for what the rule asks of a record; by default the columns of that name in the table `alias`. A record that
 * is not yet accepted says so by giving another level.
 */
export interface SharedRecord {
  readonly level: string;
  readonly country: string;
  readonly author: string;
  /** Users named on the record. */
  readonly named: string;
  /** Countries that the record concerns. */
  readonly concerned: string;
  readonly added: string;
  readonly leftOut: string;
}

/** The columns of the rule, as every table of shared records has them. */
export function sharingColumns(alias: string): SharedRecord {
  return {
    level: `${alias}.sharing_level`,
    country: `${alias}.country`,
    author: `${alias}.author_id`,
    named: `${alias}.named_user_ids`,
    concerned: `${alias}.concerned_countries`,
    added: `${alias}.added_countries`,
    leftOut: `${alias}.left_out_countries`,
  };
}

/**
 * Who sees what: the one place that says it. A condition, in SQL, that holds for the records of one operation that the viewer
 * may see, by Muster's sharing levels (labelled after the Traffic Light Protocol 2.0).
 */
export function visible(record: SharedRecord, viewer: Standing, values: Values): string {
  const clear = `${record.level} = 'CLEAR'`;
  if (!isInside(viewer)) return `(${clear})`;

  const own = (countries: readonly string[]): string => `${record.country} = ANY(${values.of(countries, 'text[]')})`;
  const any: string[] = [clear];

  const red = [own(viewer.coordinates)];
  if (viewer.userId !== null) {
    const me = values.of(viewer.userId, 'uuid');
    red.push(`${record.author} = ${me}`, `${me} = ANY(${record.named})`);
  }
  any.push(`(${record.level} = 'RED' AND (${red.join(' OR ')}))`);

  any.push(`(${record.level} <> 'RED' AND (${viewer.hub ? 'TRUE' : own(viewer.people)}))`);

  if (viewer.people.length > 0) {
    const people = values.of(viewer.people, 'text[]');
    any.push(
      `(${record.level} = 'AMBER' AND EXISTS (SELECT FROM unnest(${people}) AS of_country
         WHERE of_country = ANY(${record.concerned} || ${record.added}) AND of_country <> ALL(${record.leftOut})))`,
      `(${record.level} = 'GREEN' AND EXISTS (SELECT FROM unnest(${people}) AS of_country
         WHERE of_country <> ALL(${record.leftOut})))`,
    );
  }
  if (viewer.observer) {
    const from = values.of(viewer.observesFor, 'text[]');
    any.push(`(${record.level} = 'GREEN' AND NOT ${from} && ${record.leftOut})`);
  }
  return `(${any.join('\n OR ')})`;
}
