import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from './config.js';

const folder = mkdtempSync(join(tmpdir(), 'muster-secrets-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

const faultsOf = (environment: NodeJS.ProcessEnv): string => {
  try {
    readConfig(environment);
    return '';
  } catch (error) {
    return String(error);
  }
};

const databaseUrl = 'postgres://muster:s3cret@127.0.0.1:5432/muster';

test('a setting may stand in a file, and the line break at its end is no part of it', () => {
  for (const end of ['', '\n', '\r\n']) {
    const DATABASE_URL_FILE = file('database', `${databaseUrl}${end}`);
    const REDIS_URL_FILE = file('redis', `redis://:pass word@127.0.0.1${end}`.replace(' ', '%20'));
    const config = readConfig({ DATABASE_URL_FILE, REDIS_URL_FILE });
    expect(config).toMatchObject({ databaseUrl, redisUrl: 'redis://:pass%20word@127.0.0.1' });
  }
});

test('both the setting and its file, or a file that is not there, stops the start and names the setting', () => {
  const DATABASE_URL_FILE = file('both', databaseUrl);
  expect(faultsOf({ DATABASE_URL: databaseUrl, DATABASE_URL_FILE })).toContain('DATABASE_URL must not be given beside');
  expect(faultsOf({ DATABASE_URL_FILE: join(folder, 'none') })).toContain('DATABASE_URL_FILE must name a file');
});

test('no fault tells what stands in a file or a setting', () => {
  const told = faultsOf({
    DATABASE_URL_FILE: file('wrong', 'mysql://u:s3cret@h/d'),
    REDIS_URL: 's3cret',
    PUBLIC_URL: 's3cret',
    ALLOWED_ORIGINS: 's3cret',
    TRUST_PROXY: 's3cret',
  });
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'PUBLIC_URL', 'ALLOWED_ORIGINS', 'TRUST_PROXY'])
    expect(told).toContain(`${name} must be`);
  expect(told).not.toContain('s3cret');
});

test.each(['ATTACHMENTS_S3_ACCESS_KEY_ID', 'ATTACHMENTS_S3_SECRET_ACCESS_KEY'])(
  '%s without the other key of S3 stops the start',
  (name) => {
    const told = faultsOf({ DATABASE_URL: databaseUrl, [name]: 's3cret' });
    expect(told).toMatch(/ATTACHMENTS_S3_\w+ is missing/);
    expect(told).not.toMatch(new RegExp(`${name}|s3cret`));
  },
);

test('a setting whose own name ends so is no file of another', () => {
  expect(readConfig({ DATABASE_URL: databaseUrl, DEMO_FILE: '/nowhere/demo.json' }).demoFile).toBe(
    '/nowhere/demo.json',
  );
});

test.each([
  ['https://muster.example', true],
  ['http://127.0.0.1:5173,https://muster.example:8443', true],
  ['https://muster.example/', false],
  ['https://muster.example/path', false],
  ['muster.example', false],
  ['*', false],
  ['null', false],
  ['file:///etc', false],
])('the allowed origins %s: %s', (ALLOWED_ORIGINS, isTaken) => {
  expect(faultsOf({ DATABASE_URL: databaseUrl, ALLOWED_ORIGINS }) === '').toBe(isTaken);
});

test.each([
  ['10.0.0.1', true],
  ['10.0.0.0/8, fd00::/8', true],
  ['10.0.0.0/33', false],
  ['fd00::/129', false],
  ['true', false],
  ['1', false],
  ['proxy.example', false],
])('the proxies %s: %s', (TRUST_PROXY, isTaken) => {
  expect(faultsOf({ DATABASE_URL: databaseUrl, TRUST_PROXY }) === '').toBe(isTaken);
});
