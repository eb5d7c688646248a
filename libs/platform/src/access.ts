import { createParamDecorator, type CustomDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';

import type { Actor } from './actor.js';
import type { Role } from './role.js';

/** Metadata key of the word on who may call a query, a mutation or a socket message. */
export const ACCESS = 'muster:access';

/** Who may call: anyone at all, anyone with an account, or holders of one of some roles. */
export type Access = 'public' | 'signed-in' | readonly Role[];

/** Only holders of one of these roles may call; in which operation and for which country, the service asks. */
export const Allow = (...roles: readonly Role[]): CustomDecorator => SetMetadata<string, Access>(ACCESS, roles);

/** Anyone with an account may call; what they get depends on who they are. */
export const SignedIn = (): CustomDecorator => SetMetadata<string, Access>(ACCESS, 'signed-in');

/** Anyone may call, without an account. */
export const Public = (): CustomDecorator => SetMetadata<string, Access>(ACCESS, 'public');

/** A request as the access guard leaves it. */
export interface ActingRequest {
  actor?: Actor;
}

/** What resolvers share within one request. */
export interface RequestContext {
  readonly req: FastifyRequest & ActingRequest;
}

/** The person who makes the request; the guard has put it there. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { req } = GqlExecutionContext.create(context).getContext<RequestContext>();
  if (!req.actor) throw new Error('A field asks for the actor of a request that nobody signed.');
  return req.actor;
});
