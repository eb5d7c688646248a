import { refused } from './checked.js';
import type { Refused } from './checked.js';

/**
 * Refuses text with any character outside U+0020 to U+007E, and says which. Every check of an identifier begins here, before any change of case,
 * because upper-casing turns other letters into ASCII ones (U+017F, the long s, into S) and a look-alike would pass.
 */
export function refuseNonAscii(text: string): Refused | undefined {
  const found = /[^\x20-\x7e]/u.exec(text)?.[0];
  return found === undefined ? undefined : refused('non-ascii', explain(found));
}

function explain(character: string): string {
  const shown = `${character} (${codePoint(character)})`;
  if (/[\u0660-\u0669\u06f0-\u06f9]/.test(character))
    return `Arabic-Indic digits such as ${shown} are not taken here: write the digits 0 to 9.`;
  if (/[\uff01-\uff5e]/.test(character))
    return `Full-width characters such as ${shown} are not taken here: write plain letters A to Z and digits 0 to 9.`;
  if (/\p{Nd}/u.test(character))
    return `Digits of other scripts such as ${shown} are not taken here: write the digits 0 to 9.`;
  if (/\p{L}/u.test(character))
    return `The letter ${shown} is none of A to Z, although it may look like one: write a plain letter.`;
  if (/[\p{Pd}\u2212]/u.test(character)) return `The dash ${shown} is not a hyphen: write - or leave it out.`;
  if (/[\p{C}\p{Z}]/u.test(character))
    return `There is an invisible character (${codePoint(character)}) in it, such as a line end or a special space: take it out.`;
  return `The character ${shown} is not taken here: write plain letters A to Z and digits 0 to 9.`;
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Drops ASCII spaces and hyphens and turns to upper case: for kinds that are painted or printed in groups. */
export function compact(text: string): string {
  return text.replace(/[ -]/g, '').toUpperCase();
}

/** What was given, fit for a message: quoted, or "nothing". */
export function shown(text: string): string {
  return text.trim() === '' ? 'nothing' : `"${text.trim().slice(0, 40)}"`;
}

/** A count with its noun: `1 character`, `12 characters`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
