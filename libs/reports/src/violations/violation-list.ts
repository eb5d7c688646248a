import { Injectable } from '@nestjs/common';
import { Readings } from '#audit';
import { enter, type Standing } from '#identity';
import { type Actor, Cursors, Database, Faults, type Tx, Values } from '#platform';
import { ReferenceService } from '#reference';
import { checkFilter, lineConditions, recordConditions, type ViolationFilter } from '#trends';

import { pageOf, readPageRequest } from '../records/paging.js';
import { cargoNumbers } from '../records/read-content.js';
import type { Page } from '../records/record.types.js';
import type { Violation } from './violation.js';
import { ViolationReading } from './violation-reading.js';

/** A violation with its place in the order of lists. */
export interface Listed {
  readonly arrival: number;
  readonly violation: Violation;
}

const LONGEST_SEARCH = 500;

/** Lists of violations: what the viewer may see of an operation, by any filter. */
@Injectable()
export class ViolationList {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    private readonly reference: ReferenceService,
    private readonly reading: ViolationReading,
    private readonly readings: Readings,
  ) {}

  /** A page, newest recorded first. A cursor names a place in that order, so pages stay correct while records arrive. */
  async page(
    actor: Actor,
    operationId: string,
    filter: ViolationFilter,
    first: number,
    after: string | null | undefined,
  ): Promise<Page<Violation>> {
    const list = `violations:${operationId}`;
    return this.database.readAnywhere(actor, async (tx) => {
      const viewer = await enter(tx, actor, operationId);
      const faults = new Faults();
      const request = readPageRequest(faults, this.cursors, list, first, after);
      this.judgeFilter(faults, 'filter', filter);
      faults.throwIfAny();

      const rows = await this.some(tx, viewer, operationId, filter, request.after, first + 1);
      const items = rows.map(({ arrival, violation }) => ({ arrival, node: violation }));
      const recordIds = items.slice(0, first).map(({ node }) => node.id);
      this.readings.note(actor, { operationId, what: 'violations', recordIds, filter });
      return pageOf(this.cursors, list, request, items, () => this.count(actor, operationId, filter));
    });
  }

  /** Notes what is wrong with a filter. @param path where it stands in the request */
  judgeFilter(faults: Faults, path: string, filter: ViolationFilter): void {
    checkFilter(faults, path, filter, this.reference);
    if ((filter.search?.length ?? 0) > LONGEST_SEARCH)
      faults.add(`${path}.search`, 'length', `Use at most ${LONGEST_SEARCH} characters.`);
  }

  /**
   * Some of what a viewer who has entered the operation may see of it, newest recorded first.
   * @param before the place in the order that they come after; undefined for the first
   */
  some(
    tx: Tx,
    viewer: Standing,
    operationId: string,
    filter: ViolationFilter,
    before: number | undefined,
    most: number,
  ): Promise<Listed[]> {
    const values = new Values();
    const after = before === undefined ? '' : ` AND v.arrival < ${values.of(before)}`;
    return this.reading.page(tx, viewer, conditions(operationId, filter, values) + after, values, most);
  }

  /** How many a viewer who has entered the operation may see of it; counted up to `most`. */
  countUpTo(tx: Tx, operationId: string, filter: ViolationFilter, most: number): Promise<number> {
    const values = new Values();
    return this.reading.count(tx, conditions(operationId, filter, values), values, most);
  }

  private count(actor: Actor, operationId: string, filter: ViolationFilter): Promise<number> {
    const values = new Values();
    return this.database.readAnywhere(actor, async (tx) => {
      await enter(tx, actor, operationId);
      return this.reading.count(tx, conditions(operationId, filter, values), values);
    });
  }
}

function conditions(operationId: string, filter: ViolationFilter, values: Values): string {
  const line = lineConditions(filter, 'l', values);
  return [
    `v.operation_id = ${values.of(operationId)}`,
    ...recordConditions(filter, 'v', values),
    ...(line.length > 0
      ? [
          `EXISTS (SELECT FROM violation_lines l WHERE l.operation_id = v.operation_id AND l.violation_id = v.id AND ${line.join(' AND ')})`,
        ]
      : []),
    ...(filter.cargoUnit?.trim()
      ? [
          `EXISTS (SELECT FROM cargo_units c WHERE c.operation_id = v.operation_id AND c.record_id = v.id
             AND c.number = ANY(${values.of(cargoNumbers(filter.cargoUnit), 'text[]')}))`,
        ]
      : []),
    ...(filter.search?.trim()
      ? [`v.id IN (SELECT records_found(${values.of(operationId)}, ${values.of(filter.search)}))`]
      : []),
    ...flag('v.withdrawn_at IS NOT NULL', filter.withdrawn),
    ...flag('v.exercise', filter.exercise),
  ].join(' AND ');
}

/** Absent means false, as the contract's default says; null means both. */
function flag(condition: string, wanted: boolean | null | undefined): string[] {
  return wanted === null ? [] : [wanted ? `(${condition})` : `NOT (${condition})`];
}
