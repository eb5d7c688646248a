import { Injectable } from '@nestjs/common';

import { Accounts } from '../accounts/accounts.service.js';
import type { SessionActor } from './enrolment.js';

const LOOK_UP = Symbol('actor of the request');

/** The part of a request that says who makes it. */
export interface SignedRequest {
  readonly headers: { readonly authorization?: string };
  /** Kept on the request itself: what a WeakMap holds outlives most requests until the next full collection of garbage. */
  [LOOK_UP]?: Promise<SessionActor | undefined>;
}

/** Who makes a request, looked up once however many fields it asks for. */
@Injectable()
export class RequestActors {
  constructor(private readonly accounts: Accounts) {}

  of(request: SignedRequest): Promise<SessionActor | undefined> {
    return (request[LOOK_UP] ??= this.lookUp(request));
  }

  /** What is asked for after this in the same request looks again: a sign-out works at once. */
  forget(request: SignedRequest): void {
    delete request[LOOK_UP];
  }

  private async lookUp({ headers }: SignedRequest): Promise<SessionActor | undefined> {
    const [, token] = /^Bearer +([^ ]+)$/i.exec(headers.authorization ?? '') ?? [];
    return token ? this.accounts.actorOf(token) : undefined;
  }
}
