import { Injectable } from '@nestjs/common';
import { enter } from '#identity';
import { type Actor, Database, prepared, type Tx } from '#platform';

import type { OperationSummary } from './operation-summary.js';
import { type LedgerTotals, totalsFrom, totalsUnknown } from './summary-totals.js';
import { type Viewpoint, Viewpoints } from './viewpoints.js';

type Countries = Pick<OperationSummary, 'countriesInvited' | 'countriesAccepted' | 'customsLedCountries'>;
type Totals = Omit<OperationSummary, keyof Countries | 'asOf'>;

/** Tells the totals of one operation from the ledger, on one snapshot. */
@Injectable()
export class Summaries {
  constructor(
    private readonly database: Database,
    private readonly viewpoints: Viewpoints,
  ) {}

  /** @throws NOT_FOUND where the operation is absent or not the actor's to know */
  of(actor: Actor, operationId: string): Promise<OperationSummary> {
    return this.database.read(actor, async (tx) => {
      const standing = await enter(tx, actor, operationId, { frame: true });
      const viewpoint = await this.viewpoints.from(tx, operationId, standing);
      const countries = await countriesOf(tx, operationId);
      return {
        ...countries,
        ...(standing.frameOnly ? totalsUnknown() : await totalsOf(tx, viewpoint)),
        asOf: viewpoint.cursor,
      };
    });
  }
}

async function countriesOf(tx: Tx, operationId: string): Promise<Countries> {
  const [row] = await prepared<Record<keyof Countries, number>>(
    tx,
    `SELECT count(*)::int AS "countriesInvited",
       count(*) FILTER (WHERE p.status = 'ACCEPTED')::int AS "countriesAccepted",
       count(*) FILTER (WHERE p.status = 'ACCEPTED' AND a.kind = 'CUSTOMS')::int AS "customsLedCountries"
     FROM participations p LEFT JOIN agencies a ON a.id = p.lead_agency_id WHERE p.operation_id = $1`,
    [operationId],
  );
  return row ?? { countriesInvited: 0, countriesAccepted: 0, customsLedCountries: 0 };
}

async function totalsOf(tx: Tx, { operationId, position, known }: Viewpoint): Promise<Totals> {
  const told = await prepared<LedgerTotals>(
    tx,
    `SELECT part, nature, violations, criminal, administrative, undetermined, seizures, value_usd::text AS "valueUsd",
       quantity_kg::text AS "quantityKg", persons::text, companies::text, estimated FROM figure_totals($1, $2, $3)`,
    [operationId, position, known],
  );
  return totalsFrom(told);
}
