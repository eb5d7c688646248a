import type { IncomingMessage } from 'node:http';

import { All, Controller, Inject, type OnModuleDestroy, Req, Res, UseFilters } from '@nestjs/common';
import { ERRORS, Metadata, Server, type Upload as TusUpload } from '@tus/server';
import { Accounts } from '#identity';
import { type ActingRequest, type Actor, badInput, Database, MusterError, notFound, SignedIn } from '#platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { validate } from 'uuid';

import { type HttpFault, httpFault, HttpErrorsFilter } from './http-errors.filter.js';
import { OBJECT_STORE, type ObjectStore } from './object-store.js';
import { TusRefusal, UploadLocker } from './upload-lock.js';
import { type Upload, Uploads } from './uploads.service.js';

export const UPLOAD_PATH = '/attachments/upload';

/** tus 1.0 has this status for content whose checksum is not the promised one. */
const CHECKSUM_MISMATCH = 460;
/** How long a request that has to stop may go on with what it has in hand. In milliseconds. */
const DRAIN_MS = 500;

type SignedRequest = FastifyRequest & ActingRequest;

/** A request that was let through, with what it is about. */
interface Permit {
  readonly actor: Actor;
  readonly token: string;
  readonly requestId: string;
  readonly upload: Upload;
}

/**
 * Takes uploads in resumable parts, by tus 1.0 with creation, creation-with-upload, expiration and termination. Who may is asked here;
 * the protocol is spoken by the tus server. `Upload-Metadata` names the record and the attachment: `recordId` and `id`.
 */
@Controller(UPLOAD_PATH)
@UseFilters(HttpErrorsFilter)
export class UploadsController implements OnModuleDestroy {
  private readonly permits = new WeakMap<IncomingMessage, Permit>();
  private readonly underWay = new Set<IncomingMessage>();
  /** Requests whose upload is to be tidied away when they are answered. */
  private readonly leftovers = new WeakSet<IncomingMessage>();
  private tus: Server | undefined;

  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly uploads: Uploads,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  /** A process that ends waits for no slow line: what has come so far is kept, and the sender goes on elsewhere. */
  onModuleDestroy(): void {
    for (const request of this.underWay) request.destroy();
  }

  @All(['', ':id'])
  @SignedIn()
  async take(@Req() request: SignedRequest, @Res() reply: FastifyReply): Promise<void> {
    const { actor } = request;
    if (!actor) throw new MusterError('UNAUTHENTICATED', 'Sign in first.');
    await this.objects.prepare();
    const upload = await this.uploadOf(request, actor);
    if (upload?.isDone) return tellDone(request, reply, upload);
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
        return tellDone(request, reply, upload);
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
    const { id, recordId } = metadataOf(headers['upload-metadata']);
    const size = Number(headers['upload-length']);
    const wrong = [
      ...(validate(recordId) ? [] : [{ path: 'Upload-Metadata', rule: 'recordId', message: 'Name the record.' }]),
      ...(validate(id) ? [] : [{ path: 'Upload-Metadata', rule: 'id', message: 'Name the attachment.' }]),
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
    return this.uploads.begin(actor, recordId?.toLowerCase() ?? '', id?.toLowerCase() ?? '', size);
  }

  /** Whether all bytes are here although nobody has looked at them: the process died that was about to. */
  private async isWhole({ method }: SignedRequest, { id, attachment }: Upload): Promise<boolean> {
    if (method !== 'HEAD') return false;
    const present = await this.objects.uploads.getUpload(id).catch(() => undefined);
    return present?.offset === attachment.size;
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
    const permitOf = (request: TusRequest): Permit => {
      const raw = request.runtime?.node?.req;
      const permit = raw && this.permits.get(raw as IncomingMessage);
      if (!permit) throw new TusRefusal(ERRORS.FILE_NOT_FOUND);
      return permit;
    };
    return new Server({
      path: UPLOAD_PATH,
      datastore: this.objects.uploads,
      relativeLocation: true,
      // Pages of other origins are let in by the server's own rule for all routes, or not at all.
      allowedOrigins: () => false,
      lockDrainTimeout: DRAIN_MS,
      // Who asks about the server itself is about no upload; how large one may be is said when it is listed.
      maxSize: (request) => (request.method === 'OPTIONS' ? 0 : permitOf(request).upload.attachment.size),
      namingFunction: (request) => permitOf(request).upload.id,
      // By itself the tus server takes the last part of the whole URL for it, that of the query as well: an upload that nobody asked about.
      getFileIdFromRequest: (request) => permitOf(request).upload.id,
      locker: (request) => {
        const { actor, token, upload } = permitOf(request);
        const { operationId } = upload.record;
        return new UploadLocker(this.database, { actor, operationId, stillMay: () => this.stillMay(token, upload.id) });
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
    const actor = await this.accounts.actorOf(token);
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

function metadataOf(header: string | string[] | undefined): Readonly<Record<string, string | null | undefined>> {
  try {
    return Metadata.parse(typeof header === 'string' ? header : undefined);
  } catch {
    throw badInput([{ path: 'Upload-Metadata', rule: 'form', message: 'Give keys with values in Base64.' }]);
  }
}

/** What was brought before is told as an upload that is whole: whoever missed the answer learns that nothing is left to do. */
async function tellDone(request: SignedRequest, reply: FastifyReply, { id, attachment }: Upload): Promise<void> {
  void reply.header('Tus-Resumable', '1.0.0').header('Cache-Control', 'no-store');
  switch (request.method) {
    case 'HEAD':
      void reply.header('Upload-Offset', attachment.size).header('Upload-Length', attachment.size);
      return void (await reply.code(200).send());
    case 'POST':
      void reply.header('Location', `${UPLOAD_PATH}/${id}`).header('Upload-Offset', attachment.size);
      return void (await reply.code(201).send());
    case 'PATCH':
      void reply.header('Upload-Offset', attachment.size);
      return void (await reply.code(request.headers['upload-offset'] === String(attachment.size) ? 204 : 409).send());
    default:
      throw new MusterError('CONFLICT', 'It has come already: attachments are not taken back.');
  }
}
