import { UseFilters } from '@nestjs/common';
import {
  Ack,
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { type Actor, MusterError, SignedIn } from '#platform';

import type { LiveNamespace, LiveSocket } from './link.js';
import { codeOf, LiveErrors } from './live-errors.filter.js';
import { LiveFeed } from './live-feed.service.js';
import { type Acknowledge, type LiveCode, readFollow, readUnfollow } from './messages.js';

/** The most bytes that one message may have; a follow has some two hundred. */
const LARGEST_MESSAGE = 16 * 1024;

/** The live feed's door: socket.io on the api's own port. A socket gives an access token once, and lives by its session. */
@WebSocketGateway({ namespace: '/live', path: '/socket.io', serveClient: false, maxHttpBufferSize: LARGEST_MESSAGE })
@UseFilters(LiveErrors)
export class LiveGateway
  implements OnGatewayInit<LiveNamespace>, OnGatewayConnection<LiveSocket>, OnGatewayDisconnect<LiveSocket>
{
  private readonly arrivals = new WeakMap<object, number>();
  private arrived = 0;

  constructor(private readonly live: LiveFeed) {}

  afterInit(namespace: LiveNamespace): void {
    namespace.use((socket, next) => {
      this.identify(socket).then(
        () => next(),
        (error: unknown) => next(refusal(codeOf(error))),
      );
    });
    // There is nothing in the namespace that every server has.
    namespace.server.of('/').use((_, next) => next(refusal('NOT_FOUND')));
  }

  handleConnection(socket: LiveSocket): void {
    const { actor, sessionId } = socket.data;
    if (!actor?.userId || sessionId === undefined) return void socket.disconnect(true);
    socket.onAny((_, message: unknown) => {
      if (typeof message === 'object' && message !== null) this.arrivals.set(message, ++this.arrived);
    });
    this.live.connect(socket, sessionId, actor.userId);
  }

  handleDisconnect(socket: LiveSocket): void {
    this.live.disconnect(socket);
  }

  @SubscribeMessage('follow')
  @SignedIn()
  async follow(
    @ConnectedSocket() socket: LiveSocket,
    @MessageBody() message: unknown,
    @Ack() acknowledge: Acknowledge,
  ): Promise<void> {
    const request = readFollow(message);
    await this.live.follow(socket, actorOf(socket), request, this.orderOf(message), () => acknowledge?.({ ok: true }));
  }

  @SubscribeMessage('unfollow')
  @SignedIn()
  unfollow(
    @ConnectedSocket() socket: LiveSocket,
    @MessageBody() message: unknown,
    @Ack() acknowledge: Acknowledge,
  ): void {
    const { operationId } = readUnfollow(message);
    this.live.unfollow(socket, operationId, this.orderOf(message));
    acknowledge?.({ ok: true });
  }

  private async identify(socket: LiveSocket): Promise<void> {
    const token: unknown = socket.handshake.auth.token;
    const actor = typeof token === 'string' ? await this.live.actorOf(token) : undefined;
    if (!actor || actor.sessionId === null) throw new MusterError('UNAUTHENTICATED', 'Sign in first.');
    socket.data.sessionId = actor.sessionId;
    socket.data.actor = actor;
  }

  /** When a message came, among all messages: they are answered side by side, and what came last must win. */
  private orderOf(message: unknown): number {
    return (typeof message === 'object' && message !== null && this.arrivals.get(message)) || 0;
  }
}

function actorOf({ data }: LiveSocket): Actor {
  if (!data.actor) throw new MusterError('UNAUTHENTICATED', 'Sign in first.');
  return data.actor;
}

/** An error as a client of socket.io gets it in `connect_error`. */
function refusal(code: LiveCode): Error {
  return Object.assign(new Error(code), { data: { code } });
}
