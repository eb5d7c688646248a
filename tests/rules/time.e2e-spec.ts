import { type Muster, startMuster, until } from '../setup/index.js';
import {
  LOG,
  type Person,
  type Refusal,
  REPORT,
  Scene,
  SEIZURE,
  seizureInput,
  VIOLATION,
  violationInput,
} from '../setup/scene.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Two days of the calendar lie between the two most of the time, and one always. Neither knows summer time. */
const ZONES = [
  { timeZone: 'Pacific/Honolulu', offset: '-10:00' },
  { timeZone: 'Pacific/Kiritimati', offset: '+14:00' },
] as const;
type Zone = (typeof ZONES)[number];
const [HONOLULU] = ZONES;

const UPDATE = `mutation ($id: UUID!, $version: Int!, $input: UpdateOperationInput!) {
  updateOperation(id: $id, expectedVersion: $version, reason: "As the test needs it.", input: $input) { version } }`;
const MOVE = `mutation ($id: UUID!, $to: OperationPhase!, $version: Int!) { moveOperation(id: $id, to: $to, expectedVersion: $version) { version } }`;
const OPERATION = `query ($id: UUID!) { operation(id: $id) { version readiness } }`;
const CORRECT = `mutation ($id: UUID!, $version: Int!, $input: CorrectViolationInput!) {
  correctViolation(id: $id, expectedVersion: $version, reason: "The clock was wrong", input: $input) { ${VIOLATION} detectedAt } }`;
const DECIDE = `mutation ($id: UUID!, $version: Int!) { decideSeizure(id: $id, expectedVersion: $version, accept: true, reason: "Seen") { status } }`;
const TIMES = `query ($id: UUID!) { violation(id: $id) { detectedAt recordedAt timeZone late exercise } }`;
const ARRIVAL = `query ($id: UUID!) { seizure(id: $id) { id version status late detectedAt receivedAt findings { rule } } }`;
const DAYS = `query ($query: TrendQuery!) { violationTrends(query: $query) { cells { key value } } }`;
const SUMMARY = `query ($id: UUID!) { operation(id: $id) { summary { violations seizures persons quantityKg } } }`;

interface Arrival {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly late: boolean;
  readonly detectedAt: string;
  readonly receivedAt: string;
  readonly findings: readonly { readonly rule: string }[];
}

interface Stage {
  readonly zone: Zone;
  readonly id: string;
  readonly kenya: Person;
  readonly officer: Person;
}

let muster: Muster;
let scene: Scene;
let hub: Person;
let agencies: Record<'KE' | 'TZ', string>;
let unitId: string;

beforeAll(async () => {
  // In both zones a day turns on the hour of UTC: it must not turn while the tests run.
  await until(() => new Date().getUTCMinutes() < 57, { limit: 4 * MINUTE, what: 'the hour has turned' });
  muster = await startMuster();
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  agencies = { KE: await scene.agency('KE'), TZ: await scene.agency('TZ', 'POLICE') };
  unitId = await scene.unit('KE', 'KEMBA', [agencies.KE]);
}, 5 * MINUTE);

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

/** The day that an instant is in a zone, counted by hand from its offset. */
function dayOf({ offset }: Zone, instant: number): string {
  return new Date(instant + Number(offset.slice(0, 3)) * HOUR).toISOString().slice(0, 10);
}

const today = (zone: Zone, plus = 0): string => dayOf(zone, Date.now() + plus * DAY);
const midnight = (zone: Zone, day: string): number => Date.parse(`${day}T00:00:00.000${zone.offset}`);
const iso = (instant: number): string => new Date(instant).toISOString();
const fromNow = (milliseconds: number): string => iso(Date.now() + milliseconds);

