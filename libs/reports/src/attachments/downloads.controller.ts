import { Controller, Get, Inject, Query, Req, Res, UseFilters } from '@nestjs/common';
import { notFound, Public } from '#platform';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { DOWNLOAD_PATH } from './attachment-links.js';
import { Attachments, type Download } from './attachments.service.js';
import { rangeOf } from './byte-range.js';
import { dispositionOf } from './file-name.js';
import { HttpErrorsFilter } from './http-errors.filter.js';
import { OBJECT_STORE, type ObjectStore } from './object-store.js';

/** Gives attachments out to whoever opens a link; the link says who that is. */
@Controller(DOWNLOAD_PATH)
@UseFilters(HttpErrorsFilter)
export class DownloadsController {
  constructor(
    private readonly attachments: Attachments,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  @Get()
  @Public()
  async give(@Query('link') link: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    void reply.headers(DOWNLOAD_HEADERS);
    if (typeof link !== 'string') throw notFound();
    const download = await this.attachments.open(link);
    const { kind, objectId, size } = download;
    const range = rangeOf(request.headers.range, size);
    if (range === 'none') {
      return void (await reply.code(416).header('Content-Range', `bytes */${size}`).send());
    }
    const content = await this.objects.read(kind, objectId, range);
    if (range) void reply.code(206).header('Content-Range', `bytes ${range.first}-${range.last}/${size}`);
    await reply
      .headers(headersOf(download))
      .header('Accept-Ranges', 'bytes')
      .header('Content-Length', range ? range.last - range.first + 1 : size)
      .send(content);
  }
}

/** What was sent by somebody else is saved and never run or shown in place, and is kept by nobody on the way. */
export const DOWNLOAD_HEADERS = {
  'Cache-Control': 'private, no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** What is said of a file that is given out, beside {@link DOWNLOAD_HEADERS}. */
export function headersOf({
  fileName,
  mediaType,
  sha256,
}: Pick<Download, 'fileName' | 'mediaType' | 'sha256'>): Readonly<Record<string, string>> {
  return {
    'Content-Disposition': dispositionOf(fileName),
    'Content-Type': mediaType === 'text/plain' ? 'text/plain; charset=utf-8' : mediaType,
    // Of the whole file, whatever part was asked for (RFC 9530).
    'Repr-Digest': `sha-256=:${sha256.toString('base64')}:`,
  };
}
