import { distance } from 'fastest-levenshtein';
import { Kind, type ValueNode } from 'graphql';

/** What a client sent comes back shortened, and never with control characters. */
const longestEcho = 40;
/** An enum of at most this many words is told whole, a longer one by its nearest. */
const fewWords = 14;
const mostSuggestions = 3;

/** What the client wrote, in quotes and shortened. */
export function quoted(text: string): string {
  const short = text.length > longestEcho ? `${text.slice(0, longestEcho)}…` : text;
  return JSON.stringify(short.toWellFormed());
}

/** The words that a mistyped one may have meant, the nearest first: those at most two in five letters away. */
export function nearest(typed: string, words: readonly string[]): string[] {
  const wanted = typed.slice(0, longestEcho).toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length * 0.4));
  return words
    .map((word) => ({ word, away: distance(wanted, word.toLowerCase()) }))
    .filter(({ away }) => away <= limit)
    .sort((a, b) => a.away - b.away)
    .slice(0, mostSuggestions)
    .map(({ word }) => word);
}

const either = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;

/** How to mend a word that an enum does not have. */
export function wordsOf(typed: string, words: readonly string[]): string {
  const near = nearest(typed, words);
  if (near.length > 0 && words.length > fewWords) return `Did you mean ${either(near)}?`;
  return words.length > fewWords
    ? `Give one such as ${either(words.slice(0, mostSuggestions))}.`
    : `Give ${either(words)}.`;
}

/** How to mend a name that is not defined there. */
export function namesOf(typed: string, names: readonly string[]): string {
  const near = nearest(typed, names);
  return near.length > 0 ? `did you mean ${either(near)}?` : 'leave it out.';
}

/** The kind of a JSON value, for a sentence: the value itself may be long, or a password. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'number' ? 'a number' : 'an object';
}

/** The kind of a value written in the document, in the words of `kindOf`. */
export function kindOfNode(node: ValueNode): string {
  switch (node.kind) {
    case Kind.STRING:
      return 'a text';
    case Kind.INT:
    case Kind.FLOAT:
      return 'a number';
    case Kind.BOOLEAN:
      return 'true or false';
    case Kind.ENUM:
      return 'a bare word';
    case Kind.LIST:
      return 'a list';
    case Kind.OBJECT:
      return 'an object';
    case Kind.NULL:
      return 'null';
    case Kind.VARIABLE:
      return 'a variable';
  }
}
