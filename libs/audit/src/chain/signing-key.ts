import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { Clock, CONFIG, type Config, prepared, type Tx } from '#platform';

const SECRET = 'audit-signing';

interface Signer {
  readonly id: string;
  readonly privateKey: KeyObject;
}

/**
 * The Ed25519 key that heads are signed with: the one of the settings, else one that is made when it is first needed and kept in the
 * table of secrets. Public keys are kept for good, so that old heads can be checked after a change of key.
 */
@Injectable()
export class SigningKey {
  private signer: Signer | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Makes ready to sign within a transaction, and gives the id of the key. */
  async open(tx: Tx): Promise<string> {
    this.signer ??= signerOf(
      this.config.auditSigningKey === undefined
        ? createPrivateKey({ key: await kept(tx), format: 'der', type: 'pkcs8' })
        : createPrivateKey(this.config.auditSigningKey),
    );
    await prepared(
      tx,
      `INSERT INTO audit_keys (id, public_key, first_used_at) SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM audit_keys WHERE id = $1)
       ON CONFLICT DO NOTHING`,
      [this.signer.id, spkiOf(createPublicKey(this.signer.privateKey)), this.clock.now()],
    );
    return this.signer.id;
  }

  /** The id of the key that {@link open} would give, as long as it would make none. */
  async known(tx: Tx): Promise<string | undefined> {
    if (this.config.auditSigningKey !== undefined) return signerOf(createPrivateKey(this.config.auditSigningKey)).id;
    const [row] = await prepared<{ value: Buffer }>(tx, `SELECT value FROM secrets WHERE name = '${SECRET}'`, []);
    return row && signerOf(createPrivateKey({ key: row.value, format: 'der', type: 'pkcs8' })).id;
  }

  sign(message: Uint8Array): Buffer {
    if (!this.signer) throw new Error('The signing key is not open.');
    return sign(null, message, this.signer.privateKey);
  }
}

/** A short name of a public key: the beginning of the SHA-256 of its SubjectPublicKeyInfo. */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256').update(spkiOf(publicKey)).digest('hex').slice(0, 16);
}

export function readPublicKey(spki: Buffer): KeyObject {
  return createPublicKey({ key: spki, format: 'der', type: 'spki' });
}

/** As clients are told it, and as `openssl pkeyutl -verify` takes it. */
export function publicKeyPem(spki: Buffer): string {
  return readPublicKey(spki).export({ format: 'pem', type: 'spki' }).toString();
}

function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' });
}

function signerOf(privateKey: KeyObject): Signer {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('AUDIT_SIGNING_KEY must be an Ed25519 key.');
  return { id: keyId(createPublicKey(privateKey)), privateKey };
}

/** The key of the table of secrets. Of several workers that start at once, one makes it. */
async function kept(tx: Tx): Promise<Buffer> {
  const look = `SELECT value FROM secrets WHERE name = '${SECRET}'`;
  const [before] = await prepared<{ value: Buffer }>(tx, look, []);
  if (before) return before.value;
  const made = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' });
  await prepared(tx, `INSERT INTO secrets (name, value) VALUES ('${SECRET}', $1) ON CONFLICT DO NOTHING`, [made]);
  const [row] = await prepared<{ value: Buffer }>(tx, look, []);
  if (!row) throw new Error('The key that heads of the audit log are signed with is missing.');
  return row.value;
}
