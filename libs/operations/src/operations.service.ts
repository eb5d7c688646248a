import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Feed } from '#feed';
import { contactOf, enter, isInside, type Standing, standingIn } from '#identity';
import {
  type Actor,
  Clock,
  Database,
  enterOperation,
  Faults,
  hasRole,
  insertRows,
  isTimeZone,
  LONGEST_REASON,
  MusterError,
  notFound,
  optionalText,
  prepared,
  query,
  requiredText,
  Role,
  type Tx,
} from '#platform';
import { v7 } from 'uuid';

import { isBefore, nextGate, nextGates, phaseAfter } from './gates.js';
import { Operation } from './operation.entity.js';
import type { CreateOperationInput, UpdateOperationInput } from './operations.inputs.js';
import { dueDay, judgeMonths } from './retention/retention-clock.js';
import { OperationKind, OperationPhase } from './vocabulary.js';

const COLUMNS = `id, version, kind, code_name AS "codeName", objectives, phase, crime_areas AS "crimeAreas", time_zone AS "timeZone",
  operational_starts_on AS "operationalStartsOn", operational_ends_on AS "operationalEndsOn", reporting_deadline AS "reportingDeadline",
  retention_months AS "retentionMonths", closed_at AS "closedAt", archived_at AS "archivedAt", ${dueDay('o')} AS "recordsDueOn"`;

/** The content of an operation that its creation and its updates share. */
type Frame = Pick<
  Operation,
  'kind' | 'codeName' | 'objectives' | 'crimeAreas' | 'operationalStartsOn' | 'operationalEndsOn' | 'reportingDeadline'
>;

