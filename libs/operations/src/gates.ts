import { acrossOperations, dayIn, query, type Tx } from '#platform';

import type { Operation } from './operation.entity.js';
import { OperationKind, OperationPhase, ParticipationStatus } from './vocabulary.js';

/** What stands in the way of the next phase: what the hub may override by giving a reason, and what it may not. */
export interface Gate {
  readonly firm: readonly string[];
  readonly waivable: readonly string[];
  /** Concerns reports that not every country may know of; told to the hub alone. */
  readonly confidential: readonly string[];
}

const PHASES = [
  OperationPhase.PREPARATION,
  OperationPhase.OPERATIONAL,
  OperationPhase.POST_OPERATIONAL,
  OperationPhase.CLOSED,
];

const OPEN: Gate = { firm: [], waivable: [], confidential: [] };

/** The phase after one; undefined after the last. */
export function phaseAfter(phase: OperationPhase): OperationPhase | undefined {
  return PHASES[PHASES.indexOf(phase) + 1];
}

export function isBefore(one: OperationPhase, other: OperationPhase): boolean {
  return PHASES.indexOf(one) < PHASES.indexOf(other);
}

/** The gate into the phase after the operation's present one. */
export async function nextGate(tx: Tx, operation: Operation, now: Date): Promise<Gate> {
  const [gate] = await nextGates(tx, [operation], now);
  return gate ?? OPEN;
}

/** The gates into the phases after the present ones, in the order of the operations; each question is asked once for all of them. */
export async function nextGates(tx: Tx, operations: readonly Operation[], now: Date): Promise<Gate[]> {
  const idsIn = (phase: OperationPhase): string[] => [
    ...new Set(operations.filter((operation) => operation.phase === phase).map(({ id }) => id)),
  ];
  const accepted = await acceptedIn(tx, [
    ...idsIn(OperationPhase.PREPARATION),
    ...idsIn(OperationPhase.POST_OPERATIONAL),
  ]);
  const waiting = await reportsWaitingIn(tx, idsIn(OperationPhase.POST_OPERATIONAL));
  return operations.map((operation) =>
    nextGateOf(
      operation,
      dayIn(operation.timeZone, now),
      accepted.filter(({ operationId }) => operationId === operation.id),
      waiting.has(operation.id),
    ),
  );
}

function nextGateOf(operation: Operation, today: string, accepted: readonly Accepted[], reportsWait: boolean): Gate {
  switch (operation.phase) {
    case OperationPhase.PREPARATION:
      return { ...OPEN, firm: countriesNotReady(accepted), waivable: notBegun(operation, today) };
    case OperationPhase.OPERATIONAL:
      return operation.kind === OperationKind.STANDING
        ? { ...OPEN, firm: ['a standing operation stays operational'] }
        : { ...OPEN, waivable: notEnded(operation, today) };
    case OperationPhase.POST_OPERATIONAL:
      return {
        firm: [],
        waivable: notCertified(accepted),
        confidential: reportsWait ? ['no report waits for its decision'] : [],
      };
    case OperationPhase.CLOSED:
      return OPEN;
  }
}

/** A country that has accepted, as the gates ask for it. */
interface Accepted {
  readonly operationId: string;
  readonly country: string;
  readonly led: boolean;
  readonly coordinated: boolean;
  readonly certified: boolean;
}

async function acceptedIn(tx: Tx, operationIds: readonly string[]): Promise<Accepted[]> {
  if (operationIds.length === 0) return [];
  return query<Accepted>(
    tx,
    `SELECT p.operation_id AS "operationId", p.country, p.lead_agency_id IS NOT NULL AS led, p.certified_at IS NOT NULL AS certified,
       EXISTS (SELECT FROM grants g WHERE g.operation_id = p.operation_id AND g.country = p.country
         AND g.role = 'NATIONAL_COORDINATOR' AND g.ended_at IS NULL) AS coordinated
     FROM participations p WHERE p.operation_id = ANY($1::uuid[]) AND p.status = $2 ORDER BY p.country`,
    [operationIds, ParticipationStatus.ACCEPTED],
  );
}

function countriesNotReady(accepted: readonly Accepted[]): string[] {
  return [
    ...(accepted.length < 2 ? [`at least two countries have accepted (so far ${accepted.length})`] : []),
    ...accepted.filter(({ led }) => !led).map(({ country }) => `${country} names its lead agency`),
    ...accepted.filter(({ coordinated }) => !coordinated).map(({ country }) => `${country} names a coordinator`),
  ];
}

function notCertified(accepted: readonly Accepted[]): string[] {
  return accepted
    .filter(({ certified }) => !certified)
    .map(({ country }) => `${country} has certified its figures, or the hub gives a reason`);
}

function notBegun({ operationalStartsOn }: Operation, today: string): string[] {
  return today < operationalStartsOn
    ? [`the operational window has begun (on ${operationalStartsOn}), or the hub gives a reason`]
    : [];
}

function notEnded({ operationalEndsOn }: Operation, today: string): string[] {
  return operationalEndsOn !== null && today <= operationalEndsOn
    ? [`the operational window has ended (after ${operationalEndsOn}), or the hub gives a reason`]
    : [];
}

/** Of the operations, those in which a report waits for its decision. */
async function reportsWaitingIn(tx: Tx, operationIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (operationIds.length === 0) return new Set();
  const rows = await acrossOperations<{ operation: string }>(
    tx,
    `SELECT operation FROM reports_waiting($1) WHERE waits`,
    [operationIds],
  );
  return new Set(rows.map(({ operation }) => operation));
}

/** Whether one of a country's own reports waits for its decision. */
export async function hasReportsWaiting(tx: Tx, operationId: string, country: string): Promise<boolean> {
  const [row] = await query<{ waits: boolean }>(tx, `SELECT reports_wait($1, $2) AS waits`, [operationId, country]);
  return row?.waits ?? false;
}
