import type { FastifyInstance } from 'fastify';

/** The media type of a part of an upload, by tus 1.0. */
const PART = 'application/offset+octet-stream';

/** Lets parts of uploads through as they come: whoever takes them reads the stream, as far as the upload goes. */
export function leaveUploadsUnread(server: FastifyInstance): void {
  server.addContentTypeParser(PART, (_request, _payload, done) => done(null));
}
