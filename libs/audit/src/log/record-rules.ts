import { Injectable } from '@nestjs/common';
import type { Actor, Tx, Values } from '#platform';

/** How somebody stands who reads an operation's log. */
export interface LogViewer {
  readonly hub: boolean;
  /** Accepted countries that the viewer coordinates. */
  readonly coordinates: readonly string[];
}

/** What the log must be told of operations and records, which stand above it. */
export interface RecordRule<Viewer extends LogViewer = LogViewer> {
  /** @throws NOT_FOUND where the operation is not the actor's to know */
  enter(tx: Tx, actor: Actor, operationId: string): Promise<Viewer>;
  /**
   * SQL that holds where the viewer may see a record as it is shared now.
   * @param operation SQL of the operation's id
   * @param record SQL of the record's id
   */
  seen(operation: string, record: string, viewer: Viewer, values: Values): string;
}

/** Where the one rule is registered, at the start. */
@Injectable()
export class RecordRules {
  private registered: RecordRule | undefined;

  register<Viewer extends LogViewer>(rule: RecordRule<Viewer>): void {
    if (this.registered) throw new Error('The audit log has two rules of who sees a record.');
    this.registered = rule;
  }

  get rule(): RecordRule {
    if (!this.registered) throw new Error('The audit log has no rule of who sees a record.');
    return this.registered;
  }
}
