import { Global, Module } from '@nestjs/common';

import { FeedReaders } from './feed-reader.js';
import { Feed } from './feed.service.js';

/** Global, because the readers of all libs must register with the one registry. */
@Global()
@Module({ providers: [Feed, FeedReaders], exports: [Feed, FeedReaders] })
export class FeedModule {}
