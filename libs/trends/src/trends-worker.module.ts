import { Module } from '@nestjs/common';

import { KeptFigures } from './kept-figures.service.js';
import { KeptFiguresTimer } from './kept-figures-timer.js';

/** Keeps figures ready, in the worker. */
@Module({ providers: [KeptFigures, KeptFiguresTimer], exports: [KeptFigures] })
export class TrendsWorkerModule {}
