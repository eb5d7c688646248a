import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';

import type { Origins } from './origins.js';

type CreateServer = IoAdapter['createIOServer'];
type ServerOptions = NonNullable<Parameters<CreateServer>[1]>;

/** socket.io behind the same door as everything else: no socket, nor its polling twin, for a page of another origin. */
export class LiveAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly origins: Origins,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: ServerOptions): ReturnType<CreateServer> {
    const settings: Partial<ServerOptions> = {
      ...options,
      // Of browsers' own rules none holds for WebSockets, so the server asks for the origin itself.
      allowRequest: ({ headers }, answer) => answer(null, this.origins.admits(headers)),
      ...(this.origins.others.length > 0 ? { cors: { origin: this.origins.others, credentials: false } } : {}),
    };
    const server = super.createIOServer(port, settings as ServerOptions);
    server.engine.on('headers', (headers: object) => Object.assign(headers, HEADERS));
    return server;
  }
}

/** Polling answers do not come by Fastify. */
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' };
