import { verify as verifySignature } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { Injectable } from '@nestjs/common';
import { Database, partOfMuster, prepared, query } from '#platform';

import { entryColumns, type EntryRow, hashEntry, instantText, PLATFORM_CHAIN } from '../chain/entry-form.js';
import { commitmentTo, headForm } from '../chain/head-form.js';
import type { HeadRow } from '../chain/heads.js';
import { publicKeyPem, readPublicKey } from '../chain/signing-key.js';
import { hashBatch, hashReading, readingColumns, type ReadingRow } from '../readings/reading-form.js';
import { ARCHIVED, type ArchivedHead, type Archiving, archivingOf, lastArchival } from './archival.js';

const VERIFIER = partOfMuster('audit verification');

/** Entries looked at together: what is held in memory, however long the chain is. */
const CHUNK = 2_000;

/** The first fault of a chain. */
export interface Breach {
  readonly chain: string;
  /** The place in the chain; null where it has none. */
  readonly seq: number | null;
  readonly entryId: string | null;
  readonly fault: string;
}

/** A head as somebody keeps it outside of Muster. */
export interface KeptHead {
  readonly chain: string;
  readonly signedAt: string;
  readonly commitment: string;
}

/** What is to be verified. */
export interface Order {
  /** One chain alone: an operation's id, or that of the platform. */
  readonly chain?: string;
  /** Heads that were kept outside; each must still stand as it was. */
  readonly kept?: readonly KeptHead[];
  /** How long, in milliseconds, the sealer is given for an entry that is a minute old and has no seal. */
  readonly patience?: number;
}

/** A chain that the log says is archived. */
export interface ArchivedChainHere {
  /** The operation's id. */
  readonly chain: string;
  /** SHA-256 of the manifest of its archive. */
  readonly manifest: string;
}

export interface Verified {
  readonly chains: number;
  /**
   * Those of the chains that are archived: of them the heads are verified, and that the last is the one that was archived; of those whose entries
   * are still here, these too.
   */
  readonly archives: readonly ArchivedChainHere[];
  readonly entries: number;
  readonly heads: number;
  /** The public keys that heads are signed with, as PEM. */
  readonly keys: readonly string[];
  /** The first of each broken chain; of an unbroken log there is none. */
  readonly breaches: readonly Breach[];
}

interface SealRow {
  readonly [column: string]: unknown;
  readonly seq: string;
  readonly entry_id: string;
  readonly sealed_at: string;
  readonly hash: Buffer;
  /** Null where there is no such entry. */
  readonly id: string | null;
}

/** Where the verification of one chain stands. */
interface Progress {
  readonly chain: string;
  seq: number;
  hash: Buffer | null;
  heads: number;
  /** Sealed entries that were here to be verified. */
  entries: number;
}

/** Verifies the chains of the audit log from the rows alone, in memory that does not grow with them. */
@Injectable()
export class Verification {
  constructor(private readonly database: Database) {}

  async run({ chain, kept = [], patience = 10_000 }: Order = {}): Promise<Verified> {
    const breaches: Breach[] = [];
    const chains = chain === undefined ? await this.chains() : [chain];
    let entries = 0;
    let heads = 0;
    const archives: ArchivedChainHere[] = [];
    for (const each of chains) {
      const { progress, archive, breach } = await this.verifyStanding(each, patience);
      if (breach) breaches.push(breach);
      if (archive) archives.push(archive);
      entries += progress.entries;
      heads += progress.heads;
    }
    for (const head of kept) breaches.push(...(await this.verifyKept(head)));
    if (chain === undefined || chain === PLATFORM_CHAIN) breaches.push(...(await this.findReadings()));
    return { chains: chains.length, archives, entries, heads, keys: await this.keys(), breaches };
  }

  private async verifyChain(progress: Progress): Promise<Breach | undefined> {
    for (;;) {
      const { seals, heads, goesOn } = await this.next(progress);
      const hashes = new Map<number, Buffer>();
      const breach = (await this.verifySeals(progress, seals, hashes)) ?? gapAtEnd(progress, seals, goesOn);
      // Heads of the unbroken part first: of several faults the first is told.
      const due = breach ? heads.filter(({ seq }) => Number(seq) <= progress.seq) : heads;
      const unsigned = verifyHeads(progress, due, hashes);
      if (unsigned ?? breach) return unsigned ?? breach;
      if (!goesOn) return undefined;
    }
  }

