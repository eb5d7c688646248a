import { type Figure, median } from './figures.js';
import { fillRecords } from './fill.js';
import { type Caller, graphql, type Stage } from './stage.js';

const RECORDS = 100_000;
const GOAL = 1.1;

/** Requests that one api gets before it is the other's turn. */
const TURN = 5;

/** Pages that are asked for at the same time. */
const SIDE_BY_SIDE = 2;

const PAGE = `query ($id: UUID!, $after: String) { violations(operationId: $id, first: 50, after: $after, filter: { natures: [CRIMINAL] }) {
  edges { node { id version country detectedAt scene nature place { unlocode name country } sharing { level } valueUsd quantityKg
    consignment { route { origin destination } cargoUnits { container } } lines { commodity { code name } quantity unit } } }
  pageInfo { endCursor } } }`;

interface Page {
  readonly violations: { readonly pageInfo: { readonly endCursor: string | null } };
}

/** What it costs a page of the list that who read which record is recorded: against an api that does not record it. */
export async function measureReading(stage: Stage, url: string, isFull: boolean): Promise<Figure> {
  const { operationId } = await fillRecords(stage.database, { records: RECORDS });
  const callers = await stage.people(url, SIDE_BY_SIDE, null, {
    role: 'HUB',
    operationId: null,
    country: null,
    unitId: null,
  });
  const other = await stage.startOther('api-without-recording.js');
  const places = new Map<Caller, string | null>();
  const recorded: number[] = [];
  const bare: number[] = [];
  const ask = async (of: string, times: number[]): Promise<void> => {
    await Promise.all(
      callers.map(async (caller) => {
        for (let turn = 0; turn < TURN; turn++) {
          const began = performance.now();
          const after = places.get(caller) ?? null;
          const { violations } = await graphql<Page>(of, PAGE, { id: operationId, after }, caller.token);
          times.push(performance.now() - began);
          places.set(caller, violations.pageInfo.endCursor);
        }
      }),
    );
  };
  await ask(url, []); // compiles and fills caches
  await ask(other, []);
  for (let round = 0; round < (isFull ? 100 : 40); round++) {
    // Who goes first changes, as whoever goes second finds the pages warm.
    if (round % 2 === 0) await ask(url, recorded);
    await ask(other, bare);
    if (round % 2 === 1) await ask(url, recorded);
  }
  const [{ count } = { count: 0 }] = await stage.sql<{ count: number }>(
    `SELECT count(*)::int AS count FROM readings WHERE operation_id = $1 AND what = 'violations'`,
    [operationId],
  );
  if (count === 0) throw new Error('No reading was recorded: the measurement says nothing.');
  const value = median(recorded);
  const baseline = median(bare);
  return {
    name: 'page of the list, reading recorded',
    value,
    unit: 'ms',
    baseline,
    goal: GOAL,
    holds: value <= GOAL * baseline,
  };
}
