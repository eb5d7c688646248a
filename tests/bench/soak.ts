import { setTimeout as delay } from 'node:timers/promises';

import { type Figure, median } from './figures.js';
import { type Load, sendReports } from './load.js';
import { graphql, type Stage } from './stage.js';

const MINUTES = 20;
/** What a machine of two processors takes in and settles for ever, with room to spare. */
const REPORTS_A_SECOND = 100;
const CONNECTIONS = 16;
/** Memory of the last quarter may be this much of that of the second, by which all is warm. */
const FLAT = 1.1;

const LOOK = `query ($id: UUID!, $query: TrendQuery!) { violationTrends(query: $query) { cells { key value } }
  violations(operationId: $id, first: 50) { edges { node { id country lines { commodity { name } } } } } }`;

/** Whether the memory of api and worker stays where it is: twenty minutes of reports, with somebody who looks at trends and list all the time. */
export async function measureSoak(stage: Stage, url: string): Promise<Figure[]> {
  const { operationId, unitId, agencyId } = await stage.operation();
  const grant = { role: 'PORT_UNIT_OFFICER', operationId, country: 'KE', unitId };
  const officers = await stage.people(url, CONNECTIONS, agencyId, grant);
  const [hub] = await stage.people(url, 1, null, { role: 'HUB', operationId: null, country: null, unitId: null });
  const load: Load = { url, operationId, unitId, sharing: 'AMBER', tokens: officers.map(({ token }) => token) };

  const samples = { api: [] as number[], worker: [] as number[] };
  const look = setInterval(() => {
    void stage.resident('api').then((size) => samples.api.push(size));
    void stage.resident('worker').then((size) => samples.worker.push(size));
  }, 1000);
  let isOver = false;
  const analyst = (async () => {
    const query = { operationIds: [operationId], measure: 'SEIZURES', groupBy: ['COUNTRY', 'WEEK'] };
    while (!isOver) {
      await graphql(url, LOOK, { id: operationId, query }, hub?.token);
      await delay(500);
    }
  })();
  const began = performance.now();
  let sent = 0;
  await sendReports(load, MINUTES * 60, async () => {
    const due = began + (sent++ * 1000) / REPORTS_A_SECOND;
    await delay(Math.max(0, due - performance.now()));
  });
  isOver = true;
  clearInterval(look);
  await analyst;
  return [flat('api', samples.api), flat('worker', samples.worker)];
}

function flat(name: string, samples: readonly number[]): Figure {
  const quarter = Math.floor(samples.length / 4);
  const value = median(samples.slice(3 * quarter));
  const baseline = median(samples.slice(quarter, 2 * quarter));
  return {
    name: `resident memory of ${name} after 20 minutes, of that after 5 to 10`,
    value,
    unit: 'MiB',
    baseline,
    goal: FLAT,
    holds: value <= FLAT * baseline,
  };
}
