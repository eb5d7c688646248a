import { randomInt } from 'node:crypto';

import { tokenHash } from '../accounts/tokens.js';

/** How many a person gets. */
export const RECOVERY_CODES = 10;

/** Crockford's base32: no letter that is taken for a digit, or for another letter. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 24;
const GROUP = 6;

/**
 * Ten new codes of 120 random bits. NIST SP 800-63B-4 lets codes of 112 bits and more be kept as a plain hash; shorter ones would
 * need a slow one, ten times at each try.
 */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, newCode);
}

function newCode(): string {
  const letters = Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length)));
  return Array.from({ length: LENGTH / GROUP }, (_, group) =>
    letters.slice(group * GROUP, (group + 1) * GROUP).join(''),
  ).join('-');
}

/** What is kept of a code. However it is typed: small letters, O for 0, I and L for 1, with or without dashes. */
export function recoveryCodeHash(typed: string): Buffer {
  const code = typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  return tokenHash(`recovery ${code}`);
}
