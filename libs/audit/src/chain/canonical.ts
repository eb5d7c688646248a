import { createHash } from 'node:crypto';

/** What canonical forms are made of here: texts, whole numbers and lists of texts, so that none depends on how a number is written. */
export type Plain = string | number | boolean | null | readonly string[];

/**
 * The canonical form of RFC 8785 (JSON Canonicalization Scheme) for an object whose values are plain: members in the order of their
 * names' UTF-16 code units, no blanks, texts and whole numbers as ECMAScript writes them.
 * @throws Error for a number that is not whole and exact, or a text that is no Unicode, for which the scheme has no form
 */
export function canonicalJson(fields: Readonly<Record<string, Plain>>): string {
  const names = Object.keys(fields).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalValue(fields[name] ?? null)}`).join(',')}}`;
}

function canonicalValue(value: Plain): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new Error(`${value} has no one form: give it as a text.`);
  if (typeof value === 'object' && value !== null) return `[${value.map(canonicalValue).join(',')}]`;
  if (typeof value === 'string' && !value.isWellFormed()) throw new Error('This text is no Unicode.');
  return JSON.stringify(value);
}

export function sha256(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
