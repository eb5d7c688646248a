import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type FeedReader, FeedReaders } from '#feed';
import type { Standing } from '#identity';
import type { Tx } from '#platform';

import { ViolationReading } from '../violations/violation-reading.js';
import { wordingForOwner } from '../violations/violations-reader.js';
import { SeizureReading } from './seizure-reading.js';

const SETTLED = ['seizure.accepted', 'seizure.needs-review', 'seizure.rejected'];
const SAME_UNIT = ['seizure.same-unit'];

/** Words events about seizure reports for those who may see the report now. */
@Injectable()
export class SeizuresReader implements OnModuleInit {
  constructor(
    private readonly readers: FeedReaders,
    private readonly seizures: SeizureReading,
    private readonly violations: ViolationReading,
  ) {}

  onModuleInit(): void {
    this.readers.register(this.ofSettled());
    this.readers.register(this.ofSameUnit());
  }

  private ofSettled(): FeedReader {
    return {
      kinds: SETTLED,
      ofRecords: true,
      read: (tx: Tx, viewer: Standing, operationId: string, ids: readonly string[]) =>
        this.seizures.byIds(tx, viewer, operationId, ids),
      wording: wordingOfReport,
    };
  }

  // Its subject is a record that was hidden from the country of a new report of the same unit: a report, or a logged violation. It
  // goes to the subject's own country, and to the hub where it may see the subject.
  private ofSameUnit(): FeedReader {
    return {
      kinds: SAME_UNIT,
      ofRecords: true,
      read: async (tx: Tx, viewer: Standing, operationId: string, ids: readonly string[]) => {
        const logged = await this.violations.byIds(tx, viewer, operationId, ids);
        const reported = await this.seizures.byIds(tx, viewer, operationId, ids);
        return new Map<string, unknown>([...logged, ...reported]);
      },
      wording: wordingOfReport,
    };
  }
}

/** The hub and the owning country are told why a report was sent to review, which may be a record hidden from others. */
function wordingOfReport(viewer: Standing, event: { readonly country: string | null }): string {
  return `${viewer.hub ? 'hub ' : ''}${wordingForOwner(viewer, event)}`;
}
