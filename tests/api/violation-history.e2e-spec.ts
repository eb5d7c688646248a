import { v7 } from 'uuid';

import { type Muster, startMuster, until } from '../setup/index.js';
import { day, hours, LOG, type Person, REPORT, Scene, seizureInput, violationInput } from '../setup/scene.js';

type Input = Readonly<Record<string, unknown>>;

interface Version {
  readonly version: number;
  readonly recordedAt: string;
  readonly agency: { readonly id: string };
  readonly author: { readonly id: string; readonly name: string } | null;
  readonly reason: string | null;
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>> | null;
}

interface Told {
  readonly id: string;
  readonly version: number;
  readonly withdrawn: boolean;
  readonly versions: readonly Version[];
}

const TOLD = `id version withdrawn withdrawalReason persons narrative late country source place { country name unlocode } agency { id }
  sharing { level addCountries leaveOutCountries nameUserIds } quantityKg lines { commodity { code } quantity unit quantityKg }
  consignment { route { origin transit destination } cargoUnits { container } }
  versions { version recordedAt agency { id } author { id name } reason changes }`;
const READ = `query ($id: UUID!) { violation(id: $id) { ${TOLD} } }`;
const CORRECT = `mutation ($id: UUID!, $version: Int!, $reason: String!, $input: CorrectViolationInput!) {
  correctViolation(id: $id, expectedVersion: $version, reason: $reason, input: $input) { ${TOLD} } }`;
const SHARE = `mutation ($id: UUID!, $version: Int!, $reason: String!, $sharing: SharingInput!) {
  changeSharing(id: $id, expectedVersion: $version, reason: $reason, sharing: $sharing) { ${TOLD} } }`;
const WITHDRAW = `mutation ($id: UUID!, $version: Int!, $reason: String!) {
  withdrawViolation(id: $id, expectedVersion: $version, reason: $reason) { ${TOLD} } }`;
const SUMMARY = `query ($id: UUID!) { operation(id: $id) { summary { violations persons quantityKg } } }`;

let muster: Muster;
let scene: Scene;
let hub: Person;
let kenya: Person;
let colleague: Person;
let author: Person;
let analyst: Person;
let tanzania: Person;
let operationId: string;
let agencyId: string;
let police: string;

