import { canonicalJson, sha256 } from '../chain/canonical.js';
import { instantText } from '../chain/entry-form.js';

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

/** SHA-256 over the canonical form of a row. */
export function hashReading(row: ReadingRow): Buffer {
  return sha256(canonicalJson({ ...row }));
}

/**
 * SHA-256, in hexadecimal, over the hashes of a batch's rows in their order. A batch holds readings of several operations: when one of them is
 * archived, the hashes of its rows stay, and the batch can be verified without them.
 */
export function hashBatch(hashes: readonly Uint8Array[]): string {
  return sha256(...hashes).toString('hex');
}

/** SQL of the columns of {@link ReadingRow}, from the table `alias`. */
export function readingColumns(alias: string): string {
  return `${alias}.batch, ${alias}.ordinal, ${instantText(`${alias}.at`)} AS at, ${alias}.operation_id, ${alias}.what, ${alias}.reader_ids,
    ${alias}.hub, ${alias}.countries, ${alias}.observer, ${alias}.record_ids, ${alias}.filter`;
}
