import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readSettings } from './settings.js';

test('without settings, Muster takes its usual port or a free one, the folder .data and the embedded PostgreSQL', () => {
  expect(readSettings({}, '/muster')).toEqual({
    mode: 'development',
    host: '127.0.0.1',
    port: undefined,
    dataDir: '/muster/.data',
    databaseUrl: undefined,
    redisUrl: undefined,
    logLevel: 'info',
  });
});

test('an empty setting is an absent one', () => {
  const empty = { NODE_ENV: '', HOST: '', PORT: '', DATA_DIR: '', DATABASE_URL: '', REDIS_URL: '', LOG_LEVEL: '' };
  expect(readSettings(empty, '/muster')).toEqual(readSettings({}, '/muster'));
});

test('a relative data folder starts from the repository, an absolute one is taken as it is', () => {
  expect(readSettings({ DATA_DIR: 'here/data' }, '/muster').dataDir).toBe('/muster/here/data');
  expect(readSettings({ DATA_DIR: '/var/lib/muster' }, '/muster').dataDir).toBe('/var/lib/muster');
});

test.each(['-1', '65536', '3e3', '80.5', '0x50', 'http', '٣٠٠٠'])('the port %s is refused', (PORT) => {
  expect(() => readSettings({ PORT }, '/muster')).toThrow('PORT must be a whole number from 0 to 65535');
});

test('every wrong setting is in the one message, and no value, which may be a secret', () => {
  const wrong = {
    NODE_ENV: 'staging',
    PORT: 'x',
    DATABASE_URL: 'mysql://u:secret@h/d',
    REDIS_URL: 'secret',
    LOG_LEVEL: 'loud',
  };
  let message = '';
  try {
    readSettings(wrong, '/muster');
  } catch (error) {
    message = String(error);
  }
  for (const name of Object.keys(wrong)) expect(message).toContain(`${name} must be`);
  expect(message).not.toMatch(/secret|staging|loud/);
});

test('the addresses of PostgreSQL and Redis may stand in files, and not twice', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-settings-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const DATABASE_URL_FILE = file('database', 'postgres://u:secret@h/d\n');
  const REDIS_URL_FILE = file('redis', 'redis://:secret@h');
  expect(readSettings({ DATABASE_URL_FILE, REDIS_URL_FILE }, '/muster')).toMatchObject({
    databaseUrl: 'postgres://u:secret@h/d',
    redisUrl: 'redis://:secret@h',
  });
  const twice = { DATABASE_URL_FILE, DATABASE_URL: 'postgres://u:secret@h/d', REDIS_URL_FILE: join(folder, 'none') };
  let message = '';
  try {
    readSettings(twice, '/muster');
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain('DATABASE_URL must not be given beside DATABASE_URL_FILE');
  expect(message).toContain('REDIS_URL_FILE must name a file that can be read');
  expect(message).not.toContain('secret');
});
