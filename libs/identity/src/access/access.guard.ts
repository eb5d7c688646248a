import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GqlExecutionContext, type GqlContextType } from '@nestjs/graphql';
import {
  ACCESS,
  type Access,
  type Actor,
  type ActingRequest,
  forbidden,
  hasRole,
  MusterError,
  type RequestContext,
} from '#platform';
import type { GraphQLResolveInfo } from 'graphql';

import { Accounts } from '../accounts/accounts.service.js';
import { BEFORE_SECOND_FACTOR, secondFactorMissing, type SessionActor } from './enrolment.js';
import { RequestActors, type SignedRequest } from './request-actors.js';

/** What the live gateway keeps on a socket: the session it was opened with, and who acted by it at the last message. */
export interface SocketIdentity {
  sessionId?: string;
  actor?: Actor;
}

/**
 * Stands before every query, mutation, route and socket message, and lets through whom its `@Allow`, `@SignedIn` or `@Public`
 * names. What names nobody lets nobody through.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly requests: RequestActors,
    private readonly accounts: Accounts,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (isFieldOfAType(context)) return true;
    const marked = [context.getHandler(), context.getClass()];
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, marked);
    if (access === 'public') return true;
    const actor = await this.actorOf(context);
    if (!actor) throw new MusterError('UNAUTHENTICATED', 'Sign in first.');
    if (actor.lacksSecondFactor && this.reflector.getAllAndOverride<unknown>(BEFORE_SECOND_FACTOR, marked) !== true)
      throw secondFactorMissing();
    if (access === undefined || (access !== 'signed-in' && !hasRole(actor, ...access))) throw forbidden();
    return true;
  }

  private async actorOf(context: ExecutionContext): Promise<SessionActor | undefined> {
    switch (context.getType<GqlContextType>()) {
      case 'graphql': {
        const graphql = GqlExecutionContext.create(context);
        const { parentType } = graphql.getInfo<GraphQLResolveInfo>();
        return this.actorOfRequest(graphql.getContext<RequestContext>().req, parentType.name === 'Query');
      }
      case 'http':
        return this.actorOfRequest(context.switchToHttp().getRequest<SignedRequest & ActingRequest>(), false);
      case 'ws':
        return this.actorOfSocket(context.switchToWs().getClient<{ data: SocketIdentity }>().data);
      case 'rpc':
        return undefined;
    }
  }

  /** @param onlyReads what else may write finds what it wrote in the primary alone: its actor has no point of the log from before */
  private async actorOfRequest(
    request: SignedRequest & ActingRequest,
    onlyReads: boolean,
  ): Promise<SessionActor | undefined> {
    const found = await this.requests.of(request);
    const actor = found && !onlyReads ? withoutLogPoint(found) : found;
    request.actor = actor;
    return actor;
  }

  /** A socket outlives its token, and lives by its session; so who acts is asked anew at each message. */
  private async actorOfSocket(socket: SocketIdentity): Promise<SessionActor | undefined> {
    const { sessionId } = socket;
    const actor = sessionId === undefined ? undefined : (await this.accounts.actorsOf([sessionId])).get(sessionId);
    socket.actor = actor;
    return actor;
  }
}

function withoutLogPoint({ logPoint: _, ...actor }: SessionActor): SessionActor {
  return actor;
}

/** A field of a type needs no leave of its own: whoever reads it was let through to the query above it. */
function isFieldOfAType(context: ExecutionContext): boolean {
  if (context.getType<GqlContextType>() !== 'graphql') return false;
  const { parentType } = GqlExecutionContext.create(context).getInfo<GraphQLResolveInfo>();
  return parentType.name !== 'Query' && parentType.name !== 'Mutation';
}
