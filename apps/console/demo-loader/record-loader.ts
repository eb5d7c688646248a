import { Injectable } from '@nestjs/common';
import { Clock } from '#platform';
import { Seizures, SeizureSettler, Violations } from '#reports';

import type { DemoSeizure, DemoViolation } from '../demo/index.js';
import type { Cast } from './cast.js';

/**
 * Takes in the records of an operation, each at its own instant and by its own author; one that came before is a repeat and
 * changes nothing.
 */
@Injectable()
export class RecordLoader {
  constructor(
    private readonly clock: Clock,
    private readonly violations: Violations,
    private readonly seizures: Seizures,
    private readonly settler: SeizureSettler,
  ) {}

  /** One after the other in the order in which they arrived: that is the order of the feed. */
  async load(
    cast: Cast,
    operationId: string,
    violations: readonly DemoViolation[],
    seizures: readonly DemoSeizure[],
  ): Promise<void> {
    const arrivals = [
      ...violations.map((record) => ({ at: record.receivedAt, take: () => this.log(cast, operationId, record) })),
      ...seizures.map((record) => ({ at: record.receivedAt, take: () => this.report(cast, operationId, record) })),
    ].sort((one, other) => one.at.getTime() - other.at.getTime());
    for (const { at, take } of arrivals) await this.clock.at(at, take);
  }

  private async log(cast: Cast, operationId: string, { agencyKey, authorKey, input }: DemoViolation): Promise<void> {
    const author = await cast.actor(authorKey);
    await this.violations.log(author, { ...input, operationId, agencyId: cast.agency(agencyKey) });
  }

  private async report(cast: Cast, operationId: string, record: DemoSeizure): Promise<void> {
    const { input, unitKey, reporterKey, agencyKeys } = record;
    const reporter = await cast.actor(reporterKey);
    const agencyIds = agencyKeys.map((key) => cast.agency(key));
    await this.seizures.report(reporter, { ...input, operationId, unitId: cast.unit(unitKey), agencyIds });
    // At the same instant, as no worker runs yet: what is decided later would say so.
    await this.settler.drain();
  }
}