  private async verifySeals(
    progress: Progress,
    seals: readonly SealRow[],
    hashes: Map<number, Buffer>,
  ): Promise<Breach | undefined> {
    const { chain } = progress;
    for (const seal of seals) {
      const seq = progress.seq + 1;
      const at = { chain, seq, entryId: seal.entry_id };
      if (Number(seal.seq) !== seq) return { chain, seq, entryId: null, fault: 'the seal is missing' };
      if (seal.id === null) return { ...at, fault: await this.whereItIs(seal.entry_id) };
      const entry = seal as unknown as EntryRow;
      const hash = hashEntry(entry, { chain, seq, previous: progress.hash, sealedAt: seal.sealed_at });
      if (!hash.equals(seal.hash))
        return { ...at, fault: 'the hash is another: the entry, its seal or their order was changed' };
      if (entry.action === 'readings.recorded') {
        const fault = await this.verifyBatch(entry);
        if (fault) return { ...at, fault };
      }
      progress.seq = seq;
      progress.hash = hash;
      hashes.set(seq, hash);
    }
    return undefined;
  }

  /**
   * A chain as it stands: whole in the database, or archived, with its entries or without them. Where it is found broken while it is just being
   * taken out or put back, it is looked at once more.
   */
  private async verifyStanding(
    chain: string,
    patience: number,
  ): Promise<{
    readonly progress: Progress;
    readonly archive?: ArchivedChainHere;
    readonly breach: Breach | undefined;
  }> {
    for (;;) {
      const progress: Progress = { chain, seq: 0, hash: null, heads: 0, entries: 0 };
      const standing = await this.standing(chain);
      const breach = await this.verifyAs(standing, progress, patience);
      if (breach && !isDeepStrictEqual(await this.standing(chain), standing)) continue;
      const { log } = standing;
      if (log?.action !== ARCHIVED) return { progress, breach };
      return { progress, archive: { chain, manifest: log.details.manifest }, breach };
    }
  }

  private standing(chain: string): Promise<Archiving> {
    return this.database.read(VERIFIER, (tx) => archivingOf(tx, chain));
  }

  private async verifyAs(
    { archivedAt, log, isHere }: Archiving,
    progress: Progress,
    patience: number,
  ): Promise<Breach | undefined> {
    const { chain } = progress;
    const head = log?.action === ARCHIVED ? log.details.head : undefined;
    const whole = { chain, seq: null, entryId: null };
    if (head && archivedAt === null)
      return { ...whole, fault: 'the log says that the operation is archived, but it is not marked as archived' };
    if (!head && archivedAt !== null && !isHere)
      return { ...whole, fault: 'the entries were taken out, but the log does not say that the operation is archived' };
    if (head && !isHere) return this.verifyArchived(progress, head);
    const breach = (await this.verifyChain(progress)) ?? (await this.findUnsealed(chain, patience));
    progress.entries = progress.seq;
    if (breach || !head) return breach;
    if (progress.seq === head.seq && progress.hash?.toString('hex') === head.hash) return undefined;
    return { chain, seq: progress.seq, entryId: null, fault: 'the chain has another head than it was archived with' };
  }

  /** Of a chain whose entries are not here: its signed heads are whole, and the last of them is the head that it was archived with. */
  private async verifyArchived(progress: Progress, head: ArchivedHead): Promise<Breach | undefined> {
    const { chain } = progress;
    const rows = await this.database.read(VERIFIER, (tx) =>
      prepared<HeadRow>(tx, `${HEADS} WHERE h.chain = $1 ORDER BY h.seq, h.signed_at`, [chain]),
    );
    progress.seq = head.seq;
    const last = rows.at(-1);
    if (!last || Number(last.seq) < head.seq) {
      const fault = `no signed head covers the ${head.seq} entries that were archived`;
      return { chain, seq: head.seq, entryId: null, fault };
    }
    return verifyHeads(progress, rows, new Map([[head.seq, Buffer.from(head.hash, 'hex')]]), true);
  }

