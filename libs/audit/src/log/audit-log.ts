import { Injectable } from '@nestjs/common';
import { type Actor, Cursors, Database, Faults, forbidden, hasRole, query, Role, type Tx, Values } from '#platform';

import { PLATFORM_CHAIN } from '../chain/entry-form.js';
import type { AuditConnection, LoggedEntry } from './logged-entry.js';
import { LogEntrance } from './log-entrance.js';

/** Entries in one page at most. */
export const LARGEST_LOG_PAGE = 200;

/** What a page of the log is asked for. */
export interface LogRequest {
  /** Null for the log of the platform. */
  readonly operationId: string | null;
  readonly subjectId: string | null;
  readonly first: number;
  readonly after: string | null;
}

interface LoggedRow {
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly actor: { readonly id: string; readonly name: string } | null;
  readonly part: string | null;
  readonly country: string | null;
  readonly subject_id: string | null;
  readonly version: number | null;
  readonly details: unknown;
  readonly sealed: boolean;
}

/** The parts of a page's statement that depend on who asks. */
interface Rule {
  readonly condition: string;
  /** SQL that holds where the viewer is told who did it, and what exactly. */
  readonly namesActor: string;
  readonly tellsDetails: string;
}

/** Entries of an operation that belong to no record: the only ones that the hub reads without being asked which record it may see. */
const OF_THE_OPERATION = `a.action ~ '^(operation|participation|grant)[.]'`;

/** Not so with exports and imports: their ids are made by clients, who may take that of a record, and say nothing of it. */
const HAS_OWN_SUBJECT = `a.action !~ '^(export|import)[.]'`;

/**
 * What the hub reads: of the operation, and of records that it may see, as the policies leave out the entries of others. A court case is
 * the owner's own matter.
 */
const OF_HUB = `CASE WHEN r.id IS NULL THEN ${OF_THE_OPERATION} ELSE a.action !~ '^retention[.]' END`;

/** Reads the log for those who may: what they see of it depends on how records are shared now, not then. */
@Injectable()
export class AuditLog {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    private readonly entrance: LogEntrance,
  ) {}

  /**
   * A page, newest first.
   * @throws FORBIDDEN for others than the hub and coordinators (of an operation) and administrators (of the platform)
   */
  page(actor: Actor, request: LogRequest): Promise<AuditConnection> {
    const { operationId, subjectId, first, after } = request;
    return this.database.readAnywhere(actor, async (tx) => {
      const values = new Values();
      const rule = operationId === null ? ofPlatform(actor) : await this.ofOperation(tx, actor, operationId, values);
      const list = `audit:${operationId ?? 'platform'}`;
      const before = this.readRequest(list, first, after);
      const rows = await query<LoggedRow>(
        tx,
        `SELECT a.id, a.at, a.action, a.part, a.subject_id, a.version, ${COUNTRY} AS country, s.entry_id IS NOT NULL AS sealed,
           CASE WHEN ${rule.namesActor} THEN (SELECT jsonb_build_object('id', u.id, 'name', u.name) FROM users u WHERE u.id = a.actor_id) END AS actor,
           CASE WHEN ${rule.tellsDetails} THEN a.details END AS details
         FROM audit_entries a
         LEFT JOIN audit_seals s ON s.chain = ${values.of(operationId ?? PLATFORM_CHAIN)} AND s.entry_id = a.id
         LEFT JOIN record_ids r ON r.id = a.subject_id AND r.operation_id = a.operation_id AND ${HAS_OWN_SUBJECT}
         LEFT JOIN participations p ON p.id = a.subject_id AND p.operation_id = a.operation_id AND ${HAS_OWN_SUBJECT}
         LEFT JOIN grants g ON g.id = a.subject_id AND g.operation_id = a.operation_id AND ${HAS_OWN_SUBJECT}
         WHERE a.operation_id ${operationId === null ? 'IS NULL' : `= ${values.of(operationId)}`}
           ${subjectId === null ? '' : `AND a.subject_id = ${values.of(subjectId)}`}
           ${before === undefined ? '' : `AND a.id < ${values.of(before)}`}
           AND (${rule.condition})
         ORDER BY a.id DESC LIMIT ${values.of(first + 1)}`,
        values.list,
      );
      const edges = rows.slice(0, first).map((row) => {
        const cursor = this.cursors.encode(list, Number(row.id));
        return { cursor, node: wordEntry(row, cursor) };
      });
      return {
        edges,
        pageInfo: {
          hasNextPage: rows.length > first,
          hasPreviousPage: before !== undefined,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        },
      };
    });
  }

  private async ofOperation(tx: Tx, actor: Actor, operationId: string, values: Values): Promise<Rule> {
    const viewer = await this.entrance.enter(tx, actor, operationId);
    if (!viewer.hub && viewer.coordinates.length === 0) throw forbidden();
    const countries = values.of(viewer.coordinates, 'text[]');
    const own = `COALESCE(${COUNTRY} = ANY(${countries}), FALSE)`;
    const byOwn = `(EXISTS (SELECT FROM users u JOIN agencies y ON y.id = u.agency_id WHERE u.id = a.actor_id AND y.country = ANY(${countries}))
      OR EXISTS (SELECT FROM grants h WHERE h.user_id = a.actor_id AND h.operation_id = a.operation_id AND h.role <> 'OBSERVER'
        AND h.country = ANY(${countries})))`;
    return {
      condition: [`${own}`, `(r.id IS NULL AND ${byOwn})`, ...(viewer.hub ? [OF_HUB] : [])].join(' OR '),
      namesActor: viewer.hub ? `(${byOwn} OR ${BY_HUB})` : byOwn,
      tellsDetails: viewer.hub ? `(${own} OR (${OF_THE_OPERATION} AND ${COUNTRY} IS NULL))` : own,
    };
  }

  private readRequest(list: string, first: number, after: string | null): number | undefined {
    const faults = new Faults();
    if (first < 1 || first > LARGEST_LOG_PAGE)
      faults.add('first', 'range', `Ask for 1 to ${LARGEST_LOG_PAGE} at once.`);
    const position = after === null ? undefined : this.cursors.decode(list, after);
    if (after !== null && position === undefined)
      faults.add('after', 'cursor', 'Give a cursor of this list, as it was received.');
    faults.throwIfAny();
    return position;
  }
}

/** The country that the subject of an entry belongs to: the record's, the participation's, or that of who holds the grant. */
const COUNTRY = 'COALESCE(r.country, p.country, g.country)';

const BY_HUB = `EXISTS (SELECT FROM grants h WHERE h.user_id = a.actor_id AND h.role IN ('HUB', 'ANALYST') AND h.country IS NULL
  AND (h.operation_id IS NULL OR h.operation_id = a.operation_id))`;

function ofPlatform(actor: Actor): Rule {
  if (!hasRole(actor, Role.ADMINISTRATOR)) throw forbidden();
  return { condition: 'TRUE', namesActor: 'TRUE', tellsDetails: 'TRUE' };
}

function wordEntry(row: LoggedRow, id: string): LoggedEntry {
  return {
    id,
    at: row.at,
    action: row.action,
    actor: row.actor,
    part: row.part,
    country: row.country,
    subjectId: row.subject_id,
    version: row.version,
    details: row.details,
    sealed: row.sealed,
  };
}
