import { canonicalJson, sha256 } from '../chain/canonical.js';

/** Some readers who were told some records, as the table of readings keeps it. */
export interface ReadingRow {
  readonly batch: string;
  /** Its place in the batch, from 1. */
  readonly ordinal: number;
  /** UTC, with microseconds. */
  readonly at: string;
  readonly operation_id: string;
  readonly what: string;
  readonly reader_ids: readonly string[];
  readonly hub: boolean;
  readonly countries: readonly string[];
  readonly observer: boolean;
  readonly record_ids: readonly string[];
  /** JSON, as the client gave it; null for what has no filter. */
  readonly filter: string | null;
}

/** SHA-256, in hexadecimal, over the canonical forms of a batch's rows in their order, each with a line feed at its end. */
export function hashBatch(rows: readonly ReadingRow[]): string {
  return sha256(...rows.map((row) => `${canonicalJson({ ...row })}\n`)).toString('hex');
}