  /** The next seals of a chain with the heads over them, and after the last seal all that are left: as of one instant. */
  private next({ chain, seq }: Progress): Promise<{ seals: SealRow[]; heads: HeadRow[]; goesOn: boolean }> {
    return this.database.read(VERIFIER, async (tx) => {
      const seals = await prepared<SealRow>(
        tx,
        // A range of places, and steps through an index: whatever the planner knows of the tables, no chunk costs a look at more of them.
        `SELECT s.seq, s.entry_id, ${instantText('s.sealed_at')} AS sealed_at, s.hash, e.*
         FROM (SELECT * FROM audit_seals WHERE chain = $1 AND seq > $2::bigint AND seq <= $2::bigint + ${CHUNK}) s
         LEFT JOIN LATERAL (
           SELECT ${entryColumns('a')} FROM audit_entries a WHERE ${isOf('a', chain)} AND a.id = s.entry_id LIMIT 1) e ON TRUE
         ORDER BY s.seq`,
        [chain, seq],
      );
      const [rest] = await prepared<{ goes_on: boolean }>(
        tx,
        `SELECT EXISTS (SELECT FROM audit_seals WHERE chain = $1 AND seq > $2::bigint + ${CHUNK}) AS goes_on`,
        [chain, seq],
      );
      const goesOn = rest?.goes_on ?? false;
      const heads = await prepared<HeadRow>(
        tx,
        `${HEADS} WHERE h.chain = $1 AND h.seq > $2 AND ($3::bigint IS NULL OR h.seq <= $3) ORDER BY h.seq, h.signed_at`,
        [chain, seq, goesOn ? seq + CHUNK : null],
      );
      return { seals, heads, goesOn };
    });
  }

  /** Why a sealed entry is not in the part of its chain. */
  private async whereItIs(entryId: string): Promise<string> {
    const found = await this.database.read(VERIFIER, (tx) =>
      query(tx, `SELECT FROM audit_entries WHERE id = $1 LIMIT 1`, [entryId]),
    );
    return found.length > 0 ? 'the entry belongs to another chain' : 'the entry is missing';
  }

  /** An entry that should have been sealed long ago, still after the sealer has had time for it. */
  private async findUnsealed(chain: string, patience: number): Promise<Breach | undefined> {
    const end = Date.now() + patience;
    for (;;) {
      const [entry] = await this.database.read(VERIFIER, (tx) =>
        query<{ id: string }>(
          tx,
          `SELECT e.id FROM audit_entries e
           WHERE ${isOf('e', chain)} AND e.at < now() - interval '1 minute'
             AND NOT EXISTS (SELECT FROM audit_seals s WHERE s.chain = $1 AND s.entry_id = e.id) ORDER BY e.id LIMIT 1`,
          [chain],
        ),
      );
      if (!entry) return undefined;
      if (Date.now() > end) return { chain, seq: null, entryId: entry.id, fault: 'the entry is not sealed' };
      await delay(500);
    }
  }

  /** Compares the readings of a batch with the hash that the log has of them; of archived operations their hashes are left. */
  private async verifyBatch({ subject_id: batch, details }: EntryRow): Promise<string | undefined> {
    const { rows, left } = await this.database.read(VERIFIER, async (tx) => ({
      rows: await prepared<ReadingRow & { [column: string]: unknown }>(
        tx,
        `SELECT ${readingColumns('r')} FROM readings r WHERE r.batch = $1
         UNION ALL SELECT ${readingColumns('l')} FROM archived_readings a, jsonb_populate_record(NULL::readings, a.late) l
         WHERE a.batch = $1 AND a.late IS NOT NULL`,
        [batch],
      ),
      left: await prepared<{ ordinal: number; sha256: Buffer }>(
        tx,
        `SELECT a.ordinal, a.sha256 FROM archived_readings a WHERE a.batch = $1 AND a.late IS NULL
           AND (SELECT last.action ${lastArchival('a.operation_id')}) = '${ARCHIVED}'`,
        [batch],
      ),
    }));
    const hashes = new Map([
      ...left.map(({ ordinal, sha256 }) => [ordinal, sha256] as const),
      ...rows.map((row) => [row.ordinal, hashReading(row)] as const),
    ]);
    const inOrder = [...hashes].sort(([one], [other]) => one - other).map(([, each]) => each);
    const { sha256: hash } = JSON.parse(details) as { readonly sha256?: unknown };
    return hashBatch(inOrder) === hash ? undefined : `the readings of batch ${batch} were changed`;
  }

  /** Readings that the log knows nothing of. */
  private async findReadings(): Promise<Breach[]> {
    const rows = await this.database.read(VERIFIER, (tx) =>
      prepared<{ batch: string }>(
        tx,
        `SELECT batch FROM (SELECT batch FROM readings UNION ALL SELECT batch FROM archived_readings) r
         WHERE NOT EXISTS (SELECT FROM audit_entries a WHERE a.subject_id = r.batch AND a.action = 'readings.recorded') LIMIT 1`,
        [],
      ),
    );
    return rows.map(({ batch }) => ({
      chain: PLATFORM_CHAIN,
      seq: null,
      entryId: null,
      fault: `the readings of batch ${batch} have no entry`,
    }));
  }

