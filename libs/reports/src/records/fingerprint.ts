import { createHash } from 'node:crypto';

import { Decimal } from 'decimal.js';

const DECIMALS = new Set(['quantity', 'netWeightKg', 'value']);

/**
 * The canonical form of a report's content: keys in order, exact decimals without zeros at their ends (22.50 as 22.5), so that the
 * same content has one form however it was written.
 */
export function canonical(content: unknown): string {
  return JSON.stringify(content, (key, value: unknown) => {
    if (typeof value === 'string' && DECIMALS.has(key)) return new Decimal(value).toFixed();
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

/** SHA-256 over the canonical form, in PostgreSQL's text form of bytea. */
export function fingerprint(content: unknown): string {
  return `\\x${createHash('sha256').update(canonical(content)).digest('hex')}`;
}
