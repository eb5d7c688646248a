import { createHash, randomBytes } from 'node:crypto';

/** What a token is for; the letters it begins with say so, to people and to scanners for leaked secrets. */
export type TokenKind = 'mat' | 'mrt' | 'mit' | 'mst' | 'msc';

/**
 * A new opaque token of 256 random bits: `mat_` for access, `mrt_` to refresh, `mit_` for an invitation; `mst_` for a browser that is at
 * an agency's provider, `msc_` for the code that it brings back.
 */
export function newToken(kind: TokenKind): string {
  return `${kind}_${randomBytes(32).toString('base64url')}`;
}

/** What is kept of a token. A token is random, so one round of SHA-256 is enough: there is nothing to guess. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
