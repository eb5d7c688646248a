import { Injectable } from '@nestjs/common';
import { enter } from '#identity';
import { type Actor, Database, prepared, query, type Tx, Values } from '#platform';

import { plainDecimal } from './exact.js';
import type { OperationSummary } from './operation-summary.js';
import { hiddenRecords, protectedFigure } from './protection.js';
import { upTo, type Viewpoint, Viewpoints } from './viewpoints.js';

type Countries = Pick<OperationSummary, 'countriesInvited' | 'countriesAccepted' | 'customsLedCountries'>;
type Totals = Omit<OperationSummary, keyof Countries | 'asOf'>;

/** Totals that count records, and the condition, in SQL, for the records that each takes. */
const COUNTED = {
  violations: 'TRUE',
  criminal: `f.nature = 'CRIMINAL'`,
  administrative: `f.nature = 'ADMINISTRATIVE'`,
  undetermined: `f.nature = 'UNDETERMINED'`,
  seizures: `f.source = 'PORT_UNIT'`,
} as const;

/** Totals that add up amounts of all records. */
const SUMMED = {
  valueUsd: 'f.value_usd',
  quantityKg: 'f.quantity_kg',
  persons: 'f.persons',
  companies: 'f.companies',
} as const;

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
      const viewpoint = await this.viewpoints.now(tx, operationId, standing);
      return { ...(await countriesOf(tx, operationId)), ...(await totalsOf(tx, viewpoint)), asOf: viewpoint.cursor };
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

async function totalsOf(tx: Tx, viewpoint: Viewpoint): Promise<Totals> {
  const values = new Values();
  const { join, isHidden } = hiddenRecords([viewpoint], values);
  const sum = (what: string, condition: string, name: string): string =>
    `coalesce(sum(${what}) FILTER (WHERE ${condition}), 0)::text AS "${name}"`;
  const columns = [
    ...Object.entries(COUNTED).flatMap(([name, condition]) => [
      sum('f.sign', condition, name),
      sum('f.sign', `${condition} AND ${isHidden}`, `${name}Hidden`),
    ]),
    ...Object.entries(SUMMED).map(([name, column]) => sum(column, 'TRUE', name)),
    sum('f.lines_estimated', `NOT (${isHidden})`, 'estimatedSeen'), // what is hidden tells nothing, not even this
  ];
  const [row = {}] = await query<Readonly<Record<string, string>>>(
    tx,
    `SELECT ${columns.join(', ')} FROM figures f ${join} WHERE ${upTo([viewpoint], 'f', values)}`,
    values.list,
  );
  return readTotals(row);
}

function readTotals(row: Readonly<Record<string, string>>): Totals {
  const sum = (name: string): string => plainDecimal(row[name] ?? '0');
  const hiddenBehind = (name: keyof typeof COUNTED): number => Number(row[`${name}Hidden`] ?? 0);
  const figure = (name: string, hidden: number): string | null => protectedFigure(sum(name), hidden).value;
  const whole = (name: string, hidden: number): number | null => {
    const value = figure(name, hidden);
    return value === null ? null : Number(value);
  };
  const count = (name: keyof typeof COUNTED): number | null => whole(name, hiddenBehind(name));
  const hidden = hiddenBehind('violations');
  return {
    violations: count('violations'),
    criminal: count('criminal'),
    administrative: count('administrative'),
    undetermined: count('undetermined'),
    seizures: count('seizures'),
    valueUsd: figure('valueUsd', hidden),
    quantityKg: figure('quantityKg', hidden),
    persons: whole('persons', hidden),
    companies: whole('companies', hidden),
    valueEstimated: sum('estimatedSeen') !== '0',
    protected: hidden > 0,
  };
}
