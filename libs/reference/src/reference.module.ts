import { Module } from '@nestjs/common';

import { ReferenceService } from './reference.service.js';

/** Reference data and its look-ups. */
@Module({ providers: [ReferenceService], exports: [ReferenceService] })
export class ReferenceModule {}
