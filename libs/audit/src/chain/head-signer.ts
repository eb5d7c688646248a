import { randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { Clock, Database, partOfMuster, query, type Tx } from '#platform';

import { PLATFORM_CHAIN } from './entry-form.js';
import { commitmentTo, headForm } from './head-form.js';
import { SigningKey } from './signing-key.js';

const SIGNER = partOfMuster('audit signer');

/** How long a chain that grows may stay without a signed head. */
const INTERVAL = '1 minute';

/** How old the newest head of the platform is at most while a worker signs one in each hour, in milliseconds. */
const WORKER_IS_SEEN = 65 * 60_000;

/** Chains whose heads are signed in one transaction. */
const BATCH = 500;

interface DueHead {
  readonly chain: string;
  readonly seq: string;
  readonly hash: Buffer;
  readonly is_hourly: boolean;
}

/**
 * Signs the heads of chains, so that entries cut off at the end are missed: of a chain that has grown, a minute after its last signed
 * head; of every chain, grown or not, in each hour of the clock. The hourly ones are told to the hub and to countries, and a rhythm
 * of its own tells them nothing of what happens beside the records that they see.
 */
@Injectable()
export class HeadSigner {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly key: SigningKey,
  ) {}

  /** Signs what is due, and gives how many heads that were; none while another worker is at it. */
  async signDue(): Promise<number> {
    let all = 0;
    for (let signed = BATCH; signed === BATCH; all += signed) {
      if (!(await this.database.read(SIGNER, async (tx) => (await due(tx, this.clock.now(), 1)).length > 0))) break;
      signed = await this.database.write(SIGNER, (tx) => this.signBatch(tx));
    }
    return all;
  }

  /**
   * Signs the head of one chain now, where none that was signed covers all of it.
   * @returns false where it has to be left to the worker, which signs with a key that this process was not given
   */
  async signHead(chain: string): Promise<boolean> {
    return this.database.write(SIGNER, async (tx) => {
      const [head] = await query<DueHead>(
        tx,
        `SELECT s.chain, s.seq, s.hash, FALSE AS is_hourly FROM audit_seals s WHERE s.chain = $1
           AND s.seq > coalesce((SELECT max(h.seq) FROM audit_heads h WHERE h.chain = $1), 0) ORDER BY s.seq DESC LIMIT 1`,
        [chain],
      );
      if (!head) return true;
      const newest = await newestOfPlatform(tx);
      if (newest && newest.keyId !== (await this.key.known(tx))) return false;
      await this.sign(tx, [head], await this.key.open(tx), this.clock.now());
      return true;
    });
  }

  /**
   * Whether a head can be signed, here or soon by a worker: this process has the key that the log is signed with, or a worker that has it is at
   * work, which signs a head of the platform in each hour.
   */
  async canSign(): Promise<boolean> {
    return this.database.read(SIGNER, async (tx) => {
      const newest = await newestOfPlatform(tx);
      if (!newest || newest.keyId === (await this.key.known(tx))) return true;
      return this.clock.now().getTime() - newest.signedAt.getTime() < WORKER_IS_SEEN;
    });
  }

  private async signBatch(tx: Tx): Promise<number> {
    // What is due is looked up after it: what another worker has signed before it let go is seen, and not signed again.
    const [lock] = await query<{ isMine: boolean }>(
      tx,
      `SELECT pg_try_advisory_xact_lock(hashtextextended('muster audit signer', 0)) AS "isMine"`,
    );
    if (!lock?.isMine) return 0;
    const keyId = await this.key.open(tx);
    const signedAt = this.clock.now();
    const heads = await due(tx, signedAt, BATCH);
    await this.sign(tx, heads, keyId, signedAt);
    return heads.length;
  }

  private async sign(tx: Tx, heads: readonly DueHead[], keyId: string, signedAt: Date): Promise<void> {
    const rows = heads.map(({ chain, seq, hash, is_hourly: isHourly }) => {
      const nonce = randomBytes(32);
      const signature = this.key.sign(headForm({ chain, commitment: commitmentTo(hash, nonce), signedAt }));
      return { chain, seq, hash, nonce, isHourly, signature };
    });
    await query(
      tx,
      `INSERT INTO audit_heads (chain, signed_at, seq, hash, nonce, is_hourly, key_id, signature)
       SELECT chain, $7, seq, decode(hash, 'hex'), decode(nonce, 'hex'), is_hourly, $8, decode(signature, 'hex')
       FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::boolean[], $6::text[]) AS h (chain, seq, hash, nonce, is_hourly, signature)
       ON CONFLICT DO NOTHING`,
      [
        rows.map(({ chain }) => chain),
        rows.map(({ seq }) => seq),
        rows.map(({ hash }) => hash.toString('hex')),
        rows.map(({ nonce }) => nonce.toString('hex')),
        rows.map(({ isHourly }) => isHourly),
        rows.map(({ signature }) => signature.toString('hex')),
        signedAt,
        keyId,
      ],
    );
  }
}

async function newestOfPlatform(tx: Tx): Promise<{ readonly keyId: string; readonly signedAt: Date } | undefined> {
  const [newest] = await query<{ keyId: string; signedAt: Date }>(
    tx,
    `SELECT key_id AS "keyId", signed_at AS "signedAt" FROM audit_heads WHERE chain = $1 ORDER BY signed_at DESC LIMIT 1`,
    [PLATFORM_CHAIN],
  );
  return newest;
}

/** Heads that are to be signed now. Chains are found by steps through the index, however long each of them is. */
function due(tx: Tx, now: Date, most: number): Promise<DueHead[]> {
  return query<DueHead>(
    tx,
    `WITH RECURSIVE chains AS (
       (SELECT chain FROM audit_seals ORDER BY chain LIMIT 1)
       UNION ALL
       SELECT (SELECT s.chain FROM audit_seals s WHERE s.chain > c.chain ORDER BY s.chain LIMIT 1) FROM chains c WHERE c.chain IS NOT NULL
     )
     SELECT c.chain, head.seq, head.hash, hourly.signed_at IS NULL AS is_hourly
     FROM chains c
     CROSS JOIN LATERAL (SELECT seq, hash FROM audit_seals s WHERE s.chain = c.chain ORDER BY seq DESC LIMIT 1) head
     LEFT JOIN LATERAL (SELECT seq, signed_at FROM audit_heads h WHERE h.chain = c.chain ORDER BY signed_at DESC LIMIT 1) signed ON TRUE
     LEFT JOIN LATERAL (
       SELECT signed_at FROM audit_heads h
       WHERE h.chain = c.chain AND h.signed_at >= date_trunc('hour', $1::timestamptz) AND h.is_hourly LIMIT 1) hourly ON TRUE
     WHERE c.chain IS NOT NULL
       AND (hourly.signed_at IS NULL OR (signed.seq < head.seq AND signed.signed_at <= $1::timestamptz - interval '${INTERVAL}'))
     LIMIT $2`,
    [now, most],
  );
}
