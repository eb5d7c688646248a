import { randomUUID } from 'node:crypto';

import { jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Accounts, IdentityApiModule, SignIn } from '#identity';
import { Database, graphqlDoor, PlatformModule, readConfig } from '#platform';
import type { FastifyRequest } from 'fastify';

import { testDatabase, type TestDatabase } from '../../../tests/setup/index.js';
import { OperationsApiModule } from './operations-api.module.js';

const PASSWORD = 'a password for tests';

interface Listed {
  readonly participations: readonly { readonly country: string }[];
}

let database: TestDatabase;
let app: NestFastifyApplication;
let token: string;

beforeAll(async () => {
  database = await testDatabase();
  const config = readConfig({ NODE_ENV: 'test', DATABASE_URL: database.url, LOG_LEVEL: 'silent' });
  @Module({
    imports: [
      PlatformModule.of(config, 4),
      GraphQLModule.forRoot<MercuriusDriverConfig>({
        driver: MercuriusDriver,
        ...graphqlDoor(),
        autoSchemaFile: true,
        context: (req: FastifyRequest) => ({ req }),
      }),
      IdentityApiModule,
      OperationsApiModule,
    ],
  })
  class TestApi {}
  app = await NestFactory.create<NestFastifyApplication>(TestApi, new FastifyAdapter(), { logger: false });
  await app.init();
  const email = `${randomUUID()}@example.org`;
  const { id } = await app.get(Accounts).create({ email, name: 'An officer of the hub', password: PASSWORD });
  await database.pool.query(`INSERT INTO grants (id, user_id, role, granted_at) VALUES ($1, $2, 'HUB', now())`, [
    randomUUID(),
    id,
  ]);
  token = (await app.get(SignIn).byPassword(email, PASSWORD, null, { address: '127.0.0.1', userAgent: null }))
    .accessToken;
  // This is not about the second factor that the hub needs.
  await database.pool.query('UPDATE sessions SET second_factor = true');
});

afterEach(() => {
  jest.restoreAllMocks();
});

afterAll(async () => {
  await app.close();
  await database.drop();
});

async function operation(...countries: readonly string[]): Promise<void> {
  const id = randomUUID();
  await database.pool.query(
    `INSERT INTO operations (id, version, kind, code_name, phase, crime_areas, time_zone, operational_starts_on, created_at)
     VALUES ($1, 1, 'STANDING', 'A test', 'PREPARATION', '{POLLUTION}', 'UTC', '2026-01-01', now())`,
    [id],
  );
  for (const country of countries) {
    await database.pool.query(
      `INSERT INTO participations (id, operation_id, country, status, invited_at) VALUES ($1, $2, $3, 'INVITED', now())`,
      [randomUUID(), id, country],
    );
  }
}

async function list(): Promise<readonly Listed[]> {
  const answer = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { authorization: `Bearer ${token}` },
    payload: { query: `{ operations { participations { country } } }` },
  });
  const { data, errors } = answer.json<{ data: { operations: Listed[] }; errors?: unknown }>();
  expect(errors).toBeUndefined();
  return data.operations;
}

test('the participations of all operations of a list are read in one transaction, however many operations there are', async () => {
  for (const countries of [['TZ', 'KE'], ['OM'], []]) await operation(...countries);
  const read = jest.spyOn(app.get(Database), 'readAnywhere');
  const countriesOf = (operations: readonly Listed[]): string[] =>
    operations.map(({ participations }) => participations.map(({ country }) => country).join()).sort();
  expect(countriesOf(await list())).toEqual(['', 'KE,TZ', 'OM']);
  const ofThree = read.mock.calls.length;
  await operation('PE');
  expect(countriesOf(await list())).toEqual(['', 'KE,TZ', 'OM', 'PE']);
  expect([ofThree, read.mock.calls.length - ofThree]).toEqual([2, 2]); // the list, and the participations
});
