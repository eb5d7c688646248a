import { Controller, Get, Inject, Query, Res, UseFilters } from '@nestjs/common';
import { notFound, Public } from '#platform';
import type { FastifyReply } from 'fastify';

import { DOWNLOAD_HEADERS, headersOf } from '../attachments/downloads.controller.js';
import { HttpErrorsFilter } from '../attachments/http-errors.filter.js';
import { OBJECT_STORE, type ObjectStore } from '../attachments/object-store.js';
import { Imports } from './imports.service.js';
import { MEDIA_TYPES } from './made-file.js';
import { REFUSED_PATH } from './refused-file.js';

/** Gives files of refused rows out to whoever opens a link; the link says who that is. */
@Controller(REFUSED_PATH)
@UseFilters(HttpErrorsFilter)
export class RefusedRowsController {
  constructor(
    private readonly imports: Imports,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  @Get()
  @Public()
  async give(@Query('link') link: unknown, @Res() reply: FastifyReply): Promise<void> {
    void reply.headers(DOWNLOAD_HEADERS);
    if (typeof link !== 'string') throw notFound();
    const { id, format, fileName, size, sha256 } = await this.imports.openErrors(link);
    const content = await this.objects.read('refused', id);
    await reply
      .headers(headersOf({ fileName, mediaType: MEDIA_TYPES[format], sha256 }))
      .header('Content-Length', size)
      .send(content);
  }
}
