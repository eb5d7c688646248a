import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type FeedReader, FeedReaders } from '#feed';
import type { Standing } from '#identity';
import type { Tx } from '#platform';

import { ViolationReading } from './violation-reading.js';

const PRESENT = ['violation.logged', 'violation.corrected', 'violation.sharing-changed', 'violation.withdrawn'];
const GONE = ['violation.gone'];

/** Words events about violations for those who may see the violation now, or who could and no longer can (nothing is told to these). */
@Injectable()
export class ViolationsReader implements OnModuleInit {
  constructor(
    private readonly readers: FeedReaders,
    private readonly reading: ViolationReading,
  ) {}

  onModuleInit(): void {
    this.readers.register(this.ofPresent());
    this.readers.register(this.ofGone());
  }

  private ofPresent(): FeedReader {
    return {
      kinds: PRESENT,
      ofRecords: true,
      read: (tx: Tx, viewer: Standing, operationId: string, ids: readonly string[]) =>
        this.reading.byIds(tx, viewer, operationId, ids),
      wording: wordingForOwner,
    };
  }

  private ofGone(): FeedReader {
    return {
      kinds: GONE,
      read: () => Promise.resolve(new Map()),
      wording: () => '',
    };
  }
}

/** Only the owning country is told more of a record than others who see it. */
export function wordingForOwner(viewer: Standing, { country }: { readonly country: string | null }): string {
  return country !== null && viewer.people.includes(country) ? 'owner' : 'other';
}
