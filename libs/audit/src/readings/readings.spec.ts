import { v7 } from 'uuid';
import { type Actor, type ActorGrant, Database, partOfMuster, Role } from '#platform';

import { type AuditHouse, openAuditHouse } from '../../../../tests/setup/audit-house.js';
import { until } from '../../../../tests/setup/until.js';
import { Readings } from './readings.service.js';

let house: AuditHouse;
let operationId: string;

beforeAll(async () => {
  house = await openAuditHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  operationId = await house.open();
});

const grant = (role: Role, country: string | null, more: Partial<ActorGrant> = {}): ActorGrant => ({
  role,
  country,
  operationId,
  unitId: null,
  participation: country === null ? null : 'ACCEPTED',
  ...more,
});

const person = (...grants: readonly ActorGrant[]): Actor => ({
  ...partOfMuster('test'),
  part: null,
  userId: v7(),
  grants,
});

const rows = (): Promise<Record<string, unknown>[]> =>
  house.tamper(`SELECT * FROM readings WHERE operation_id = $1 ORDER BY batch, ordinal`, [operationId]);

test('what somebody was told is recorded within two seconds, with how they stood in the operation then', async () => {
  const records = [v7(), v7()];
  const reader = person(
    grant(Role.AGENCY_OFFICER, 'KE'),
    grant(Role.ANALYST, 'TZ', { participation: 'WITHDRAWN' }),
    grant(Role.NATIONAL_COORDINATOR, 'KE', { operationId: null, participation: null }),
    grant(Role.ANALYST, 'MZ', { operationId: v7() }),
  );
  const filter = { search: 'Łódź', natures: ['CRIMINAL'] };
  house.readings.note(reader, { operationId, what: 'violations', recordIds: records, filter });
  const [row] = await until(async () => ((await rows()).length > 0 ? rows() : undefined), { limit: 2_000 });
  expect(row).toMatchObject({
    what: 'violations',
    reader_ids: [reader.userId],
    hub: false,
    countries: ['KE'],
    observer: false,
    record_ids: records,
    filter: JSON.stringify(filter),
  });
});

test('the hub and observers are told apart, a part of Muster is no reader, and neither is nobody', async () => {
  const about = { operationId, what: 'violation', recordIds: [v7()] } as const;
  house.readings.note(person(grant(Role.HUB, null, { operationId: null })), about);
  house.readings.note(person(grant(Role.OBSERVER, 'NO')), about);
  house.readings.note(person(), about);
  house.readings.note(partOfMuster('worker'), about);
  house.readings.noteAll([], about);
  house.readings.noteIfAny([person()], { ...about, recordIds: [] });
  await house.readings.flush();
  expect((await rows()).map(({ hub, countries, observer }) => ({ hub, countries, observer }))).toEqual([
    { hub: true, countries: [], observer: false },
    { hub: false, countries: [], observer: true },
    { hub: false, countries: [], observer: false },
  ]);
});

test('what was told in the last instant is written when the process ends in order', async () => {
  const readings = new Readings(house.database, house.clock, house.audit);
  readings.note(person(), { operationId, what: 'seizure', recordIds: [v7()] });
  await readings.onModuleDestroy();
  expect(await rows()).toHaveLength(1);
  readings.note(person(), { operationId, what: 'seizure', recordIds: [v7()] });
  await readings.onApplicationShutdown();
  expect(await rows()).toHaveLength(2);
});

describe('while readings cannot be written', () => {
  let isAway = true;
  let readings: Readings;

  beforeEach(() => {
    isAway = true;
    const write: Database['write'] = (actor, work, hold) =>
      isAway ? Promise.reject(new Error('The database is away.')) : house.database.write(actor, work, hold);
    readings = new Readings(Object.assign(new Database(house.source), { write }), house.clock, house.audit);
  });

  test('they wait, and are written in their order when they can be', async () => {
    for (let index = 0; index < 2_500; index++)
      readings.note(person(), { operationId, what: 'violation', recordIds: [], filter: { index } });
    expect(await readings.flush()).toBe(false);
    expect(await rows()).toHaveLength(0);
    isAway = false;
    await until(async () => (await rows()).length === 2_500);
    expect((await rows()).map(({ filter }) => filter)).toEqual(
      Array.from({ length: 2_500 }, (_, index) => JSON.stringify({ index })),
    );
    await readings.onModuleDestroy();
  });

  test('no more than 20,000 wait: then reading is refused, as nothing is told unrecorded, until they are written', async () => {
    const about = { operationId, what: 'violation', recordIds: [] } as const;
    const reader = person();
    for (let index = 0; index < 20_000; index++) readings.note(reader, about);
    expect(() => readings.note(reader, about)).toThrow('Reading is not possible now.');
    isAway = false;
    expect(await readings.flush()).toBe(true);
    expect(await rows()).toHaveLength(20_000);
    readings.note(reader, about);
    await readings.onModuleDestroy();
  });
});
