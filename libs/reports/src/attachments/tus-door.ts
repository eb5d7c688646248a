import type { IncomingMessage } from 'node:http';

import { ERRORS, Metadata, Server, type Upload as TusUpload } from '@tus/server';
import type { Accounts } from '#identity';
import {
  type ActingRequest,
  type Actor,
  badInput,
  type Database,
  type FieldFault,
  MusterError,
  notFound,
} from '#platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { validate } from 'uuid';

import { type HttpFault, httpFault } from './http-errors.filter.js';
import type { ObjectStore } from './object-store.js';
import { type LockTable, TusRefusal, UploadLocker } from './upload-lock.js';

/** tus 1.0 has this status for content whose checksum is not the promised one. */
const CHECKSUM_MISMATCH = 460;
/** How long a request that has to stop may go on with what it has in hand. In milliseconds. */
const DRAIN_MS = 500;

type SignedRequest = FastifyRequest & ActingRequest;

/** An upload that the actor may go on with, or the one that brought a file before. */
export interface BroughtUpload {
  readonly id: string;
  readonly operationId: string;
  /** Bytes, as they were promised. */
  readonly size: number;
  /** It is here, whole and right. */
  readonly isDone: boolean;
}

/** What `Upload-Metadata` says. */
export type UploadMetadata = Readonly<Record<string, string | null | undefined>>;

/** Who may bring files of one kind, and what becomes of them. */
export interface UploadKeeper<Upload extends BroughtUpload> {
  /** The table of the uploads, which also locks them. */
  readonly table: LockTable;
  /** What is wrong with what an upload says of itself, in one answer with what is wrong with its size. */
  faultsOf(metadata: UploadMetadata): readonly FieldFault[];
  /** @param size bytes, as the sender says */
  begin(actor: Actor, metadata: UploadMetadata, size: number): Promise<Upload>;
  /** @throws NOT_FOUND where there is none that the actor may go on with */
  find(actor: Actor, id: string): Promise<Upload>;
  /** Takes an upload whose last byte has come; false where its content is not the promised one. */
  finish(actor: Actor, upload: Upload): Promise<boolean>;
  /** Removes what is left of an upload that is over. */
  tidy(actor: Actor, upload: Upload): Promise<void>;
  end(actor: Actor, upload: Upload): Promise<void>;
}

/** A request that was let through, with what it is about. */
interface Permit<Upload> {
  readonly actor: Actor;
  readonly token: string;
  readonly requestId: string;
  readonly upload: Upload;
}

/** What a door stands on. */
interface House {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly objects: ObjectStore;
}

/**
 * Takes uploads in resumable parts at one path, by tus 1.0 with creation, creation-with-upload, expiration and termination. Who may is
 * asked of the keeper; the protocol is spoken by the tus server.
 */
export class TusDoor<Upload extends BroughtUpload> {
  private readonly permits = new WeakMap<IncomingMessage, Permit<Upload>>();
  private readonly underWay = new Set<IncomingMessage>();
  /** Requests whose upload is to be tidied away when they are answered. */
  private readonly leftovers = new WeakSet<IncomingMessage>();
  private tus: Server | undefined;

  constructor(
    private readonly path: string,
    private readonly house: House,
    private readonly uploads: UploadKeeper<Upload>,
  ) {}

  /** A process that ends waits for no slow line: what has come so far is kept, and the sender goes on elsewhere. */
  close(): void {
    for (const request of this.underWay) request.destroy();
  }

