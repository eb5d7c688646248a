import { enter } from '#identity';
import { type Actor, dayIn, type Faults, forbidden, MusterError, type Tx } from '#platform';
import { isInWindow, isLate, type Operation, OperationPhase, wrongPhase } from '#operations';

/** A reporter's clock may be wrong by this much without a word. */
const CLOCK_ALLOWANCE_MS = 10 * 60 * 1000;
/** A port unit's clock may be wrong by this much; its report then goes to review. */
const SEIZURE_ALLOWANCE_MS = 26 * 60 * 60 * 1000;

const WORKING: readonly OperationPhase[] = [OperationPhase.OPERATIONAL, OperationPhase.POST_OPERATIONAL];

/**
 * Refuses a report from somebody who takes no part in the operation.
 * @throws FORBIDDEN where the operation is the actor's to know (contact points of an invited country), NOT_FOUND otherwise
 */
export async function refuseOutsider(tx: Tx, actor: Actor, operationId: string): Promise<never> {
  await enter(tx, actor, operationId, { frame: true });
  throw forbidden('Reports are made by those who take part in the operation.');
}

/**
 * Whether the operation takes new reports now.
 * @throws PHASE otherwise: exercises are taken in PREPARATION alone, others in and after the operational phase until the deadline
 */
export function assertTakesReports(operation: Operation, isExercise: boolean, now: Date): void {
  assertTakesChanges(operation, isExercise);
  const { phase, reportingDeadline, timeZone } = operation;
  if (!isExercise && reportingDeadline !== null && dayIn(timeZone, now) > reportingDeadline) {
    throw new MusterError('PHASE', `The reporting deadline (${reportingDeadline}) has passed.`, { phase });
  }
}

/** Whether records of the operation may be corrected, withdrawn and decided now. @throws PHASE otherwise */
export function assertTakesChanges({ phase }: Operation, isExercise: boolean): void {
  if (isExercise && phase !== OperationPhase.PREPARATION)
    throw wrongPhase(phase, 'Exercises are held in the preparation alone.');
  if (!isExercise && !WORKING.includes(phase))
    throw wrongPhase(phase, `The phase ${phase} takes no reports and no changes of them.`);
}

/** The owner may still change the sharing of a record when the operation is closed. @throws PHASE before it begins */
export function assertTakesSharing(operation: Operation, isExercise: boolean): void {
  if (operation.phase !== OperationPhase.CLOSED) assertTakesChanges(operation, isExercise);
}

/** Whether a report that arrives now comes after the operation's last day, in its own time zone. */
export function isLateAt(operation: Operation, now: Date): boolean {
  return isLate(operation, dayIn(operation.timeZone, now));
}

/** Whether a detection lies further ahead of its arrival than a clock may be wrong. */
export function isAhead(detectedAt: Date, arrivedAt: Date): boolean {
  return detectedAt.getTime() - arrivedAt.getTime() > CLOCK_ALLOWANCE_MS;
}

/** The day that a record counts on: of its detection, or of its arrival where the reporter's clock ran ahead. */
export function countedDay({ timeZone }: Operation, detectedAt: Date, arrivedAt: Date): string {
  return dayIn(timeZone, isAhead(detectedAt, arrivedAt) ? arrivedAt : detectedAt);
}

/** Judges when something was detected: on a day of the window and not after its arrival; exercises are held outside of it too. */
export function judgeDetection(
  faults: Faults,
  operation: Operation,
  detectedAt: Date,
  arrivedAt: Date,
  { isExercise, isSeizure }: { readonly isExercise: boolean; readonly isSeizure: boolean },
): void {
  const path = 'input.detectedAt';
  const ahead = detectedAt.getTime() - arrivedAt.getTime();
  if (ahead > (isSeizure ? SEIZURE_ALLOWANCE_MS : CLOCK_ALLOWANCE_MS)) {
    faults.add(path, 'future', 'It lies in the future: check the date, the time and its zone.');
  } else if (!isExercise && !isInWindow(operation, countedDay(operation, detectedAt, arrivedAt))) {
    const end = operation.operationalEndsOn === null ? '' : ` to ${operation.operationalEndsOn}`;
    faults.add(
      path,
      'window',
      `It lies outside the operational window, ${operation.operationalStartsOn}${end} in ${operation.timeZone}.`,
    );
  }
}
