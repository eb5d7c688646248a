import { canonicalJson, sha256 } from './canonical.js';

/** What is signed of a chain's head: when, and a commitment to its hash. */
export interface HeadStatement {
  readonly chain: string;
  /** As {@link commitmentTo} gives it, in hexadecimal. */
  readonly commitment: string;
  readonly signedAt: Date;
}

/**
 * Hides a head's hash until it is to be proved: SHA-256 over the hash and 32 random bytes that are kept with the head. A country may
 * keep commitments outside without learning from them whether anything happened between two of them, or how much. The hash
 * itself covers the entry's place in the chain and all that came before.
 */
export function commitmentTo(hash: Uint8Array, nonce: Uint8Array): string {
  return sha256(hash, nonce).toString('hex');
}

/** The bytes that a head's Ed25519 signature is over. */
export function headForm({ chain, commitment, signedAt }: HeadStatement): Buffer {
  return Buffer.from(
    canonicalJson({ form: 'muster.audit.head.1', chain, commitment, signedAt: signedAt.toISOString() }),
  );
}
