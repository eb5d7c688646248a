import { Injectable } from '@nestjs/common';
import { Clock, Database, partOfMuster, prepared, type Tx } from '#platform';

import { chainOf, entryColumns, type EntryRow, hashEntry, toMicroseconds } from './entry-form.js';

const SEALER = partOfMuster('audit sealer');

/** Entries sealed in one transaction. */
const BATCH = 5_000;

/** Ids looked through at once for entries that were left without a seal. */
const SWEEP = 100_000;

/** The seal of an entry `e`. The offset keeps the planner, whatever it knows of the tables, from a look at all seals. */
const SEAL = `SELECT FROM audit_seals d WHERE d.chain = ${chainOf('e')} AND d.entry_id = e.id OFFSET 0`;

interface Unsealed extends EntryRow {
  readonly [column: string]: unknown;
  readonly chain: string;
  readonly written_in: string;
}

interface Head {
  readonly seq: number;
  readonly hash: Buffer;
}

/**
 * Chains the entries of each operation, and of the platform, by hash. Entries are written without a lock and become visible in any
 * order; here one sealer, whatever the number of workers, gives each its place after it has been committed. It finds them by
 * transaction: PostgreSQL's snapshot of the last look tells which transactions had ended then, so what is seen now and was
 * not then is what is to be sealed. A transaction that stays open holds up nothing but its own entries.
 */
@Injectable()
export class Sealer {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Seals all that is committed, and gives how many entries that were; none while another sealer is at it. */
  async sealAll(): Promise<number> {
    let all = 0;
    while (await this.isDue()) {
      const sealed = await this.database.write(SEALER, (tx) => this.sealBatch(tx));
      if (sealed === undefined) break;
      all += sealed;
    }
    return all;
  }

  /**
   * Seals entries that no look by transactions finds: after a restore into another cluster, which counts its transactions anew.
   * Gives how many there were.
   */
  async sweep(): Promise<number> {
    let all = 0;
    for (let from: string | undefined = '0'; from !== undefined;) {
      const after: string = from;
      const step = await this.database.write(SEALER, (tx) => this.sweepFrom(tx, after));
      all += step?.sealed ?? 0;
      from = step?.next;
    }
    return all;
  }

  /** A look without a lock, so that nothing is written while there is nothing to do. */
  private isDue(): Promise<boolean> {
    return this.database.read(SEALER, async (tx) => {
      const [row] = await prepared<{ due: boolean }>(
        tx,
        `SELECT s.upto IS NOT NULL OR pg_snapshot_xmax(s.seen) > pg_snapshot_xmax(pg_current_snapshot()) OR EXISTS (
           SELECT FROM audit_entries e WHERE e.written_in >= pg_snapshot_xmin(s.seen) AND NOT pg_visible_in_snapshot(e.written_in, s.seen)
             AND pg_visible_in_snapshot(e.written_in, pg_current_snapshot())) AS due
         FROM audit_sealer s`,
        [],
      );
      return row?.due ?? false;
    });
  }

  /** Seals one batch of the present round, and begins one where there is none. Undefined: another sealer is at it. */
  private async sealBatch(tx: Tx): Promise<number | undefined> {
    if (!(await lock(tx))) return undefined;
    // A snapshot of the future is one of another cluster: what it says of transactions means nothing here.
    await prepared(
      tx,
      `UPDATE audit_sealer SET seen = CASE WHEN pg_snapshot_xmax(seen) > pg_snapshot_xmax(pg_current_snapshot()) THEN '1:1:' ELSE seen END,
         upto = pg_current_snapshot(), after_xid = '0', after_id = 0
       WHERE upto IS NULL OR pg_snapshot_xmax(upto) > pg_snapshot_xmax(pg_current_snapshot())`,
      [],
    );
    // In the index's own order: a plan that sorts would sort all that is left for each batch of it.
    await prepared(tx, `SELECT set_config('enable_sort', 'off', true)`, []);
    const entries = await prepared<Unsealed>(
      tx,
      `SELECT ${entryColumns('e')}, ${chainOf('e')} AS chain, e.written_in
       FROM audit_sealer s CROSS JOIN LATERAL (
         SELECT * FROM audit_entries e
         WHERE e.written_in >= pg_snapshot_xmin(s.seen) AND (e.written_in, e.id) > (s.after_xid, s.after_id)
           AND pg_visible_in_snapshot(e.written_in, s.upto) AND NOT pg_visible_in_snapshot(e.written_in, s.seen)
           AND NOT EXISTS (${SEAL})
         ORDER BY e.written_in, e.id LIMIT $1) e`,
      [BATCH],
    );
    await this.seal(tx, entries);
    const last = entries.at(-1);
    if (last && entries.length === BATCH) {
      await prepared(tx, `UPDATE audit_sealer SET after_xid = $1, after_id = $2`, [last.written_in, last.id]);
    } else {
      await prepared(tx, `UPDATE audit_sealer SET seen = upto, upto = NULL`, []);
    }
    return entries.length;
  }

