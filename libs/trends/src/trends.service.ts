import { Injectable } from '@nestjs/common';
import { enter, type Standing } from '#identity';
import { type Actor, Database, Faults, MusterError, query, type Tx } from '#platform';
import { ReferenceService } from '#reference';

import { askLedger, ledgerQuestion } from './ledger-question.js';
import { regionsBy } from './regions.js';
import { foldCells, type LedgerAnswer } from './trend-cells.js';
import type { TrendQuery } from './trend-query.js';
import type { AsOf, TrendResult } from './trend-result.js';
import { checkTrendQuery } from './trend-rules.js';
import { checkFilter } from './violation-filter.js';
import { Viewpoints } from './viewpoints.js';
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
      const regions = regionsBy((code) => this.reference.region(code, question.regionScheme));
      const answers: LedgerAnswer[] = [];
      const asOf: AsOf[] = [];
      const leads = new Map<string, string>();
      for (const [operationId, standing] of standings) {
        // One operation is entered at a time, and each is asked by itself.
        if (standings.size > 1) await enter(tx, actor, operationId);
        const viewpoint = await this.viewpoints.from(tx, operationId, standing, given.get(operationId));
        const asked = ledgerQuestion(question, standing);
        const told = await askLedger(tx, viewpoint, standing, asked, regions);
        answers.push({ operationId, question: asked, ...told });
        asOf.push({ operationId, cursor: viewpoint.cursor });
        if (question.groupBy.includes(TrendDimension.LEAD_AGENCY_KIND)) await addLeads(tx, operationId, leads);
      }
      const leadAgencyKind = (operationId: string, country: string): string | undefined =>
        leads.get(`${operationId} ${country}`);
      return { ...foldCells(answers, question, { leadAgencyKind }), asOf };
    });
  }

  /** Judges the whole question at once and gives the positions of the cursors that it names, by operation. */
  private check(question: TrendQuery, standings: ReadonlyMap<string, Standing>): ReadonlyMap<string, number> {
    const faults = new Faults();
    checkTrendQuery(faults, question);
    if (question.filter) checkFilter(faults, 'query.filter', question.filter, this.reference);
    const given = new Map<string, number>();
    question.asOf?.forEach(({ operationId, cursor }, index) => {
      if (!standings.has(operationId)) return;
      gather(faults, () =>
        given.set(operationId, this.viewpoints.positionOf(operationId, cursor, `query.asOf.${index}.cursor`)),
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

/** Adds the kinds of the agencies that lead the countries of the operation now, by operation and country. */
async function addLeads(tx: Tx, operationId: string, leads: Map<string, string>): Promise<void> {
  const rows = await query<{ country: string; kind: string }>(
    tx,
    `SELECT p.country, a.kind FROM participations p JOIN agencies a ON a.id = p.lead_agency_id WHERE p.operation_id = $1`,
    [operationId],
  );
  for (const { country, kind } of rows) leads.set(`${operationId} ${country}`, kind);
}
