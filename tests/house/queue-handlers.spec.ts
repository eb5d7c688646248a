import { Injectable, type OnModuleInit, type Provider } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { OUTBOX_KINDS, type OutboxHandler, OutboxHandlers, type OutboxKind } from '../../libs/platform/src/index.js';
import { SeizuresSweep } from '../../libs/reports/src/index.js';

/** Handles one kind of owed work, as part of a process. */
function handlerOf(kind: OutboxKind): Provider {
  @Injectable()
  class Handler implements OutboxHandler, OnModuleInit {
    readonly kind = kind;

    constructor(private readonly handlers: OutboxHandlers) {}

    onModuleInit(): void {
      this.handlers.register(this);
    }

    async drain(): Promise<void> {
      // Nothing is ever due here.
    }
  }
  return Handler;
}

/** Starts what does owed work, and ends it. */
async function start(...handlers: readonly Provider[]): Promise<void> {
  const app = await Test.createTestingModule({ providers: [OutboxHandlers, SeizuresSweep, ...handlers] }).compile();
  await app.init();
  await app.close();
}

test('a worker starts when each kind of owed work has a handler', async () => {
  await expect(start(...OUTBOX_KINDS.map(handlerOf))).resolves.toBeUndefined();
});

test.each(OUTBOX_KINDS)('the start of a worker fails when %s has no handler, and says so', async (kind) => {
  const others = OUTBOX_KINDS.filter((each) => each !== kind);
  await expect(start(...others.map(handlerOf))).rejects.toThrow(`Owed work has no handler for its kind: ${kind}.`);
});

test.each(OUTBOX_KINDS)('the start of a worker fails when %s has two handlers, and says so', async (kind) => {
  await expect(start(handlerOf(kind), handlerOf(kind))).rejects.toThrow(
    `Owed work of the kind ${kind} has two handlers.`,
  );
});
