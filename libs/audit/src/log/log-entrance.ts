import { Injectable } from '@nestjs/common';
import type { Actor, Tx } from '#platform';

/** How somebody stands who reads an operation's log. */
export interface LogViewer {
  readonly hub: boolean;
  /** Accepted countries that the viewer coordinates. */
  readonly coordinates: readonly string[];
}

/**
 * How somebody enters an operation: from there on the database leaves out what that person may not see.
 * @throws NOT_FOUND where the operation is not the actor's to know
 */
export type Entering = (tx: Tx, actor: Actor, operationId: string) => Promise<LogViewer>;

/** Where the one way into an operation is registered at the start, by those who know operations and stand above the log. */
@Injectable()
export class LogEntrance {
  private registered: Entering | undefined;

  register(entering: Entering): void {
    if (this.registered) throw new Error('The audit log has two ways into an operation.');
    this.registered = entering;
  }

  /** @throws NOT_FOUND where the operation is not the actor's to know */
  enter(tx: Tx, actor: Actor, operationId: string): Promise<LogViewer> {
    if (!this.registered) throw new Error('The audit log has no way into an operation.');
    return this.registered(tx, actor, operationId);
  }
}
