import type { Faults } from './errors.js';

/** A reason that somebody gives for a change. */
export const LONGEST_REASON = 2_000;

/** Judges a text that must say something: not blank, and not longer than `most` characters. Gives it without blanks at its ends. */
export function requiredText(faults: Faults, path: string, text: string | null | undefined, most: number): string {
  const trimmed = (text ?? '').trim();
  if (trimmed === '') faults.add(path, 'required', 'Say something here; blanks alone do not count.');
  return withinLength(faults, path, trimmed, most);
}

/** Judges a text that may be missing; a blank one counts as missing. */
export function optionalText(
  faults: Faults,
  path: string,
  text: string | null | undefined,
  most: number,
): string | null {
  const trimmed = (text ?? '').trim();
  return trimmed === '' ? null : withinLength(faults, path, trimmed, most);
}

function withinLength(faults: Faults, path: string, text: string, most: number): string {
  if (text.length > most) faults.add(path, 'length', `Use at most ${most} characters; these are ${text.length}.`);
  return text;
}
