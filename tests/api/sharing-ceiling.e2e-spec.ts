import { v7 } from 'uuid';

import { startMuster, type Muster } from '../setup/index.js';
import { day, LOG, type Person, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';

interface Ceiling {
  readonly version: number;
  readonly operationId: string | null;
  readonly limits: { readonly highestLevel: string } | null;
  readonly inForce: { readonly highestLevel: string; readonly denyCountries: readonly string[] } | null;
  readonly reason: string | null;
  readonly setBy: { readonly id: string } | null;
}

const FIELDS = `version operationId reason setBy { id } limits { highestLevel allowCountries denyCountries bindsCoordinators }
  inForce { highestLevel allowCountries denyCountries bindsCoordinators }`;
const SET = `mutation ($operationId: UUID, $country: CountryCode!, $version: Int!, $reason: String!, $limits: SharingLimitsInput) {
  setSharingCeiling(operationId: $operationId, country: $country, expectedVersion: $version, reason: $reason, limits: $limits) { ${FIELDS} } }`;
const GET = `query ($operationId: UUID, $country: CountryCode!) { sharingCeiling(operationId: $operationId, country: $country) { ${FIELDS} } }`;
const SHARE = `mutation ($id: UUID!, $version: Int!, $sharing: SharingInput!) {
  changeSharing(id: $id, expectedVersion: $version, reason: "As the test needs it.", sharing: $sharing) { version sharing { level } } }`;
const CORRECT = `mutation ($id: UUID!, $version: Int!, $input: CorrectViolationInput!) {
  correctViolation(id: $id, expectedVersion: $version, reason: "As the test needs it.", input: $input) { version } }`;

let muster: Muster;
let scene: Scene;
let hub: Person;
let customs: string;
let unitId: string;
let operationId: string;
let coordinator: Person;
let officer: Person;
let portOfficer: Person;
let analyst: Person;
let tanzania: Person;
let omani: string;

beforeAll(async () => {
  muster = await startMuster({ worker: false });
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  customs = await scene.agency('KE');
  unitId = await scene.unit('KE', 'KEMBA', [customs]);
});

beforeEach(async () => {
  operationId = (await scene.operation(hub)).id;
  coordinator = await scene.join(hub, operationId, 'KE', customs);
  tanzania = await scene.join(hub, operationId, 'TZ', await scene.agency('TZ'));
  const navy = await scene.agency('OM', 'NAVY');
  omani = (await scene.join(hub, operationId, 'OM', navy)).id;
  await scene.move(hub, operationId, 'OPERATIONAL');
  officer = await scene.person(customs, { role: 'AGENCY_OFFICER', operationId, country: 'KE' });
  portOfficer = await scene.person(customs, { role: 'PORT_UNIT_OFFICER', operationId, country: 'KE', unitId });
  await scene.post(portOfficer.id, unitId, customs, day(-100));
  analyst = await scene.person(customs, { role: 'ANALYST', operationId, country: 'KE' });
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const AMBER = { highestLevel: 'AMBER' };

function set(by: Person, limits: unknown, change: Readonly<Record<string, unknown>> = {}): Promise<Ceiling> {
  return by.do(SET, { operationId, country: 'KE', version: 0, reason: 'Our law.', limits, ...change });
}

function log(sharing: unknown, change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { input: violationInput(operationId, customs, { sharing, ...change }) };
}

const faults = async (by: Person, query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown[]> => {
  const { code, fields } = await by.refused(query, variables);
  return [code, ...(fields ?? []).map(({ path, rule }) => `${path} ${rule}`)];
};

describe('a ceiling that a coordinator sets for an operation', () => {
  test('stops officers and coordinators from logging a wider level, and says which may be given', async () => {
    await set(coordinator, AMBER);
    for (const person of [officer, coordinator]) {
      const { code, fields } = await person.refused(LOG, log({ level: 'GREEN' }));
      expect([code, fields]).toEqual([
        'BAD_USER_INPUT',
        [
          {
            path: 'input.sharing.level',
            rule: 'ceiling',
            message: 'KE does not let its people share so widely: choose RED, AMBER_STRICT, AMBER.',
          },
        ],
      ]);
    }
    await expect(officer.do(LOG, log({ level: 'AMBER' }))).resolves.toMatchObject({ version: 1 });
  });

  test('stops port units from reporting a wider level, in a batch each by the own country', async () => {
    await set(coordinator, AMBER);
    const reports = ['GREEN', 'AMBER', 'CLEAR', 'RED'].map((level) =>
      portOfficer.ask<{ reportSeizure: { status: string } | null }>(REPORT, {
        input: seizureInput(operationId, unitId, { sharing: { level } }),
      }),
    );
    const codes = (await Promise.all(reports)).map(({ errors }) => errors[0]?.extensions?.code ?? 'taken');
    expect(codes).toEqual(['BAD_USER_INPUT', 'taken', 'BAD_USER_INPUT', 'taken']);
  });

  test('says with whom may be shared by name: countries and people', async () => {
    await set(coordinator, { highestLevel: 'GREEN', allowCountries: ['TZ'], denyCountries: ['OM'] });
    const given = { level: 'AMBER', addCountries: ['TZ', 'NL', 'OM'], nameUserIds: [officer.id, tanzania.id, omani] };
    expect(await faults(officer, LOG, log(given))).toEqual([
      'BAD_USER_INPUT',
      'input.sharing.addCountries.1 ceiling',
      'input.sharing.addCountries.2 ceiling',
      'input.sharing.nameUserIds.2 ceiling',
      'input.sharing.leaveOutCountries ceiling',
    ]);
    const seizure = { input: seizureInput(operationId, unitId, { sharing: { level: 'AMBER', nameUserIds: [omani] } }) };
    expect(await faults(portOfficer, REPORT, seizure)).toEqual([
      'BAD_USER_INPUT',
      'input.sharing.nameUserIds.0 ceiling',
    ]);
  });

  test('counts somebody without a home agency by the grants, standing ones too, and not as the own', async () => {
    await set(coordinator, { highestLevel: 'GREEN', denyCountries: ['OM'] });
    const people = await Promise.all([
      scene.person(null, { role: 'OBSERVER', operationId, country: 'OM' }),
      scene.person(null, { role: 'NATIONAL_COORDINATOR', country: 'OM' }),
      scene.person(customs, { role: 'ANALYST', operationId, country: 'OM' }),
      scene.person(null),
      scene.person(null, { role: 'OBSERVER', operationId }),
      scene.person(null, { role: 'AGENCY_OFFICER', operationId, country: 'KE' }),
      scene.person(null, { role: 'OBSERVER', operationId, country: 'TZ' }),
    ]);
    const sharing = { level: 'RED', nameUserIds: [...people.map(({ id }) => id), hub.id] };
    const refused = ['BAD_USER_INPUT', ...[0, 1, 2, 3].map((index) => `input.sharing.nameUserIds.${index} ceiling`)];
    expect(await faults(officer, LOG, log(sharing))).toEqual(refused);
    const report = seizureInput(operationId, unitId, { sharing });
    expect(await faults(portOfficer, REPORT, { input: report })).toEqual(refused);

    const allowed = { ...sharing, nameUserIds: sharing.nameUserIds.slice(4) };
    const { id } = await officer.do<{ id: string }>(LOG, log(allowed));
    await expect(portOfficer.do(REPORT, { input: { ...report, sharing: allowed } })).resolves.toBeDefined();
    const change = { id, version: 1, sharing: { ...sharing, nameUserIds: [people[0]?.id] } };
    expect(await faults(officer, SHARE, change)).toEqual(['BAD_USER_INPUT', 'sharing.nameUserIds.0 ceiling']);
  });

  test('wants a denied country left out wherever the level alone would tell it', async () => {
    await set(coordinator, { highestLevel: 'GREEN', denyCountries: ['OM'] });
    const leftOut = { leaveOutCountries: ['OM'] };
    for (const level of ['AMBER', 'GREEN']) {
      expect(await faults(officer, LOG, log({ level }))).toEqual([
        'BAD_USER_INPUT',
        'input.sharing.leaveOutCountries ceiling',
      ]);
      await expect(officer.do(LOG, log({ level, ...leftOut }))).resolves.toBeDefined();
    }
    await expect(officer.do(LOG, log({ level: 'AMBER_STRICT' }))).resolves.toBeDefined();
    const seizure = seizureInput(operationId, unitId, {
      sharing: { level: 'AMBER' },
      route: { origin: 'OM', destination: 'KE' },
    });
    expect(await faults(portOfficer, REPORT, { input: seizure })).toEqual([
      'BAD_USER_INPUT',
      'input.sharing.leaveOutCountries ceiling',
    ]);
  });

  test('stops an officer from a correction that tells a denied country', async () => {
    await set(coordinator, { highestLevel: 'AMBER', denyCountries: ['OM'] });
    const {
      id,
      operationId: _,
      sharing: __,
      exercise: ___,
      ...content
    } = violationInput(operationId, customs, { scene: 'SITE', consignment: undefined });
    await officer.do(LOG, { input: { ...content, id, operationId, sharing: { level: 'AMBER' } } });
    const correction = { id, version: 1, input: { ...content, vessel: { name: 'Dhow', flag: 'OM' } } };
    expect(await faults(officer, CORRECT, correction)).toEqual(['BAD_USER_INPUT', 'input ceiling']);
    await expect(coordinator.do(CORRECT, correction)).resolves.toEqual({ version: 2 });
  });

  test('lets a coordinator go beyond it by changing the sharing with a reason, unless it binds coordinators', async () => {
    await set(coordinator, AMBER);
    const { id } = await officer.do<{ id: string }>(LOG, log({ level: 'AMBER' }));
    const wider = { id, version: 1, sharing: { level: 'GREEN' } };
    expect(await faults(officer, SHARE, wider)).toEqual(['BAD_USER_INPUT', 'sharing.level ceiling']);
    await expect(coordinator.do(SHARE, wider)).resolves.toEqual({ version: 2, sharing: { level: 'GREEN' } });

    await set(coordinator, { ...AMBER, bindsCoordinators: true }, { version: 1 });
    const widest = { id, version: 2, sharing: { level: 'CLEAR' } };
    expect(await faults(coordinator, SHARE, widest)).toEqual(['BAD_USER_INPUT', 'sharing.level ceiling']);
  });

  test('leaves what was acknowledged before as it is, also when it is sent again', async () => {
    const violation = log({ level: 'GREEN' });
    const seizure = { input: seizureInput(operationId, unitId, { sharing: { level: 'CLEAR' } }) };
    await officer.do(LOG, violation);
    await portOfficer.do(REPORT, seizure);
    await set(coordinator, { highestLevel: 'RED' });
    await expect(officer.do(LOG, violation)).resolves.toMatchObject({ sharing: { level: 'GREEN' } });
    await expect(portOfficer.do(REPORT, seizure)).resolves.toMatchObject({ status: 'RECEIVED' });
  });

  test('holds for the own country alone', async () => {
    await set(coordinator, { highestLevel: 'RED' });
    const agency = await scene.agency('TZ', 'POLICE');
    const input = violationInput(operationId, agency, { sharing: { level: 'CLEAR' } });
    await expect(tanzania.do(LOG, { input })).resolves.toBeDefined();
  });
});

describe('the standing ceiling', () => {
  test('holds in every operation that has none of its own', async () => {
    const standing = await set(coordinator, AMBER, { operationId: null });
    expect(standing).toMatchObject({ version: 1, operationId: null, inForce: AMBER });
    expect(await faults(officer, LOG, log({ level: 'GREEN' }))).toEqual([
      'BAD_USER_INPUT',
      'input.sharing.level ceiling',
    ]);
    await set(coordinator, { highestLevel: 'GREEN' });
    await expect(officer.do(LOG, log({ level: 'GREEN' }))).resolves.toBeDefined();
    const lifted = await set(coordinator, null, { version: 1 });
    expect(lifted).toMatchObject({ version: 2, limits: null, inForce: AMBER });
    expect(await faults(officer, LOG, log({ level: 'GREEN' }))).toHaveLength(2);
    await set(coordinator, null, { operationId: null, version: 1 });
    await expect(officer.do(LOG, log({ level: 'GREEN' }))).resolves.toBeDefined();
  });

  test('is set and seen by contact points, who speak for the country in every operation', async () => {
    const here = await scene.person(customs, { role: 'NATIONAL_COORDINATOR', operationId, country: 'KE' });
    expect((await here.refused(GET, { country: 'KE' })).code).toBe('NOT_FOUND');
    expect((await here.refused(SET, { country: 'KE', version: 0, reason: 'Ours.', limits: AMBER })).code).toBe(
      'NOT_FOUND',
    );
    await expect(coordinator.do(GET, { country: 'KE' })).resolves.toMatchObject({ operationId: null });
  });
});

describe('who sets and sees a ceiling', () => {
  test("is seen by the country's own people, and by nobody else", async () => {
    await set(coordinator, AMBER);
    for (const person of [coordinator, officer, portOfficer, analyst]) {
      const seen = await person.do<Ceiling>(GET, { operationId, country: 'KE' });
      expect(seen).toMatchObject({ version: 1, limits: AMBER, inForce: AMBER, reason: 'Our law.' });
      expect(seen.setBy?.id).toBe(coordinator.id);
    }
    const absent = await tanzania.refused(GET, { operationId, country: 'ZZ' });
    expect(absent.code).toBe('NOT_FOUND');
    for (const variables of [{ operationId, country: 'KE' }, { country: 'KE' }, { operationId: v7(), country: 'KE' }]) {
      expect(await tanzania.refused(GET, variables)).toEqual(absent);
    }
    expect((await hub.refused(GET, { operationId, country: 'KE' })).code).toBe('FORBIDDEN');
  });

  test('is set by coordinators of the country alone', async () => {
    const variables = { operationId, country: 'KE', version: 0, reason: 'Ours.', limits: AMBER };
    expect((await officer.refused(SET, variables)).code).toBe('FORBIDDEN');
    expect((await hub.refused(SET, variables)).code).toBe('FORBIDDEN');
    expect((await tanzania.refused(SET, variables)).code).toBe('NOT_FOUND');
  });

  test('is kept in versions, each with an entry in the log that its coordinators alone read', async () => {
    await set(coordinator, AMBER);
    await expect(set(coordinator, AMBER)).resolves.toMatchObject({ version: 1 });
    const other = { operationId, country: 'KE', version: 0, reason: 'Another.', limits: AMBER };
    expect((await coordinator.refused(SET, other)).code).toBe('CONFLICT');
    const LOGGED = `query ($id: UUID!) { auditLog(operationId: $id, first: 200) { edges { node { action version actor { id } details } } } }`;
    const entries = async (by: Person): Promise<{ action: string }[]> => {
      const { edges } = await by.do<{ edges: { node: { action: string } }[] }>(LOGGED, { id: operationId });
      return edges.map(({ node }) => node).filter(({ action }) => action.startsWith('sharing-ceiling'));
    };
    expect(await entries(coordinator)).toEqual([
      { action: 'sharing-ceiling.set', version: 1, actor: { id: coordinator.id }, details: { country: 'KE' } },
    ]);
    expect(await entries(hub)).toEqual([]);
    expect(await entries(tanzania)).toEqual([]);
  });

  test('is refused where it says two things at once', async () => {
    const limits = { highestLevel: 'CLEAR', allowCountries: ['QQ', 'OM'], denyCountries: ['OM', 'KE'] };
    const variables = { operationId, country: 'KE', version: 0, reason: ' ', limits };
    expect(await faults(coordinator, SET, variables)).toEqual([
      'BAD_USER_INPUT',
      'reason required',
      'limits.allowCountries.0 country',
      'limits.denyCountries.1 owner',
      'limits.denyCountries.0 allowed',
      'limits.highestLevel clear',
    ]);
  });
});
