import { distance } from 'fastest-levenshtein';

import { compare } from './versions.js';

/** Something that can be meant, by its code or by its name. */
export interface Candidate {
  readonly code: string;
  readonly name: string;
}

/** How many matches a refusal names. */
const MOST = 3;

/**
 * The codes most likely meant by a wrong one, nearest first: codes or names that begin with it or hold it, then by edit distance to the code or the name,
 * whichever is nearer, then those with the same first letter.
 */
export function nearestCodes(wrong: string, candidates: readonly Candidate[]): readonly string[] {
  const asked = wrong.trim().slice(0, 100).toLowerCase();
  return candidates
    .map(({ code, name }) => ({ code, rank: rank(asked, code.toLowerCase(), name.toLowerCase()) }))
    .sort(
      (a, b) =>
        a.rank.containing - b.rank.containing ||
        a.rank.edits - b.rank.edits ||
        a.rank.first - b.rank.first ||
        compare(a.code, b.code),
    )
    .slice(0, MOST)
    .map(({ code }) => code);
}

function rank(asked: string, code: string, name: string): { containing: number; edits: number; first: number } {
  // One or two letters stand somewhere in nearly every name, so they say nothing there.
  const isTelling = asked.length > 2;
  const contains =
    isTelling && (code.includes(asked) || name.includes(asked) || (asked.includes(code) && code.length > 2));
  return {
    containing: contains ? 0 : 1,
    edits: Math.min(distance(asked, code), isTelling ? distance(asked, name) : Infinity),
    first: code.charAt(0) === asked.charAt(0) ? 0 : 1,
  };
}