beforeAll(async () => {
  muster = await startMuster();
  scene = await Scene.open(muster);
  hub = await scene.person(null, { role: 'HUB' });
  agencyId = await scene.agency('KE');
  police = await scene.agency('KE', 'POLICE');
  operationId = (await scene.operation(hub)).id;
  kenya = await scene.join(hub, operationId, 'KE', agencyId);
  tanzania = await scene.join(hub, operationId, 'TZ', await scene.agency('TZ'));
  await scene.move(hub, operationId, 'OPERATIONAL');
  const officer = { role: 'AGENCY_OFFICER', operationId, country: 'KE' };
  author = await scene.person(police, officer);
  colleague = await scene.person(agencyId, officer);
  analyst = await scene.person(agencyId, { role: 'ANALYST', operationId, country: 'KE' });
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

/** Logs a violation as the police officer of Kenya and gives what a correction of it says. */
async function logged(change: Input = {}): Promise<{ readonly id: string; readonly content: Input }> {
  const input = violationInput(operationId, police, { sharing: { level: 'GREEN' }, ...change });
  await author.do(LOG, { input });
  const { id, operationId: _operation, sharing: _sharing, exercise: _exercise, ...content } = input;
  return { id: id as string, content };
}

const history = async (person: Person, id: string): Promise<readonly Version[]> =>
  (await person.do<Told>(READ, { id })).versions;

describe('a correction', () => {
  test('records the whole content anew as the next version, with author, reason and exactly the fields that differ', async () => {
    const { id, content } = await logged({
      narrative: 'First.',
      vessel: { name: 'Nordic Star' },
      grading: { source: 'A', information: 'ONE' },
    });
    const corrected = await kenya.do<Told>(CORRECT, {
      id,
      version: 1,
      reason: '  Weighed at last. ',
      input: {
        ...content,
        agencyId,
        persons: 5,
        narrative: null,
        lines: [{ agreement: 'BASEL', commodity: 'household-waste', quantity: '23', unit: 'TONNE', basis: 'WEIGHED' }],
      },
    });
    expect(corrected).toMatchObject({
      version: 2,
      persons: 5,
      narrative: null,
      quantityKg: '23000',
      agency: { id: agencyId },
      withdrawn: false,
    });
    const [first, second, ...others] = corrected.versions;
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      version: 1,
      author: { id: author.id },
      reason: null,
      changes: null,
      agency: { id: police },
    });
    expect(second).toMatchObject({
      version: 2,
      author: { id: kenya.id },
      reason: 'Weighed at last.',
      agency: { id: agencyId },
    });
    expect(Object.keys(second?.changes ?? {}).sort()).toEqual(['agencyId', 'lines', 'narrative', 'persons']);
    expect(second?.changes).toMatchObject({
      persons: [2, 5],
      narrative: ['First.', null],
      lines: [[{ quantity: '22.50' }], [{ quantity: '23', basis: 'WEIGHED' }]],
    });
    expect(Date.parse(second?.recordedAt ?? '')).toBeGreaterThan(Date.parse(first?.recordedAt ?? ''));
    expect(await hub.do<Told>(READ, { id })).toMatchObject({ version: 2, persons: 5 });
  });

  test('that writes the same otherwise changes no field', async () => {
    const { id, content } = await logged({ detectedAt: `${day(-1)}T12:00:00Z` });
    const corrected = await author.do<Told>(CORRECT, {
      id,
      version: 1,
      reason: 'To see.',
      input: {
        ...content,
        detectedAt: `${day(-1)}T15:00:00.000+03:00`,
        place: { name: ' ', unlocode: 'ke mba' },
        lines: [
          {
            value: '1000',
            currency: 'usd',
            commodity: 'household-waste',
            unit: 'TONNE',
            quantity: '22.5',
            agreement: 'BASEL',
          },
        ],
      },
    });
    expect(corrected.versions.at(-1)).toMatchObject({ version: 2, changes: {} });
  });

  test('moves the figures to what it says', async () => {
    const before = await hub.do<{ summary: { violations: number; persons: number } }>(SUMMARY, { id: operationId });
    const { id, content } = await logged({ persons: 3 });
    await kenya.do(CORRECT, { id, version: 1, reason: 'Counted again.', input: { ...content, persons: 7 } });
    const after = await hub.do<{ summary: { violations: number; persons: number } }>(SUMMARY, { id: operationId });
    expect(after.summary.violations).toBe(before.summary.violations + 1);
    expect(after.summary.persons).toBe(before.summary.persons + 7);
  });

  test('takes what it leaves out away: a consignment at a site, the cargo units, the vessel', async () => {
    const { id, content } = await logged({ vessel: { imo: '9074729' } });
    const input = { ...content, scene: 'SITE', consignment: null, vessel: null };
    expect(await kenya.do(CORRECT, { id, version: 1, reason: 'It was a yard.', input })).toMatchObject({
      consignment: null,
    });
    const rows = await scene.sql('SELECT FROM cargo_units WHERE record_id = $1', [id]);
    expect(rows).toEqual([]);
  });

  test('is judged like a new record, in one answer, and changes nothing when it is refused', async () => {
    const { id, content } = await logged();
    const refusal = await kenya.refused(CORRECT, {
      id,
      version: 1,
      reason: ' ',
      input: {
        ...content,
        agencyId: v7(),
        detectedAt: hours(2),
        lines: [{ agreement: 'BASEL', commodity: 'nothing-such', quantity: '0', unit: 'KG' }],
      },
    });
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.fields?.map(({ path }) => path).sort()).toEqual([
      'input.agencyId',
      'input.detectedAt',
      'input.lines.0.commodity',
      'input.lines.0.quantity',
      'reason',
    ]);
    expect(await kenya.do(READ, { id })).toMatchObject({ version: 1 });
  });

  test('keeps a time of detection that was taken once, and judges another', async () => {
    const { id, content } = await logged({ detectedAt: `${day(-10)}T08:00:00+03:00` });
    await scene.sql(`UPDATE operations SET operational_starts_on = $2 WHERE id = $1`, [operationId, day(-8)]);
    try {
      expect(
        await kenya.do(CORRECT, { id, version: 1, reason: 'More.', input: { ...content, persons: 4 } }),
      ).toMatchObject({ version: 2 });
      const moved = { ...content, detectedAt: `${day(-9)}T08:00:00+03:00` };
      expect(await kenya.refused(CORRECT, { id, version: 2, reason: 'More.', input: moved })).toMatchObject({
        fields: [{ path: 'input.detectedAt', rule: 'window' }],
      });
    } finally {
      await scene.sql(`UPDATE operations SET operational_starts_on = $2 WHERE id = $1`, [operationId, day(-10)]);
    }
  });

  test('of a seizure keeps the unit, and it is still found by the goods that the unit reported', async () => {
    const unitId = await scene.unit('KE', 'KEMBA', [agencyId]);
    const officer = await scene.person(agencyId, { role: 'PORT_UNIT_OFFICER', operationId, country: 'KE', unitId });
    await scene.post(officer.id, unitId, agencyId, '2020-01-01');
    const report = seizureInput(operationId, unitId, { foundGoods: 'Zinkpulver in drums' });
    const { id } = await officer.do<{ id: string }>(REPORT, { input: report });
    await until(async () => await kenya.do(READ, { id }));
    const { detectedAt, timeZone, crimeArea, nature, transportMode, direction, route, cargoUnit, lines } = report;
    const input = {
      agencyId,
      scene: 'CONSIGNMENT',
      detectedAt,
      timeZone,
      place: { unlocode: 'KEMBA' },
      crimeArea,
      nature,
      detection: 'RISK_PROFILE',
      consignment: { transportMode, direction, route, cargoUnits: [cargoUnit] },
      lines,
      persons: 1,
    };
    // Its author is the reporter, who may correct it as well.
    expect(await officer.do(CORRECT, { id, version: 1, reason: 'One man.', input })).toMatchObject({
      version: 2,
      source: 'PORT_UNIT',
    });
    const found = await kenya.do<{ edges: { node: { id: string } }[] }>(
      `query ($id: UUID!, $search: String!) { violations(operationId: $id, filter: { search: $search }) { edges { node { id } } } }`,
      { id: operationId, search: 'zinkpulver' },
    );
    expect(found.edges.map(({ node }) => node.id)).toEqual([id]);
  });
});

