import { Injectable } from '@nestjs/common';
import { type Actor, Database, forbidden, hasRole, prepared, Role, type Tx } from '#platform';

import { LogEntrance } from '../log/log-entrance.js';
import type { AuditHead } from './audit-head.js';
import { PLATFORM_CHAIN } from './entry-form.js';
import { commitmentTo } from './head-form.js';
import { publicKeyPem } from './signing-key.js';

/** The newest heads that are told at once: a week of hourly ones. */
const MOST_HEADS = 168;

export interface HeadRow {
  readonly [column: string]: unknown;
  readonly chain: string;
  readonly signed_at: Date;
  readonly seq: string;
  readonly hash: Buffer;
  readonly nonce: Buffer;
  readonly signature: Buffer;
  /** Null where the key is not in the log. */
  readonly public_key: Buffer | null;
}

interface ToldHead extends HeadRow {
  readonly public_key: Buffer;
}

/** Tells signed heads to those who want to keep them outside. */
@Injectable()
export class AuditHeads {
  constructor(
    private readonly database: Database,
    private readonly entrance: LogEntrance,
  ) {}

  /**
   * The newest hourly heads of an operation's chain, newest first; without an operation those of the platform. Of what they cover nothing is
   * told, to the hub neither: it would learn how much was done to records that it may not see.
   * @throws FORBIDDEN for others than the hub and coordinators (of an operation) and administrators (of the platform)
   */
  newest(actor: Actor, operationId: string | null): Promise<AuditHead[]> {
    return this.database.readAnywhere(actor, async (tx) => {
      if (!(await this.mayKeep(tx, actor, operationId))) throw forbidden();
      const rows = await prepared<ToldHead>(
        tx,
        `SELECT h.chain, h.signed_at, h.seq, h.hash, h.nonce, h.signature, k.public_key FROM audit_heads h JOIN audit_keys k ON k.id = h.key_id
         WHERE h.chain = $1 AND h.is_hourly ORDER BY h.signed_at DESC LIMIT ${MOST_HEADS}`,
        [operationId ?? PLATFORM_CHAIN],
      );
      return rows.map(wordHead);
    });
  }

  private async mayKeep(tx: Tx, actor: Actor, operationId: string | null): Promise<boolean> {
    if (operationId === null) return hasRole(actor, Role.ADMINISTRATOR);
    const { hub, coordinates } = await this.entrance.enter(tx, actor, operationId);
    return hub || coordinates.length > 0;
  }
}

function wordHead({ chain, signed_at: signedAt, hash, nonce, signature, public_key: key }: ToldHead): AuditHead {
  return {
    chain,
    signedAt,
    commitment: commitmentTo(hash, nonce),
    signature: signature.toString('base64'),
    publicKey: publicKeyPem(key),
  };
}
