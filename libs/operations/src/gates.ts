import { dayIn, query, type Tx } from '#platform';

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
  const today = dayIn(operation.timeZone, now);
  switch (operation.phase) {
    case OperationPhase.PREPARATION:
      return { ...OPEN, firm: await countriesNotReady(tx, operation.id), waivable: notBegun(operation, today) };
    case OperationPhase.OPERATIONAL:
      return operation.kind === OperationKind.STANDING
        ? { ...OPEN, firm: ['a standing operation stays operational'] }
        : { ...OPEN, waivable: notEnded(operation, today) };
    case OperationPhase.POST_OPERATIONAL:
      return {
        firm: [],
        waivable: await notCertified(tx, operation.id),
        confidential: await reportsWaiting(tx, operation.id),
      };
    case OperationPhase.CLOSED:
      return OPEN;
  }
}

async function countriesNotReady(tx: Tx, operationId: string): Promise<string[]> {
  const accepted = await query<{ country: string; led: boolean; coordinated: boolean }>(
    tx,
    `SELECT p.country, p.lead_agency_id IS NOT NULL AS led,
       EXISTS (SELECT FROM grants g WHERE g.operation_id = p.operation_id AND g.country = p.country
         AND g.role = 'NATIONAL_COORDINATOR' AND g.ended_at IS NULL) AS coordinated
     FROM participations p WHERE p.operation_id = $1 AND p.status = $2 ORDER BY p.country`,
    [operationId, ParticipationStatus.ACCEPTED],
  );
  return [
    ...(accepted.length < 2 ? [`at least two countries have accepted (so far ${accepted.length})`] : []),
    ...accepted.filter(({ led }) => !led).map(({ country }) => `${country} names its lead agency`),
    ...accepted.filter(({ coordinated }) => !coordinated).map(({ country }) => `${country} names a coordinator`),
  ];
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

async function notCertified(tx: Tx, operationId: string): Promise<string[]> {
  const open = await query<{ country: string }>(
    tx,
    `SELECT country FROM participations WHERE operation_id = $1 AND status = $2 AND certified_at IS NULL ORDER BY country`,
    [operationId, ParticipationStatus.ACCEPTED],
  );
  return open.map(({ country }) => `${country} has certified its figures, or the hub gives a reason`);
}

async function reportsWaiting(tx: Tx, operationId: string): Promise<string[]> {
  const [row] = await query<{ waits: boolean }>(tx, `SELECT reports_wait($1, NULL) AS waits`, [operationId]);
  return row?.waits ? ['no report waits for its decision'] : [];
}

/** Whether one of a country's own reports waits for its decision. */
export async function hasReportsWaiting(tx: Tx, operationId: string, country: string): Promise<boolean> {
  const [row] = await query<{ waits: boolean }>(tx, `SELECT reports_wait($1, $2) AS waits`, [operationId, country]);
  return row?.waits ?? false;
}
