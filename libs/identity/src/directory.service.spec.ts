import { randomUUID } from 'node:crypto';

import { Test, type TestingModule } from '@nestjs/testing';
import { Database, partOfMuster, PlatformModule } from '#platform';

import { testDatabase, type TestDatabase } from '../../../tests/setup/index.js';
import { Accounts } from './accounts/accounts.service.js';
import { Directory } from './directory.service.js';
import { IdentityModule } from './identity.module.js';

const actor = partOfMuster('test');

let database: TestDatabase;
let house: TestingModule;
let directory: Directory;
let accounts: Accounts;
let operationId: string;

beforeAll(async () => {
  database = await testDatabase();
  const config = {
    production: false,
    host: '127.0.0.1',
    port: 0,
    databaseUrl: database.url,
    redisUrl: undefined,
    logLevel: 'silent',
    sessionDays: 30,
  };
  house = await Test.createTestingModule({ imports: [PlatformModule.of(config, 4), IdentityModule] }).compile();
  await house.init();
  directory = house.get(Directory);
  accounts = house.get(Accounts);
  operationId = randomUUID();
  await database.pool.query(
    `INSERT INTO operations (id, version, kind, code_name, phase, crime_areas, time_zone, operational_starts_on, created_at)
     VALUES ($1, 1, 'STANDING', 'A test', 'PREPARATION', '{POLLUTION}', 'UTC', '2026-01-01', now())`,
    [operationId],
  );
});

afterAll(async () => {
  await house.close();
  await database.drop();
});

async function person(name: string, country?: string): Promise<string> {
  const agencyId = country ? randomUUID() : null;
  if (agencyId) {
    await database.pool.query(`INSERT INTO agencies (id, name, kind, country) VALUES ($1, 'Police', 'POLICE', $2)`, [
      agencyId,
      country,
    ]);
  }
  const email = `${randomUUID()}@example.org`;
  return (await accounts.create({ email, name, password: 'a password for tests', agencyId })).id;
}

const make = (country: string, userIds: readonly string[]): Promise<void> =>
  house.get(Database).write(actor, (tx) => directory.grantCoordinators(tx, actor, { operationId, country, userIds }));

const coordinators = async (country: string): Promise<string[]> => {
  const { rows } = await database.pool.query<{ name: string }>(
    `SELECT u.name FROM grants g JOIN users u ON u.id = g.user_id
     WHERE g.operation_id = $1 AND g.country = $2 AND g.role = 'NATIONAL_COORDINATOR' AND g.ended_at IS NULL ORDER BY u.name`,
    [operationId, country],
  );
  return rows.map(({ name }) => name);
};

test('the coordinators of a country are replaced by those that are named, and by nobody else', async () => {
  const [ali, bea, cem, dan] = [await person('Ali'), await person('Bea'), await person('Cem'), await person('Dan')];
  await make('TZ', [dan]);
  await make('KE', [bea, ali, ali]);
  expect(await coordinators('KE')).toEqual(['Ali', 'Bea']);
  await make('KE', [bea, cem]);
  expect(await coordinators('KE')).toEqual(['Bea', 'Cem']);
  expect(await coordinators('TZ')).toEqual(['Dan']);
  const { rows } = await database.pool.query<{ action: string; count: string }>(
    `SELECT action, count(*) FROM audit_entries WHERE operation_id = $1 GROUP BY action ORDER BY action`,
    [operationId],
  );
  expect(rows).toEqual([
    { action: 'grant.ended', count: '1' },
    { action: 'grant.given', count: '4' },
  ]);
});

test('people whom nobody knows, and those at home in another country, do not coordinate', async () => {
  const [kenyan, tanzanian, ofNoAgency] = [await person('Kip', 'KE'), await person('Tia', 'TZ'), await person('Una')];
  const unknown = randomUUID();
  const unfit = await house
    .get(Database)
    .read(actor, (tx) => directory.unfitToCoordinate(tx, 'KE', [kenyan, tanzanian, ofNoAgency, unknown]));
  expect(new Set(unfit)).toEqual(new Set([tanzanian, unknown]));
});

test('an address has one account, however it is written', async () => {
  const email = `${randomUUID()}@example.org`;
  await accounts.create({ email, name: 'One', password: 'a password for tests' });
  const again = accounts.create({ email: email.toUpperCase(), name: 'Two', password: 'another password' });
  await expect(again).rejects.toMatchObject({ code: 'CONFLICT' });
});
