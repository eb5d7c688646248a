import { setTimeout as delay } from 'node:timers/promises';

import { type Figure, median } from './figures.js';
import { type Load, sendReports } from './load.js';
import { createReport, makePeerTable } from './peer.js';
import { rawInserts } from './raw-inserts.js';
import { type Stage, widthOfReports } from './stage.js';

const CONNECTIONS = 64;
const ACCEPTED_GOAL = 0.4;
const ACCEPTED_OF_NOTHING_GOAL = 0.45;
const OF_PEER_GOAL = 2;
const SETTLED_GOAL = 0.15;
/** Reports that may wait for their settlement before the load holds back. */
const LONGEST_QUEUE = 400;

/**
 * Reports taken in and settled, each against the raw rate measured before and after it; taken in also against a mutation that stores
 * nothing, and against PostGraphile's create mutation.
 */
export async function measureReports(stage: Stage, url: string, isFull: boolean): Promise<Figure[]> {
  const { operationId, unitId, agencyId } = await stage.operation();
  const officers = await stage.people(url, CONNECTIONS, agencyId, {
    role: 'PORT_UNIT_OFFICER',
    operationId,
    country: 'KE',
    unitId,
  });
  const load: Load = { url, operationId, unitId, sharing: 'AMBER_STRICT', tokens: officers.map(({ token }) => token) };
  const nothingUrl = await stage.startOther('api-doing-nothing.js');
  const rounds = isFull ? 5 : 3;
  const seconds = isFull ? 20 : 7;

  await sendReports({ ...load, url: nothingUrl }, 5);
  await sendReports(load, 5); // compiles, fills caches and gives the rows whose width the baseline takes
  await drained(stage);
  const width = await widthOfReports(stage);
  await makePeerTable(stage, width);
  const peer: Load = { ...load, url: await stage.startOther('peer-postgraphile.js'), says: createReport };
  await sendReports(peer, 5);
  const raw: number[] = [];
  const ofPeer: number[] = [];
  const accepted: number[] = [];
  const nothing: number[] = [];
  const settled: number[] = [];
  for (let round = 0; round < rounds; round++) {
    raw.push(await rawInserts(stage.databaseUrl, width, seconds / 2));
    const taken = await sendReports(load, seconds);
    accepted.push(taken.accepted / taken.seconds);
    await drained(stage);
    const undone = await sendReports({ ...load, url: nothingUrl }, seconds);
    nothing.push(undone.accepted / undone.seconds);
    const theirs = await sendReports(peer, seconds);
    ofPeer.push(theirs.accepted / theirs.seconds);
    await stage.sql(`TRUNCATE peer.reports`);
    raw.push(await rawInserts(stage.databaseUrl, width, seconds / 2));
    settled.push(await settledRate(stage, load, seconds));
  }
  const baseline = median(raw);
  return [
    figure('seizure reports accepted', median(accepted), baseline, ACCEPTED_GOAL),
    figure('the same, of a mutation that stores nothing', median(accepted), median(nothing), ACCEPTED_OF_NOTHING_GOAL),
    figure('the same, of PostGraphile 5', median(accepted), median(ofPeer), OF_PEER_GOAL),
    figure('seizure reports settled', median(settled), baseline, SETTLED_GOAL),
  ];
}

function figure(name: string, value: number, baseline: number, goal: number): Figure {
  return { name, value, unit: '1/s', baseline, goal, holds: value / baseline >= goal };
}

async function settledRate(stage: Stage, load: Load, seconds: number): Promise<number> {
  const began = performance.now();
  let held: PromiseWithResolvers<void> | undefined;
  const look = setInterval(() => {
    void owed(stage).then((waiting) => {
      if (waiting > LONGEST_QUEUE) held ??= Promise.withResolvers();
      else {
        held?.resolve();
        held = undefined;
      }
    });
  }, 50);
  const { accepted } = await sendReports(load, seconds, () => held?.promise ?? Promise.resolve());
  clearInterval(look);
  await drained(stage);
  return accepted / ((performance.now() - began) / 1000);
}

async function owed(stage: Stage): Promise<number> {
  const [row] = await stage.sql<{ count: number }>(`SELECT count(*)::int AS count FROM outbox`);
  return row?.count ?? 0;
}

async function drained(stage: Stage): Promise<void> {
  while ((await owed(stage)) > 0) await delay(20);
}
