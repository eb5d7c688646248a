import { type EntryRow, hashEntry } from '../chain/entry-form.js';
import type { HeadRow } from '../chain/heads.js';
import { isSigned } from './verification.js';

/** A place in a chain as an archive has it, with the entry that stands there. */
export interface ArchivedLink {
  readonly seq: number;
  /** UTC, with microseconds. */
  readonly sealedAt: string;
  readonly hash: Uint8Array;
  readonly entry: EntryRow;
}

export interface ArchivedChain {
  readonly entries: number;
  /** In hexadecimal; empty where the chain has no entry. */
  readonly hash: string;
  /** The first fault; undefined where the chain is whole. */
  readonly fault?: string;
}

/**
 * Verifies a chain outside of the database, as the command does inside: each hash is worked out anew from the entry and the hash before, each
 * signed head must be over the hash at its place, and the last of them over the whole chain.
 * @param links in their order
 */
export async function verifyArchivedChain(
  chain: string,
  links: AsyncIterable<ArchivedLink>,
  heads: readonly HeadRow[],
): Promise<ArchivedChain> {
  const signed = new Map<number, Buffer | undefined>(heads.map(({ seq }) => [Number(seq), undefined]));
  let seq = 0;
  let previous: Buffer | null = null;
  const end = (fault?: string): ArchivedChain => ({
    entries: seq,
    hash: previous?.toString('hex') ?? '',
    ...(fault === undefined ? {} : { fault }),
  });
  for await (const link of links) {
    if (link.seq !== seq + 1) return end(`place ${seq + 1} is missing`);
    const hash: Buffer = hashEntry(link.entry, { chain, seq: link.seq, previous, sealedAt: link.sealedAt });
    if (!hash.equals(link.hash)) return end(`place ${link.seq}, entry ${link.entry.id}: the hash is another`);
    seq = link.seq;
    previous = hash;
    if (signed.has(seq)) signed.set(seq, hash);
  }
  for (const head of heads) {
    const of = `the head signed at ${head.signed_at.toISOString()}`;
    if (!isSigned(head)) return end(`${of} has no right signature`);
    if (!signed.get(Number(head.seq))?.equals(head.hash)) return end(`${of} is not over the entries of the archive`);
  }
  const last = Math.max(0, ...heads.map((head) => Number(head.seq)));
  return end(last === seq ? undefined : `no signed head covers all ${seq} entries`);
}
