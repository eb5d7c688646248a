import { Injectable } from '@nestjs/common';
import { Accounts } from '#identity';
import { type Actor, Database, notFound, partOfMuster } from '#platform';
import type { z } from 'zod';

import { SealedLinks } from './sealed-links.js';

const LINKS = partOfMuster('links');

/** Who opens a link, and what it stands for. */
export interface OpenedLink<Claims> {
  readonly claims: Claims;
  readonly actor: Actor;
}

/** Opens links for the sessions that they were made for. */
@Injectable()
export class OpenedLinks {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly links: SealedLinks,
  ) {}

  /**
   * Who opens a link, with all that this person may do now.
   * @throws NOT_FOUND where it is none of this installation's, too old, stands for something else, or its session has ended
   */
  async open<Claims extends { readonly session: string }>(
    link: string,
    form: z.ZodType<Claims>,
  ): Promise<OpenedLink<Claims>> {
    const claims = await this.database.read(LINKS, (tx) => this.links.read(tx, link, form));
    const actor = claims && (await this.accounts.actorsOf([claims.session])).get(claims.session);
    if (!actor) throw notFound();
    return { claims, actor };
  }
}
