import type { Agency } from '#identity';
import { query, type Tx } from '#platform';

import type { SharingContent } from '../records/content.js';
import type { Limits, NamedPeople } from '../sharing-ceilings/ceiling-rule.js';
import { type CeilingsInForce, ceilingsInForce } from '../sharing-ceilings/ceilings-in-force.js';
import { namedPeople } from '../sharing-ceilings/named-people.js';

/** What a report names by id, as far as it is known. */
export interface Named {
  readonly agency: Agency | undefined;
  readonly people: NamedPeople;
  /** What the agency's country lets its own people share. */
  readonly limits: Limits | null;
}

/** What a report names: one statement, however much it names. */
export async function lookUp(tx: Tx, operationId: string, agencyId: string, sharing: SharingContent): Promise<Named> {
  const [row] = await query<{ agency: Agency | null; people: NamedPeople | null; ceilings: CeilingsInForce }>(
    tx,
    `SELECT (SELECT jsonb_build_object('id', id, 'name', name, 'kind', kind, 'country', country) FROM agencies WHERE id = $1) AS agency,
       ${namedPeople('$2::uuid[]', '$3::uuid')} AS people,
       ${ceilingsInForce('$3::uuid', 'ARRAY(SELECT country FROM agencies WHERE id = $1)')} AS ceilings`,
    [agencyId, sharing.nameUserIds, operationId],
  );
  const agency = row?.agency ?? undefined;
  return { agency, people: row?.people ?? {}, limits: (agency && row?.ceilings?.[agency.country]) ?? null };
}
