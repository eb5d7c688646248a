import { type Muster, startMuster, until } from '../setup/index.js';
import {
  containerNumber,
  hours,
  LOG,
  type Person,
  REPORT,
  Scene,
  SEIZURE,
  seizureInput,
  VIOLATION,
  violationInput,
} from '../setup/scene.js';

const PHASES = ['PREPARATION', 'OPERATIONAL', 'POST_OPERATIONAL', 'CLOSED'] as const;
type Phase = (typeof PHASES)[number];

const CORRECT = `mutation ($id: UUID!, $version: Int! = 1, $reason: String! = "Weighed anew", $input: CorrectViolationInput!) {
  correctViolation(id: $id, expectedVersion: $version, reason: $reason, input: $input) { ${VIOLATION} } }`;
const WITHDRAW = `mutation ($id: UUID!, $version: Int! = 1, $reason: String! = "Logged twice") {
  withdrawViolation(id: $id, expectedVersion: $version, reason: $reason) { ${VIOLATION} } }`;
const SHARE = `mutation ($id: UUID!, $version: Int! = 1, $reason: String! = "All may know", $sharing: SharingInput! = { level: GREEN }) {
  changeSharing(id: $id, expectedVersion: $version, reason: $reason, sharing: $sharing) { ${VIOLATION} } }`;
const DECIDE = `mutation ($id: UUID!, $version: Int!, $accept: Boolean! = true, $reason: String! = "Opened and seen") {
  decideSeizure(id: $id, expectedVersion: $version, accept: $accept, reason: $reason) { id status } }`;
const CERTIFY = `mutation ($id: UUID!, $asOf: String!) { certifyFigures(participationId: $id, asOf: $asOf) { country } }`;
const PUBLISH = `mutation ($id: UUID!, $title: String! = "Routes", $text: String! = "By Oman.", $asOf: String!) {
  publishFindings(operationId: $id, title: $title, text: $text, asOf: $asOf) { id } }`;
const INVITE = `mutation ($id: UUID!, $countries: [CountryCode!]! = ["AE"]) { inviteCountries(operationId: $id, countries: $countries) { country } }`;
const ANSWER = `mutation ($input: AnswerInvitationInput!) { answerInvitation(input: $input) { status } }`;
const OPERATION = `query ($id: UUID!) { operation(id: $id) { phase headCursor participations { id country } } }`;
const FEED = `query ($id: UUID!) { operationFeed(operationId: $id) { events { kind subjectId } } }`;

/** An operation in one phase, with all that the actions need: made while it was operational. */
interface Stage {
  readonly phase: Phase;
  readonly operationId: string;
  readonly kenya: Person;
  readonly omani: Person;
  readonly officer: Person;
  readonly input: Record<string, unknown>;
  /** Violations at version 1, one for each action that changes one. */
  readonly violations: { readonly corrected: string; readonly shared: string; readonly withdrawn: string };
  readonly seizure: { readonly id: string; readonly version: number };
  readonly participations: Record<string, string>;
  readonly headCursor: string;
}

let muster: Muster;
let scene: Scene;
let hub: Person;
let agencies: Record<'KE' | 'TZ', string>;
let unitId: string;
const stages: Partial<Record<Phase, Stage>> = {};