describe('a change of sharing', () => {
  test('is a version of its own, and moves no figure', async () => {
    const before = await hub.do(SUMMARY, { id: operationId });
    const { id } = await logged();
    const counted = await hub.do(SUMMARY, { id: operationId });
    expect(counted).not.toEqual(before);
    const shared = await kenya.do<Told>(SHARE, {
      id,
      version: 1,
      reason: 'For Tanzania alone.',
      sharing: {
        level: 'AMBER',
        addCountries: ['UG', 'TZ', 'UG'],
        leaveOutCountries: ['OM'],
        nameUserIds: [analyst.id],
      },
    });
    const sharing = {
      level: 'AMBER',
      addCountries: ['TZ', 'UG'],
      leaveOutCountries: ['OM'],
      nameUserIds: [analyst.id],
    };
    expect(shared).toMatchObject({ version: 2, sharing });
    expect(shared.versions.at(-1)).toMatchObject({
      version: 2,
      author: { id: kenya.id },
      reason: 'For Tanzania alone.',
      changes: { sharing: [{ level: 'GREEN', addCountries: [], leaveOutCountries: [], nameUserIds: [] }, sharing] },
    });
    expect(Object.keys(shared.versions.at(-1)?.changes ?? {})).toEqual(['sharing']);
    expect(await hub.do(SUMMARY, { id: operationId })).toEqual(counted);
  });

  test('is refused in one answer with every wrong field', async () => {
    const { id } = await logged();
    const refusal = await kenya.refused(SHARE, {
      id,
      version: 1,
      reason: '',
      sharing: {
        level: 'AMBER',
        addCountries: ['UK', 'TZ'],
        leaveOutCountries: ['KE', 'TZ', 'ZZ'],
        nameUserIds: [kenya.id, v7()],
      },
    });
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.fields?.map(({ path }) => path).sort()).toEqual([
      'reason',
      'sharing.addCountries.0',
      'sharing.leaveOutCountries.0',
      'sharing.leaveOutCountries.1',
      'sharing.leaveOutCountries.2',
      'sharing.nameUserIds.1',
    ]);
  });
});

