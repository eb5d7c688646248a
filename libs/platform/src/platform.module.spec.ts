import { Test, type TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';

import { testDatabase, type TestDatabase } from '../../../tests/setup/index.js';
import { readConfig } from './config.js';
import { PlatformModule } from './platform.module.js';

interface Client {
  readonly connectionParameters: { readonly query_timeout: number; readonly keepalives: number };
}

let database: TestDatabase;
let house: TestingModule;

beforeAll(async () => {
  database = await testDatabase();
  const config = readConfig({ NODE_ENV: 'test', DATABASE_URL: database.url, LOG_LEVEL: 'silent' });
  house = await Test.createTestingModule({ imports: [PlatformModule.of(config, 1)] }).compile();
});

afterAll(async () => {
  await house.close();
  await database.drop();
});

test('a server that vanished is noticed: the connection is kept alive, and a statement is given up a little after the server would have', async () => {
  const runner = house.get(DataSource).createQueryRunner();
  try {
    const { connectionParameters } = (await runner.connect()) as Client;
    const [{ limit }] = (await runner.query(
      `SELECT setting::int AS "limit" FROM pg_settings WHERE name = 'statement_timeout'`,
    )) as [{ limit: number }];
    expect(connectionParameters.keepalives).toBe(1);
    expect(limit).toBe(60_000);
    expect(connectionParameters.query_timeout).toBeGreaterThan(limit);
    expect(connectionParameters.query_timeout).toBeLessThanOrEqual(limit + 10_000);
  } finally {
    await runner.release();
  }
});
