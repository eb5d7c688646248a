/**
 * Who sees what: the one place that says it. The rule is SQL text, laid over every table of records as a row-level security policy
 * and used by the functions that look at records for somebody; nothing of the programs repeats it.
 */

/** SQL expressions for what the rule asks of a record. */
export interface SharedRecord {
  readonly level: string;
  /** The owning country. */
  readonly country: string;
  readonly author: string;
  /** Users named on the record. */
  readonly named: string;
  /** Countries that are told of it under AMBER: those that it concerns and those added by name, without those left out. */
  readonly told: string;
  readonly leftOut: string;
}

/** SQL expressions for how a viewer stands in the record's operation. */
export interface Viewer {
  /** The person, for what only one person may see; null where a class of viewers is meant. */
  readonly person: string;
  /** Of the coordination hub or its analysts. */
  readonly hub: string;
  /** Accepted countries whose people the viewer belongs to, and those of them that the viewer coordinates. */
  readonly people: string;
  readonly coordinates: string;
  /** The countries that a partner observer observes for; null for who is none. */
  readonly observesFor: string;
}

/** With what is asked besides of who looks at an operation, and not at one record. */
export interface Looker extends Viewer {
  /** Takes part in the operation, and may ask for its records at all. */
  readonly inside: string;
  /** May know the operation's frame. */
  readonly frame: string;
}

/** SQL of the countries told of a record, from those that it concerns, those added by name and those left out. */
export function toldCountries(concerned: string, added: string, leftOut: string): string {
  return `ARRAY(SELECT unnest(${concerned} || ${added}) EXCEPT SELECT unnest(${leftOut}))`;
}

/** The columns of the rule in `violations`, which keeps the countries told in a column of its own: it is asked of each row of a list. */
export function violationColumns(alias: string): SharedRecord {
  return { ...sharedColumns(alias), level: `${alias}.sharing_level` };
}

/** The columns of the rule in `shared_records`. */
export function sharedColumns(alias: string): SharedRecord {
  return {
    level: `${alias}.level`,
    country: `${alias}.country`,
    author: `${alias}.author_id`,
    named: `${alias}.named_user_ids`,
    told: `${alias}.told_countries`,
    leftOut: `${alias}.left_out_countries`,
  };
}

/** SQL of the level at which a report is seen that is not accepted: by its own country and the hub, whatever it asks for, and RED as RED. */
export function waitingLevel(level: string): string {
  return `CASE WHEN ${level} = 'RED' THEN 'RED' ELSE 'AMBER_STRICT' END`;
}

/**
 * Whoever has entered the operation in this transaction, by `enter_operation`. Each is asked once per statement, not per row:
 * `(SELECT …)` makes it a value that the planner computes beforehand.
 */
export const ENTERED: Looker = {
  person: '(SELECT viewer_person())',
  hub: '(SELECT viewer_is_hub())',
  people: '(SELECT viewer_people())::text[]',
  coordinates: '(SELECT viewer_coordinates())::text[]',
  observesFor: '(SELECT viewer_observes_for())::text[]',
  inside: '(SELECT viewer_is_inside())',
  frame: '(SELECT viewer_knows_frame())',
};

/** The operation that was entered. */
export const ENTERED_OPERATION = '(SELECT viewer_operation())';

/**
 * Holds for the records of the viewer's operation that the viewer may see, by Muster's sharing levels (labelled after the Traffic
 * Light Protocol 2.0). What is CLEAR is seen by everybody and not asked here. A person of two countries sees what either may see,
 * so a country that is left out does not hide from the other what that one is shown.
 */
export function visible(record: SharedRecord, viewer: Viewer = ENTERED): string {
  const { level, country, author, named, told, leftOut } = record;
  const { person, hub, people, coordinates, observesFor } = viewer;
  return `CASE WHEN ${level} = 'RED' THEN ${country} = ANY (${coordinates}) OR ${person} = ANY (array_append(${named}, ${author}))
      ELSE ${hub} OR ${country} = ANY (${people})
        OR CASE ${level}
          WHEN 'AMBER' THEN ${people} && ${told}
          WHEN 'GREEN' THEN NOT ${people} <@ ${leftOut} OR NOT ${observesFor} && ${leftOut}
          ELSE FALSE END
      END`;
}