describe('a withdrawal', () => {
  test('keeps the record with its history, and takes it out of the figures', async () => {
    const before = await hub.do(SUMMARY, { id: operationId });
    const { id } = await logged();
    const withdrawn = await author.do<Told>(WITHDRAW, { id, version: 1, reason: ' Logged twice. ' });
    expect(withdrawn).toMatchObject({ version: 2, withdrawn: true, withdrawalReason: 'Logged twice.', persons: 2 });
    expect(withdrawn.versions.at(-1)).toMatchObject({
      version: 2,
      author: { id: author.id },
      changes: { withdrawn: [false, true] },
    });
    expect(Object.keys(withdrawn.versions.at(-1)?.changes ?? {})).toEqual(['withdrawn']);
    expect(await hub.do(SUMMARY, { id: operationId })).toEqual(before);
    expect(await tanzania.do(READ, { id })).toMatchObject({ withdrawn: true });
  });

  test('is the end of corrections, not of changes of sharing', async () => {
    const { id, content } = await logged();
    await kenya.do(WITHDRAW, { id, version: 1, reason: 'Wrong.' });
    expect(await kenya.refused(CORRECT, { id, version: 2, reason: 'x', input: content })).toMatchObject({
      code: 'CONFLICT',
    });
    expect(await kenya.refused(WITHDRAW, { id, version: 2, reason: 'Again.' })).toMatchObject({ code: 'CONFLICT' });
    const shared = await kenya.do(SHARE, { id, version: 2, reason: 'Hide it.', sharing: { level: 'RED' } });
    expect(shared).toMatchObject({ version: 3, withdrawn: true, withdrawalReason: 'Wrong.' });
  });

  test('needs a reason', async () => {
    const { id } = await logged();
    for (const reason of ['', '  \n', 'x'.repeat(2001)]) {
      expect(await kenya.refused(WITHDRAW, { id, version: 1, reason })).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: [{ path: 'reason' }],
      });
    }
  });
});

describe('the history', () => {
  test('tells author, reason and changes to the owning country alone', async () => {
    const { id, content } = await logged();
    await kenya.do(CORRECT, { id, version: 1, reason: 'Secret reason.', input: { ...content, persons: 9 } });
    await kenya.do(SHARE, {
      id,
      version: 2,
      reason: 'Secret.',
      sharing: { level: 'GREEN', leaveOutCountries: ['OM'] },
    });
    const observer = await scene.person(null, { role: 'OBSERVER', operationId });
    for (const person of [hub, tanzania, observer]) {
      const versions = await history(person, id);
      expect(versions.map(({ version }) => version)).toEqual([1, 2, 3]);
      for (const version of versions) {
        expect(version).toMatchObject({ author: null, reason: null, changes: null, agency: { id: police } });
      }
    }
    for (const person of [kenya, author, colleague, analyst]) {
      const versions = await history(person, id);
      expect(versions.map(({ author: by, reason }) => [by?.id, reason])).toEqual([
        [author.id, null],
        [kenya.id, 'Secret reason.'],
        [kenya.id, 'Secret.'],
      ]);
    }
  });

  test('is what the tables and the audit log hold of it, each version once', async () => {
    const { id, content } = await logged();
    await kenya.do(CORRECT, { id, version: 1, reason: 'One.', input: { ...content, persons: 9 } });
    await kenya.do(WITHDRAW, { id, version: 2, reason: 'Two.' });
    const audited = await scene.sql<{ action: string; version: number }>(
      `SELECT action, version FROM audit_entries WHERE subject_id = $1 ORDER BY version`,
      [id],
    );
    expect(audited).toEqual([
      { action: 'violation.logged', version: 1 },
      { action: 'violation.corrected', version: 2 },
      { action: 'violation.withdrawn', version: 3 },
    ]);
  });
});

