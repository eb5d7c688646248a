import { Injectable } from '@nestjs/common';
import { isInside, type Standing, standingIn } from '#identity';
import { type Actor, archived, Database, Faults, MusterError, notFound, prepared, type Tx } from '#platform';
import { ReferenceService } from '#reference';

import { AskedQuestions } from './asked-questions.js';
import { askLedgers, type AskedOperation, ledgerQuestion, regionsFor } from './ledger-question.js';
import { foldCells } from './trend-cells.js';
import type { TrendQuery } from './trend-query.js';
import type { TrendResult } from './trend-result.js';
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
    private readonly askedQuestions: AskedQuestions,
  ) {}

  /**
   * The figures of one or several operations.
   * @throws NOT_FOUND where an operation is absent or not the actor's to ask; BAD_USER_INPUT with every wrong field of the question
   */
  trends(actor: Actor, question: TrendQuery): Promise<TrendResult> {
    return this.database.readAnywhere(actor, async (tx) => {
      const standings = await standingsIn(tx, actor, question.operationIds);
      const given = this.check(question, standings);
      const viewpoints = await this.viewpoints.from(tx, standings, given);
      const asked = viewpoints.flatMap((viewpoint): AskedOperation[] => {
        const standing = standings.get(viewpoint.operationId);
        return standing ? [{ viewpoint, standing, question: ledgerQuestion(question, standing) }] : [];
      });
      const regions = asked[0]
        ? regionsFor(asked[0].question, (code) => this.reference.region(code, question.regionScheme))
        : {};
      const answers = await askLedgers(tx, asked, regions);
      this.askedQuestions.note(asked.map(({ viewpoint, question: each }) => ({ ...each, ...viewpoint, regions })));
      const leads = question.groupBy.includes(TrendDimension.LEAD_AGENCY_KIND)
        ? await leadsIn(tx, [...standings.keys()])
        : new Map<string, string>();
      const leadAgencyKind = (operationId: string, country: string): string | undefined =>
        leads.get(`${operationId} ${country}`);
      return {
        ...foldCells(answers, question, { leadAgencyKind }),
        asOf: viewpoints.map(({ operationId, cursor }) => ({ operationId, cursor })),
      };
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

/**
 * How the actor stands in each of the operations.
 * @throws NOT_FOUND where one is absent or the actor takes no part in it, PHASE where one is archived
 */
async function standingsIn(tx: Tx, actor: Actor, operationIds: readonly string[]): Promise<Map<string, Standing>> {
  const standings = new Map(operationIds.map((id) => [id, standingIn(actor, id)]));
  const there = await prepared<{ archived: boolean }>(
    tx,
    `SELECT archived_at IS NOT NULL AS archived FROM operations WHERE id = ANY($1::uuid[])`,
    [[...standings.keys()]],
  );
  if (there.length < standings.size || ![...standings.values()].every(isInside)) throw notFound();
  if (there.some((operation) => operation.archived)) throw archived();
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
async function leadsIn(tx: Tx, operationIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await prepared<{ operation: string; country: string; kind: string }>(
    tx,
    `SELECT p.operation_id AS operation, p.country, a.kind FROM participations p JOIN agencies a ON a.id = p.lead_agency_id
     WHERE p.operation_id = ANY($1::uuid[])`,
    [operationIds],
  );
  return new Map(rows.map(({ operation, country, kind }) => [`${operation} ${country}`, kind]));
}
