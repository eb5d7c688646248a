import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Feed, type NewEvent } from '#feed';
import { Participations } from '#operations';
import { type Actor, insertRows, prepared, query, type Tx } from '#platform';
import { Figures } from '#trends';

import {
  cargoRows,
  changesOf,
  figuresOf,
  isSharedOtherwise,
  lineRows,
  sharedAs,
  type ViolationState,
  violationRow,
} from './violation-state.js';

/** One new version of a violation: the first where there is none before. */
export interface NewVersion {
  readonly before: ViolationState | null;
  readonly after: ViolationState;
  readonly version: number;
  readonly authorId: string;
  readonly reason: string | null;
  /** Recognises the same command when it is sent again. */
  readonly commandHash: string | null;
  /** ISO 8601. */
  readonly at: string;
  /** What is told of it in the feed and in the audit log, such as `violation.corrected`. */
  readonly kind: string;
}

/** A violation as it stands, locked for a change. */
export interface PresentViolation {
  readonly version: number;
  readonly state: ViolationState;
}

/** Writes versions of violations with all that hangs on them: lines, figures, certification, feed and audit. */
@Injectable()
export class ViolationStore {
  constructor(
    private readonly participations: Participations,
    private readonly figures: Figures,
    private readonly feed: Feed,
    private readonly audit: Audit,
  ) {}

  /**
   * Stores new versions of violations of one operation with their figures, feed events and audit entries: all of them or none.
   * @param others further events of the same change, told after those of the versions
   */
  async write(
    tx: Tx,
    actor: Actor,
    operationId: string,
    versions: readonly NewVersion[],
    others: readonly NewEvent[] = [],
  ): Promise<void> {
    await this.writeRecords(tx, versions);
    const changes = versions.map(({ before, after }) => (before ? changesOf(before, after) : null));
    await this.audit.append(
      tx,
      actor,
      ...versions.map(({ kind, after, version }, index) => ({
        operationId,
        action: kind,
        subjectId: after.identity.id,
        version,
        // Reason and values stand in the record's history, which ends one day by its retention; this entry stays for ever.
        details: changes[index] ? { fields: Object.keys(changes[index]) } : {},
      })),
    );
    const moves = versions.map(({ before, after }) => ({
      before: before && figuresOf(before),
      after: figuresOf(after),
    }));
    const moved = versions.filter((_, index) => moves[index] && this.figures.moves(moves[index]));
    const countries = [...new Set(moved.map(({ after }) => after.identity.country))];
    const reopened = await this.participations.reopen(tx, operationId, countries);

    const gone = versions.some(isNarrowed) ? versions.flatMap(goneOf(await this.present(tx, operationId))) : [];
    const events = [...versions.map(eventOf), ...gone, ...others, ...reopened.map(reopenedEvent)];
    if (events.length === 0) return;
    // From here on the operation's counter is held: only what needs a position comes after it.
    const first = await this.feed.take(tx, operationId, events.length);
    await insertRows(
      tx,
      'violation_versions',
      versions.map((version, index) => versionRow(version, changes[index] ?? null, first + index)),
    );
    await this.figures.write(
      tx,
      operationId,
      moves.map((move, index) => ({ position: first + index, ...move })),
    );
    await this.feed.append(tx, operationId, first, events);
  }

  /** The present version of a violation, locked until the transaction ends. */
  async lock(tx: Tx, operationId: string, id: string): Promise<PresentViolation | undefined> {
    const [locked] = await query<{ version: number }>(
      tx,
      `SELECT version FROM violations WHERE operation_id = $1 AND id = $2 FOR UPDATE`,
      [operationId, id],
    );
    if (!locked) return undefined;
    // Not one statement with the lock: it would look for the version on the snapshot from before it waited.
    const [row] = await query<{ content: ViolationState }>(
      tx,
      `SELECT content FROM violation_versions WHERE operation_id = $1 AND violation_id = $2 AND version = $3`,
      [operationId, id, locked.version],
    );
    return row && { version: locked.version, state: row.content };
  }

