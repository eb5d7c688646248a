import { Injectable } from '@nestjs/common';
import { standingIn } from '#identity';
import { acrossOperations, type Actor, Database, notFound, prepared, type Tx } from '#platform';

import { AskedQuestions } from './asked-questions.js';
import type { OperationSummary } from './operation-summary.js';
import { type LedgerTotals, totalsFrom } from './summary-totals.js';
import { type Viewpoint, Viewpoints } from './viewpoints.js';

type Countries = Pick<OperationSummary, 'countriesInvited' | 'countriesAccepted' | 'customsLedCountries'>;

/** Tells the totals of operations from the ledger, on one snapshot. */
@Injectable()
export class Summaries {
  constructor(
    private readonly database: Database,
    private readonly viewpoints: Viewpoints,
    private readonly askedQuestions: AskedQuestions,
  ) {}

  /**
   * The summaries of operations, in their order; each is protected by itself, as if it were asked for alone. NOT_FOUND in the place of
   * one that is not the actor's to know.
   */
  ofOperations(actor: Actor, operationIds: readonly string[]): Promise<(OperationSummary | Error)[]> {
    return this.database.readAnywhere(actor, async (tx) => {
      const standings = new Map(operationIds.map((id) => [id, standingIn(actor, id)]));
      const viewpoints = await this.viewpoints.from(tx, standings);
      const countries = await countriesOf(tx, [...standings.keys()]);
      const totals = await totalsOf(tx, viewpoints);
      this.askedQuestions.note(viewpoints.map((viewpoint) => ({ ...TOTALS, ...viewpoint })));
      const summaries = new Map(
        viewpoints.map(({ operationId, cursor }): [string, OperationSummary | undefined] => {
          const told = totals.filter(({ operation }) => operation === operationId);
          if (told.length === 0) return [operationId, undefined];
          return [operationId, { ...(countries.get(operationId) ?? NONE), ...totalsFrom(told), asOf: cursor }];
        }),
      );
      return operationIds.map((id) => summaries.get(id) ?? notFound());
    });
  }
}

/** What a summary asks of the ledger, in the words that the database knows. */
const TOTALS = { measure: 'TOTALS', columns: ['total'], filter: {}, regions: {} };

const NONE: Countries = { countriesInvited: 0, countriesAccepted: 0, customsLedCountries: 0 };

async function countriesOf(tx: Tx, operationIds: readonly string[]): Promise<ReadonlyMap<string, Countries>> {
  const rows = await prepared<Countries & { operation: string }>(
    tx,
    `SELECT p.operation_id AS operation, count(*)::int AS "countriesInvited",
       count(*) FILTER (WHERE p.status = 'ACCEPTED')::int AS "countriesAccepted",
       count(*) FILTER (WHERE p.status = 'ACCEPTED' AND a.kind = 'CUSTOMS')::int AS "customsLedCountries"
     FROM participations p LEFT JOIN agencies a ON a.id = p.lead_agency_id WHERE p.operation_id = ANY($1::uuid[])
     GROUP BY p.operation_id`,
    [operationIds],
  );
  return new Map(rows.map(({ operation, ...countries }) => [operation, countries]));
}

function totalsOf(tx: Tx, viewpoints: readonly Viewpoint[]): Promise<(LedgerTotals & { operation: string })[]> {
  return acrossOperations<LedgerTotals & { operation: string }>(
    tx,
    `SELECT operation, part, nature, violations, criminal, administrative, undetermined, seizures, value_usd::text AS "valueUsd",
       quantity_kg::text AS "quantityKg", persons::text, companies::text, estimated FROM totals_seen($1, $2)`,
    [viewpoints.map(({ operationId }) => operationId), viewpoints.map(({ position }) => position)],
  );
}