  async take(request: SignedRequest, reply: FastifyReply): Promise<void> {
    const { actor } = request;
    if (!actor) throw new MusterError('UNAUTHENTICATED', 'Sign in first.');
    await this.house.objects.prepare();
    const upload = await this.uploadOf(request, actor);
    if (upload?.isDone) return this.tellDone(request, reply, upload);
    if (upload && request.method === 'DELETE') {
      // Not by the tus server: it would answer before the end is written down. A part that is on its way stops at the next look.
      await this.uploads.end(actor, upload);
      return void (await reply.code(204).header('Tus-Resumable', '1.0.0').send());
    }
    if (upload) {
      const token = request.headers.authorization?.replace(/^Bearer +/i, '') ?? '';
      this.permits.set(request.raw, { actor, token, requestId: request.id, upload });
      if (await this.isWhole(request, upload)) {
        const isRight = await this.uploads.finish(actor, upload);
        await this.uploads.tidy(actor, upload);
        if (!isRight) throw otherContent();
        return this.tellDone(request, reply, upload);
      }
    }
    await this.speakTus(request, reply);
    if (upload && this.leftovers.delete(request.raw)) await this.uploads.tidy(actor, upload);
  }

  /** What a request is about, and that its sender may. Undefined for a question about the server itself. */
  private uploadOf(request: SignedRequest, actor: Actor): Promise<Upload> | undefined {
    const { id } = request.params as { readonly id?: string };
    switch (request.method) {
      case 'OPTIONS':
        return undefined;
      case 'POST':
        if (id !== undefined) throw notFound();
        return this.begin(request, actor);
      case 'HEAD':
      case 'PATCH':
      case 'DELETE':
        if (id === undefined || !validate(id)) throw notFound();
        // The store knows an upload by its id in lower case, and would not find its files by another writing.
        return this.uploads.find(actor, id.toLowerCase());
      default:
        throw notFound();
    }
  }

  private begin({ headers }: SignedRequest, actor: Actor): Promise<Upload> {
    const metadata = metadataOf(headers['upload-metadata']);
    const size = Number(headers['upload-length']);
    const wrong = [
      ...this.uploads.faultsOf(metadata),
      ...(Number.isSafeInteger(size) && headers['upload-length'] !== undefined
        ? []
        : [{ path: 'Upload-Length', rule: 'required', message: 'Say the size of the file in bytes.' }]),
      ...(headers['upload-concat'] === undefined
        ? []
        : [
            {
              path: 'Upload-Concat',
              rule: 'extension',
              message: 'Send a file as one upload, in parts one after the other.',
            },
          ]),
    ];
    if (wrong.length > 0) throw badInput(wrong);
    return this.uploads.begin(actor, metadata, size);
  }

  /** Whether all bytes are here although nobody has looked at them: the process died that was about to. */
  private async isWhole({ method }: SignedRequest, { id, size }: Upload): Promise<boolean> {
    if (method !== 'HEAD') return false;
    const present = await this.house.objects.uploads.getUpload(id).catch(() => undefined);
    return present?.offset === size;
  }

  private async speakTus(request: SignedRequest, reply: FastifyReply): Promise<void> {
    this.tus ??= this.server();
    reply.hijack();
    // What was said on the way here, such as the security headers, is said by the tus server's answer too.
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    this.underWay.add(request.raw);
    try {
      await this.tus.handle(request.raw, reply.raw);
    } finally {
      this.underWay.delete(request.raw);
    }
  }

