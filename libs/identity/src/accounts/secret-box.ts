import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { CONFIG, type Config } from '#platform';
import { DataSource } from 'typeorm';

const CIPHER = 'aes-256-gcm';
/** Bytes; as NIST SP 800-38D recommends for GCM. */
const NONCE = 12;
const TAG = 16;
const KEY = 32;

/**
 * Encrypts what is kept and must be read back, such as the secret of an authenticator app: AES-256-GCM with a key of this
 * installation, each text bound to its place, so that none can be moved to another row. One part of the key lies in the table `secrets`,
 * the other is the setting ENCRYPTION_KEY, where it is given: then a copy of the database opens nothing.
 */
@Injectable()
export class SecretBox {
  private key: Promise<Buffer> | undefined;

  constructor(
    @InjectDataSource() private readonly source: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @param place what the text belongs to, such as `totp:` and a person's id; needed to open it again */
  async seal(place: string, text: string): Promise<Buffer> {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(CIPHER, await this.getKey(), nonce, { authTagLength: TAG });
    cipher.setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws Error when it was changed, or sealed for another place or with another key */
  async open(place: string, sealed: Buffer): Promise<string> {
    const decipher = createDecipheriv(CIPHER, await this.getKey(), sealed.subarray(0, NONCE), { authTagLength: TAG });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]).toString('utf8');
  }

  private getKey(): Promise<Buffer> {
    this.key ??= this.readKey().catch((error: unknown) => {
      this.key = undefined; // the next one asks again
      throw error;
    });
    return this.key;
  }

  private async readKey(): Promise<Buffer> {
    const [row] = await this.source.query<{ value: Buffer }[]>(`SELECT value FROM secrets WHERE name = 'sign-in'`);
    if (!row) throw new Error('The key of sign-in is missing: run the migrations.');
    const parts = Buffer.concat([row.value, Buffer.from(this.config.encryptionKey ?? '')]);
    return Buffer.from(hkdfSync('sha256', parts, '', 'muster sign-in', KEY));
  }
}