/** The life of an operation: created by the hub, moved through its phases by the hub, known to those who take part. */
@Injectable()
export class Operations {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly feed: Feed,
    private readonly audit: Audit,
  ) {}

  create(actor: Actor, input: CreateOperationInput): Promise<Operation> {
    const faults = new Faults();
    if (!isTimeZone(input.timeZone)) {
      faults.add('input.timeZone', 'time-zone', 'Give an IANA time zone such as Africa/Nairobi or Europe/Paris.');
    }
    const frame = checkFrame(faults, {
      kind: input.kind,
      codeName: input.codeName,
      objectives: input.objectives ?? null,
      crimeAreas: input.crimeAreas,
      operationalStartsOn: input.operationalStartsOn,
      operationalEndsOn: input.operationalEndsOn ?? null,
      reportingDeadline: input.reportingDeadline ?? null,
    });
    faults.throwIfAny();

    return this.database.write(actor, async (tx) => {
      const id = v7();
      await insertRows(tx, 'operations', [
        {
          id,
          version: 1,
          phase: OperationPhase.PREPARATION,
          time_zone: input.timeZone,
          created_at: this.clock.now(),
          created_by: actor.userId,
          ...frameColumns(frame),
        },
      ]);
      await enterOperation(tx, { userId: actor.userId, asPerson: true }, id);
      await this.feed.open(tx, id);
      await this.audit.append(tx, actor, {
        operationId: id,
        action: 'operation.created',
        subjectId: id,
        version: 1,
        details: { frame },
      });
      await this.feed.tell(tx, id, { kind: 'operation.created', subjectId: id, country: null });
      return this.byId(tx, id);
    });
  }

  update(
    actor: Actor,
    id: string,
    expectedVersion: number,
    reason: string,
    input: UpdateOperationInput,
  ): Promise<Operation> {
    return this.change(actor, id, expectedVersion, async (tx, operation) => {
      if (operation.phase === OperationPhase.CLOSED)
        throw wrongPhase(operation.phase, 'A closed operation is only read.');
      const faults = new Faults();
      const why = requiredText(faults, 'reason', reason, LONGEST_REASON);
      const frame = checkFrame(faults, {
        kind: operation.kind,
        codeName: input.codeName ?? operation.codeName,
        objectives: input.objectives === undefined ? operation.objectives : input.objectives,
        crimeAreas: input.crimeAreas ?? operation.crimeAreas,
        operationalStartsOn: input.operationalStartsOn ?? operation.operationalStartsOn,
        operationalEndsOn: input.operationalEndsOn ?? operation.operationalEndsOn,
        reportingDeadline: input.reportingDeadline ?? operation.reportingDeadline,
      });
      faults.throwIfAny();
      await this.save(tx, operation, frameColumns(frame));
      await this.audit.append(tx, actor, {
        operationId: id,
        action: 'operation.updated',
        subjectId: id,
        version: expectedVersion + 1,
        details: { reason: why, frame },
      });
      await this.feed.tell(tx, id, { kind: 'operation.updated', subjectId: id, country: null });
    });
  }

  /**
   * Moves an operation to the next phase when the gate into it is met, or back to an earlier one with a reason.
   * @throws PHASE with all that is `missing`; a reason waives what waits for the calendar or for certification, and nothing else
   */
  move(
    actor: Actor,
    id: string,
    to: OperationPhase,
    expectedVersion: number,
    reason?: string | null,
  ): Promise<Operation> {
    return this.change(actor, id, expectedVersion, async (tx, operation) => {
      const faults = new Faults();
      const why = optionalText(faults, 'reason', reason, LONGEST_REASON);
      if (isBefore(to, operation.phase)) {
        if (why === null) faults.add('reason', 'required', 'Say why the operation is moved back.');
      } else {
        await this.passGate(tx, operation, to, why !== null);
      }
      faults.throwIfAny();
      const closedAt = to === OperationPhase.CLOSED ? this.clock.now() : null;
      await this.save(tx, operation, { phase: to, closed_at: closedAt });
      await this.audit.append(tx, actor, {
        operationId: id,
        action: 'operation.phase-moved',
        subjectId: id,
        version: expectedVersion + 1,
        details: { from: operation.phase, to, reason: why },
      });
      await this.feed.tell(tx, id, { kind: 'operation.phase-moved', subjectId: id, country: null });
    });
  }

  /** Says for how many months records are kept after the operation has closed; those who take part are told. */
  setRetention(actor: Actor, id: string, expectedVersion: number, reason: string, months: number): Promise<Operation> {
    return this.change(actor, id, expectedVersion, async (tx, operation) => {
      const faults = new Faults();
      const why = requiredText(faults, 'reason', reason, LONGEST_REASON);
      judgeMonths(faults, 'months', months);
      faults.throwIfAny();
      await this.save(tx, operation, { retention_months: months });
      await this.audit.append(tx, actor, {
        operationId: id,
        action: 'operation.retention-set',
        subjectId: id,
        version: expectedVersion + 1,
        details: { from: operation.retentionMonths, to: months, reason: why },
      });
      await this.feed.tell(tx, id, { kind: 'operation.updated', subjectId: id, country: null });
    });
  }

  /** The operations that the actor may know of, newest first. */
  list(actor: Actor, phase?: OperationPhase | null): Promise<Operation[]> {
    return this.database.readAnywhere(actor, (tx) =>
      query<Operation>(
        tx,
        `SELECT ${COLUMNS} FROM operations o
         WHERE ($1::text IS NULL OR phase = $1) AND ($2 OR id = ANY($3::uuid[]) OR EXISTS (
           SELECT FROM participations p WHERE p.operation_id = o.id AND p.country = ANY($4::text[]) AND p.status IN ('INVITED', 'ACCEPTED')))
         ORDER BY operational_starts_on DESC, id DESC`,
        [phase ?? null, seesEveryOperation(actor), insideOf(actor), contactOf(actor)],
      ),
    );
  }

  find(actor: Actor, id: string): Promise<Operation> {
    return this.database.readAnywhere(actor, async (tx) => {
      await enter(tx, actor, id, { frame: true, alsoArchived: true });
      return this.byId(tx, id);
    });
  }

  /** An operation as another lib's rules need it. */
  async byId(tx: Tx, id: string): Promise<Operation> {
    const [operation] = await prepared<Operation & { [column: string]: unknown }>(
      tx,
      `SELECT ${COLUMNS} FROM operations o WHERE id = $1`,
      [id],
    );
    if (!operation) throw notFound();
    return operation;
  }

  /** What still stands in the way of the next phase of each operation, in their order; what concerns reports of others is told to the hub alone. */
  readiness(actor: Actor, operations: readonly Operation[]): Promise<string[][]> {
    return this.database.readAnywhere(actor, async (tx) => {
      const gates = await nextGates(tx, operations, this.clock.now());
      return gates.map(({ firm, waivable, confidential }, index) => [
        ...firm,
        ...waivable,
        ...(standingIn(actor, operations[index]?.id ?? '').hub ? confidential : []),
      ]);
    });
  }

  /** The cursors of the last events that the viewer may see, in the order of the operations. */
  headCursors(actor: Actor, operationIds: readonly string[]): Promise<string[]> {
    return this.database.readAnywhere(actor, async (tx) => {
      const last = await this.feed.lastVisibleOf(tx, [...new Set(operationIds)]);
      return operationIds.map((id) => this.feed.cursorAt(id, last.get(id) ?? 0));
    });
  }

  private async passGate(tx: Tx, operation: Operation, to: OperationPhase, hasReason: boolean): Promise<void> {
    if (phaseAfter(operation.phase) !== to)
      throw wrongPhase(operation.phase, `From ${operation.phase} an operation can't move to ${to}.`);
    const { firm, waivable, confidential } = await nextGate(tx, operation, this.clock.now());
    const missing = [...firm, ...confidential, ...(hasReason ? [] : waivable)];
    if (missing.length > 0) {
      throw new MusterError('PHASE', `Before ${to}: ${missing.join('; ')}.`, { phase: operation.phase, missing });
    }
  }

  /** One change of an operation by the hub: alone in it, on the version that the client saw. */
  private change(
    actor: Actor,
    id: string,
    expectedVersion: number,
    work: (tx: Tx, operation: Operation) => Promise<void>,
  ): Promise<Operation> {
    return this.database.write(
      actor,
      async (tx) => {
        await enterAsHub(tx, actor, id);
        const operation = await this.byId(tx, id);
        if (operation.version !== expectedVersion) throw stale(operation.version);
        await work(tx, operation);
        return this.byId(tx, id);
      },
      { operationId: id, alone: true },
    );
  }

  private async save(tx: Tx, { id, version }: Operation, columns: Readonly<Record<string, unknown>>): Promise<void> {
    const names = Object.keys(columns);
    const sets = names.map((name, index) => `${name} = $${index + 3}`);
    const rows = await query(
      tx,
      `UPDATE operations SET version = version + 1, ${sets.join(', ')} WHERE id = $1 AND version = $2 RETURNING id`,
      [id, version, ...names.map((name) => columns[name])],
    );
    if (rows.length === 0) throw stale(version + 1);
  }
}

