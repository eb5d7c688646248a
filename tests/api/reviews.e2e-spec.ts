import { v7 } from 'uuid';

import { type Muster, startMuster } from '../setup/index.js';
import { DECIDE, officerOf, openPorts, type Ports, reported, rulesOf, type SettledSeizure } from '../setup/ports.js';
import { containerNumber, day, hours, LOG, type Person, Scene, SEIZURE, violationInput } from '../setup/scene.js';

type Change = Readonly<Record<string, unknown>>;

let muster: Muster;
let scene: Scene;
let ports: Ports;

beforeAll(async () => {
  muster = await startMuster();
  scene = await Scene.open(muster);
  ports = await openPorts(scene);
});

afterAll(async () => {
  await scene.close();
  await muster.stop();
});

const WITHDRAW = `mutation ($id: UUID!, $version: Int!) {
  withdrawViolation(id: $id, expectedVersion: $version, reason: "Counted twice.") { version withdrawn } }`;
const FEED = `query ($id: UUID!, $after: String) {
  operationFeed(operationId: $id, after: $after) { cursor events { kind subjectId country payload } } }`;

/** Reports from Mombasa, and from Dar es Salaam. */
const report = (change: Change = {}, person = ports.officer): Promise<SettledSeizure> =>
  reported(person, ports.operationId, ports.mombasa, change);
const reportNextDoor = (change: Change = {}): Promise<SettledSeizure> =>
  reported(ports.neighbour, ports.operationId, ports.darEsSalaam, {
    route: { origin: 'NL', destination: 'TZ' },
    ...change,
  });

/** A matter for review that meets no other report: a unit whose wrong check digit was confirmed. */
const marked = (): Change => {
  const right = containerNumber();
  return { cargoUnit: { container: `${right.slice(0, -1)}${(Number(right.at(-1)) + 1) % 10}`, asMarked: true } };
};

const decide = (
  person: Person,
  { id, version }: SettledSeizure,
  accept: boolean,
  reason = 'Looked into.',
): Promise<SettledSeizure> => person.do<SettledSeizure>(DECIDE, { id, version, accept, reason });

interface Told {
  readonly kind: string;
  readonly subjectId: string;
  readonly country: string | null;
  readonly payload: { readonly record?: { readonly id: string } };
}

/** What a person is told while something happens. */
async function toldDuring(person: Person, happening: () => Promise<unknown>): Promise<Told[]> {
  const { headCursor } = await person.do<{ headCursor: string }>(
    `query ($id: UUID!) { operation(id: $id) { headCursor } }`,
    {
      id: ports.operationId,
    },
  );
  await happening();
  const { events } = await person.do<{ events: Told[] }>(FEED, { id: ports.operationId, after: headCursor });
  return events;
}