describe('optimistic versions', () => {
  test('let one of two changes of the same version through', async () => {
    const { id, content } = await logged();
    const send = (persons: number): Promise<{ errors: readonly { extensions?: { code?: string } }[] }> =>
      kenya.ask(CORRECT, { id, version: 1, reason: `To ${persons}.`, input: { ...content, persons } });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => send(10 + index)));
    const codes = answers.map(({ errors }) => errors[0]?.extensions?.code ?? 'taken').sort();
    expect(codes).toEqual([...Array.from({ length: 7 }, () => 'CONFLICT'), 'taken']);
    expect((await history(kenya, id)).map(({ version }) => version)).toEqual([1, 2]);
  });

  test.each([0, 2, -1, 2_147_483_647])('refuse the version %i of a record that stands at 1', async (version) => {
    const { id, content } = await logged();
    expect(await kenya.refused(CORRECT, { id, version, reason: 'x', input: content })).toMatchObject({
      code: 'CONFLICT',
    });
    expect(await kenya.refused(SHARE, { id, version, reason: 'x', sharing: { level: 'RED' } })).toMatchObject({
      code: 'CONFLICT',
    });
    expect(await kenya.refused(WITHDRAW, { id, version, reason: 'x' })).toMatchObject({ code: 'CONFLICT' });
  });

  test('come before the phase and before what is wrong with the fields', async () => {
    const { id, content } = await logged();
    expect(
      await kenya.refused(CORRECT, { id, version: 7, reason: '', input: { ...content, lines: [] } }),
    ).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('a repeat', () => {
  test('of a correction, a change of sharing or a withdrawal gets the record as it is now, and adds nothing', async () => {
    const { id, content } = await logged();
    const correction = { id, version: 1, reason: 'One.', input: { ...content, persons: 9 } };
    const sharing = { id, version: 2, reason: 'Two.', sharing: { level: 'AMBER', addCountries: ['UG', 'TZ'] } };
    const withdrawal = { id, version: 3, reason: 'Three.' };
    await kenya.do(CORRECT, correction);
    expect(await kenya.do(CORRECT, correction)).toMatchObject({ version: 2, persons: 9 });
    await kenya.do(SHARE, sharing);
    expect(await kenya.do(CORRECT, correction)).toMatchObject({ version: 3, sharing: { level: 'AMBER' } });
    await kenya.do(WITHDRAW, withdrawal);

    const lines = [{ ...(content.lines as Input[])[0], quantity: '22.500', value: '1000' }];
    const rewritten = { ...correction, reason: ' One. ', input: { ...correction.input, lines } };
    expect(await kenya.do(CORRECT, rewritten)).toMatchObject({ version: 4, withdrawn: true });
    expect(
      await kenya.do(SHARE, { ...sharing, sharing: { level: 'AMBER', addCountries: ['TZ', 'UG', 'TZ'] } }),
    ).toMatchObject({ version: 4 });
    expect(await kenya.do(WITHDRAW, withdrawal)).toMatchObject({ version: 4, withdrawalReason: 'Three.' });
    expect((await history(kenya, id)).map(({ version }) => version)).toEqual([1, 2, 3, 4]);
  });

  test('with another reason, other content or by another command is a conflict', async () => {
    const { id, content } = await logged();
    await kenya.do(CORRECT, { id, version: 1, reason: 'One.', input: { ...content, persons: 9 } });
    const input = { ...content, persons: 9 };
    expect(await kenya.refused(CORRECT, { id, version: 1, reason: 'Other.', input })).toMatchObject({
      code: 'CONFLICT',
    });
    expect(
      await kenya.refused(CORRECT, { id, version: 1, reason: 'One.', input: { ...input, persons: 8 } }),
    ).toMatchObject({ code: 'CONFLICT' });
    expect(await kenya.refused(WITHDRAW, { id, version: 1, reason: 'One.' })).toMatchObject({ code: 'CONFLICT' });
    await kenya.do(WITHDRAW, { id, version: 2, reason: 'Done.' });
    expect(await kenya.refused(WITHDRAW, { id, version: 2, reason: 'Done, really.' })).toMatchObject({
      code: 'CONFLICT',
    });
  });

  test('sent twenty times at one instant is one version', async () => {
    const { id, content } = await logged();
    const correction = { id, version: 1, reason: 'One.', input: { ...content, persons: 9 } };
    const answers = await Promise.all(Array.from({ length: 20 }, () => kenya.do<Told>(CORRECT, correction)));
    expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([2]));
    expect((await history(kenya, id)).map(({ version }) => version)).toEqual([1, 2]);
  });
});

describe('who changes a record', () => {
  const changes = (id: string, content: Input): [string, string, Input][] => [
    ['correct', CORRECT, { id, version: 1, reason: 'x', input: content }],
    ['share', SHARE, { id, version: 1, reason: 'x', sharing: { level: 'RED' } }],
    ['withdraw', WITHDRAW, { id, version: 1, reason: 'x' }],
  ];

  test('is the author and any coordinator of the owner', async () => {
    const second = await scene.person(agencyId, { role: 'NATIONAL_COORDINATOR', operationId, country: 'KE' });
    for (const person of [author, kenya, second]) {
      const { id, content } = await logged();
      expect(
        await person.do(CORRECT, { id, version: 1, reason: 'x', input: { ...content, persons: 9 } }),
      ).toMatchObject({ version: 2 });
      expect(await person.do(SHARE, { id, version: 2, reason: 'x', sharing: { level: 'RED' } })).toMatchObject({
        version: 3,
      });
      expect(await person.do(WITHDRAW, { id, version: 3, reason: 'x' })).toMatchObject({ version: 4 });
    }
  });

  test('is nobody else who may see it: that is FORBIDDEN, whatever the version', async () => {
    const { id, content } = await logged({ sharing: { level: 'CLEAR' } });
    const observer = await scene.person(null, { role: 'OBSERVER', operationId });
    const outsider = await scene.person(null);
    for (const person of [colleague, analyst, hub, tanzania, observer, outsider]) {
      for (const [, mutation, variables] of changes(id, content)) {
        expect(await person.refused(mutation, { ...variables, version: 9 })).toMatchObject({ code: 'FORBIDDEN' });
      }
    }
    expect(await kenya.do(READ, { id })).toMatchObject({ version: 1 });
  });

  test('finds nothing where it may not be seen, as where there is nothing', async () => {
    const { id, content } = await logged({ sharing: { level: 'RED' } });
    for (const person of [colleague, analyst, hub, tanzania]) {
      for (const [, mutation, variables] of changes(id, content)) {
        const absent = await person.refused(mutation, { ...variables, id: v7() });
        expect(absent).toMatchObject({ code: 'NOT_FOUND' });
        expect(await person.refused(mutation, { ...variables, reason: '' })).toEqual(absent);
      }
    }
  });

  test('keeps it for an agency of the owner: an officer for the own, before version and fields are judged', async () => {
    const { id, content } = await logged();
    const foreign = await scene.agency('TZ', 'NAVY');
    const correct = (agency: string): Input => ({
      id,
      version: 9,
      reason: '',
      input: { ...content, agencyId: agency },
    });
    expect(await author.refused(CORRECT, correct(agencyId))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await author.refused(CORRECT, correct(foreign))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await kenya.refused(CORRECT, correct(foreign))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await kenya.refused(CORRECT, correct(agencyId))).toMatchObject({ code: 'CONFLICT' });
  });

  test('is no author whose role has ended', async () => {
    const passing = await scene.person(police);
    const grant = await scene.grant(passing.id, { role: 'AGENCY_OFFICER', operationId, country: 'KE' });
    const input = violationInput(operationId, police, { sharing: { level: 'GREEN' } });
    await passing.do(LOG, { input });
    await scene.sql('UPDATE grants SET ended_at = now() WHERE id = $1', [grant]);
    expect(await passing.refused(WITHDRAW, { id: input.id, version: 1, reason: 'x' })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('a closed operation', () => {
  test('takes a change of sharing alone, and a repeat of what came before', async () => {
    const past = await scene.operation(hub, { codeName: 'Past' });
    const coordinator = await scene.join(hub, past.id, 'KE', agencyId);
    await scene.join(hub, past.id, 'UG', await scene.agency('UG'));
    await scene.move(hub, past.id, 'OPERATIONAL');
    const input = violationInput(past.id, agencyId);
    const { id, operationId: _operation, sharing: _sharing, ...content } = input;
    await coordinator.do(LOG, { input });
    const correction = { id, version: 1, reason: 'x', input: { ...content, persons: 9 } };
    await coordinator.do(CORRECT, correction);
    await scene.move(hub, past.id, 'POST_OPERATIONAL');
    await scene.move(hub, past.id, 'CLOSED');
    expect(await coordinator.do(CORRECT, correction)).toMatchObject({ version: 2 });
    const blank = { ...correction, version: 2, reason: '' };
    expect(await coordinator.refused(CORRECT, blank)).toMatchObject({ code: 'PHASE', phase: 'CLOSED' });
    expect(await coordinator.refused(WITHDRAW, { id, version: 2, reason: 'x' })).toMatchObject({
      code: 'PHASE',
      phase: 'CLOSED',
    });
    expect(
      await coordinator.do(SHARE, { id, version: 2, reason: 'Release.', sharing: { level: 'CLEAR' } }),
    ).toMatchObject({ version: 3 });
  });
});