beforeAll(async () => {
  muster = await startMuster();
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  agencies = { KE: await scene.agency('KE'), TZ: await scene.agency('TZ', 'POLICE') };
  unitId = await scene.unit('KE', 'KEMBA', [agencies.KE]);
  for (const phase of PHASES) stages[phase] = await stage(phase);
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

async function stage(phase: Phase): Promise<Stage> {
  const { id: operationId } = await scene.operation(hub);
  const kenya = await scene.join(hub, operationId, 'KE', agencies.KE);
  await scene.join(hub, operationId, 'TZ', agencies.TZ);
  await hub.do(INVITE, { id: operationId, countries: ['OM'] });
  const omani = await scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'OM' });
  const officer = await scene.person(agencies.KE, { role: 'PORT_UNIT_OFFICER', operationId, country: 'KE', unitId });
  await scene.post(officer.id, unitId, agencies.KE, '2020-01-01');
  await scene.move(hub, operationId, 'OPERATIONAL');

  const input = violationInput(operationId, agencies.KE);
  const log = async (): Promise<string> => {
    const { id } = await kenya.do<{ id: string }>(LOG, { input: violationInput(operationId, agencies.KE) });
    return id;
  };
  await kenya.do(LOG, { input });
  const violations = { corrected: await log(), shared: await log(), withdrawn: await log() };
  // A report may wait for its decision in every phase but the last: there it is one that was decided.
  const seizure = await waitingSeizure(kenya, officer, operationId);
  if (phase === 'CLOSED') await kenya.do(DECIDE, { ...seizure, accept: false });

  const steps: Record<Phase, readonly Phase[]> = {
    PREPARATION: ['PREPARATION'],
    OPERATIONAL: [],
    POST_OPERATIONAL: ['POST_OPERATIONAL'],
    CLOSED: ['POST_OPERATIONAL', 'CLOSED'],
  };
  for (const step of steps[phase]) await scene.move(hub, operationId, step);
  const { participations, headCursor } = await kenya.do<{
    participations: { id: string; country: string }[];
    headCursor: string;
  }>(OPERATION, { id: operationId });
  return {
    phase,
    operationId,
    kenya,
    omani,
    officer,
    input,
    violations,
    seizure: phase === 'CLOSED' ? { ...seizure, version: seizure.version + 1 } : seizure,
    participations: Object.fromEntries(participations.map(({ id, country }) => [country, id])),
    headCursor,
  };
}

async function waitingSeizure(
  kenya: Person,
  officer: Person,
  operationId: string,
): Promise<{ id: string; version: number }> {
  const right = containerNumber();
  const wrong = `${right.slice(0, 10)}${(Number(right.slice(10)) + 1) % 10}`;
  const input = seizureInput(operationId, unitId, { cargoUnit: { container: wrong, asMarked: true } });
  await officer.do(REPORT, { input });
  return until(async () => {
    const { id, version, status } = await kenya.do<{ id: string; version: number; status: string }>(SEIZURE, {
      id: input.id,
    });
    return status === 'NEEDS_REVIEW' && { id, version };
  });
}

/** The content of a violation as `correctViolation` takes it. */
function content(stage: Stage, change: object = {}): Record<string, unknown> {
  const {
    id: _id,
    operationId: _operation,
    sharing: _sharing,
    ...rest
  } = violationInput(stage.operationId, agencies.KE);
  return { ...rest, ...change };
}

interface Action {
  /** The phases in which it may happen. */
  readonly in: readonly Phase[];
  readonly by: (stage: Stage) => Person;
  readonly query: string;
  readonly right: (stage: Stage) => Record<string, unknown>;
  /** Makes a field wrong, which must not be told while the phase is wrong. */
  readonly wrong: (variables: Record<string, unknown>) => Record<string, unknown>;
  /** The event that tells of it; a log and a report are seen by their records. */
  readonly event?: string;
}

const WORKING = ['OPERATIONAL', 'POST_OPERATIONAL'] as const;
const UNTIL_POST = ['PREPARATION', 'OPERATIONAL'] as const;
const blankReason = (variables: Record<string, unknown>): Record<string, unknown> => ({ ...variables, reason: ' ' });
const badInput = (variables: Record<string, unknown>): Record<string, unknown> => ({
  ...variables,
  input: { ...(variables.input as object), lines: [], persons: -1, detectedAt: '2001-01-01T00:00:00Z' },
});

