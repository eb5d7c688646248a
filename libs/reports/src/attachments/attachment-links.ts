import { Injectable } from '@nestjs/common';
import type { Actor, Tx } from '#platform';
import { z } from 'zod';

import type { AttachmentLink } from './attachment.js';
import { SealedLinks } from './sealed-links.js';

export const DOWNLOAD_PATH = '/attachments/download';

/** What a link stands for. */
const Claims = z.object({
  session: z.uuid(),
  record: z.uuid(),
  attachment: z.uuid(),
  original: z.boolean(),
});
export type LinkClaims = z.infer<typeof Claims>;

/** Links that stand for one attachment and one session. */
@Injectable()
export class AttachmentLinks {
  constructor(private readonly links: SealedLinks) {}

  make(tx: Tx, actor: Actor, about: Omit<LinkClaims, 'session'>): Promise<AttachmentLink> {
    return this.links.make(tx, actor, DOWNLOAD_PATH, about);
  }

  /** What a link stands for; undefined where it is none of this installation's, or too old. */
  read(tx: Tx, link: string): Promise<LinkClaims | undefined> {
    return this.links.read(tx, link, Claims);
  }
}