/** An operation with a window in days from today in its zone, in its operational phase unless it is to stay in preparation. */
async function stage(
  zone: Zone,
  days: { readonly from: number; readonly to: number; readonly deadline?: number },
  phase: 'PREPARATION' | 'OPERATIONAL' = 'OPERATIONAL',
): Promise<Stage> {
  const { id } = await scene.operation(hub, {
    timeZone: zone.timeZone,
    operationalStartsOn: today(zone, days.from),
    operationalEndsOn: today(zone, days.to),
    reportingDeadline: today(zone, days.deadline ?? Math.max(days.to, 0) + 10),
  });
  const kenya = await scene.join(hub, id, 'KE', agencies.KE);
  await scene.join(hub, id, 'TZ', agencies.TZ);
  const officer = await scene.person(agencies.KE, {
    role: 'PORT_UNIT_OFFICER',
    operationId: id,
    country: 'KE',
    unitId,
  });
  await scene.post(officer.id, unitId, agencies.KE, '2020-01-01');
  if (phase === 'OPERATIONAL') await scene.move(hub, id, 'OPERATIONAL');
  return { zone, id, kenya, officer };
}

const violation = (
  { id, zone }: Stage,
  detectedAt: string,
  change: object = {},
): { input: Record<string, unknown> } => ({
  input: violationInput(id, agencies.KE, { detectedAt, timeZone: zone.timeZone, ...change }),
});

const seizure = ({ id, zone }: Stage, detectedAt: string, change: object = {}): { input: Record<string, unknown> } => ({
  input: seizureInput(id, unitId, { detectedAt, timeZone: zone.timeZone, ...change }),
});

async function settled({ kenya }: Stage, id: unknown): Promise<Arrival> {
  return until(async () => {
    const found = await kenya.do<Arrival>(ARRIVAL, { id });
    return found.status !== 'RECEIVED' && found;
  });
}

async function report(on: Stage, detectedAt: string, change: object = {}): Promise<Arrival> {
  const { id } = await on.officer.do<{ id: string }>(REPORT, seizure(on, detectedAt, change));
  return settled(on, id);
}

const update = async ({ id }: Stage, input: object): Promise<void> => {
  const { version } = await hub.do<{ version: number }>(OPERATION, { id });
  await hub.do(UPDATE, { id, version, input });
};

const daysCounted = async ({ id }: Stage): Promise<Record<string, string>> => {
  const query = { operationIds: [id], measure: 'VIOLATIONS', groupBy: ['DAY'] };
  const { cells } = await hub.do<{ cells: { key: [string]; value: string }[] }>(DAYS, { query });
  return Object.fromEntries(cells.map(({ key: [day], value }) => [day, value]));
};

const outsideWindow = { code: 'BAD_USER_INPUT', fields: [{ path: 'input.detectedAt' }] };
const paths = ({ fields }: Refusal): string[] => (fields ?? []).map(({ path }) => path).sort();