const ACTIONS: Record<string, Action> = {
  'a violation is logged': {
    in: WORKING,
    by: ({ kenya }) => kenya,
    query: LOG,
    right: ({ operationId }) => ({ input: violationInput(operationId, agencies.KE) }),
    wrong: badInput,
    event: 'violation.logged',
  },
  'a seizure is reported': {
    in: WORKING,
    by: ({ officer }) => officer,
    query: REPORT,
    right: ({ operationId }) => ({ input: seizureInput(operationId, unitId) }),
    wrong: (variables) => ({ input: { ...(variables.input as object), lines: [], persons: -1, cargoUnit: {} } }),
  },
  'an exercise is logged': {
    in: ['PREPARATION'],
    by: ({ kenya }) => kenya,
    query: LOG,
    right: ({ operationId }) => ({ input: violationInput(operationId, agencies.KE, { exercise: true }) }),
    wrong: badInput,
    event: 'violation.logged',
  },
  'an exercise of a seizure is reported': {
    in: ['PREPARATION'],
    by: ({ officer }) => officer,
    query: REPORT,
    right: ({ operationId }) => ({ input: seizureInput(operationId, unitId, { exercise: true }) }),
    wrong: (variables) => ({ input: { ...(variables.input as object), lines: [], persons: -1, cargoUnit: {} } }),
  },
  'a violation is corrected': {
    in: WORKING,
    by: ({ kenya }) => kenya,
    query: CORRECT,
    right: (stage) => ({ id: stage.violations.corrected, input: content(stage, { persons: 7 }) }),
    wrong: badInput,
    event: 'violation.corrected',
  },
  'a violation is withdrawn': {
    in: WORKING,
    by: ({ kenya }) => kenya,
    query: WITHDRAW,
    right: ({ violations }) => ({ id: violations.withdrawn }),
    wrong: blankReason,
    event: 'violation.withdrawn',
  },
  'sharing is changed': {
    in: ['OPERATIONAL', 'POST_OPERATIONAL', 'CLOSED'],
    by: ({ kenya }) => kenya,
    query: SHARE,
    right: ({ violations }) => ({ id: violations.shared }),
    wrong: (variables) => ({ ...variables, reason: ' ', sharing: { level: 'GREEN', addCountries: ['QQ'] } }),
    event: 'violation.sharing-changed',
  },
  'a report is decided': {
    in: WORKING,
    by: ({ kenya }) => kenya,
    query: DECIDE,
    right: ({ seizure }) => ({ ...seizure, accept: true }),
    wrong: blankReason,
    event: 'seizure.accepted',
  },
  'a country certifies': {
    in: ['POST_OPERATIONAL'],
    by: ({ kenya }) => kenya,
    query: CERTIFY,
    right: ({ participations, headCursor }) => ({ id: participations.KE, asOf: headCursor }),
    wrong: (variables) => ({ ...variables, asOf: 'no cursor' }),
    event: 'participation.certified',
  },
  'findings are published': {
    in: ['POST_OPERATIONAL'],
    by: () => hub,
    query: PUBLISH,
    right: ({ operationId, headCursor }) => ({ id: operationId, asOf: headCursor }),
    wrong: (variables) => ({ ...variables, title: '', text: '', asOf: 'no cursor' }),
    event: 'operation.findings-published',
  },
  'a country is invited': {
    in: UNTIL_POST,
    by: () => hub,
    query: INVITE,
    right: ({ operationId }) => ({ id: operationId }),
    wrong: (variables) => ({ ...variables, countries: ['QQ', 'XZ'] }),
    event: 'participation.invited',
  },
  'an invitation is answered': {
    in: UNTIL_POST,
    by: ({ omani }) => omani,
    query: ANSWER,
    right: ({ participations }) => ({ input: { participationId: participations.OM, accept: true } }),
    wrong: (variables) => ({ input: { ...(variables.input as object), leadAgencyId: agencies.KE } }),
    event: 'participation.answered',
  },
};

const stageOf = (phase: Phase): Stage => {
  const found = stages[phase];
  if (!found) throw new Error(`There is no stage in ${phase}`);
  return found;
};

const told = async ({ operationId }: Stage): Promise<string[]> =>
  (await hub.do<{ events: { kind: string }[] }>(FEED, { id: operationId })).events.map(({ kind }) => kind);

const rows = (operationId: string): Promise<object[]> =>
  scene.sql(
    `SELECT (SELECT count(*) FROM violations WHERE operation_id = $1) AS violations,
       (SELECT count(*) FROM seizures WHERE operation_id = $1) AS seizures,
       (SELECT count(*) FROM record_ids WHERE operation_id = $1) AS ids,
       (SELECT count(*) FROM audit_entries WHERE operation_id = $1) AS audited,
       (SELECT count(*) FROM feed_events WHERE operation_id = $1) AS events`,
    [operationId],
  );

const cells = PHASES.flatMap((phase) => Object.entries(ACTIONS).map(([name, action]) => ({ phase, name, action })));
const allowed = cells.filter(({ phase, action }) => action.in.includes(phase));
const refused = cells.filter(({ phase, action }) => !action.in.includes(phase));

test.each(refused)(
  'in $phase it is refused that $name, before any wrong field, and nothing is left of it',
  async ({ phase, action }) => {
    const stage = stageOf(phase);
    const before = await rows(stage.operationId);
    const variables = action.right(stage);
    for (const each of [variables, action.wrong(variables)]) {
      expect(await action.by(stage).refused(action.query, each)).toMatchObject({ code: 'PHASE', phase });
    }
    expect(await rows(stage.operationId)).toEqual(before);
  },
);