  private server(): Server {
    const permitOf = (request: TusRequest): Permit<Upload> => {
      const raw = request.runtime?.node?.req;
      const permit = raw && this.permits.get(raw as IncomingMessage);
      if (!permit) throw new TusRefusal(ERRORS.FILE_NOT_FOUND);
      return permit;
    };
    return new Server({
      path: this.path,
      datastore: this.house.objects.uploads,
      relativeLocation: true,
      // Pages of other origins are let in by the server's own rule for all routes, or not at all.
      allowedOrigins: () => false,
      lockDrainTimeout: DRAIN_MS,
      // Who asks about the server itself is about no upload; how large one may be is said when it is listed.
      maxSize: (request) => (request.method === 'OPTIONS' ? 0 : permitOf(request).upload.size),
      namingFunction: (request) => permitOf(request).upload.id,
      // By itself the tus server takes the last part of the whole URL for it, that of the query as well: an upload that nobody asked about.
      getFileIdFromRequest: (request) => permitOf(request).upload.id,
      locker: (request) => {
        const { actor, token, upload } = permitOf(request);
        return new UploadLocker(this.house.database, {
          table: this.uploads.table,
          actor,
          operationId: upload.operationId,
          stillMay: () => this.stillMay(token, upload.id),
        });
      },
      onUploadFinish: async (request, { id }: TusUpload) => {
        const { actor, upload } = permitOf(request);
        if (id !== upload.id) throw new TusRefusal(ERRORS.FILE_NOT_FOUND);
        const isRight = await this.uploads.finish(actor, upload);
        // Of an upload that begins and is whole in one request, the tus server looks at the file once more before it answers.
        if (isRight && request.method === 'POST') this.leaveFor(request);
        else await this.uploads.tidy(actor, upload);
        if (!isRight) throw otherContent();
        return {};
      },
      onResponseError: async (request, error) => {
        const isTold = 'status_code' in error;
        if (isTold && error.status_code < 500) return undefined;
        const { requestId, token, upload } = permitOf(request);
        const { status, code, message } = isTold
          ? await this.unwritten(token, upload, requestId)
          : httpFault(error, requestId);
        return {
          status_code: error instanceof OtherContent ? CHECKSUM_MISMATCH : status,
          body: JSON.stringify({ code, message }),
        };
      },
    });
  }

  /** What was brought before is told as an upload that is whole: whoever missed the answer learns that nothing is left to do. */
  private async tellDone(request: SignedRequest, reply: FastifyReply, { id, size }: Upload): Promise<void> {
    void reply.header('Tus-Resumable', '1.0.0').header('Cache-Control', 'no-store');
    switch (request.method) {
      case 'HEAD':
        void reply.header('Upload-Offset', size).header('Upload-Length', size);
        return void (await reply.code(200).send());
      case 'POST':
        void reply.header('Location', `${this.path}/${id}`).header('Upload-Offset', size);
        return void (await reply.code(201).send());
      case 'PATCH':
        void reply.header('Upload-Offset', size);
        return void (await reply.code(request.headers['upload-offset'] === String(size) ? 204 : 409).send());
      default:
        throw new MusterError('CONFLICT', 'It has come already: files are not taken back.');
    }
  }

  private leaveFor(request: TusRequest): void {
    const raw = request.runtime?.node?.req;
    if (raw) this.leftovers.add(raw as IncomingMessage);
  }

  /** What is told of a part that could not be written, or not yet: most likely the upload was ended while the part was on its way. */
  private async unwritten(token: string, { id }: Upload, requestId: string): Promise<HttpFault> {
    if (!(await this.stillMay(token, id))) return httpFault(notFound(), requestId);
    return httpFault(new MusterError('UNAVAILABLE', 'Try again in a moment.'), requestId);
  }

  /** By the token that the request came with: when that ends, the next request needs another. */
  private async stillMay(token: string, uploadId: string): Promise<boolean> {
    const actor = await this.house.accounts.actorOf(token);
    if (!actor) return false;
    return this.uploads.find(actor, uploadId).then(
      () => true,
      (error: unknown) => !(error instanceof MusterError),
    );
  }
}

type TusRequest = Parameters<NonNullable<ConstructorParameters<typeof Server>[0]['onUploadFinish']>>[0];

/** The SHA-256 of what came is not the one listed. */
class OtherContent extends MusterError {}

function otherContent(): OtherContent {
  return new OtherContent(
    'CONFLICT',
    'This is not the file that was listed: its SHA-256 is another one. Send it anew.',
  );
}

function metadataOf(header: string | string[] | undefined): UploadMetadata {
  try {
    return Metadata.parse(typeof header === 'string' ? header : undefined);
  } catch {
    throw badInput([{ path: 'Upload-Metadata', rule: 'form', message: 'Give keys with values in Base64.' }]);
  }
}
