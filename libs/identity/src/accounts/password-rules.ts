import { dictionary } from '@zxcvbn-ts/language-common';
import type { Faults } from '#platform';

import { composed, LONGEST } from './passwords.js';

/** Characters of a password that is the only thing proved (NIST SP 800-63B-4, 3.1.1.2). */
export const SHORTEST_ALONE = 15;

/** Characters of a password that is asked for together with a second factor (the same). */
export const SHORTEST_WITH_SECOND_FACTOR = 8;

/** Characters that must be left of a password when all that is known of its owner is taken out. */
const OWN_CHARACTERS = 4;

/** Passwords of this many characters or more per run of neighbours are no sequence. */
const CHARACTERS_PER_RUN = 4;

/** Passwords of leaks that are tried first, in lower case; 49,000 of them, that come with the package. */
const COMMON: ReadonlySet<string> = new Set(dictionary['passwords-common'].map((password) => coreOf(password)));

/** Neighbours on keyboards, in the alphabet and among the digits. */
const SEQUENCES = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
];
const NEIGHBOURS: ReadonlySet<string> = new Set(
  SEQUENCES.flatMap((row) => [...row].flatMap((letter, i) => [letter + row.charAt(i + 1), row.charAt(i + 1) + letter])),
);

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly email: string;
  readonly name: string;
  readonly hasSecondFactor: boolean;
}

/**
 * Says what is wrong with a new password, by NIST SP 800-63B-4: its length, and whether it is among the first that a guesser tries.
 * Any character may stand in it, none must, and it does not end.
 */
export function checkNewPassword(password: string, path: string, faults: Faults, owner: PasswordOwner): void {
  const shortest = owner.hasSecondFactor ? SHORTEST_WITH_SECOND_FACTOR : SHORTEST_ALONE;
  if ([...composed(password)].length < shortest) {
    faults.add(path, 'too-short', `A password has at least ${shortest} characters; several words make a good one.`);
  } else if (Buffer.byteLength(password) > LONGEST) {
    faults.add(path, 'too-long', `A password has at most ${LONGEST} bytes.`);
  } else if (isCommon(password)) {
    faults.add(path, 'common', 'This password is among those that are tried first. Choose another one.');
  } else if (isGuessable(password, owner)) {
    faults.add(path, 'guessable', 'This password is easily guessed from the name, the address or this system.');
  } else if (isPattern(password)) {
    faults.add(path, 'pattern', 'This password repeats itself, or follows the alphabet or the keyboard.');
  }
}

/** A password of the lists, as it stands there or with digits and signs before and after it. */
function isCommon(password: string): boolean {
  const core = coreOf(password);
  return COMMON.has(core) || COMMON.has(core.replace(/^\d+|\d+$/g, ''));
}

/** Nothing but what anybody knows of the person and the system, with a few characters or a common password beside it. */
function isGuessable(password: string, { email, name }: PasswordOwner): boolean {
  const known = [...email.split(/[@.\-_+]/), ...name.split(/\s+/), email, name, 'muster']
    .map(coreOf)
    .filter((word) => [...word].length >= 3)
    .sort((one, other) => other.length - one.length);
  const left = known.reduce((rest, word) => rest.replaceAll(word, ''), coreOf(password));
  const letters = left.replace(/\d/g, '');
  return left !== coreOf(password) && ([...letters].length < OWN_CHARACTERS || COMMON.has(letters));
}

function isPattern(password: string): boolean {
  const characters = [...composed(password).toLowerCase()];
  return isRepetition(characters) || isRepetition([...coreOf(password)]) || isSequence(characters);
}

/** A part that comes twice or more, the last time perhaps not whole: `abcabcab`. */
function isRepetition(characters: readonly string[]): boolean {
  for (let period = 1; period <= characters.length / 2; period++) {
    if (characters.every((character, i) => i < period || character === characters[i - period])) return true;
  }
  return false;
}

function isSequence(characters: readonly string[]): boolean {
  const breaks = characters.filter((character, i) => {
    const before = characters[i - 1];
    return before === undefined || (before !== character && !NEIGHBOURS.has(before + character));
  });
  return breaks.length <= characters.length / CHARACTERS_PER_RUN;
}

/** What is left when capitals, blanks and signs make no difference; all of it where there is nothing else. */
function coreOf(password: string): string {
  const lower = composed(password).toLowerCase();
  const core = lower.replace(/[^\p{L}\p{N}]/gu, '');
  return core === '' ? lower : core;
}