  /** Whether the version after one came of this very command. */
  async isRepeat(
    tx: Tx,
    operationId: string,
    id: string,
    expectedVersion: number,
    commandHash: string,
  ): Promise<boolean> {
    const rows = await query(
      tx,
      `SELECT FROM violation_versions WHERE operation_id = $1 AND violation_id = $2 AND version - 1 = $3 AND command_hash = $4::bytea`,
      [operationId, id, expectedVersion, commandHash],
    );
    return rows.length > 0;
  }

  /** Who takes part at this moment: countries, and observers, who come and go one by one. */
  private async present(tx: Tx, operationId: string): Promise<Record<string, unknown>> {
    const [row] = await prepared<{ accepted: string[]; observers: string[] }>(
      tx,
      `SELECT ARRAY(SELECT country FROM participations WHERE operation_id = $1 AND status = 'ACCEPTED') AS accepted,
         ARRAY(SELECT user_id FROM grants WHERE operation_id = $1 AND role = 'OBSERVER' AND ended_at IS NULL) AS observers`,
      [operationId],
    );
    return { accepted: row?.accepted ?? [], observers: row?.observers ?? [] };
  }

  private async writeRecords(tx: Tx, versions: readonly NewVersion[]): Promise<void> {
    const fresh = versions.filter(({ before }) => before === null);
    await insertRows(
      tx,
      'violations',
      fresh.map(({ after, version }) => violationRow(after, version)),
    );
    await insertRows(
      tx,
      'violation_lines',
      fresh.flatMap(({ after }) => lineRows(after)),
    );
    // The unit of a seizure was written when its report was settled.
    await insertRows(
      tx,
      'cargo_units',
      fresh.flatMap(({ after }) => cargoRows(after)),
      'ON CONFLICT DO NOTHING',
    );
    for (const { before, after, version } of versions) {
      if (before) await replace(tx, after, version);
    }
  }
}

async function replace(tx: Tx, state: ViolationState, version: number): Promise<void> {
  const { operationId, id } = state.identity;
  const row = violationRow(state, version);
  const columns = Object.keys(row).join(', ');
  await prepared(
    tx,
    `UPDATE violations SET (${columns}) = (SELECT ${columns} FROM jsonb_populate_record(NULL::violations, $3::jsonb))
     WHERE operation_id = $1 AND id = $2`,
    [operationId, id, JSON.stringify(row)],
  );
  for (const [table, key, rows] of [
    ['violation_lines', 'violation_id', lineRows(state)],
    ['cargo_units', 'record_id', cargoRows(state)],
  ] as const) {
    await prepared(tx, `DELETE FROM ${table} WHERE operation_id = $1 AND ${key} = $2`, [operationId, id]);
    await insertRows(tx, table, rows);
  }
}

function eventOf({ kind, after: { identity } }: NewVersion): NewEvent {
  return { kind, subjectId: identity.id, country: identity.country };
}

function isNarrowed({ before, after }: NewVersion): boolean {
  return before !== null && isSharedOtherwise(before, after);
}

/** Told to those who could see the record until this change; `present` holds who was there then. */
function goneOf(present: Readonly<Record<string, unknown>>): (version: NewVersion) => NewEvent[] {
  return (version) => {
    const { before, after } = version;
    if (!before || !isNarrowed(version)) return [];
    const { id, country, authorId } = after.identity;
    // With what came after it: who still saw the record then did not lose it by this change, but by a later one.
    const sharedBefore = { ...sharedAs(before), ...present, owner: country, author: authorId, after: sharedAs(after) };
    return [{ kind: 'violation.gone', subjectId: id, country: null, sharedBefore }];
  };
}

function reopenedEvent({ id, country }: { id: string; country: string }): NewEvent {
  return { kind: 'participation.reopened', subjectId: id, country };
}

function versionRow(
  { after, version, authorId, reason, commandHash, at }: NewVersion,
  changes: Record<string, unknown> | null,
  position: number,
): Record<string, unknown> {
  return {
    operation_id: after.identity.operationId,
    violation_id: after.identity.id,
    version,
    position,
    recorded_at: at,
    author_id: authorId,
    agency_id: after.content.agencyId,
    reason,
    command_hash: commandHash,
    changes,
    content: { ...after, figures: figuresOf(after) },
  };
}
