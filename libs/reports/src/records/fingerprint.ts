import { createHash } from 'node:crypto';

import { Decimal } from 'decimal.js';

const DECIMALS = new Set(['quantity', 'netWeightKg', 'value']);

/**
 * The canonical form of a report's content: keys in order, exact decimals without zeros at their ends (22.50 as 22.5), so that the
 * same content has one form however it was written.
 */
export function canonical(content: unknown, key = ''): string {
  if (typeof content === 'string') return JSON.stringify(DECIMALS.has(key) ? new Decimal(content).toFixed() : content);
  if (typeof content !== 'object' || content === null) return JSON.stringify(content) ?? 'null';
  if (Array.isArray(content)) return `[${content.map((item) => canonical(item)).join()}]`;
  const fields = Object.entries(content).filter(([, value]) => value !== undefined);
  fields.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${canonical(value, name)}`).join()}}`;
}

/** SHA-256 over the canonical form, in PostgreSQL's text form of bytea. */
export function fingerprint(content: unknown): string {
  return `\\x${createHash('sha256').update(canonical(content)).digest('hex')}`;
}
