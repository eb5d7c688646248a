import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { v7 } from 'uuid';

import { type Figure, percentile } from './figures.js';
import { Line, type Load, reportSeizure } from './load.js';
import type { Stage } from './stage.js';

const COUNTRIES = 50;
const FOLLOWERS_EACH = 20;
const FOLLOWERS = COUNTRIES * FOLLOWERS_EACH;
/** Countries that a report concerns: where it is from, where it went through and goes to, and the flag of the vessel. */
const CONCERNED = 4;
const REPORTS_A_SECOND = 100;
/** Reports whose arrival is not counted, the first: a process that was just started compiles while it works. */
const WARM_UP = 6 * REPORTS_A_SECOND;
const GOAL_OF_BARE = 3;
const GOAL_MS = 250;

type Times = readonly (readonly [id: string, at: number])[];

/** What the process with the sockets tells when all have everything: for each report, when each socket got it, and one event as it came. */
interface Arrivals {
  readonly arrivals: Times;
  readonly sample: Readonly<Record<string, unknown>>;
}

/**
 * From the receipt of a report to its event at each socket that may see it: 1,000 followers of 50 countries, 100 reports a second that each
 * concern four of them; against socket.io alone, which emits the same bytes to the same sockets.
 */
export async function measureArrival(stage: Stage, url: string, isFull: boolean): Promise<Figure[]> {
  const { operationId, unitId, agencyId } = await stage.operation();
  const others = await joinOthers(stage, operationId);
  const tokens = new Map<string, string>();
  for (const { country, agency } of [{ country: 'KE', agency: agencyId }, ...others]) {
    const grant = { role: 'AGENCY_OFFICER', operationId, country, unitId: null };
    const [follower] = await stage.people(url, 1, agency, grant);
    tokens.set(country, follower?.token ?? '');
  }
  const reporter = { role: 'PORT_UNIT_OFFICER', operationId, country: 'KE', unitId };
  const [officer] = await stage.people(url, 1, agencyId, reporter);

  const count = WARM_UP + REPORTS_A_SECOND * (isFull ? 60 : 12);
  const trips = Array.from({ length: count }, (_, index) =>
    tripOf(
      others.map(({ country }) => country),
      index,
    ),
  );
  const sockets = await follow(url, operationId, [...tokens.values()]);
  const load = { url, operationId, unitId, sharing: 'AMBER', tokens: [] };
  const accepted = await sendEvenly(load, officer?.token ?? '', trips);
  const { arrivals, sample } = await allOf(sockets, count);
  sockets.kill();

  const bare = await emitBare([...tokens.keys()], [...accepted.keys()], trips, sample);
  const [value, baseline] = [latency(accepted, arrivals), latency(new Map(bare.emitted), bare.arrivals)];
  const name = 'accept to arrival, 1,000 followers of 50 countries, p99';
  return [
    { name, value, unit: 'ms', baseline, goal: GOAL_OF_BARE, holds: value <= GOAL_OF_BARE * baseline },
    { name: 'the same, in time', value, unit: 'ms', baseline: null, goal: GOAL_MS, holds: value <= GOAL_MS },
  ];
}

/** Lets other countries take part. */
async function joinOthers(stage: Stage, operationId: string): Promise<{ country: string; agency: string }[]> {
  const known = await stage.sql<{ code: string }>(
    `SELECT DISTINCT code FROM countries WHERE code NOT IN ('KE', 'XZ', 'ZZ') ORDER BY code LIMIT $1`,
    [COUNTRIES - 1],
  );
  const others = known.map(({ code }) => ({ country: code, agency: v7() }));
  for (const { country, agency } of others) {
    await stage.sql(`INSERT INTO agencies (id, name, kind, country) VALUES ($1, 'Customs', 'CUSTOMS', $2)`, [
      agency,
      country,
    ]);
    await stage.sql(
      `INSERT INTO participations (id, operation_id, country, status, lead_agency_id, invited_at) VALUES ($1, $2, $3, 'ACCEPTED', $4, now())`,
      [v7(), operationId, country, agency],
    );
  }
  return others;
}

