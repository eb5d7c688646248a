import { hash, verify } from '@node-rs/argon2';

/** Argon2id with 19 MiB, two passes and one lane, as OWASP's cheat sheet on password storage asks for at the least. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Bytes; longer ones would only be work for the server. */
export const LONGEST = 1024;

/** Checked where there is no password to check, so that an unknown address takes as long as a wrong password. */
const NOBODYS = hash('nobody signs in with this', COST);

export function hashPassword(password: string): Promise<string> {
  return hash(composed(password), COST);
}

/**
 * Whether it is the password. Takes the same time whether there is a hash or not.
 * @param kept the hash of the account; null where the address is unknown or no password was ever set
 */
export async function isPassword(kept: string | null, password: string): Promise<boolean> {
  const tooLong = Buffer.byteLength(password) > LONGEST;
  const matches = await verify(kept ?? (await NOBODYS), tooLong ? '' : composed(password));
  return matches && kept !== null && !tooLong;
}

/** One form for what looks the same: keyboards differ in how they compose an accented letter (NIST SP 800-63B). */
export function composed(password: string): string {
  return password.normalize('NFKC');
}
