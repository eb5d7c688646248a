import { All, Controller, Inject, type OnModuleDestroy, Req, Res, UseFilters } from '@nestjs/common';
import { Accounts } from '#identity';
import { type ActingRequest, Database, SignedIn } from '#platform';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { HttpErrorsFilter } from './http-errors.filter.js';
import { OBJECT_STORE, type ObjectStore } from './object-store.js';
import { TusDoor } from './tus-door.js';
import { type Upload, Uploads } from './uploads.service.js';

export const UPLOAD_PATH = '/attachments/upload';

/** Takes the files of attachments. `Upload-Metadata` names the record and the attachment: `recordId` and `id`. */
@Controller(UPLOAD_PATH)
@UseFilters(HttpErrorsFilter)
export class UploadsController implements OnModuleDestroy {
  private readonly door: TusDoor<Upload>;

  constructor(database: Database, accounts: Accounts, uploads: Uploads, @Inject(OBJECT_STORE) objects: ObjectStore) {
    this.door = new TusDoor(UPLOAD_PATH, { database, accounts, objects }, uploads);
  }

  onModuleDestroy(): void {
    this.door.close();
  }

  @All(['', ':id'])
  @SignedIn()
  take(@Req() request: FastifyRequest & ActingRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.door.take(request, reply);
  }
}
