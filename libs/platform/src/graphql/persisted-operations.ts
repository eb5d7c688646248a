import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MusterError } from '../errors.js';
import { readDocument } from './document-limits.js';

/** The only documents that a server takes, by the SHA-256 of their text in hexadecimal. */
export type PersistedOperations = ReadonlyMap<string, string>;

/** As build tools of clients write them: texts by hash, a list of texts, or the manifest of Apollo's clients. */
const Manifest = z.union([
  z
    .object({ operations: z.array(z.object({ body: z.string() })) })
    .transform(({ operations }) => operations.map(({ body }) => body)),
  z.array(z.string()),
  z.record(z.string().regex(/^[0-9a-f]{64}$/), z.string()),
]);

/**
 * Reads the documents of a folder (`*.graphql`, one document each) or of a JSON file.
 * @throws Error where they cannot be read, or one of them would never be taken: a server that took nothing would be found out too late
 */
export function readPersistedOperations(path: string): PersistedOperations {
  const documents = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.graphql'))
        .sort()
        .map((name) => readFileSync(join(path, name), 'utf8'))
    : manifest(path);
  if (documents.length === 0) throw new Error(`PERSISTED_OPERATIONS: ${path} holds no operation.`);
  for (const document of documents) readDocument(document);
  return new Map(documents.map((document) => [sha256(document), document]));
}

function manifest(path: string): readonly string[] {
  const read = Manifest.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!read.success) throw new Error(`PERSISTED_OPERATIONS: ${path} is no list of documents.`);
  if (Array.isArray(read.data)) return read.data;
  for (const [hash, document] of Object.entries(read.data)) {
    if (sha256(document) !== hash)
      throw new Error(`PERSISTED_OPERATIONS: in ${path}, ${hash} is not the SHA-256 of its document.`);
  }
  return Object.values(read.data);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Sent {
  query?: unknown;
  documentId?: unknown;
  extensions?: unknown;
}

/**
 * Puts the document that a request names in the place of its query, or refuses the request. A request names it by `documentId`, by
 * `extensions.persistedQuery.sha256Hash`, or by sending its very text.
 */
export function takeOnly(operations: PersistedOperations) {
  return (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const sent = (request.method === 'GET' ? request.query : request.body) as Sent | null | undefined;
    // What is no request at all is refused as such, behind this.
    if (request.validationError || typeof sent !== 'object' || sent === null) return done();
    const document = operations.get(hashIn(sent) ?? '');
    if (document === undefined) {
      return done(
        new MusterError(
          'BAD_USER_INPUT',
          'This server takes only the operations that it was given beforehand: send the hash of one.',
        ),
      );
    }
    sent.query = document;
    done();
  };
}

function hashIn({ query, documentId, extensions }: Sent): string | undefined {
  const ofText = typeof query === 'string' && query !== '' ? sha256(query) : undefined;
  const named = typeof documentId === 'string' ? documentId.replace(/^sha256:/, '') : persistedHash(extensions);
  const hash = (named ?? ofText)?.toLowerCase();
  return ofText !== undefined && ofText !== hash ? undefined : hash;
}

function persistedHash(extensions: unknown): string | undefined {
  const read = Extensions.safeParse(typeof extensions === 'string' ? parsed(extensions) : extensions);
  return read.success ? read.data.persistedQuery.sha256Hash : undefined;
}

const Extensions = z.object({ persistedQuery: z.object({ sha256Hash: z.string() }) });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
