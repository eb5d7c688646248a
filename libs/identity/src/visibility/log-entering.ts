import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LogEntrance } from '#audit';

import { enter } from './enter.js';

/** Lets the audit log, which stands below operations, be read from inside them. */
@Injectable()
export class LogEntering implements OnModuleInit {
  constructor(private readonly entrance: LogEntrance) {}

  onModuleInit(): void {
    this.entrance.register((tx, actor, operationId) => enter(tx, actor, operationId));
  }
}