describe('the same cargo unit', () => {
  const from = Date.parse(`${day(-9)}T12:00:00Z`);
  const WEEK = 7 * 24 * 60 * 60 * 1000;
  const at = (milliseconds: number): string => new Date(from + milliseconds).toISOString();

  test.each([
    ['at the same instant', 0],
    ['exactly seven days after', WEEK],
  ])('%s goes to review', async (_, later) => {
    const cargoUnit = { container: containerNumber() };
    expect((await report({ cargoUnit, detectedAt: at(0) })).status).toBe('ACCEPTED');
    const second = await report({ cargoUnit, detectedAt: at(later) }, ports.ranger);
    expect(second).toMatchObject({ status: 'NEEDS_REVIEW', violation: null });
    expect(rulesOf(second)).toContain('same-unit');
  });

  test('detected exactly seven days before one that came earlier goes to review', async () => {
    const cargoUnit = { container: containerNumber() };
    await report({ cargoUnit, detectedAt: at(WEEK) });
    expect((await report({ cargoUnit, detectedAt: at(0) })).status).toBe('NEEDS_REVIEW');
  });

  test('a millisecond beyond seven days, before or after, is accepted', async () => {
    const cargoUnit = { container: containerNumber() };
    await report({ cargoUnit, detectedAt: at(0) });
    expect((await report({ cargoUnit, detectedAt: at(WEEK + 1) })).status).toBe('ACCEPTED');
    const other = { container: containerNumber() };
    await report({ cargoUnit: other, detectedAt: at(WEEK + 1) });
    expect((await report({ cargoUnit: other, detectedAt: at(0) })).status).toBe('ACCEPTED');
  });

  test('is known in any writing, and a number of another kind is another unit', async () => {
    await report({ cargoUnit: { container: 'TRIU8964243' } });
    expect((await report({ cargoUnit: { container: 'triu 896424-3' } })).status).toBe('NEEDS_REVIEW');
    await report({ cargoUnit: { vehicle: 'TRIU8964244' } });
    const seizure = await report({ cargoUnit: { container: 'TRIU8964244', asMarked: true } });
    expect(rulesOf(seizure)).not.toContain('same-unit');
  });

  test('in another operation is another matter', async () => {
    const cargoUnit = { container: containerNumber() };
    const { operationId, mombasa, officer } = await openPorts(scene);
    await reported(officer, operationId, mombasa, { cargoUnit });
    expect((await report({ cargoUnit })).status).toBe('ACCEPTED');
  });

  test('in a logged violation counts, until that is withdrawn', async () => {
    const container = containerNumber();
    const { operationId, kenya, agencies } = ports;
    const consignment = {
      transportMode: 'MARITIME',
      direction: 'IMPORT',
      route: { origin: 'NL', destination: 'KE' },
      cargoUnits: [{ container: containerNumber() }, { container }],
    };
    const logged = await kenya.do<{ id: string }>(LOG, {
      input: violationInput(operationId, agencies.KE, { consignment }),
    });
    expect(rulesOf(await decideAfter({ container }))).toContain('same-unit');
    await kenya.do(WITHDRAW, { id: logged.id, version: 1 });
    expect((await report({ cargoUnit: { container } })).status).toBe('ACCEPTED');
  });

  test('in an accepted report counts, until its violation is withdrawn', async () => {
    const container = containerNumber();
    const first = await report({ cargoUnit: { container } });
    expect(rulesOf(await decideAfter({ container }))).toContain('same-unit');
    await ports.kenya.do(WITHDRAW, { id: first.id, version: 1 });
    expect((await report({ cargoUnit: { container } })).status).toBe('ACCEPTED');
  });

  test('in a report that waits counts, and in one that was rejected does not', async () => {
    const unit = marked();
    const waiting = await report(unit);
    const second = await report(unit);
    expect(rulesOf(second)).toEqual(['as-marked', 'goods-differ', 'same-unit']);
    await decide(ports.kenya, waiting, false);
    await decide(ports.kenya, second, false);
    expect(rulesOf(await report(unit))).toEqual(['as-marked', 'goods-differ']);
  });

  /** A report of a unit that goes to review and is rejected, so that it stands in nobody's way. */
  async function decideAfter(cargoUnit: Change): Promise<SettledSeizure> {
    const seizure = await report({ cargoUnit });
    expect(seizure.status).toBe('NEEDS_REVIEW');
    await decide(ports.hub, seizure, false);
    return seizure;
  }
});

