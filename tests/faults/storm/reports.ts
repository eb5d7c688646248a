import { v7 } from 'uuid';

import type { Dice } from '../../../apps/console/demo/dice.js';
import { containerNumber, LOG, type Person, REPORT, seizureInput, violationInput } from '../../setup/scene.js';

const HOUR = 3_600_000;

/** Somebody who sends reports. */
export interface Sender {
  readonly person: Person;
  readonly country: string;
  readonly operationId: string;
  readonly agencyId: string;
  /** Of a port unit's officer; absent: a coordinator, who logs violations. */
  readonly unitId?: string;
}

/** What must come of a report that was taken: `one-of-two` of the same cargo unit is accepted, and the other goes to review. */
export type Fate = 'accepted' | 'for-review' | 'one-of-two' | 'logged' | 'refused';

/** One report with all that its sender knows of it. */
export interface Report {
  readonly id: string;
  readonly sender: Sender;
  readonly query: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly fate: Fate;
  /** The id of the other report of the same cargo unit. */
  readonly twin?: string;
  /** The same input with other content: never to be taken under this id. */
  readonly otherwise: Readonly<Record<string, unknown>>;
}

/** How far a sender's clock is apart from the server's, and what must come of it. Boundaries lie hours away: sending may take long. */
function clockOf(dice: Dice): { readonly aheadHours: number; readonly fate: 'accepted' | 'for-review' | 'refused' } {
  const kind = dice.weighted([
    ['right', 16],
    ['behind', 2],
    ['ahead', 2],
    ['far', 1],
  ] as const);
  switch (kind) {
    case 'right':
      return { aheadHours: -1, fate: 'accepted' };
    case 'behind':
      return { aheadHours: -dice.whole(2, 40), fate: 'accepted' };
    case 'ahead':
      return { aheadHours: dice.whole(1, 25), fate: 'for-review' };
    case 'far':
      return { aheadHours: dice.whole(27, 60), fate: 'refused' };
  }
}

export function newReport(dice: Dice, sender: Sender): Report {
  const { aheadHours, fate } = clockOf(dice);
  if (sender.unitId !== undefined) return seizureOf(dice, sender, aheadHours, { fate });
  // A violation has no review to go to: what lies ahead of the server's clock is refused.
  const id = idAt(aheadHours);
  const input = violationInput(sender.operationId, sender.agencyId, {
    id,
    detectedAt: new Date(Date.now() + aheadHours * HOUR).toISOString(),
    sharing: { level: levelOf(dice) },
  });
  const otherwise = { ...input, persons: 7 };
  return { id, sender, query: LOG, input, fate: fate === 'accepted' ? 'logged' : 'refused', otherwise };
}

/** Two reports of one cargo unit at one instant, by two people of one country. */
export function newTwins(dice: Dice, [one, other]: readonly [Sender, Sender]): [Report, Report] {
  const same = { cargoUnit: { container: containerNumber() }, detectedAt: new Date(Date.now() - HOUR).toISOString() };
  const first = seizureOf(dice, one, -1, { fate: 'one-of-two' }, same);
  const second = seizureOf(dice, other, -1, { fate: 'one-of-two', twin: first.id }, same);
  return [{ ...first, twin: second.id }, second];
}

function seizureOf(
  dice: Dice,
  sender: Sender,
  aheadHours: number,
  fate: Pick<Report, 'fate' | 'twin'>,
  change: Readonly<Record<string, unknown>> = {},
): Report {
  const id = idAt(aheadHours);
  const input = seizureInput(sender.operationId, sender.unitId ?? '', {
    id,
    detectedAt: new Date(Date.now() + aheadHours * HOUR).toISOString(),
    route: { origin: 'NL', destination: sender.country },
    sharing: { level: levelOf(dice) },
    ...change,
  });
  return { id, sender, query: REPORT, input, otherwise: { ...input, foundGoods: 'Other goods' }, ...fate };
}

/** As a device makes it whose clock is apart. */
const idAt = (aheadHours: number): string => v7({ msecs: Date.now() + aheadHours * HOUR });

const levelOf = (dice: Dice): string => dice.pick(['RED', 'AMBER_STRICT', 'AMBER', 'GREEN']);