  private async verifyKept({ chain, signedAt, commitment }: KeptHead): Promise<Breach[]> {
    const [head] = await this.database.read(VERIFIER, (tx) =>
      prepared<HeadRow>(tx, `SELECT seq, hash, nonce FROM audit_heads WHERE chain = $1 AND signed_at = $2`, [
        chain,
        signedAt,
      ]),
    );
    if (head && commitmentTo(head.hash, head.nonce) === commitment) return [];
    const seq = head ? Number(head.seq) : null;
    return [{ chain, seq, entryId: null, fault: `the head kept outside of ${signedAt} is not in the log` }];
  }

  private async keys(): Promise<string[]> {
    const rows = await this.database.read(VERIFIER, (tx) =>
      prepared<{ public_key: Buffer }>(tx, `SELECT public_key FROM audit_keys ORDER BY first_used_at`, []),
    );
    return rows.map(({ public_key: key }) => publicKeyPem(key));
  }

  /** Every chain that has a seal, a head or an entry. */
  private async chains(): Promise<string[]> {
    const rows = await this.database.read(VERIFIER, (tx) =>
      prepared<{ chain: string }>(
        tx,
        [
          stepThrough('audit_seals', 'chain'),
          stepThrough('audit_heads', 'chain'),
          stepThrough('audit_entries', 'operation_id'),
        ].join(' UNION ') +
          ` UNION SELECT id FROM operations WHERE archived_at IS NOT NULL UNION SELECT '${PLATFORM_CHAIN}' ORDER BY 1`,
        [],
      ),
    );
    return rows.map(({ chain }) => chain);
  }
}

const HEADS = `SELECT h.chain, h.signed_at, h.seq, h.hash, h.nonce, h.signature, k.public_key
  FROM audit_heads h LEFT JOIN audit_keys k ON k.id = h.key_id`;

/** SQL of an entry being in a chain, which $1 names; so that it is looked for in the chain's own part of the table alone. */
function isOf(alias: string, chain: string): string {
  return `${alias}.operation_id ${chain === PLATFORM_CHAIN ? 'IS NULL' : '= $1'}`;
}

/** The place after a stretch's last seal, where the stretch is not full although the chain goes on behind it. */
function gapAtEnd({ chain, seq }: Progress, seals: readonly SealRow[], goesOn: boolean): Breach | undefined {
  if (!goesOn || seals.length === CHUNK) return undefined;
  return { chain, seq: seq + 1, entryId: null, fault: 'the seal is missing' };
}

/** @param isArchived the entries before the last are not here, and only the heads over it can be compared */
function verifyHeads(
  progress: Progress,
  heads: readonly HeadRow[],
  hashes: ReadonlyMap<number, Buffer>,
  isArchived = false,
): Breach | undefined {
  const { chain } = progress;
  for (const head of heads) {
    const seq = Number(head.seq);
    const of = `the head signed at ${head.signed_at.toISOString()}`;
    if (!isSigned(head)) return { chain, seq, entryId: null, fault: `${of} has no right signature` };
    if (seq > progress.seq) {
      const fault = `the chain ends before, but ${of} covers ${seq} entries`;
      return { chain, seq: progress.seq + 1, entryId: null, fault };
    }
    const isHere = !isArchived || seq === progress.seq;
    if (isHere && !hashes.get(seq)?.equals(head.hash))
      return { chain, seq, entryId: null, fault: `${of} has another hash` };
    progress.heads += 1;
  }
  return undefined;
}

/** Whether the signature of a head is that of its key over its commitment. */
export function isSigned({ chain, hash, nonce, signed_at: signedAt, signature, public_key: key }: HeadRow): boolean {
  const message = headForm({ chain, commitment: commitmentTo(hash, nonce), signedAt });
  return key !== null && verifySignature(null, message, readPublicKey(key), signature);
}

/** The different values of an indexed column, found by steps through the index instead of a look at every row. */
function stepThrough(table: string, column: string): string {
  return `(WITH RECURSIVE step AS (
    (SELECT ${column} AS chain FROM ${table} WHERE ${column} IS NOT NULL ORDER BY ${column} LIMIT 1)
    UNION ALL SELECT (SELECT t.${column} FROM ${table} t WHERE t.${column} > step.chain ORDER BY t.${column} LIMIT 1) FROM step WHERE step.chain IS NOT NULL
  ) SELECT chain FROM step WHERE chain IS NOT NULL)`;
}