describe('a record that is hidden from the country of a new report', () => {
  /** Kenya reports, then Tanzania; gives both, and what everybody was told of the second. */
  async function meet(level: string, change: Change = {}) {
    const cargoUnit = { container: containerNumber() };
    const hidden = await report({ cargoUnit, sharing: { level }, ...change });
    let fresh = hidden;
    const told = { kenya: [] as Told[], hub: [] as Told[], tanzania: [] as Told[], ranger: [] as Told[] };
    told.kenya = await toldDuring(ports.kenya, async () => {
      told.hub = await toldDuring(ports.hub, async () => {
        told.ranger = await toldDuring(ports.ranger, async () => {
          told.tanzania = await toldDuring(ports.tanzania, async () => {
            fresh = await reportNextDoor({ cargoUnit, sharing: { level: 'RED' } });
          });
        });
      });
    });
    return { hidden, fresh, told };
  }

  const ofSameUnit = (events: readonly Told[]): Told[] => events.filter(({ kind }) => kind === 'seizure.same-unit');

  test('changes neither its status nor its findings', async () => {
    const { fresh, told } = await meet('AMBER_STRICT');
    expect(fresh.status).toBe('ACCEPTED');
    expect(rulesOf(fresh)).toEqual(['goods-differ']);
    expect(told.tanzania.map(({ kind, subjectId }) => [kind, subjectId])).toEqual([['seizure.accepted', fresh.id]]);
  });

  test('is told to its own country and the hub, of itself alone', async () => {
    const { hidden, fresh, told } = await meet('AMBER_STRICT');
    for (const events of [told.kenya, told.hub, told.ranger]) {
      expect(ofSameUnit(events)).toEqual([
        {
          kind: 'seizure.same-unit',
          subjectId: hidden.id,
          country: 'KE',
          payload: { record: expect.objectContaining({ id: hidden.id }) as unknown },
        },
      ]);
      expect(JSON.stringify(events)).not.toContain(fresh.id);
      expect(JSON.stringify(events)).not.toMatch(/"TZ"|TZDAR/);
    }
  });

  test('that is RED is told to its coordinators and its author, and not to the hub', async () => {
    const { hidden, fresh, told } = await meet('RED');
    expect(fresh.status).toBe('ACCEPTED');
    expect(ofSameUnit(told.kenya).map(({ subjectId }) => subjectId)).toEqual([hidden.id]);
    expect(told.hub).toEqual([]);
    expect(told.ranger).toEqual([]);
    const { events } = await ports.officer.do<{ events: Told[] }>(FEED, { id: ports.operationId });
    expect(ofSameUnit(events).map(({ subjectId }) => subjectId)).toContain(hidden.id);
  });

  test('that was logged is told as a violation', async () => {
    const container = containerNumber();
    const consignment = {
      transportMode: 'MARITIME',
      direction: 'IMPORT',
      route: { origin: 'NL', destination: 'KE' },
      cargoUnits: [{ container }],
    };
    const input = violationInput(ports.operationId, ports.agencies.KE, {
      consignment,
      sharing: { level: 'AMBER_STRICT' },
    });
    const { id } = await ports.kenya.do<{ id: string }>(LOG, { input });
    const told = await toldDuring(ports.kenya, async () => {
      const seizure = await reportNextDoor({ cargoUnit: { container }, sharing: { level: 'RED' } });
      expect(seizure.status).toBe('ACCEPTED');
    });
    expect(told.map(({ kind, subjectId }) => [kind, subjectId])).toEqual([['seizure.same-unit', id]]);
    expect(told[0]?.payload.record).toMatchObject({ id, source: 'COORDINATOR' });
  });

  test('and one of another country that may be seen does send a report to review', async () => {
    const cargoUnit = { container: containerNumber() };
    await report({
      cargoUnit,
      sharing: { level: 'AMBER' },
      route: { origin: 'NL', transit: ['TZ'], destination: 'KE' },
    });
    const seen = await reportNextDoor({ cargoUnit });
    expect(seen.status).toBe('NEEDS_REVIEW');
    expect(rulesOf(seen)).toContain('same-unit');
  });

  test.each(['GREEN', 'CLEAR'])(
    'as it waits itself is hidden though it asks for %s, and seen once it is accepted',
    async (level) => {
      const unit = marked();
      const waiting = await report({ ...unit, sharing: { level } });
      expect(waiting.status).toBe('NEEDS_REVIEW');
      expect(rulesOf(await reportNextDoor({ ...unit, sharing: { level: 'RED' } }))).not.toContain('same-unit');
      await decide(ports.kenya, waiting, true);
      expect(rulesOf(await reportNextDoor({ ...unit, sharing: { level: 'RED' } }))).toContain('same-unit');
    },
  );

  test('a RED record of the own country does send a report to review, though its reporter may not see it', async () => {
    const cargoUnit = { container: containerNumber() };
    const first = await report({ cargoUnit, sharing: { level: 'RED' } });
    expect((await ports.ranger.refused(SEIZURE, { id: first.id })).code).toBe('NOT_FOUND');
    const second = await report({ cargoUnit }, ports.ranger);
    expect(second.status).toBe('NEEDS_REVIEW');
    expect(JSON.stringify(second)).not.toContain(first.id);
  });
});

