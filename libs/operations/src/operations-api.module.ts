import { Module } from '@nestjs/common';

import { OperationsModule } from './operations.module.js';
import { OperationsResolver } from './operations.resolver.js';
import { ParticipationsResolver } from './participations.resolver.js';

@Module({ imports: [OperationsModule], providers: [OperationsResolver, ParticipationsResolver] })
export class OperationsApiModule {}