/** Enters an operation to do what only the coordination hub may. */
export async function enterAsHub(tx: Tx, actor: Actor, operationId: string): Promise<Standing> {
  const standing = await enter(tx, actor, operationId, { frame: true });
  if (!standing.hub || !hasRole(actor, Role.HUB))
    throw new MusterError('FORBIDDEN', 'Only the coordination hub may do this.');
  return standing;
}

/** The answer to a change that was made on a version which is no longer the present one. */
export function stale(version: number): MusterError {
  return new MusterError('CONFLICT', `It was changed in the meantime: look at version ${version} and decide anew.`);
}

export function wrongPhase(phase: OperationPhase, message: string): MusterError {
  return new MusterError('PHASE', message, { phase });
}

function seesEveryOperation(actor: Actor): boolean {
  return actor.grants.some(
    ({ role, operationId, country }) =>
      operationId === null &&
      (role === Role.HUB || role === Role.ADMINISTRATOR || (role === Role.ANALYST && country === null)),
  );
}

function insideOf(actor: Actor): string[] {
  const ids = new Set(actor.grants.flatMap(({ operationId }) => operationId ?? []));
  return [...ids].filter((id) => isInside(standingIn(actor, id)));
}

function checkFrame(faults: Faults, frame: Frame): Frame {
  const codeName = requiredText(faults, 'input.codeName', frame.codeName, 200);
  const objectives = optionalText(faults, 'input.objectives', frame.objectives, 20_000);
  if (frame.crimeAreas.length === 0) faults.add('input.crimeAreas', 'required', 'Name at least one crime area.');
  checkDays(faults, frame);
  return { ...frame, codeName, objectives, crimeAreas: [...new Set(frame.crimeAreas)] };
}

function checkDays(faults: Faults, { kind, operationalStartsOn, operationalEndsOn, reportingDeadline }: Frame): void {
  const days = { operationalEndsOn, reportingDeadline };
  for (const [name, day] of Object.entries(days)) {
    if (kind === OperationKind.STANDING && day !== null) {
      faults.add(`input.${name}`, 'standing', 'A standing operation has no end: leave this out.');
    }
    if (kind === OperationKind.TIME_BOUND && day === null) {
      faults.add(`input.${name}`, 'required', 'A time-bound operation needs this day.');
    }
  }
  if (kind === OperationKind.STANDING) return;
  if (operationalEndsOn !== null && operationalEndsOn < operationalStartsOn) {
    faults.add(
      'input.operationalEndsOn',
      'order',
      'The last day of the window comes before its first; give a later one.',
    );
  }
  if (operationalEndsOn !== null && reportingDeadline !== null && reportingDeadline < operationalEndsOn) {
    faults.add(
      'input.reportingDeadline',
      'order',
      'The reporting deadline comes before the last day of the window; give a later one.',
    );
  }
}

function frameColumns(frame: Frame): Record<string, unknown> {
  return {
    kind: frame.kind,
    code_name: frame.codeName,
    objectives: frame.objectives,
    crime_areas: frame.crimeAreas,
    operational_starts_on: frame.operationalStartsOn,
    operational_ends_on: frame.operationalEndsOn,
    reporting_deadline: frame.reportingDeadline,
  };
}
