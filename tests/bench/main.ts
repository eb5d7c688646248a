import { writeFile } from 'node:fs/promises';

import { measureArrival } from './arrival.js';
import { measureBulk } from './bulk.js';
import { type Figure, report, table } from './figures.js';
import { measureGrowth } from './growth.js';
import { measureReports } from './intake.js';
import { measurePolicies } from './policies.js';
import { measureReading } from './reading.js';
import { measureSecondStart } from './second-start.js';
import { measureSoak } from './soak.js';
import { Stage } from './stage.js';
import { measureTrends } from './trends.js';

/**
 * `npm run bench`: every figure as a ratio to a baseline that is measured beside it in the same run. `-- --full` takes the whole
 * time, `-- --json FILE` writes the figures for machines.
 */
const isFull = process.argv.includes('--full');
const jsonAt = process.argv.indexOf('--json');
const json = jsonAt < 0 ? undefined : process.argv[jsonAt + 1];

/** A goal of the memory of one process, in MiB. */
const MEMORY_GOAL = 250;

async function measure(): Promise<Figure[]> {
  const stage = await Stage.set();
  try {
    const url = await stage.start();
    const figures = [
      ...(await measureBulk(stage, url)),
      ...(await measureReports(stage, url, isFull)),
      ...(await measureArrival(stage, url, isFull)),
      ...(await measureTrends(stage, url, isFull)),
      await measureReading(stage, url, isFull),
      await measurePolicies(stage, url, isFull),
      ...(isFull ? [...(await measureSoak(stage, url)), ...(await measureGrowth(stage, url))] : []),
    ];
    const memory = (['api', 'worker'] as const).map((name): Figure => {
      const value = stage.peak(name);
      return {
        name: `resident memory of ${name}, most`,
        value,
        unit: 'MiB',
        baseline: null,
        goal: MEMORY_GOAL,
        holds: value < MEMORY_GOAL,
      };
    });
    return [...figures, ...memory];
  } finally {
    await stage.end();
  }
}

const figures = [...(await measure()), await measureSecondStart()];
console.log(table(figures));
await report(figures, isFull);
if (json) await writeFile(json, `${JSON.stringify(figures, null, 2)}\n`);
process.exit(figures.every(({ holds }) => holds) ? 0 : 1);
