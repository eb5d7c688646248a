import { type Actor, Clock, CONFIG, type Config, prepared, type Tx } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { JOSEError } from 'jose/errors';
import { z } from 'zod';

/** How long a link works. */
export const LINK_MINUTES = 5;

/** A link and when it ends. */
export interface SealedLink {
  readonly url: string;
  readonly expiresAt: Date;
}

/**
 * Links that stand for one file and one session, encrypted and authenticated with a key of this installation (JWE, AES-256-GCM): they
 * can't be guessed, made up or changed, and tell nothing. What they stand for is judged anew when they are used.
 */
@Injectable()
export class SealedLinks {
  constructor(
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @param path of the server, such as `/attachments/download` */
  async make(
    tx: Tx,
    { sessionId }: Actor,
    path: string,
    about: Readonly<Record<string, string | boolean>>,
  ): Promise<SealedLink> {
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + LINK_MINUTES * 60_000);
    const link = await new EncryptJWT({ session: sessionId, ...about })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setExpirationTime(expiresAt)
      .encrypt(await keyIn(tx));
    return { url: `${this.config.publicUrl?.replace(/\/$/, '') ?? ''}${path}?link=${link}`, expiresAt };
  }

  /** What a link stands for; undefined where it is none of this installation's, too old, or stands for something else. */
  async read<Claims>(tx: Tx, link: string, claims: z.ZodType<Claims>): Promise<Claims | undefined> {
    try {
      const options = { currentDate: this.clock.now(), keyManagementAlgorithms: ['dir'] };
      const { payload } = await jwtDecrypt(link, await keyIn(tx), options);
      return claims.parse(payload);
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
