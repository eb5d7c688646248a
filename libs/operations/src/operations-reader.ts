import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type FeedReader, FeedReaders } from '#feed';
import type { Standing } from '#identity';
import type { Tx } from '#platform';

import { Operations } from './operations.service.js';
import { Participations } from './participations.service.js';

/**
 * Words events about the operation itself and its participations: the frame, which all may see who may see the operation. That
 * findings were published is told to those alone who take part, as the findings are.
 */
@Injectable()
export class OperationsReader implements OnModuleInit {
  constructor(
    private readonly readers: FeedReaders,
    private readonly operations: Operations,
    private readonly participations: Participations,
  ) {}

  onModuleInit(): void {
    this.readers.register(this.ofFrame());
    this.readers.register(this.ofFindings());
    this.readers.register(this.ofParticipations());
  }

  private ofFrame(): FeedReader {
    return {
      kinds: ['operation.created', 'operation.updated', 'operation.phase-moved'],
      ...this.wordedAsOperation(),
    };
  }

  private ofFindings(): FeedReader {
    return {
      kinds: ['operation.findings-published'],
      ...this.wordedAsOperation(),
    };
  }

  private wordedAsOperation(): Pick<FeedReader, 'wording' | 'read'> {
    return {
      wording: () => '',
      read: async (tx: Tx, _viewer: Standing, operationId: string) =>
        new Map([[operationId, await this.operations.byId(tx, operationId)]]),
    };
  }

  private ofParticipations(): FeedReader {
    return {
      kinds: [
        'participation.invited',
        'participation.answered',
        'participation.withdrawn',
        'participation.certified',
        'participation.reopened',
      ],
      wording: () => '',
      read: async (tx: Tx, _viewer: Standing, _operationId: string, ids: readonly string[]) => {
        const found = await this.participations.withIds(tx, ids);
        return new Map(found.map(({ operationId: _, ...participation }) => [participation.id, participation]));
      },
    };
  }
}
