import { Secret, TOTP } from 'otpauth';

/** Seconds of one step (RFC 6238). */
const PERIOD = 30;

/** Steps that a phone's clock may be off, either way, as RFC 6238 advises at most. */
const WINDOW = 1;

/** Bytes; the length that RFC 4226 recommends, and that of SHA-1. */
const SECRET_SIZE = 20;

/** A new secret for an authenticator app, in base32. */
export function newTotpSecret(): string {
  return new Secret({ size: SECRET_SIZE }).base32;
}

/** What an authenticator app reads as a QR code. Every app knows six digits, thirty seconds and SHA-1; several know nothing else. */
export function totpUri(secret: string, account: string): string {
  return totp(secret, account).toString();
}

/** The step that a code belongs to; undefined where it is none of now, of the step before or of the one after. */
export function stepOfCode(secret: string, code: string, now: Date): number | undefined {
  const delta = totp(secret).validate({ token: code, timestamp: now.getTime(), window: WINDOW });
  return delta === null ? undefined : TOTP.counter({ period: PERIOD, timestamp: now.getTime() }) + delta;
}

function totp(secret: string, label = ''): TOTP {
  return new TOTP({
    issuer: 'Muster',
    label,
    secret: Secret.fromBase32(secret),
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD,
  });
}
