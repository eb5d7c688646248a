import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { type Figure, percentile } from './figures.js';
import { Line, type Load } from './load.js';
import type { Stage } from './stage.js';

const CLIENTS = 200;
const REPORTS_A_SECOND = 50;
const GOAL_MS = 500;

/** What the process with the sockets tells when all have everything: for each report, when each socket got it. */
interface Arrivals {
  readonly arrivals: readonly (readonly [id: string, at: number])[];
}

/** From the receipt of a report to its event at each of 200 sockets that may see it. */
export async function measureArrival(stage: Stage, url: string, isFull: boolean): Promise<Figure> {
  const { operationId, unitId, agencyId } = await stage.operation();
  const grant = { operationId, country: 'KE', unitId: null };
  const viewers = await stage.people(url, CLIENTS / 4, agencyId, { role: 'AGENCY_OFFICER', ...grant });
  const [officer] = await stage.people(url, 1, agencyId, { role: 'PORT_UNIT_OFFICER', ...grant, unitId });
  const sockets = fork(join(import.meta.dirname, 'sockets.js'));
  const told = (type: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      sockets.on('message', (message: { type: string }) => message.type === type && resolve(message));
      sockets.once('exit', () => reject(new Error('The process with the sockets ended.')));
    });
  const live = told('live');
  sockets.send({
    type: 'follow',
    url,
    operationId,
    tokens: Array.from({ length: CLIENTS }, (_, index) => viewers[index % viewers.length]?.token),
  });
  await live;

  const load = { url, operationId, unitId, sharing: 'GREEN', tokens: [] };
  const count = REPORTS_A_SECOND * (isFull ? 60 : 15);
  const accepted = await sendEvenly(load, officer?.token ?? '', count);
  const all = told('arrivals') as Promise<Arrivals>;
  sockets.send({ type: 'expect', count });
  const { arrivals } = await all;
  sockets.kill();
  const times = arrivals.map(([id, at]) => at - (accepted.get(id) ?? Number.NaN));
  if (times.length !== count * CLIENTS || times.some(Number.isNaN))
    throw new Error(`${times.length} arrivals of ${count * CLIENTS}`);
  const value = percentile(times, 0.99);
  return {
    name: 'accept to arrival at 200 sockets, p99',
    value,
    unit: 'ms',
    baseline: null,
    goal: GOAL_MS,
    holds: value < GOAL_MS,
  };
}

/** Sends reports at an even rate, whatever each takes, and gives when each was acknowledged. */
async function sendEvenly(load: Load, token: string, count: number): Promise<Map<string, number>> {
  const accepted = new Map<string, number>();
  const idle: Line[] = [];
  const send = async (): Promise<void> => {
    const line = idle.pop() ?? new Line(load, token);
    const id = await line.send();
    accepted.set(id, Date.now());
    idle.push(line);
  };
  const began = Date.now();
  const sent: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    await delay(Math.max(0, began + (index * 1000) / REPORTS_A_SECOND - Date.now()));
    sent.push(send());
  }
  await Promise.all(sent);
  for (const line of idle) line.end();
  return accepted;
}
