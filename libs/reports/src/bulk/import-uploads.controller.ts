import { All, Controller, Inject, type OnModuleDestroy, Req, Res, UseFilters } from '@nestjs/common';
import { Accounts } from '#identity';
import { type ActingRequest, Database, SignedIn } from '#platform';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { HttpErrorsFilter } from '../attachments/http-errors.filter.js';
import { OBJECT_STORE, type ObjectStore } from '../attachments/object-store.js';
import { TusDoor } from '../attachments/tus-door.js';
import { type ImportUpload, ImportUploads } from './import-uploads.service.js';

export const IMPORT_UPLOAD_PATH = '/imports/upload';

/** Takes files of reports. `Upload-Metadata` says the operation, the file's name and its SHA-256: `operationId`, `name` and `sha256`. */
@Controller(IMPORT_UPLOAD_PATH)
@UseFilters(HttpErrorsFilter)
export class ImportUploadsController implements OnModuleDestroy {
  private readonly door: TusDoor<ImportUpload>;

  constructor(
    database: Database,
    accounts: Accounts,
    uploads: ImportUploads,
    @Inject(OBJECT_STORE) objects: ObjectStore,
  ) {
    this.door = new TusDoor<ImportUpload>(IMPORT_UPLOAD_PATH, { database, accounts, objects }, uploads);
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
