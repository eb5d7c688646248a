import { canonicalJson, sha256 } from './canonical.js';

/** The chain of entries that belong to no operation. The chain of an operation has the operation's id. */
export const PLATFORM_CHAIN = '00000000-0000-0000-0000-000000000000';

/** An entry as PostgreSQL tells it, every value in the one text that it has there. */
export interface EntryRow {
  readonly id: string;
  /** UTC, with microseconds: `2026-03-01T08:00:00.123000Z`. */
  readonly at: string;
  readonly actor_id: string | null;
  readonly part: string | null;
  readonly action: string;
  readonly subject_id: string | null;
  readonly version: number | null;
  /** The text of the jsonb, with every digit of its numbers, as a dump holds it too. */
  readonly details: string;
}

/** Where an entry stands: the place in its chain, when it got it, and the hash of the entry before (none for the first). */
export interface Place {
  readonly chain: string;
  readonly seq: number;
  readonly previous: Uint8Array | null;
  /** As `at` of the entry, which lies seconds before; an entry whose own time lies long before was put in late. */
  readonly sealedAt: string;
}

/** Names the form in what is hashed: another form, should one ever be needed, is another name. */
const FORM = 'muster.audit.entry.1';

/** SHA-256 over the canonical form of an entry at its place in a chain. Every field of the entry is in it. */
export function hashEntry(entry: EntryRow, place: Place): Buffer {
  return sha256(entryForm(entry, place));
}

export function entryForm(entry: EntryRow, { chain, seq, previous, sealedAt }: Place): string {
  return canonicalJson({
    form: FORM,
    chain,
    seq,
    previous: previous && Buffer.from(previous).toString('hex'),
    sealedAt,
    id: entry.id,
    at: entry.at,
    actorId: entry.actor_id,
    part: entry.part,
    action: entry.action,
    subjectId: entry.subject_id,
    version: entry.version,
    details: entry.details,
  });
}

/** The columns of {@link EntryRow} from the table `alias`. */
export function entryColumns(alias: string): string {
  return `${alias}.id, ${instantText(`${alias}.at`)} AS at, ${alias}.actor_id, ${alias}.part,
    ${alias}.action, ${alias}.subject_id, ${alias}.version, ${alias}.details::text AS details`;
}

/** The chain that an entry of the table `alias` belongs to. */
export function chainOf(alias: string): string {
  return `COALESCE(${alias}.operation_id, '${PLATFORM_CHAIN}')`;
}

/** SQL that tells an instant in the one text that it has in hashes: UTC, with microseconds. */
export function instantText(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** The same for an instant of this process, which knows milliseconds. */
export function toMicroseconds(instant: Date): string {
  return instant.toISOString().replace('Z', '000Z');
}