test.each(cells.filter(({ action }) => [CORRECT, WITHDRAW, SHARE, DECIDE].includes(action.query)))(
  'in $phase a stale version comes before the phase and the fields when $name',
  async ({ phase, action }) => {
    const stage = stageOf(phase);
    const variables = { ...action.wrong(action.right(stage)), version: 9 };
    expect((await action.by(stage).refused(action.query, variables)).code).toBe('CONFLICT');
  },
);

test.each(PHASES)(
  'in %s a report that is sent again gets the record as it is, and its id with other content is a conflict',
  async (phase) => {
    const { kenya, input } = stageOf(phase);
    expect(await kenya.do(LOG, { input })).toMatchObject({ id: input.id, version: 1 });
    const other = { ...input, persons: 99, lines: [] };
    expect((await kenya.refused(LOG, { input: other })).code).toBe('CONFLICT');
  },
);

test.each(PHASES)('in %s everything can be read', async (phase) => {
  const { kenya, operationId, input, seizure } = stageOf(phase);
  expect(await kenya.do(OPERATION, { id: operationId })).toMatchObject({ phase });
  expect(await kenya.do(`query ($id: UUID!) { violation(id: $id) { id } }`, { id: input.id })).toEqual({
    id: input.id,
  });
  expect(await kenya.do(SEIZURE, { id: seizure.id })).toMatchObject({ id: seizure.id });
  const query = { operationIds: [operationId], measure: 'VIOLATIONS', groupBy: [] };
  const counted = `query ($query: TrendQuery!) { violationTrends(query: $query) { cells { value } } }`;
  expect(await hub.do<{ cells: { value: string }[] }>(counted, { query })).toMatchObject({ cells: [{ value: '4' }] });
});

// What is allowed changes its stage, so it comes last, in the order of the contract's phases; certification before what moves figures.
const ORDER = ['a country certifies', 'findings are published'];
const rank = (name: string): number => (ORDER.includes(name) ? 0 : 1);

describe('what the phase allows', () => {
  beforeAll(async () => {
    // A report that waits would hold the certification up.
    const { kenya, seizure } = stageOf('POST_OPERATIONAL');
    await kenya.do(DECIDE, { ...seizure, accept: false });
  });

  const ordered = [...allowed].sort((one, other) => rank(one.name) - rank(other.name));
  test.each(ordered)(
    'in $phase it is taken that $name, with an audit entry and an event',
    async ({ phase, action }) => {
      let stage = stageOf(phase);
      if (action.query === DECIDE) {
        stage = { ...stage, seizure: await waitingSeizure(stage.kenya, stage.officer, stage.operationId) };
      }
      const refusal = await action.by(stage).refused(action.query, action.wrong(action.right(stage)));
      expect(refusal.code).toBe('BAD_USER_INPUT');
      const before = await told(stage);
      const audit = await rows(stage.operationId);
      const variables = action.right(stage);
      await action.by(stage).do(action.query, variables);
      expect((await rows(stage.operationId))[0]).not.toEqual(audit[0]);
      if (action.event) expect((await told(stage)).slice(before.length)).toContain(action.event);
      if (action.query === REPORT) {
        const { id } = variables.input as { id: string };
        await until(async () => (await stage.kenya.do<{ status: string }>(SEIZURE, { id })).status === 'ACCEPTED');
        expect((await told(stage)).filter((kind) => kind === 'seizure.accepted').length).toBeGreaterThan(0);
      }
    },
  );

  test('a correction that is sent again is a repeat, also when the phase has gone on', async () => {
    for (const phase of WORKING) {
      const stage = stageOf(phase);
      const input = content(stage, { persons: 5, detectedAt: hours(-4) });
      const { id } = await stage.kenya.do<{ id: string }>(LOG, {
        input: violationInput(stage.operationId, agencies.KE),
      });
      expect(await stage.kenya.do(CORRECT, { id, input })).toMatchObject({ version: 2 });
      expect(await stage.kenya.do(CORRECT, { id, input })).toMatchObject({ version: 2 });
      await scene.move(hub, stage.operationId, 'PREPARATION');
      expect(await stage.kenya.do(CORRECT, { id, input })).toMatchObject({ version: 2 });
      expect((await stage.kenya.refused(CORRECT, { id, version: 2, input })).code).toBe('PHASE');
    }
  });
});
