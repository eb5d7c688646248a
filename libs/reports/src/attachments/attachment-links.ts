import { Inject, Injectable } from '@nestjs/common';
import { type Actor, Clock, CONFIG, type Config, prepared, type Tx } from '#platform';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { JOSEError } from 'jose/errors';
import { z } from 'zod';

import type { AttachmentLink } from './attachment.js';

/** How long a link works. */
export const LINK_MINUTES = 5;

export const DOWNLOAD_PATH = '/attachments/download';

/** What a link stands for. */
const Claims = z.object({
  session: z.uuid(),
  record: z.uuid(),
  attachment: z.uuid(),
  original: z.boolean(),
});
export type LinkClaims = z.infer<typeof Claims>;

/**
 * Links that stand for one attachment and one session, encrypted and authenticated with a key of this installation (JWE, AES-256-GCM): they
 * can't be guessed, made up or changed, and tell nothing. What they stand for is judged anew when they are used.
 */
@Injectable()
export class AttachmentLinks {
  constructor(
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async make(tx: Tx, { sessionId }: Actor, about: Omit<LinkClaims, 'session'>): Promise<AttachmentLink> {
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + LINK_MINUTES * 60_000);
    const link = await new EncryptJWT({ session: sessionId, ...about })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setExpirationTime(expiresAt)
      .encrypt(await keyIn(tx));
    return { url: `${this.config.publicUrl?.replace(/\/$/, '') ?? ''}${DOWNLOAD_PATH}?link=${link}`, expiresAt };
  }

  /** What a link stands for; undefined where it is none of this installation's, or too old. */
  async read(tx: Tx, link: string): Promise<LinkClaims | undefined> {
    try {
      const options = { currentDate: this.clock.now(), keyManagementAlgorithms: ['dir'] };
      const { payload } = await jwtDecrypt(link, await keyIn(tx), options);
      return Claims.parse(payload);
    } catch (error) {
      if (error instanceof JOSEError || error instanceof TypeError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  }
}

async function keyIn(tx: Tx): Promise<Buffer> {
  const [row] = await prepared<{ value: Buffer }>(tx, `SELECT value FROM secrets WHERE name = 'attachment-links'`, []);
  if (!row) throw new Error('The key of the links is missing: run the migrations.');
  return row.value;
}