describe.each(ZONES)('days of an operation in $timeZone', (zone) => {
  test('the window begins with the first instant of its first day and ends with the last one of its last', async () => {
    const on = await stage(zone, { from: -3, to: -2 });
    const [first, behind] = [midnight(zone, today(zone, -3)), midnight(zone, today(zone, -1))];
    for (const instant of [first - 1, behind]) {
      expect(await on.kenya.refused(LOG, violation(on, iso(instant)))).toMatchObject(outsideWindow);
      expect(await on.officer.refused(REPORT, seizure(on, iso(instant)))).toMatchObject(outsideWindow);
    }
    for (const instant of [first, behind - 1]) {
      expect(await on.kenya.do(LOG, violation(on, iso(instant)))).toMatchObject({ late: true });
      expect(await report(on, iso(instant))).toMatchObject({ status: 'ACCEPTED', late: true });
    }
    expect(await daysCounted(on)).toEqual({ [today(zone, -3)]: '2', [today(zone, -2)]: '2' });
  });

  test("the reporter's own zone changes nothing of it", async () => {
    const on = await stage(zone, { from: -3, to: -2 });
    for (const { timeZone } of ZONES) {
      const instant = midnight(zone, today(zone, -3));
      const { input } = violation(on, iso(instant), { timeZone });
      expect(await on.kenya.do(LOG, { input })).toMatchObject({ id: input.id });
      expect(await on.kenya.do(TIMES, { id: input.id })).toMatchObject({ detectedAt: iso(instant), timeZone });
      expect(await on.kenya.refused(LOG, violation(on, iso(instant - 1), { timeZone }))).toMatchObject(outsideWindow);
    }
    expect(await daysCounted(on)).toEqual({ [today(zone, -3)]: '2' });
  });

  test('a report is late from the day after the last one, and says so', async () => {
    const on = await stage(zone, { from: -3, to: 0 });
    const detectedAt = iso(midnight(zone, today(zone, -1)));
    expect(await on.kenya.do(LOG, violation(on, detectedAt))).toMatchObject({ late: false });
    expect(await report(on, detectedAt)).toMatchObject({ late: false });
    await update(on, { operationalEndsOn: today(zone, -1) });
    // Late, although the operation has not moved on.
    expect(await on.kenya.do(LOG, violation(on, detectedAt))).toMatchObject({ late: true });
    expect(await report(on, detectedAt)).toMatchObject({ late: true, status: 'ACCEPTED' });
    await scene.move(hub, on.id, 'POST_OPERATIONAL');
    expect(await on.kenya.do(LOG, violation(on, detectedAt))).toMatchObject({ late: true });
    const late = `query ($id: UUID!, $late: Boolean!) { violations(operationId: $id, filter: { late: $late }) { totalCount } }`;
    expect(await on.kenya.do(late, { id: on.id, late: true })).toEqual({ totalCount: 3 });
    expect(await on.kenya.do(late, { id: on.id, late: false })).toEqual({ totalCount: 2 });
  });

  test('reports are taken to the end of the deadline, and not after it in any phase; changes of them still are', async () => {
    const on = await stage(zone, { from: -5, to: -2, deadline: 0 });
    const detectedAt = iso(midnight(zone, today(zone, -3)));
    const taken = violation(on, detectedAt);
    await on.kenya.do(LOG, taken);
    const reported = seizure(on, detectedAt);
    await on.officer.do(REPORT, reported);
    await settled(on, reported.input.id);
    await update(on, { reportingDeadline: today(zone, -1) });
    for (const phase of ['OPERATIONAL', 'POST_OPERATIONAL']) {
      if (phase === 'POST_OPERATIONAL') await scene.move(hub, on.id, phase);
      for (const change of [{}, { persons: -1, lines: [] }]) {
        expect(await on.kenya.refused(LOG, violation(on, detectedAt, change))).toMatchObject({ code: 'PHASE', phase });
        expect(await on.officer.refused(REPORT, seizure(on, detectedAt, change))).toMatchObject({
          code: 'PHASE',
          phase,
        });
      }
      // What was acknowledged before is sent again in peace.
      expect(await on.kenya.do(LOG, taken)).toMatchObject({ id: taken.input.id });
      expect(await on.officer.do(REPORT, reported)).toMatchObject({ id: reported.input.id, status: 'ACCEPTED' });
    }
    const { id, operationId: _operation, sharing: _sharing, ...content } = taken.input;
    expect(await on.kenya.do(CORRECT, { id, version: 1, input: { ...content, persons: 9 } })).toMatchObject({
      version: 2,
    });
  });

  test('the window has begun on its first day, and ended the day after its last', async () => {
    const tomorrow = await stage(zone, { from: 1, to: 5 }, 'PREPARATION');
    expect(await hub.refused(MOVE, { id: tomorrow.id, to: 'OPERATIONAL', version: 1 })).toMatchObject({
      code: 'PHASE',
      missing: [expect.stringContaining(today(zone, 1))],
    });
    const on = await stage(zone, { from: 0, to: 0 }, 'PREPARATION');
    await hub.do(MOVE, { id: on.id, to: 'OPERATIONAL', version: 1 });
    expect((await hub.refused(MOVE, { id: on.id, to: 'POST_OPERATIONAL', version: 2 })).missing).toHaveLength(1);
    const over = await stage(zone, { from: -2, to: -1 });
    expect(await hub.do(OPERATION, { id: over.id })).toMatchObject({ readiness: [] });
    await hub.do(MOVE, { id: over.id, to: 'POST_OPERATIONAL', version: 2 });
  });

  test('a correction moves a record to another day, and never out of the window', async () => {
    const on = await stage(zone, { from: -4, to: -1 });
    const { input } = violation(on, iso(midnight(zone, today(zone, -2))));
    await on.kenya.do(LOG, { input });
    const { id, operationId: _operation, sharing: _sharing, ...content } = input;
    const at = (instant: number): object => ({ id, version: 1, input: { ...content, detectedAt: iso(instant) } });
    for (const instant of [midnight(zone, today(zone, -4)) - 1, midnight(zone, today(zone))]) {
      expect(await on.kenya.refused(CORRECT, { ...at(instant) })).toMatchObject(outsideWindow);
    }
    await on.kenya.do(CORRECT, { ...at(midnight(zone, today(zone, -2)) - 1) });
    expect(await daysCounted(on)).toEqual({ [today(zone, -3)]: '1' });
  });
});

