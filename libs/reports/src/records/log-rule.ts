import { Injectable, type OnModuleInit } from '@nestjs/common';
import { RecordRules } from '#audit';
import { enter, type Standing } from '#identity';
import type { Actor, Tx } from '#platform';

/** Tells the audit log how somebody stands in an operation, and which records of it they may see now. */
@Injectable()
export class LogRule implements OnModuleInit {
  constructor(private readonly rules: RecordRules) {}

  onModuleInit(): void {
    this.rules.register<Standing>({
      enter: (tx: Tx, actor: Actor, operationId: string) => enter(tx, actor, operationId),
      // Row-level security leaves out what the viewer may not see.
      seen: (operation: string, record: string) => `(
        EXISTS (SELECT FROM violations v WHERE v.operation_id = ${operation} AND v.id = ${record})
        OR EXISTS (SELECT FROM seizures s WHERE s.operation_id = ${operation} AND s.id = ${record}))`,
    });
  }
}
