import { Injectable } from '@nestjs/common';
import { enter, type Standing } from '#identity';
import { type Actor, Database, Faults, MusterError, query, type Tx } from '#platform';
import { ReferenceService } from '#reference';

import type { KeyFacts } from './dimensions.js';
import { regionsBy } from './regions.js';
import { foldCells, type TrendRow } from './trend-cells.js';
import type { TrendQuery } from './trend-query.js';
import type { TrendResult } from './trend-result.js';
import { checkTrendQuery } from './trend-rules.js';
import { trendStatement } from './trend-statement.js';
import { checkFilter } from './violation-filter.js';
import { type Viewpoint, Viewpoints } from './viewpoints.js';
import { TrendDimension } from './vocabulary.js';

/** Answers questions about figures from the ledger, on one snapshot. */
@Injectable()
export class TrendsService {
  constructor(
    private readonly database: Database,
    private readonly viewpoints: Viewpoints,
    private readonly reference: ReferenceService,
  ) {}

  /**
   * The figures of one or several operations.
   * @throws NOT_FOUND where an operation is absent or not the actor's to ask; BAD_USER_INPUT with every wrong field of the question
   */
  trends(actor: Actor, question: TrendQuery): Promise<TrendResult> {
    return this.database.read(actor, async (tx) => {
      const standings = await enterAll(tx, actor, question.operationIds);
      const given = this.check(question, standings);
      const viewpoints: Viewpoint[] = [];
      for (const [operationId, standing] of standings) {
        viewpoints.push(given.get(operationId) ?? (await this.viewpoints.now(tx, operationId, standing)));
      }
      const facts = await keyFacts(tx, question, [...standings.keys()]);
      const regions = regionsBy((code) => this.reference.region(code, question.regionScheme));
      const { text, values } = trendStatement(question, viewpoints, regions);
      const rows = await query<TrendRow>(tx, text, values);
      return {
        ...foldCells(rows, question.groupBy, facts),
        asOf: viewpoints.map(({ operationId, cursor }) => ({ operationId, cursor })),
      };
    });
  }

  /** Judges the whole question at once and gives the viewpoints of the cursors that it names. */
  private check(question: TrendQuery, standings: ReadonlyMap<string, Standing>): ReadonlyMap<string, Viewpoint> {
    const faults = new Faults();
    checkTrendQuery(faults, question);
    if (question.filter) checkFilter(faults, 'query.filter', question.filter, this.reference);
    const given = new Map<string, Viewpoint>();
    question.asOf?.forEach(({ operationId, cursor }, index) => {
      const standing = standings.get(operationId);
      if (!standing) return;
      gather(faults, () =>
        given.set(operationId, this.viewpoints.at(operationId, standing, cursor, `query.asOf.${index}.cursor`)),
      );
    });
    faults.throwIfAny();
    return given;
  }
}

async function enterAll(tx: Tx, actor: Actor, operationIds: readonly string[]): Promise<Map<string, Standing>> {
  const standings = new Map<string, Standing>();
  for (const operationId of new Set(operationIds)) standings.set(operationId, await enter(tx, actor, operationId));
  return standings;
}

/** Adds the wrong fields that `judge` throws to those found before. */
function gather(faults: Faults, judge: () => unknown): void {
  try {
    judge();
  } catch (error) {
    if (!(error instanceof MusterError) || !error.details.fields) throw error;
    for (const { path, rule, message } of error.details.fields) faults.add(path, rule, message);
  }
}

/** The kinds of the agencies that lead the countries of the operations now, by operation and country. */
async function leadAgencyKinds(tx: Tx, operationIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await query<{ operationId: string; country: string; kind: string }>(
    tx,
    `SELECT p.operation_id AS "operationId", p.country, a.kind FROM participations p JOIN agencies a ON a.id = p.lead_agency_id
     WHERE p.operation_id = ANY($1::uuid[])`,
    [operationIds],
  );
  return new Map(rows.map(({ operationId, country, kind }) => [`${operationId} ${country}`, kind]));
}

async function keyFacts(tx: Tx, { groupBy }: TrendQuery, operationIds: readonly string[]): Promise<KeyFacts> {
  const needsLeads = groupBy.includes(TrendDimension.LEAD_AGENCY_KIND);
  const kinds = needsLeads ? await leadAgencyKinds(tx, operationIds) : new Map<string, string>();
  return { leadAgencyKind: (operationId, country) => kinds.get(`${operationId} ${country}`) };
}