/** The three other countries that a report concerns, each report other ones. */
function tripOf(countries: readonly string[], index: number): string[] {
  return [0, 1, 2].map((place) => countries[(index * 3 + place) % countries.length] ?? '');
}

async function follow(url: string, operationId: string, tokens: readonly string[]): Promise<ChildProcess> {
  const sockets = fork(join(import.meta.dirname, 'sockets.js'));
  const live = told(sockets, 'live');
  sockets.send({
    type: 'follow',
    url,
    operationId,
    tokens: tokens.flatMap((token) => Array<string>(FOLLOWERS_EACH).fill(token)),
  });
  await live;
  return sockets;
}

async function allOf(sockets: ChildProcess, count: number): Promise<Arrivals> {
  const expected = count * CONCERNED * FOLLOWERS_EACH;
  const all = told(sockets, 'arrivals') as Promise<Arrivals>;
  sockets.send({ type: 'expect', count: expected });
  const got = await all;
  if (got.arrivals.length !== expected) {
    throw new Error(`${got.arrivals.length} arrivals of ${expected} at ${FOLLOWERS} sockets`);
  }
  return got;
}

/** The same events to the same rooms at the same rate by socket.io alone. */
async function emitBare(
  countries: readonly string[],
  ids: readonly string[],
  trips: readonly (readonly string[])[],
  event: Readonly<Record<string, unknown>>,
): Promise<{ emitted: Times; arrivals: Times }> {
  const server = fork(join(import.meta.dirname, 'bare-sockets.js'));
  const { url } = (await told(server, 'ready')) as { url: string };
  const sockets = await follow(url, '', countries);
  const emitted = told(server, 'emitted') as Promise<{ emitted: Times }>;
  server.send({ event, ids, rooms: trips.map((trip) => ['KE', ...trip]), perSecond: REPORTS_A_SECOND });
  const { emitted: times } = await emitted;
  const { arrivals } = await allOf(sockets, ids.length);
  sockets.kill();
  server.kill();
  return { emitted: times, arrivals };
}

function told(child: ChildProcess, type: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: { type: string }) => message.type === type && resolve(message));
    child.once('exit', () => reject(new Error(`A process ended before it told ${type}.`)));
  });
}

function latency(from: ReadonlyMap<string, number>, arrivals: Times): number {
  if (arrivals.some(([id]) => !from.has(id))) throw new Error('An event came that nobody sent.');
  const counted = new Map([...from].slice(WARM_UP));
  return percentile(arrivals.flatMap(([id, at]) => at - (counted.get(id) ?? Infinity)).filter(Number.isFinite), 0.99);
}

/** Sends reports at an even rate, whatever each takes, and gives when each was acknowledged. */
async function sendEvenly(
  load: Load,
  token: string,
  trips: readonly (readonly string[])[],
): Promise<Map<string, number>> {
  const accepted = new Map<string, number>();
  const due = trips.values();
  // Each line takes the next trip as it sends: which one it is does not matter, only how many of each there are.
  const says: Load['says'] = (of) => {
    const [origin, transit, flag] = due.next().value ?? [];
    const { query, variables } = reportSeizure(of);
    const route = { origin, transit: [transit], destination: 'KE' };
    return { query, variables: { input: { ...variables.input, route, vessel: { name: 'MV Example', flag } } } };
  };
  const idle: Line[] = [];
  const send = async (): Promise<void> => {
    const line = idle.pop() ?? new Line({ ...load, says }, token);
    const id = await line.send();
    accepted.set(id, Date.now());
    idle.push(line);
  };
  const began = Date.now();
  const sent: Promise<void>[] = [];
  for (let index = 0; index < trips.length; index++) {
    await delay(Math.max(0, began + (index * 1000) / REPORTS_A_SECOND - Date.now()));
    sent.push(send());
  }
  await Promise.all(sent);
  for (const line of idle) line.end();
  return accepted;
}