describe('other matters for review', () => {
  test("are a route that leaves out the unit's country", async () => {
    const seizure = await report({ route: { origin: 'NL', transit: ['OM'], destination: 'TZ' } });
    expect(seizure.status).toBe('NEEDS_REVIEW');
    expect(rulesOf(seizure)).toContain('route');
    for (const route of [
      { origin: 'KE', destination: 'TZ' },
      { origin: 'NL', transit: ['KE'], destination: 'TZ' },
      { origin: 'ZZ', transit: ['XZ', 'XZ'], destination: 'KE' },
    ]) {
      expect((await report({ route })).status).toBe('ACCEPTED');
    }
  });

  const counted = (): Promise<{ cells: { key: string[]; value: string }[] }> =>
    ports.hub.do(`query ($query: TrendQuery!) { violationTrends(query: $query) { cells { key value } } }`, {
      query: {
        operationIds: [ports.operationId],
        measure: 'COMPANIES',
        groupBy: ['DAY'],
        filter: { source: 'PORT_UNIT' },
      },
    });

  test('are a detection up to 26 hours ahead, which counts on the day of arrival and keeps both times', async () => {
    const detectedAt = hours(25.9);
    const arrival = day(0);
    const seizure = await report({ detectedAt, companies: 11 });
    expect(seizure.status).toBe('NEEDS_REVIEW');
    expect(rulesOf(seizure)).toContain('clock');
    await decide(ports.kenya, seizure, true, 'The clock of the terminal ran ahead.');
    const times = await ports.kenya.do<{ detectedAt: string; receivedAt: string; violation: { detectedAt: string } }>(
      `query ($id: UUID!) { seizure(id: $id) { detectedAt receivedAt violation { detectedAt } } }`,
      { id: seizure.id },
    );
    expect(times).toMatchObject({ detectedAt, violation: { detectedAt } });
    expect(Date.parse(times.receivedAt)).toBeLessThan(Date.parse(detectedAt));
    expect(await counted()).toMatchObject({
      cells: expect.arrayContaining([{ key: [arrival], value: '11' }]) as unknown,
    });
  });

  test('are not a clock that is ten minutes wrong', async () => {
    expect((await report({ detectedAt: hours(9.5 / 60) })).status).toBe('ACCEPTED');
    expect(rulesOf(await report({ detectedAt: hours(11 / 60) }))).toContain('clock');
  });
});

