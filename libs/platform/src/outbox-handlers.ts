import { Injectable } from '@nestjs/common';

import { OUTBOX_KINDS, type OutboxKind } from './outbox.js';

/** Does one kind of owed work. */
export interface OutboxHandler {
  readonly kind: OutboxKind;
  /** Does all work of the kind that is due. May run twice, also at the same time, and does nothing twice. */
  drain(): Promise<void>;
}

/** The handlers of owed work; a kind has exactly one. */
@Injectable()
export class OutboxHandlers {
  private readonly byKind = new Map<OutboxKind, OutboxHandler>();

  register(handler: OutboxHandler): void {
    if (this.byKind.has(handler.kind)) throw new Error(`Owed work of the kind ${handler.kind} has two handlers.`);
    this.byKind.set(handler.kind, handler);
  }

  /** Ends the start of a process that does owed work where some kind of it would never be done. */
  assertComplete(): void {
    const missing = OUTBOX_KINDS.filter((kind) => !this.byKind.has(kind));
    if (missing.length > 0) throw new Error(`Owed work has no handler for its kind: ${missing.join(', ')}.`);
  }

  /** Does all work that is due, of every kind. */
  async drain(): Promise<void> {
    for (const handler of this.byKind.values()) await handler.drain();
  }
}
