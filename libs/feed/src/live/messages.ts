import { badInput } from '#platform';
import type { ErrorCode } from '#platform';
import { z } from 'zod';

import type { ToldEvent } from '../feed.service.js';

/** A FeedEvent as it goes over the socket. */
export interface SocketEvent {
  readonly cursor: string;
  readonly operationId: string;
  readonly kind: string;
  readonly occurredAt: string;
  readonly subjectId: string;
  readonly country: string | null;
  readonly payload: object;
}

/** Why something was refused or ended; INTERNAL is ours to mend. */
export type LiveCode = ErrorCode | 'INTERNAL';

/** What the server says to a follower. */
export interface ServerMessages {
  event: (event: SocketEvent) => void;
  live: (message: { readonly operationId: string; readonly cursor: string }) => void;
  behind: (message: { readonly operationId: string; readonly cursor: string }) => void;
  /** At intervals, to each follower that was told the past: where the feed, as far as the viewer may see it, ends now. */
  heartbeat: (message: { readonly operationId: string; readonly cursor: string }) => void;
  ended: (message: { readonly operationId: string; readonly code: LiveCode }) => void;
}

export type Answer = { readonly ok: true } | { readonly ok: false; readonly code: LiveCode };

/** The acknowledgement of a message, where the client asked for one. */
export type Acknowledge = ((answer: Answer) => void) | undefined;

const operationId = z.guid().transform((id) => id.toLowerCase());
const Follow = z.object({ operationId, after: z.string().nullish(), fromNow: z.boolean().nullish() });
const Unfollow = z.object({ operationId });

export interface FollowRequest {
  readonly operationId: string;
  /** The cursor of the last event that the client has; absent: from the beginning. */
  readonly after?: string | null | undefined;
  /** Nothing of the past, whatever `after` says. */
  readonly fromNow?: boolean | null | undefined;
}

/** @throws BAD_USER_INPUT for anything that is no such message */
export function readFollow(message: unknown): FollowRequest {
  return read(Follow, message);
}

/** @throws BAD_USER_INPUT for anything that is no such message */
export function readUnfollow(message: unknown): { readonly operationId: string } {
  return read(Unfollow, message);
}

export function toSocketEvent({
  cursor,
  operationId,
  kind,
  occurredAt,
  subjectId,
  country,
  payload,
}: ToldEvent): SocketEvent {
  return { cursor, operationId, kind, occurredAt: occurredAt.toISOString(), subjectId, country, payload };
}

function read<T>(form: z.ZodType<T>, message: unknown): T {
  const result = form.safeParse(message);
  if (result.success) return result.data;
  throw badInput(
    result.error.issues.map(({ path, message: fault }) => ({ path: path.join('.'), rule: 'message', message: fault })),
  );
}
