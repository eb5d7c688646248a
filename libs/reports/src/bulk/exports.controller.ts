import { Controller, Get, Inject, Query, Res, UseFilters } from '@nestjs/common';
import { notFound, Public } from '#platform';
import type { FastifyReply } from 'fastify';

import { DOWNLOAD_HEADERS, headersOf } from '../attachments/downloads.controller.js';
import { HttpErrorsFilter } from '../attachments/http-errors.filter.js';
import { OBJECT_STORE, type ObjectStore } from '../attachments/object-store.js';
import { Exports, EXPORTS_PATH } from './exports.service.js';
import { MEDIA_TYPES } from './made-file.js';

/** Gives exported files out to whoever opens a link; the link says who that is. */
@Controller(EXPORTS_PATH)
@UseFilters(HttpErrorsFilter)
export class ExportsController {
  constructor(
    private readonly exports: Exports,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  @Get()
  @Public()
  async give(@Query('link') link: unknown, @Res() reply: FastifyReply): Promise<void> {
    void reply.headers(DOWNLOAD_HEADERS);
    if (typeof link !== 'string') throw notFound();
    const row = await this.exports.open(link);
    const content = await this.objects.read('exports', row.run_id);
    const fileName = `muster-violations-${row.finished_at.toISOString().slice(0, 10)}.${row.format.toLowerCase()}`;
    await reply
      .headers(headersOf({ fileName, mediaType: MEDIA_TYPES[row.format], sha256: row.file_sha256 }))
      .header('Content-Length', row.file_size)
      .send(content);
  }
}
