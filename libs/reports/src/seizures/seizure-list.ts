import { Injectable } from '@nestjs/common';
import { Readings } from '#audit';
import { enter } from '#identity';
import { type Actor, Cursors, Database, Faults, Values } from '#platform';

import { pageOf, readPageRequest } from '../records/paging.js';
import { cargoNumbers } from '../records/read-content.js';
import type { Page } from '../records/record.types.js';
import type { Seizure } from './seizure.js';
import type { SeizureFilter } from './seizure.inputs.js';
import { SeizureReading } from './seizure-reading.js';

/** Lists of seizure reports: what the viewer may see of an operation, by any filter. */
@Injectable()
export class SeizureList {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    private readonly reading: SeizureReading,
    private readonly readings: Readings,
  ) {}

  async page(
    actor: Actor,
    operationId: string,
    filter: SeizureFilter,
    first: number,
    after: string | null | undefined,
  ): Promise<Page<Seizure>> {
    const list = `seizures:${operationId}`;
    return this.database.readAnywhere(actor, async (tx) => {
      const viewer = await enter(tx, actor, operationId);
      const faults = new Faults();
      const request = readPageRequest(faults, this.cursors, list, first, after);
      faults.throwIfAny();
      const values = new Values();
      const before = request.after === undefined ? '' : ` AND s.arrival < ${values.of(request.after)}`;
      const items = await this.reading.page(
        tx,
        viewer,
        conditions(actor, operationId, filter, values) + before,
        values,
        first + 1,
      );
      const recordIds = items.slice(0, first).map(({ node }) => node.id);
      this.readings.note(actor, { operationId, what: 'seizures', recordIds, filter });
      return pageOf(this.cursors, list, request, items, () => this.count(actor, operationId, filter));
    });
  }

  private count(actor: Actor, operationId: string, filter: SeizureFilter): Promise<number> {
    const values = new Values();
    return this.database.readAnywhere(actor, async (tx) => {
      await enter(tx, actor, operationId);
      return this.reading.count(tx, conditions(actor, operationId, filter, values), values);
    });
  }
}

function conditions(actor: Actor, operationId: string, filter: SeizureFilter, values: Values): string {
  const all = [`s.operation_id = ${values.of(operationId)}`];
  if (filter.statuses) all.push(`s.status = ANY(${values.of(filter.statuses, 'text[]')})`);
  if (filter.unitIds) all.push(`s.unit_id = ANY(${values.of(filter.unitIds, 'uuid[]')})`);
  if (filter.mine !== null && filter.mine !== undefined) {
    all.push(`${filter.mine ? '' : 'NOT '}(s.author_id = ${values.of(actor.userId, 'uuid')})`);
  }
  if (filter.cargoUnit?.trim())
    all.push(`s.cargo_number = ANY(${values.of(cargoNumbers(filter.cargoUnit), 'text[]')})`);
  if (filter.detectedFrom) all.push(`s.detected_at >= ${values.of(filter.detectedFrom, 'timestamptz')}`);
  if (filter.detectedTo) all.push(`s.detected_at < ${values.of(filter.detectedTo, 'timestamptz')}`);
  return all.join(' AND ');
}
