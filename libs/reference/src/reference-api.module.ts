import { Module } from '@nestjs/common';

import { ReferenceModule } from './reference.module.js';
import { ReferenceResolver } from './reference.resolver.js';

/** The reference lists, served to clients. */
@Module({ imports: [ReferenceModule], providers: [ReferenceResolver], exports: [ReferenceModule] })
export class ReferenceApiModule {}
