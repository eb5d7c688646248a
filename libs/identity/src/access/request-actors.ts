import { Injectable } from '@nestjs/common';
import type { Actor } from '#platform';

import { Accounts } from '../accounts/accounts.service.js';

/** The part of a request that says who makes it. */
export interface SignedRequest {
  readonly headers: { readonly authorization?: string };
}

/** Who makes a request, looked up once however many fields it asks for. */
@Injectable()
export class RequestActors {
  private readonly known = new WeakMap<SignedRequest, Promise<Actor | undefined>>();

  constructor(private readonly accounts: Accounts) {}

  of(request: SignedRequest): Promise<Actor | undefined> {
    let actor = this.known.get(request);
    if (!actor) {
      actor = this.lookUp(request);
      this.known.set(request, actor);
    }
    return actor;
  }

  /** What is asked for after this in the same request looks again: a sign-out works at once. */
  forget(request: SignedRequest): void {
    this.known.delete(request);
  }

  private async lookUp({ headers }: SignedRequest): Promise<Actor | undefined> {
    const [, token] = /^Bearer +([^ ]+)$/i.exec(headers.authorization ?? '') ?? [];
    return token ? this.accounts.actorOf(token) : undefined;
  }
}