describe('clocks', () => {
  let on: Stage;

  beforeAll(async () => {
    // The last day of the window: what lies ahead of now may lie behind the window.
    on = await stage(HONOLULU, { from: -5, to: 0 });
  });

  test('ten minutes of a wrong clock are allowed', async () => {
    const open = await stage(HONOLULU, { from: -5, to: 1 });
    expect(await open.kenya.do(LOG, violation(open, fromNow(9.5 * MINUTE)))).toMatchObject({ late: false });
    const arrived = await report(open, fromNow(9.5 * MINUTE));
    expect(arrived.status).toBe('ACCEPTED');
    expect(arrived.findings.map(({ rule }) => rule)).not.toContain('clock');
  });

  test('a violation further ahead is refused, with all else that is wrong', async () => {
    const refusal = await on.kenya.refused(LOG, violation(on, fromNow(10.5 * MINUTE), { persons: -1 }));
    expect([refusal.code, paths(refusal)]).toEqual(['BAD_USER_INPUT', ['input.detectedAt', 'input.persons']]);
    expect((await on.kenya.refused(LOG, violation(on, fromNow(20 * HOUR)))).code).toBe('BAD_USER_INPUT');
  });

  test('a seizure up to 26 hours ahead goes to review, and beyond that it is refused', async () => {
    for (const ahead of [10.5 * MINUTE, 26 * HOUR - MINUTE]) {
      const arrived = await report(on, fromNow(ahead));
      expect(arrived).toMatchObject({ status: 'NEEDS_REVIEW', late: false });
      expect(arrived.findings.map(({ rule }) => rule)).toContain('clock');
    }
    expect(await on.officer.refused(REPORT, seizure(on, fromNow(26 * HOUR + MINUTE)))).toMatchObject(outsideWindow);
  });

  test('a seizure ahead counts on the day of its arrival when it is accepted, and keeps both times', async () => {
    const there = await stage(HONOLULU, { from: -5, to: 0 });
    const detectedAt = fromNow(25 * HOUR);
    const arrived = await report(there, detectedAt);
    expect(await daysCounted(there)).toEqual({});
    await there.kenya.do(DECIDE, { id: arrived.id, version: arrived.version });
    expect(await daysCounted(there)).toEqual({ [today(HONOLULU)]: '1' });
    const accepted = await there.kenya.do<Arrival>(ARRIVAL, { id: arrived.id });
    expect(accepted).toMatchObject({ status: 'ACCEPTED', detectedAt, receivedAt: arrived.receivedAt });
    expect(Math.abs(Date.parse(accepted.receivedAt) - Date.now())).toBeLessThan(MINUTE);
    expect(await there.kenya.do(TIMES, { id: arrived.id })).toMatchObject({ detectedAt });
  });

  test('a seizure that arrives behind the window is not saved by a clock ahead', async () => {
    const over = await stage(HONOLULU, { from: -5, to: -1 });
    expect(await over.officer.refused(REPORT, seizure(over, fromNow(HOUR)))).toMatchObject(outsideWindow);
  });

  test('a correction puts no detection after the arrival of its record', async () => {
    const { input } = violation(on, fromNow(-3 * HOUR));
    await on.kenya.do(LOG, { input });
    const { id, operationId: _operation, sharing: _sharing, ...content } = input;
    await scene.sql(
      `UPDATE violation_versions SET content = jsonb_set(content, '{identity,arrivedAt}', to_jsonb($2::text)) WHERE violation_id = $1`,
      [id, fromNow(-2 * HOUR)],
    );
    const corrected = (detectedAt: string): Record<string, unknown> => ({
      id,
      version: 1,
      input: { ...content, detectedAt },
    });
    expect(await on.kenya.refused(CORRECT, corrected(fromNow(-HOUR)))).toMatchObject(outsideWindow);
    expect(await on.kenya.do(CORRECT, corrected(fromNow(-2.5 * HOUR)))).toMatchObject({ version: 2 });
  });
});