  private async sweepFrom(tx: Tx, from: string): Promise<{ sealed: number; next?: string } | undefined> {
    if (!(await lock(tx))) return undefined;
    const [range] = await prepared<{ upto: string; more: boolean }>(
      tx,
      `SELECT $1::bigint + ${SWEEP} AS upto, EXISTS (SELECT FROM audit_entries WHERE id > $1::bigint + ${SWEEP}) AS more`,
      [from],
    );
    if (!range) return undefined;
    const entries = await prepared<Unsealed>(
      tx,
      `SELECT ${entryColumns('e')}, ${chainOf('e')} AS chain, e.written_in FROM audit_entries e
       WHERE e.id > $1 AND e.id <= $2 AND NOT EXISTS (${SEAL}) ORDER BY e.id LIMIT ${BATCH}`,
      [from, range.upto],
    );
    await this.seal(tx, entries);
    const last = entries.at(-1);
    if (last && entries.length === BATCH) return { sealed: entries.length, next: last.id };
    return { sealed: entries.length, ...(range.more ? { next: range.upto } : {}) };
  }

  private async seal(tx: Tx, entries: readonly Unsealed[]): Promise<void> {
    if (entries.length === 0) return;
    const sealedAt = toMicroseconds(this.clock.now());
    const heads = await headsOf(tx, [...new Set(entries.map(({ chain }) => chain))]);
    const seals = entries.map((entry) => {
      const before = heads.get(entry.chain);
      const seq = (before?.seq ?? 0) + 1;
      const hash = hashEntry(entry, { chain: entry.chain, seq, previous: before?.hash ?? null, sealedAt });
      heads.set(entry.chain, { seq, hash });
      return { chain: entry.chain, seq, entryId: entry.id, hash };
    });
    await prepared(
      tx,
      `INSERT INTO audit_seals (chain, seq, entry_id, sealed_at, hash)
       SELECT chain, seq, entry_id, $5, decode(hash, 'hex')
       FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[]) AS s (chain, seq, entry_id, hash)`,
      [
        seals.map(({ chain }) => chain),
        seals.map(({ seq }) => seq),
        seals.map(({ entryId }) => entryId),
        seals.map(({ hash }) => hash.toString('hex')),
        sealedAt,
      ],
    );
  }
}

/** Makes this the one sealer until the transaction ends; false where another one is. */
async function lock(tx: Tx): Promise<boolean> {
  return (await prepared(tx, `SELECT singleton FROM audit_sealer FOR UPDATE SKIP LOCKED`, [])).length > 0;
}

async function headsOf(tx: Tx, chains: readonly string[]): Promise<Map<string, Head>> {
  const rows = await prepared<{ chain: string; seq: string; hash: Buffer }>(
    tx,
    `SELECT c.chain, h.seq, h.hash FROM unnest($1::uuid[]) AS c (chain)
     CROSS JOIN LATERAL (SELECT seq, hash FROM audit_seals s WHERE s.chain = c.chain ORDER BY seq DESC LIMIT 1) h`,
    [chains],
  );
  return new Map(rows.map(({ chain, seq, hash }) => [chain, { seq: Number(seq), hash }]));
}
