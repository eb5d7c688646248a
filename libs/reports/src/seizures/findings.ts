import { checkContainerNumber, type ReferenceService } from '#reference';

import type { SeizureFinding } from './seizure.js';

/** What the checks of a report found: the rule alone is stored; its words are found when it is read. */
export type FindingRule = keyof typeof WORDS;

const WORDS = {
  'same-unit': 'Another report of this operation names the same cargo unit within seven days of this one.',
  'as-marked': 'The check digit of the cargo unit is wrong, and the reporter confirmed that the unit is marked so.',
  route: "The route leaves out the unit's own country.",
  clock: 'The detection lies more than ten minutes ahead of its arrival; it counts on the day of arrival.',
  'remainder-10': 'The container number has a remainder of 10, which ISO 6346 advises owners to leave out.',
  'unknown-hs': 'An HS code of a line is not on the reference list.',
  'unknown-place': 'The place of the port unit is not on the reference list.',
  'goods-differ': 'The goods found are not the goods declared.',
} as const;

const TO_REVIEW: readonly FindingRule[] = ['same-unit', 'as-marked', 'route', 'clock'];

/** Whether any of the rules sends a report to review; the others are notes on an accepted one. */
export function needsReview(rules: readonly FindingRule[]): boolean {
  return rules.some((rule) => TO_REVIEW.includes(rule));
}

export function wordFindings(rules: readonly FindingRule[]): SeizureFinding[] {
  return rules.map((rule) => ({ rule, message: WORDS[rule] }));
}

/** What the checks need to know of a report. */
export interface CheckedReport {
  readonly unitCountry: string;
  readonly unitUnlocode: string;
  readonly cargoKind: string;
  readonly cargoNumber: string;
  readonly asMarked: boolean;
  readonly route: readonly string[];
  readonly isAhead: boolean;
  readonly hsCodes: readonly string[];
  readonly declaredGoods: string;
  readonly foundGoods: string;
}

/** All findings of a report but for `same-unit`, which is found against the other reports. */
export function findingsOf(report: CheckedReport, reference: ReferenceService): FindingRule[] {
  const container = report.cargoKind === 'container' ? checkContainerNumber(report.cargoNumber) : undefined;
  const found: readonly (readonly [FindingRule, boolean])[] = [
    ['as-marked', report.asMarked],
    ['route', !report.route.includes(report.unitCountry)],
    ['clock', report.isAhead],
    ['remainder-10', container?.ok === true && container.note === 'remainder-10'],
    ['unknown-hs', report.hsCodes.some((code) => !reference.isKnownHs(code.slice(0, 6)))],
    ['unknown-place', reference.place(report.unitUnlocode) === undefined],
    ['goods-differ', normal(report.declaredGoods) !== normal(report.foundGoods)],
  ];
  return found.filter(([, holds]) => holds).map(([rule]) => rule);
}

function normal(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}