describe('exercises', () => {
  test('they are held in preparation, outside the window too, and are never counted', async () => {
    const on = await stage(HONOLULU, { from: 3, to: 5 }, 'PREPARATION');
    const exercise = { exercise: true };
    for (const detectedAt of [fromNow(-400 * DAY), fromNow(-HOUR)]) {
      expect(await on.kenya.do(LOG, violation(on, detectedAt, exercise))).toMatchObject({
        exercise: true,
        late: false,
      });
      expect(await report(on, detectedAt, exercise)).toMatchObject({ status: 'ACCEPTED', late: false });
    }
    expect(await on.kenya.refused(LOG, violation(on, fromNow(11 * MINUTE), exercise))).toMatchObject(outsideWindow);
    expect(await on.kenya.refused(LOG, violation(on, fromNow(-HOUR)))).toMatchObject({
      code: 'PHASE',
      phase: 'PREPARATION',
    });
    const summary = { violations: 0, seizures: 0, persons: 0, quantityKg: '0' };
    expect(await hub.do(SUMMARY, { id: on.id })).toEqual({ summary });
    expect(await daysCounted(on)).toEqual({});
    await scene.move(hub, on.id, 'OPERATIONAL');
    expect(await on.kenya.refused(LOG, violation(on, fromNow(-HOUR), exercise))).toMatchObject({
      code: 'PHASE',
      phase: 'OPERATIONAL',
    });
    expect(await hub.do(SUMMARY, { id: on.id })).toEqual({ summary });
  });

  test('an exercise meets other exercises only', async () => {
    const on = await stage(HONOLULU, { from: -5, to: 5 });
    const { input: real } = seizure(on, fromNow(-HOUR));
    const same = { cargoUnit: real.cargoUnit };
    await on.officer.do(REPORT, { input: real });
    expect(await settled(on, real.id)).toMatchObject({ status: 'ACCEPTED' });
    await scene.move(hub, on.id, 'PREPARATION');
    expect(await report(on, fromNow(-HOUR), { ...same, exercise: true })).toMatchObject({ status: 'ACCEPTED' });
    const met = await report(on, fromNow(-HOUR), { ...same, exercise: true });
    expect(met.status).toBe('NEEDS_REVIEW');
    expect(met.findings.map(({ rule }) => rule)).toContain('same-unit');
    // The exercise that waits for its decision keeps no operation open.
    for (const phase of ['OPERATIONAL', 'POST_OPERATIONAL', 'CLOSED']) await scene.move(hub, on.id, phase);
  });
});

describe('the past', () => {
  test('an operation whose first day has passed is created, begun without a reason, and takes what was found since', async () => {
    const on = await stage(HONOLULU, { from: -40, to: 2 }, 'PREPARATION');
    expect(await hub.do(OPERATION, { id: on.id })).toMatchObject({ readiness: [] });
    await hub.do(MOVE, { id: on.id, to: 'OPERATIONAL', version: 1 });
    const first = today(HONOLULU, -40);
    expect(await on.kenya.do(LOG, violation(on, iso(midnight(HONOLULU, first))))).toMatchObject({ late: false });
    expect(await daysCounted(on)).toEqual({ [first]: '1' });
  });

  test('what was acknowledged is settled by the rules that held when it was received', async () => {
    const on = await stage(HONOLULU, { from: -5, to: 2 });
    await muster.worker?.stop();
    const { input } = seizure(on, iso(midnight(HONOLULU, today(HONOLULU, -1))));
    await on.officer.do(REPORT, { input });
    await update(on, { operationalEndsOn: today(HONOLULU, -3), reportingDeadline: today(HONOLULU, -2) });
    await scene.move(hub, on.id, 'POST_OPERATIONAL');
    await muster.add('worker');
    expect(await settled(on, input.id)).toMatchObject({ status: 'ACCEPTED', late: false });
    expect(await on.kenya.do(SEIZURE, { id: input.id })).toMatchObject({ violation: { id: input.id, late: false } });
    expect(await daysCounted(on)).toEqual({ [today(HONOLULU, -1)]: '1' });
  });
});