describe('a decision', () => {
  test('to accept makes the violation, by a coordinator of the owning country', async () => {
    const seizure = await report(marked());
    const decided = await decide(ports.kenya, seizure, true, '  It is painted so.  ');
    expect(decided).toEqual({
      id: seizure.id,
      version: 2,
      status: 'ACCEPTED',
      decisionReason: 'It is painted so.',
      decidedAt: expect.any(String) as unknown,
      decidedBy: { id: ports.kenya.id },
      violation: { id: seizure.id },
    });
  });

  test('to reject leaves no violation, by the hub', async () => {
    const seizure = await report(marked());
    expect(await decide(ports.hub, seizure, false)).toMatchObject({ status: 'REJECTED', version: 2, violation: null });
    const query = `query ($id: UUID!) { violation(id: $id) { id } }`;
    expect((await ports.hub.refused(query, { id: seizure.id })).code).toBe('NOT_FOUND');
  });

  test('is told in the feed, once', async () => {
    const accepted = await report(marked());
    const rejected = await report(marked());
    const told = await toldDuring(ports.hub, async () => {
      await decide(ports.kenya, accepted, true);
      await decide(ports.kenya, rejected, false);
    });
    expect(told.map(({ kind, subjectId }) => [kind, subjectId])).toEqual([
      ['seizure.accepted', accepted.id],
      ['seizure.rejected', rejected.id],
    ]);
  });

  test("is never the reporter's, be it a coordinator", async () => {
    const { operationId, mombasa, agencies } = ports;
    const both = await officerOf(scene, operationId, 'KE', mombasa, agencies.KE);
    await scene.grant(both.id, { role: 'NATIONAL_COORDINATOR', operationId, country: 'KE' });
    const own = await report(marked(), both);
    const variables = { id: own.id, version: own.version, accept: true, reason: 'Mine.' };
    expect((await both.refused(DECIDE, variables)).code).toBe('FORBIDDEN');
    const others = await report(marked());
    expect((await decide(both, others, true)).status).toBe('ACCEPTED');
  });

  test('is not that of officers, analysts and administrators', async () => {
    const seizure = await report(marked());
    const { operationId, agencies } = ports;
    const variables = { id: seizure.id, version: seizure.version, accept: true, reason: 'Why not.' };
    const analyst = await scene.person(null, { role: 'ANALYST' });
    const national = await scene.person(agencies.KE, { role: 'ANALYST', operationId, country: 'KE' });
    const agency = await scene.person(agencies.KE, { role: 'AGENCY_OFFICER', operationId, country: 'KE' });
    for (const person of [ports.ranger, agency, national, analyst]) {
      expect((await person.refused(DECIDE, variables)).code).toBe('FORBIDDEN');
    }
    const administrator = await scene.person(null, { role: 'ADMINISTRATOR' });
    for (const person of [ports.tanzania, administrator]) {
      expect((await person.refused(DECIDE, variables)).code).toBe('NOT_FOUND');
    }
    expect(await ports.kenya.do(SEIZURE, { id: seizure.id })).toMatchObject({ status: 'NEEDS_REVIEW', version: 1 });
  });

  test("about a RED report is not the hub's, to whom it is not there", async () => {
    const seizure = await report({ ...marked(), sharing: { level: 'RED' } });
    const variables = { id: seizure.id, version: seizure.version, accept: true, reason: 'Seen.' };
    const refusal = await ports.hub.refused(DECIDE, variables);
    expect(refusal.code).toBe('NOT_FOUND');
    expect(await ports.hub.refused(DECIDE, { ...variables, id: v7() })).toEqual(refusal);
    expect((await decide(ports.kenya, seizure, true)).status).toBe('ACCEPTED');
  });

  test('sent again is a repeat, and another one a conflict', async () => {
    const seizure = await report(marked());
    const first = await decide(ports.kenya, seizure, true, 'Painted so.');
    const told = await toldDuring(ports.hub, async () => {
      expect(await decide(ports.kenya, seizure, true, ' Painted so. ')).toEqual(first);
      const { id, version } = seizure;
      for (const other of [
        { id, version, accept: false, reason: 'Painted so.' },
        { id, version, accept: true, reason: 'Otherwise.' },
        { id, version: version + 1, accept: false, reason: 'Anew.' },
      ]) {
        expect((await ports.kenya.refused(DECIDE, other)).code).toBe('CONFLICT');
      }
    });
    expect(told).toEqual([]);
    const audit = await scene.sql(`SELECT action, version FROM audit_entries WHERE subject_id = $1 AND actor_id = $2`, [
      seizure.id,
      ports.kenya.id,
    ]);
    expect(audit.filter((entry) => (entry as { action: string }).action === 'seizure.decided')).toEqual([
      { action: 'seizure.decided', version: 2 },
    ]);
  });

  test('made twice at the same instant is made once', async () => {
    const seizure = await report(marked());
    const { id, version } = seizure;
    const answers = await Promise.all(
      [true, false].flatMap((accept) =>
        [ports.kenya, ports.hub].map((person) =>
          person.ask(DECIDE, { id, version, accept, reason: `By ${person.id}` }),
        ),
      ),
    );
    const codes = answers.map(({ errors }) => errors[0]?.extensions?.code ?? 'made').sort();
    expect(codes).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'made']);
    const [row] = await scene.sql<{ events: number; figures: number }>(
      `SELECT (SELECT count(*) FROM feed_events WHERE subject_id = $1 AND kind IN ('seizure.accepted', 'seizure.rejected'))::int AS events`,
      [id],
    );
    expect(row?.events).toBe(1);
  });

  describe('of a country that has withdrawn', () => {
    const READY = `query ($id: UUID!) { operation(id: $id) { readiness summary { violations } } }`;
    const LEAVE = `mutation ($id: UUID!) { withdrawParticipation(participationId: $id, reason: "Other duties.") { status } }`;
    const waits = expect.arrayContaining([expect.stringContaining('report waits')]) as string[];

    /** A report that waits when its country withdraws. */
    async function left(level: string, namesHub = false): Promise<{ theirs: Ports; waiting: SettledSeizure }> {
      const theirs = await openPorts(scene, { phase: 'POST_OPERATIONAL' });
      const { operationId, mombasa, officer, kenya, hub } = theirs;
      const sharing = { level, nameUserIds: namesHub ? [hub.id] : [] };
      const waiting = await reported(officer, operationId, mombasa, { ...marked(), sharing });
      expect(waiting.status).toBe('NEEDS_REVIEW');
      expect(await hub.do(READY, { id: operationId })).toMatchObject({ readiness: waits });
      const [participation] = await scene.sql<{ id: string }>(
        `SELECT id FROM participations WHERE operation_id = $1 AND country = 'KE'`,
        [operationId],
      );
      await kenya.do(LEAVE, { id: participation?.id });
      return { theirs, waiting };
    }

    test('keeps no operation open where it is RED, as nobody inside may decide about it', async () => {
      const { theirs, waiting } = await left('RED');
      const { hub, operationId, kenya } = theirs;
      for (const person of [hub, kenya]) {
        const { code } = await person.refused(DECIDE, { ...waiting, accept: true, reason: 'Ours.' });
        expect(code).toBe('NOT_FOUND');
      }
      expect(await hub.do(READY, { id: operationId })).not.toMatchObject({ readiness: waits });
      await scene.move(hub, operationId, 'CLOSED');
      expect(await hub.do(READY, { id: operationId })).toMatchObject({ summary: { violations: 0 } });
      const [row] = await scene.sql<{ status: string }>(`SELECT status FROM seizures WHERE id = $1`, [waiting.id]);
      expect(row?.status).toBe('NEEDS_REVIEW');
    });

    test.each([
      ['AMBER_STRICT', 'AMBER_STRICT', false],
      ['RED and names an officer of it', 'RED', true],
    ])('waits for the hub where it is %s', async (_, level, namesHub) => {
      const { theirs, waiting } = await left(level, namesHub);
      const { hub, operationId } = theirs;
      expect(await hub.do(READY, { id: operationId })).toMatchObject({ readiness: waits });
      await decide(hub, waiting, false);
      expect(await hub.do(READY, { id: operationId })).not.toMatchObject({ readiness: waits });
    });
  });

  test('needs the version that it is about, and a reason', async () => {
    const { id, version } = await report(marked());
    const stale = { id, version: version + 5, accept: true, reason: 'Ahead.' };
    expect((await ports.kenya.refused(DECIDE, stale)).code).toBe('CONFLICT');
    const refusal = await ports.kenya.refused(DECIDE, { id, version, accept: true, reason: ' ' });
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: 'reason' }] });
  });

  test('about a report that needs none is a conflict', async () => {
    const { id, version } = await report();
    const refusal = await ports.kenya.refused(DECIDE, { id, version, accept: false, reason: 'Too late.' });
    expect(refusal.code).toBe('CONFLICT');
    expect(await ports.kenya.do(SEIZURE, { id })).toMatchObject({ status: 'ACCEPTED' });
  });

  test('about what is no report finds nothing', async () => {
    const { id } = await ports.kenya.do<{ id: string }>(LOG, {
      input: violationInput(ports.operationId, ports.agencies.KE),
    });
    for (const each of [id, v7()]) {
      expect((await ports.kenya.refused(DECIDE, { id: each, version: 1, accept: true, reason: 'So.' })).code).toBe(
        'NOT_FOUND',
      );
    }
  });
});
