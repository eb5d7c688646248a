import { type Figure, median } from './figures.js';
import { fillRecords } from './fill.js';
import { graphql, type Stage } from './stage.js';

const RECORDS = 200_000;
const GOAL = 1.3;

const NODE = `id version country detectedAt scene nature place { unlocode name country } sharing { level } valueUsd quantityKg
  consignment { route { origin destination } cargoUnits { container } } lines { commodity { code name } quantity unit }`;

/** The pages that a coordinator opens most, each as a GraphQL query of the operation `$id` and the record `$record`. */
const PAGES: Readonly<Record<string, string>> = {
  'newest violations': `query ($id: UUID!) { violations(operationId: $id, first: 50) { edges { node { ${NODE} } } } }`,
  'violations by country and crime area': `query ($id: UUID!, $country: CountryCode!) { violations(operationId: $id, first: 50,
    filter: { countries: [$country], crimeAreas: [POLLUTION] }) { edges { node { ${NODE} } } } }`,
  'number of violations': `query ($id: UUID!) { violations(operationId: $id, first: 1) { totalCount } }`,
  'one violation with its history': `query ($record: UUID!) { violation(id: $record) { ${NODE} versions { version recordedAt } } }`,
  'feed page': `query ($id: UUID!) { operationFeed(operationId: $id, first: 100) { cursor events { cursor kind subjectId } } }`,
};

/**
 * What row-level security costs the pages that coordinators use: the median of each, turn by turn with an api that asks the same as the
 * owner of the tables, for whom no policy is worked out. Both tell the same. Told is the page with the highest ratio.
 */
export async function measurePolicies(stage: Stage, url: string, isFull: boolean): Promise<Figure> {
  const { operationId, countries } = await fillRecords(stage.database, { records: RECORDS });
  // All of them seen by the coordinator, so that both answer the same: what is measured is the judging of each row, not that fewer are told.
  await stage.sql(`UPDATE violations SET sharing_level = 'GREEN' WHERE operation_id = $1`, [operationId]);
  await stage.sql(`VACUUM ANALYZE violations`);
  const [country = ''] = countries;
  const grant = { role: 'NATIONAL_COORDINATOR', operationId, country, unitId: null };
  const [coordinator] = await stage.people(url, 1, null, grant);
  const [record] = await stage.sql<{ id: string }>(
    `SELECT id FROM violations WHERE operation_id = $1 AND country = $2 ORDER BY arrival DESC LIMIT 1`,
    [operationId, country],
  );
  const other = await stage.startOther('api-without-policies.js');
  const ratios: { page: string; bound: number; free: number }[] = [];
  for (const [page, query] of Object.entries(PAGES)) {
    const times = new Map<string, number[]>([url, other].map((of) => [of, []]));
    for (let turn = 0; turn < (isFull ? 200 : 60); turn++) {
      // Who goes first changes, as whoever goes second finds the rows warm.
      for (const of of turn % 2 === 0 ? [url, other] : [other, url]) {
        const began = performance.now();
        await graphql(of, query, { id: operationId, record: record?.id, country }, coordinator?.token);
        if (turn > 4) times.get(of)?.push(performance.now() - began);
      }
    }
    ratios.push({ page, bound: median(times.get(url) ?? []), free: median(times.get(other) ?? []) });
  }
  for (const { page, bound, free } of ratios) {
    console.log(
      `${page}: ${bound.toFixed(2)} ms with policies, ${free.toFixed(2)} ms without, ${(bound / free).toFixed(2)} ×`,
    );
  }
  const [worst] = ratios.sort((one, another) => another.bound / another.free - one.bound / one.free);
  const { page, bound, free } = worst ?? { page: '', bound: Number.NaN, free: 1 };
  return {
    name: `page under row-level security (${page})`,
    value: bound,
    unit: 'ms',
    baseline: free,
    goal: GOAL,
    holds: bound <= GOAL * free,
  };
}
