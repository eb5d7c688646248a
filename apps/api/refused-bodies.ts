import { finished } from 'node:stream/promises';
import type { FastifyInstance } from 'fastify';

/** How long a refused body may go on arriving before it is cut off. */
const LONGEST_MS = 10_000;

/**
 * Reads a body that is too large to its end, and throws it away, before it is refused. An answer sent meanwhile, with the
 * connection closed after it, is lost on many clients: they are still writing, and see a broken connection in place of the 413.
 */
export function readRefusedBodies(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply, payload) => {
    if (reply.statusCode === 413) {
      const signal = AbortSignal.timeout(LONGEST_MS);
      await finished(request.raw.resume(), { writable: false, signal }).catch(() => undefined);
    }
    return payload;
  });
}
